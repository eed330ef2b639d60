"""Texts with columns in them: ``Call with {name}``; ``{{`` is a brace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class Part(NamedTuple):
    """A part of a template: text, or the name of a column whose value stands there."""

    text: str
    is_column: bool


@lru_cache(maxsize=1024)
def parts_of(template: str) -> Sequence[Part]:
    """Return the parts of a template: ``From: {a.b}`` is the text ``From: `` and the column ``a.b``.

    Raises:
        ValueError: Its braces don't match, or there is no name in them; says which.
    """
    parts = []
    for found in _PART.finditer(template):
        text = found[0]
        if text in ("{", "}"):
            raise ValueError(
                f"the brace in place {found.start() + 1} has no other one; for a brace write {text * 2}"
            )
        if found[1] is not None and not found[1].strip():
            raise ValueError(f"there is no column in the braces in place {found.start() + 1}")
        if found[1] is not None:
            parts.append(Part(found[1].strip(), is_column=True))
        else:
            parts.append(Part(text[0] if text in ("{{", "}}") else text, is_column=False))
    if not any(part.is_column for part in parts):
        raise ValueError("there is no {column} in it; a constant is {value: …}")
    return parts
