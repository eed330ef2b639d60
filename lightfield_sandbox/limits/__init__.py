"""What stands between a request and its handler: keys, the rate limit, faults, idempotency keys, counts."""
