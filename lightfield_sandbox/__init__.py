"""A stand-in Lightfield server over real HTTP, for demos, rehearsals and tests."""
