"""What became of the rows: counted, filed and shown."""
