"""Which record of the workspace a row means."""
