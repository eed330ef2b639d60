"""What is remembered from run to run: which row is which record, and what waits."""
