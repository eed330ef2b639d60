"""Taking back what a run wrote, as far as that still is what it wrote."""
