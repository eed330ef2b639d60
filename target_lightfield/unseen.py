"""Creates whose answer was not seen: whether the record is there all the same.

Where the API takes no Idempotency-Key, or no longer keeps its answers, the only way to know is to look for
a record that is like the one that was sent. API pages: "Idempotency", "List endpoints" (lists lag).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import Resource
from lightfield_api.values import parse_datetime, same_value
from target_lightfield.criteria import Record, field_value, linked
from target_lightfield.id_map import IdMap
from target_lightfield.matching import Directory

LISTED_AFTER = timedelta(seconds=30)  # no source says how far lists lag behind
_FIRST_WAIT = 0.5
_CLOCKS = timedelta(seconds=5)  # the server's clock is known to a second or two


@dataclass(frozen=True)
class UnseenCreates:
    """Finds the records of creates whose answer was not seen, among the newest of an object."""

    client: LightfieldClient
    id_map: IdMap
    directory: Directory
    resource: Resource
    definitions: ObjectDefinitions

    def find(self, body: Mapping[str, Any], since: datetime) -> Record | None:
        """Return the record that a create made, or None if it made none.

        Waits until lists show what was created, if it was.

        Args:
            body: The body of the create.
            since: When it was sent, by the server's clock.

        Raises:
            LightfieldError: The list can't be read.
        """
        wait = _FIRST_WAIT
        while True:
            if record := self._listed(body, since - _CLOCKS):
                return record
            left = (since + LISTED_AFTER - self.client.server_time()).total_seconds()
            if left <= 0:
                return None
            time.sleep(min(wait, left))
            wait *= 2

    def _listed(self, body: Mapping[str, Any], since: datetime) -> Record | None:
        for record in self.directory.newest():
            if parse_datetime(record["createdAt"]) < since:
                return None
            if self._is_like(record, body) and not self.id_map.knows(self.resource.object_type, record["id"]):
                return record
        return None

    def _is_like(self, record: Record, body: Mapping[str, Any]) -> bool:
        links = {
            key: [ids] if isinstance(ids, str) else ids for key, ids in body.get("relationships", {}).items()
        }
        return all(
            same_value(self.definitions.fields[key], value, field_value(record, key))
            for key, value in body["fields"].items()
        ) and all(set(ids) <= set(linked(record, key)) for key, ids in links.items())
