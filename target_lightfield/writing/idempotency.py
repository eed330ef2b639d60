"""The Idempotency-Key of a write, and whether an answer is a stored one. API page: "Idempotency"."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lightfield_api.records import Record
from lightfield_api.resources import Resource
from lightfield_api.values import parse_datetime
from target_lightfield.id_map.source import Source


def idempotency_key_of(
    operation: str, resource: Resource, source: Source | None, body: Mapping[str, Any], since: str | None
) -> str:
    """Return the key by which the API knows a request again: the same for the same write, else another.

    Args:
        operation: ``create`` or ``update``.
        resource: The object.
        source: The row; None of a write for no single one.
        body: What is sent.
        since: What makes the same write another one, such as the record's last change.
    """
    of_row = [source.name, source.key] if source else [None, None]
    parts = [operation, resource.lasting_name, *of_row, since, body]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def was_created_before(instant: datetime, record: Record) -> bool:
    """Whether a record was created before an instant by the server's clock: its create was answered again."""
    try:
        return parse_datetime(str(record.get("createdAt"))) < instant
    except ValueError:
        return False
