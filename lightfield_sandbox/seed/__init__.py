"""The invented workspace that a sandbox starts with."""
