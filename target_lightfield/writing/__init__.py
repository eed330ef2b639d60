"""What is sent to Lightfield: the least that has to be, and each request at most once."""
