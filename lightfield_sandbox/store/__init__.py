"""The records of a workspace: what they are now, what lists show of them, and the file that keeps them."""
