"""A value of each JSON type, to be given to settings that take another."""

from __future__ import annotations

from typing import Any

_VALUES: dict[str, Any] = {
    "string": "x", "integer": 5, "number": 5.5, "boolean": True, "array": [], "object": {},
}  # fmt: skip


def wrong_values(schema: Any) -> list[Any]:
    """A value of each JSON type that a setting does not take."""
    taken = set(schema["type"])
    taken |= {"integer"} if "number" in taken else set()
    return [value for json_type, value in _VALUES.items() if json_type not in taken]
