"""The streams of Lightfield that a preset can write to."""

from __future__ import annotations

from collections.abc import Sequence

from lightfield_api.custom_objects import is_custom_object

TARGETS: Sequence[str] = (
    "members", "accounts", "contacts", "opportunities", "tasks", "notes", "meetings", "emails", "files",
    "lists", "list_members",
)  # fmt: skip
"""By name, beside those of custom objects, ``object_{slug}``."""


def is_target(stream: str) -> bool:
    """Whether there is such a stream; of a custom object whether it is called as one."""
    return stream in TARGETS or is_custom_object(stream)
