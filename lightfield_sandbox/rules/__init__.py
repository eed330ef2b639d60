"""Which writes are allowed, and what they do."""
