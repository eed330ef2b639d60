"""The demo: a sandbox workspace to Postgres by Meltano, and another source's records back into it."""
