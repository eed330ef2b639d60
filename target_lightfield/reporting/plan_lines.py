"""The plan of a migration in lines for people, as the log and the page have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lightfield_api.words import count, duration

_MOST_SAID = 12


def plan_lines(
    plan: Mapping[str, Any], missing_members: Mapping[str, int], *, is_over: bool = False
) -> Iterator[str]:
    """Yield the plan in lines for people.

    Args:
        plan: The plan as the report has it.
        missing_members: How many records refer to each member whom the workspace lacks.
        is_over: Whether the load was done: then these are what is still to do, and nothing is to be written.
    """
    todo = [
        *(
            f"create the field {one['field']!r} of {one['stream']} "
            f"({one['type']}, {count('value', one['values'])})"
            + (f": {', '.join(one['options'])}" if one["options"] else "")
            for one in plan["create_fields"]
        ),
        *(
            f"create options of {one['field']!r} of {one['stream']}: "
            + ", ".join(f"{label!r} ({number:,})" for label, number in one["options"].items())
            for one in plan["create_options"]
        ),
        *(
            f"{what_to_do(member)} ({count('record', number)})"
            for member, number in list(missing_members.items())[:_MOST_SAID]
        ),
        *(f"decide about {one['what']} ({one['stream']})" for one in plan["decide"]),
    ]
    if todo:
        when = "Still to do" if is_over else "Before you migrate"
        yield f"{when}, in Lightfield or in the preset:"
        yield from (f"  {line}" for line in todo)
    if plan["not_carried"]:
        sizes = plan["not_carried_bytes"]
        said = ", ".join(
            f"{number:,} {name}" + (f" ({sizes[name]:,} bytes)" if name in sizes else "")
            for name, number in plan["not_carried"].items()
        )
        yield f"Not carried: {said}"
    if not is_over:
        yield f"Writing this takes about {duration(plan['seconds'])}: {count('write', plan['writes'])}"


def what_to_do(member: str) -> str:
    """Return what to do about a member whom the workspace lacks, by the email if the source tells it."""
    return f"invite {member}" if "@" in member else f"find out who {member} is: the feed has no such member"
