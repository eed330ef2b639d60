"""What a write must fulfil, and what it does."""
