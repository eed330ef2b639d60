"""Whether a record ever had a value: what Lightfield itself says of a field's past.

API page: "Field history". A verification asks it where the id map says that a row was written whole and its
record says otherwise: either somebody has changed the record since, or the value never arrived.
"""

from __future__ import annotations

import threading
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import LightfieldError, NotFound, ServerError
from lightfield_api.records import Record, field_value
from lightfield_api.refusals import is_refusal
from lightfield_api.resources import Resource
from lightfield_api.values import same_value

_MOST_ASKED = 100  # of one object: each costs a call
_MOST_VALUES = 100


class FieldHistory:
    """Asks for the history of fields, of one object type and a bounded number of times. Safe in threads.

    Args:
        client: The API client.
        resource: The object.
        definitions: The object's.
    """

    def __init__(self, client: LightfieldClient, resource: Resource, definitions: ObjectDefinitions) -> None:
        self._client = client
        self._resource = resource
        self._definitions = definitions
        self._lock = threading.Lock()
        self._asked = 0

    def never_had(self, record: Record, key: str, value: Any) -> bool:
        """Whether a field's history is whole, and a value is not in it.

        Args:
            record: The record.
            key: The field's key.
            value: The API value.

        Raises:
            LightfieldError: The API did not answer as it should.
        """
        if value in (None, []) or not self._resource.has_history or not self._may_ask():
            return False
        path = (*self._resource.record_path, record["id"], "fields", key, "history")
        try:
            answer = self._client.read(*path, params={"limit": _MOST_VALUES})
        except LightfieldError as e:  # no field that is a column of its own has a history
            if is_refusal(e) or isinstance(e, (NotFound, ServerError)):
                return False
            raise
        found, definition = answer.get("data"), self._definitions.fields[key]
        if not isinstance(found, list) or answer.get("hasMore"):
            return False
        had = [one.get("value") for one in found if isinstance(one, dict)]
        now = had[0] if had else None
        if not same_value(definition, now, field_value(record, key)):
            return False  # it does not even have what the record has
        return not any(same_value(definition, value, one) for one in had)

    def _may_ask(self) -> bool:
        with self._lock:
            self._asked += 1
            return self._asked <= _MOST_ASKED
