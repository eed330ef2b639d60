"""Sequences and their senders: what Lightfield lets a key read of a workspace's outreach."""
