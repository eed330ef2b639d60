"""Ids: a prefix and random alphanumerics, which follow from the seed."""

from __future__ import annotations

import random
import string

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 22


class IdSource:
    """An endless series of ids. Each purpose has its own series for a seed."""

    def __init__(self, seed: int, purpose: str) -> None:
        # random hashes a str by itself, so that ids are the same on every platform and Python.
        self._choices = random.Random(f"{seed}:{purpose}").choices

    def new(self, prefix: str, length: int = _LENGTH) -> str:
        """The next id, with this prefix."""
        return prefix + "".join(self._choices(_ALPHABET, k=length))
