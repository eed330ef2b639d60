"""What can be asked of the API: the table of endpoints, and one module for each resource."""
