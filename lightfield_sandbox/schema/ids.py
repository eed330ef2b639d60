"""Ids: a prefix and random alphanumerics, the same ones for the same seed."""

from __future__ import annotations

import random
import string

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 22


class IdSource:
    """A stream of ids; `purpose` keeps the streams of one seed apart."""

    def __init__(self, seed: int, purpose: str) -> None:
        # A str seed is hashed by random itself: the same on every platform and Python.
        self._choices = random.Random(f"{seed}:{purpose}").choices

    def new(self, prefix: str, length: int = _LENGTH) -> str:
        """A fresh id with the prefix."""
        return prefix + "".join(self._choices(_ALPHABET, k=length))
