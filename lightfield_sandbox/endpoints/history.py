"""The endpoint of a field's history."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.endpoints.calls import Call, Endpoint, whole_number
from lightfield_sandbox.schema.errors import bad_request, not_found
from lightfield_sandbox.schema.resources import COLLECTIONS, READ, Collection
from lightfield_sandbox.schema.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightfield_sandbox.schema.definitions import FieldDefinition

_DEFAULT_LIMIT, _MOST = 20, 100
_CURSOR = "older:"


def history_endpoints(*, custom_objects: bool) -> Iterator[Endpoint]:
    """One endpoint for each object type whose fields have a history."""
    for collection in COLLECTIONS:
        if collection.history and (custom_objects or not collection.custom):
            path = f"/v1/{collection.records_path}/{{id}}/fields/{{key}}/history"
            yield Endpoint("GET", path, READ, (collection.scope("read"),), _Handler(collection).page)


@dataclass(frozen=True)
class _Handler:
    collection: Collection

    def page(self, call: Call) -> bytes:
        """A page of a field's history, newest first."""
        limit, after = _read_query(call)
        field = self._field(call)
        record = call.workspace.store.get(self.collection.object_type, call.path["id"])
        if record is None or record.trashed:
            raise not_found(call.path["id"])
        entries = call.workspace.store.history.of(record, field)
        # The cursor counts from the oldest entry, so that entries written meanwhile do not shift it.
        end = len(entries) if after is None else min(after, len(entries))
        start = max(0, end - limit)
        whole = after is None and start == 0
        rows = [
            {
                "value": value,
                "displayValue": _displayed(field, value),
                "recordedAt": iso(at),
                "isCreate": whole and place == 0 and at == record.created_ms,
                "valueType": field.value_type,
            }
            for place, (at, value) in enumerate(entries[start:end], start)
        ]
        cursor = base64.urlsafe_b64encode(f"{_CURSOR}{start}".encode()).decode() if start else None
        document = {"data": rows[::-1], "hasMore": start > 0, "nextCursor": cursor}
        return json.dumps(document, ensure_ascii=False).encode()

    def _field(self, call: Call) -> FieldDefinition:
        key = call.path["key"]
        field = call.workspace.definitions[self.collection.object_type].fields.get(key)
        if field is None:
            raise bad_request(f"There is no field {key!r}.", "unknown_field", key)
        if field.column:
            raise bad_request(f"The field {key} has no history.", "invalid_configuration", key)
        return field


def _read_query(call: Call) -> tuple[int, int | None]:
    limit, after = _DEFAULT_LIMIT, None
    for key, value in call.query:
        if key == "limit":
            limit = whole_number(key, value, 1, _MOST)
        elif key == "after":
            after = _read_cursor(value)
        else:
            raise bad_request(f"A history has no parameter {key!r}.", "unknown_field", key)
    return limit, after


def _read_cursor(text: str) -> int:
    try:
        plain = base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise bad_request("after is no cursor of a history.", "invalid_type", "after") from error
    number = plain.removeprefix(_CURSOR)
    if number == plain:
        raise bad_request("after is no cursor of a history.", "invalid_type", "after")
    return whole_number("after", number, 0, None)


def _displayed(field: FieldDefinition, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part is not None)
    values = value if isinstance(value, list) else [value]
    return ", ".join(field.by_id[part].label if part in field.by_id else str(part) for part in values)
