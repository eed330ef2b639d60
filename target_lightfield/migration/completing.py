"""What a route needs beside its columns: a title, a status, that a meeting is over; or it can't be."""

from __future__ import annotations

from collections.abc import Sequence

from lightfield_api.columns import column_name
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import RESOURCES
from target_lightfield.migration.suggestion import Line, SuggestedRoute

_TEXTS = {"notes": "content", "tasks": "description", "meetings": "description"}
_OPEN = "todo"
_AN_HOUR = "01:00:00"


def completed(
    route: SuggestedRoute, definitions: ObjectDefinitions, tasks: ObjectDefinitions | None
) -> tuple[Sequence[SuggestedRoute], str | None]:
    """Return the routes that a stream has by now, or why it can have none.

    Args:
        route: The route, with what its columns fill.
        definitions: Those of where it leads to.
        tasks: Those of tasks, which meetings become that are yet to come.
    """
    _add_title(route)
    routes = [route]
    if route.to == "tasks":
        _add_status(route, definitions)
    if route.to == "meetings" and route.has("start_date"):
        routes = list(_meeting_or_task(route, tasks))
    if route.to == "contacts" and not (route.has("name") or route.has("email")):
        return [], "contacts need a name or an email, and no column is like one"
    lacking = [name for name in _required(route.to) if not route.has(name)]
    if lacking:
        return [], f"{route.to} need {' and '.join(lacking)}, and no column is like it"
    return routes, None


def _required(to: str) -> Sequence[str]:
    """Return the columns of fields without which no record is created."""
    if to == "members":
        return ["email"]
    resource = RESOURCES.get(to)
    relationships = {"$account", "$assignedTo"}  # which another stream may bring, or a setting
    return sorted(
        column_name(key) for key in (resource.required if resource else ()) if key not in relationships
    )


def _add_title(route: SuggestedRoute) -> None:
    """Let the first line of a text be the title of what has none."""
    text = next((line for line in route.columns if line.name == _TEXTS.get(route.to)), None)
    if text is None or route.has("title"):
        return
    source = text.spec if isinstance(text.spec, str) else text.spec["from"]
    title = Line("title", {"from": source, "first_line": 80}, "no column is a title: the text's first line")
    route.columns.insert(0, title)


def _add_status(route: SuggestedRoute, definitions: ObjectDefinitions) -> None:
    field = definitions.fields.get("$status")
    if field is None or not field.options:
        return
    labels = [option.label for option in field.options]
    first = next((label for label in labels if label.casefold() == _OPEN), labels[0])
    if not route.has("status"):
        route.columns.append(Line("status", {"value": first}, "no column is a status, which tasks need"))
    if not route.has("assigned_to_id"):
        route.notes.append("tasks need an assignee: set default_assignee to a member's email")


def _meeting_or_task(route: SuggestedRoute, tasks: ObjectDefinitions | None) -> Sequence[SuggestedRoute]:
    start = next(line for line in route.columns if line.name == "start_date")
    source = start.spec if isinstance(start.spec, str) else start.spec["from"]
    end = next((line for line in route.columns if line.name == "end_date"), None)
    if end is None:
        why = "guess: no column is an end, so an hour later"
        route.columns.append(Line("end_date", {"from": source, "plus": _AN_HOUR}, why))
    ends = end.spec if end and isinstance(end.spec, str) else source
    if not all(name.isidentifier() for name in (str(source), str(ends))):
        route.notes.append(
            "meetings have to be over: those to come are rejected, unless `when` says otherwise"
        )
        return [route]
    route.when = f"datetime({ends} or {source}) <= now()"
    if not route.has("title") or tasks is None:
        return [route]
    title = next(line for line in route.columns if line.name == "title")
    coming = SuggestedRoute(
        "tasks",
        "meetings to come become tasks: Lightfield takes only those that are over",
        when=f"datetime({ends} or {source}) > now()",
        columns=[title, Line("due_at", source, "when it begins")],
    )
    _add_status(coming, tasks)
    return [route, coming]
