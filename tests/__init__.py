"""Every test, and the means that they share."""
