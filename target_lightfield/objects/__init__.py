"""The streams that are written: what is special about each."""
