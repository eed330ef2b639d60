"""The Lightfield HTTP API, for the tap and the target; knows nothing of Singer."""
