"""A stand-in for Pipedrive's API, as far as tap-pipedrive asks it: version 1 by offset, version 2 by cursor.

What it answers is written from Pipedrive's documentation and from what the tap's source expects; it shares
nothing with the product.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from tests.migrations.pipedrive import activities, deals, fields, people
from tests.migrations.server import JsonHandler, JsonServer, NotThere

Json = dict[str, Any]

HOST = "api.pipedrive.com"
TOKEN = "pipedrive-stand-in"
_PAGE = 5  # records, fewer than are asked for: so that a small account has several pages
_STATUSES = "open,won,lost"  # what comes unless more is asked for


class Account:
    """A Pipedrive account."""

    def __init__(self) -> None:
        self.objects: dict[str, list[Json]] = {
            "organizations": [*people.ORGANIZATIONS],
            "persons": [*people.PERSONS],
            "deals": [*deals.DEALS],
            "activities": [*activities.ACTIVITIES],
            "products": [*deals.PRODUCTS],
            "stages": [*deals.STAGES],
            "pipelines": [*deals.PIPELINES],
            "users": [*people.USERS],
            "notes": [*activities.NOTES],
            "files": [*deals.FILES],
            "currencies": [*deals.CURRENCIES],
            "filters": [*deals.FILTERS],
            "activityTypes": [*activities.ACTIVITY_TYPES],
            **{name: [*rows] for name, rows in fields.FIELDS.items()},
        }

    def change(self, name: str, id_: int, changed: str, **columns: Any) -> None:
        """Let somebody change a record at this moment of theirs, ``2026-09-01T09:00:00Z``."""
        records = self.objects[name]
        at = next(number for number, record in enumerate(records) if record["id"] == id_)
        time = changed if "T" in records[at]["update_time"] else changed.replace("T", " ").removesuffix("Z")
        records[at] = {**records[at], **columns, "update_time": time}

    def get(self, path: str, query: Mapping[str, str]) -> Json:
        """Answer a GET."""
        match path.strip("/").split("/"):
            case ["v1", "recents"]:
                return self._recents(query)
            case ["v1", "deals", id_, "flow"]:
                return _by_offset(deals.FLOW.get(int(id_), []), query)
            case ["v1", "deals", id_, "products"]:
                return _by_offset(deals.DEAL_PRODUCTS.get(int(id_), []), query)
            case ["v1", "notes"]:
                newest = sorted(
                    self.objects["notes"], key=lambda note: str(note["update_time"]), reverse=True
                )
                return _by_offset(newest, query)
            case ["v1", name] if name in self.objects:
                # Fields come in one page: the tap forgets where it is when they don't.
                return _by_offset(self.objects[name], query, 100 if name in fields.FIELDS else _PAGE)
            case ["api", "v2", name] if name in self.objects:
                return self._of_version_2(name, query)
        raise NotThere

    def _of_version_2(self, name: str, query: Mapping[str, str]) -> Json:
        statuses = query.get("status", _STATUSES).split(",")
        found = [
            record
            for record in self.objects[name]
            if record["update_time"] >= query.get("updated_since", "")
            and ("deleted" in statuses or not record["is_deleted"])
        ]
        if query.get("sort_by") == "update_time":
            found.sort(
                key=lambda record: record["update_time"], reverse=query.get("sort_direction") == "desc"
            )
        start = int(base64.b64decode(query["cursor"]).decode()) if "cursor" in query else 0
        page = found[start : start + min(_PAGE, int(query["limit"]))]
        more = start + len(page) < len(found)
        cursor = base64.b64encode(str(start + len(page)).encode()).decode() if more else None
        return {"success": True, "data": page, "additional_data": {"next_cursor": cursor}}

    def _recents(self, query: Mapping[str, str]) -> Json:
        """What changed of late: users in lists of one, other things alone."""
        item, since = query["items"], query["since_timestamp"]
        key = "modified" if item == "user" else "update_time"
        found = [record for record in self.objects[f"{item}s"] if record[key] >= since]
        shown = [{"item": item, "id": r["id"], "data": [r] if item == "user" else r} for r in found]
        return _by_offset(shown, query)


def _by_offset(records: Sequence[Json], query: Mapping[str, str], most: int = _PAGE) -> Json:
    start = int(query.get("start", 0))
    page = records[start : start + min(most, int(query.get("limit", 100)))]
    more = start + len(page) < len(records)
    pagination = {"start": start, "limit": len(page), "more_items_in_collection": more}
    if more:
        pagination["next_start"] = start + len(page)
    return {"success": True, "data": page or None, "additional_data": {"pagination": pagination}}


class StandIn(JsonServer):
    """The server: ``with StandIn(Account()) as stand_in: stand_in.url``."""

    def __init__(self, account: Account) -> None:
        class Handler(JsonHandler):
            def get(self) -> None:
                if self.query.get("api_token") != TOKEN:
                    self.send(401, {"success": False, "error": "unauthorized access"})
                    return
                try:
                    self.send(200, account.get(self.asked_path, self.query))
                except NotThere:
                    self.send(404, {"success": False, "error": "Unknown method ."})

        super().__init__(Handler)
