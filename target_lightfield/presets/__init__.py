"""Presets: another CRM's streams into Lightfield's columns."""
