"""One run: the workspace it writes to, what is done side by side, and its end."""
