"""A stand-in for HubSpot's API, as far as meltano-tap-hubspot asks it.

What it answers is written from HubSpot's documentation and from what the tap's source expects; it shares
nothing with the product.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.migrations.hubspot import activities, people
from tests.migrations.hubspot.associations import MORE_COMPANIES, MORE_CONTACTS, PAIRS, associated
from tests.migrations.hubspot.properties import PROPERTIES, plural
from tests.migrations.server import JsonHandler, JsonServer, NotThere

Json = dict[str, Any]

HOST = "api.hubapi.com"
TOKEN = "pat-eu1-stand-in"
_SEARCH_LIMIT = 10_000


class Portal:
    """A HubSpot portal.

    Args:
        more: How many contacts it has beside those of the tables; ten of them at each further company.
    """

    def __init__(self, more: int = 0) -> None:
        self._more = more
        self._pairs = {kind: [*pairs] for kind, pairs in PAIRS.items()}
        self.objects: dict[str, list[Json]] = {
            "companies": [*people.COMPANIES, *map(_company, range(-(-more // 10)))],
            "contacts": [*people.CONTACTS, *map(_contact, range(more))],
            "deals": [*people.DEALS],
            "notes": [*activities.NOTES],
            "calls": [*activities.CALLS],
            "communications": [*activities.COMMUNICATIONS],
            "postal_mail": [*activities.POSTAL_MAIL],
            "tasks": [*activities.TASKS],
            "meetings": [*activities.MEETINGS],
            "emails": [*activities.EMAILS],
            "leads": [*activities.LEADS],
            "p4242424_subscriptions": [*activities.SUBSCRIPTIONS],
            **{name: [*records] for name, records in activities.WITHOUT_A_PLACE.items()},
        }
        self._by_change: dict[str, list[Json]] = {}
        self._lists: Mapping[str, tuple[str, list[Json]]] = {
            "/crm/v3/owners": ("results", people.OWNERS),
            "/crm-pipelines/v1/pipelines/deals": ("results", people.DEAL_PIPELINES),
            "/crm-pipelines/v1/pipelines/tickets": ("results", activities.TICKET_PIPELINES),
            "/settings/v3/users": ("results", activities.USERS),
            "/settings/v3/users/teams": ("results", activities.TEAMS),
            "/email/public/v1/subscriptions": ("subscriptionDefinitions", activities.EMAIL_SUBSCRIPTIONS),
        }

    def change(self, object_type: str, id_: str, changed: str, **properties: str | None) -> None:
        """Let somebody change a record at this moment of theirs, ``2026-09-01T09:00:00.000Z``."""
        records = self.objects[object_type]
        at = next(number for number, record in enumerate(records) if record["id"] == id_)
        key = "lastmodifieddate" if object_type == "contacts" else "hs_lastmodifieddate"
        own = {**records[at]["properties"], **properties, key: changed}
        records[at] = {**records[at], "updatedAt": changed, "properties": own}
        self._by_change.pop(object_type, None)

    def associate(self, from_type: str, id_: int, to_type: str, to_id: int, label: str | None = None) -> None:
        """Let somebody associate two records, which changes neither; types are in the singular."""
        self._pairs[from_type, to_type].append((id_, to_id, label))

    def get(self, path: str, query: Mapping[str, str]) -> Json:
        """Answer a GET."""
        if path in self._lists:
            name, records = self._lists[path]
            return {name: records}
        match path.strip("/").split("/"):
            case ["crm", "v3", "properties", object_type] if plural(object_type) in PROPERTIES:
                return {"results": PROPERTIES[plural(object_type)]}
            case ["crm-object-schemas", "v3", "schemas", name] if name in PROPERTIES:
                return {"name": name, "labels": {"singular": "Subscription"}, "properties": PROPERTIES[name]}
            case ["crm", "v3", "objects", object_type] if plural(object_type) in self.objects:
                archived = query.get("archived") == "true"
                name = plural(object_type)
                found = people.ARCHIVED.get(name, []) if archived else self.objects[name]
                names = query.get("properties", "").split(",")
                return _page(found, int(query.get("after", 0)), int(query.get("limit", 10)), names)
        raise NotThere

    def post(self, path: str, body: Json) -> Json:
        """Answer a POST."""
        match path.strip("/").split("/"):
            case ["crm", "v3", "objects", object_type, "search"] if object_type in self.objects:
                return self._search(object_type, body)
            case ["crm", "v4", "associations", from_type, to_type, "batch", "read"]:
                ids = [item["id"] for item in body["inputs"]]
                found = {id_: associated(self._pairs, from_type, to_type, id_, self._more) for id_ in ids}
                results = [{"from": {"id": id_}, "to": to} for id_, to in found.items() if to]
                return {"status": "COMPLETE", "results": results}
        raise NotThere

    def _search(self, object_type: str, body: Json) -> Json:
        (wanted,), (sort,) = body["filterGroups"][0]["filters"], body["sorts"]
        assert (wanted["operator"], wanted["propertyName"]) == ("GTE", sort["propertyName"]), wanted
        if object_type not in self._by_change:
            self._by_change[object_type] = sorted(
                self.objects[object_type], key=lambda record: _milliseconds(record, sort["propertyName"])
            )
        found = self._by_change[object_type]
        times = _Times(found, sort["propertyName"])
        found = found[bisect.bisect_left(times, int(wanted["value"])) :]
        after = int(body.get("after", 0))
        assert after < _SEARCH_LIMIT, "HubSpot's search ends at 10,000 records"
        return {"total": len(found), **_page(found, after, body["limit"], body["properties"])}


class _Times(Sequence[int]):
    """When each record was last changed, in milliseconds; worked out where it is asked for."""

    def __init__(self, records: list[Json], name: str) -> None:
        self._records, self._name = records, name

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, number: Any) -> Any:
        return _milliseconds(self._records[number], self._name)


def _milliseconds(record: Json, name: str) -> int:
    moment = datetime.fromisoformat(record["properties"][name].replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


def _page(records: list[Json], after: int, limit: int, names: list[str]) -> Json:
    shown = [
        {**record, "properties": {name: record["properties"].get(name) for name in names if name}}
        for record in records[after : after + limit]
    ]
    end = after + len(shown)
    if end >= len(records):
        return {"results": shown}
    return {"results": shown, "paging": {"next": {"after": str(end), "link": "https://…"}}}


def _company(number: int) -> Json:
    id_ = MORE_COMPANIES + number
    return people.record(id_, "08-10", name=f"Company {number}", domain=f"company-{number}.example")


def _contact(number: int) -> Json:
    made = people.record(
        MORE_CONTACTS + number, "08-11",
        firstname="Person", lastname=str(number), email=f"p{number}@many.example",
    )  # fmt: skip
    # Each in a second of its own: the tap can't get past 10,000 that changed in one.
    changed = datetime(2026, 8, 11, tzinfo=timezone.utc) + timedelta(seconds=number)
    made["properties"]["lastmodifieddate"] = changed.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return made


class StandIn(JsonServer):
    """The server: ``with StandIn(Portal()) as stand_in: stand_in.url``."""

    def __init__(self, portal: Portal) -> None:
        class Handler(JsonHandler):
            def get(self) -> None:
                self._answer(lambda: portal.get(self.asked_path, self.query))

            def post(self) -> None:
                body = json.loads(self.body())
                self._answer(lambda: portal.post(self.asked_path, body))

            def _answer(self, find: Callable[[], Json]) -> None:
                if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    self.send(401, {"status": "error", "category": "INVALID_AUTHENTICATION"})
                    return
                try:
                    self.send(200, find())
                except NotThere:
                    self.send(404, {"status": "error", "category": "OBJECT_NOT_FOUND"})

        super().__init__(Handler)
