"""What `status` says of a file: how far its upload has come."""

PENDING, COMPLETED, CANCELLED, EXPIRED = "PENDING", "COMPLETED", "CANCELLED", "EXPIRED"
