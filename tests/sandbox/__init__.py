"""The sandbox against what the document of the API says."""
