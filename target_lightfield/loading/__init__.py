"""One row's way: read, checked, its references looked up, and loaded."""
