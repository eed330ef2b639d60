"""A name for each key, where several keys would have the same: one rule, for columns and for streams.

The key that is spelled like the name keeps it, the others get a hash of their own after it::

    office_location   object_office_location
    office-location   object_office_location_6a1f09d3

So a name depends on its key and on those that would otherwise have the same, never on an order.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """What a key would be called.

    Attributes:
        name: Its name where no other key claims it.
        key: What tells it from the others; where another keeps the name, the hash of this follows it.
        rank: Its right to the bare name, the least first; None for a name that only resembles the key.
    """

    name: str
    key: str
    rank: int | None = None


def distinct_names(claims: Sequence[Claim], same: Callable[[str], str] = str) -> list[str]:
    """Return the name of each claim, in their order; no two are the same.

    Args:
        claims: What the keys would be called.
        same: Makes the same text of names that may not stand side by side: ``str.casefold``.
    """
    rivals: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        rivals[same(claim.name)].append(claim)
    return [next(_names(claim, rivals, same)) for claim in claims]


def short_hash(text: str, digits: int) -> str:
    """Return so many hexadecimal digits; fewer are the beginning of more."""
    return hashlib.shake_256(text.encode(errors="surrogatepass")).hexdigest(digits // 2)


def _names(claim: Claim, claims: dict[str, list[Claim]], same: Callable[[str], str]) -> Iterator[str]:
    rivals = [rival for rival in claims[same(claim.name)] if rival is not claim]
    ranks = [rival.rank for rival in rivals if rival.rank is not None]
    if not rivals or (claim.rank is not None and claim.rank < min(ranks, default=claim.rank + 1)):
        yield claim.name
    # The hash grows where a key spells it out, or where two have the same: no name is taken twice.
    for digits in itertools.count(8, 8):
        name = same(_hashed(claim, digits))
        if name not in claims and all(same(_hashed(rival, digits)) != name for rival in rivals):
            yield _hashed(claim, digits)


def _hashed(claim: Claim, digits: int) -> str:
    return f"{claim.name}_{short_hash(claim.key, digits)}"
