"""What the API documents: resources, definitions, value types, errors, ids and times."""
