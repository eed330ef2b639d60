"""Where a row comes from that a preset made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_RESERVED = "_source_row"


@dataclass(frozen=True)
class Provenance:
    """Where a row comes from."""

    stream: str
    key_properties: Sequence[str]
    row: Mapping[str, Any]
    columns: Mapping[str, str]


def with_provenance(row: Mapping[str, Any], provenance: Provenance) -> dict[str, Any]:
    """Return a row that says where it comes from."""
    return {
        **row,
        _RESERVED: {
            "stream": provenance.stream,
            "key_properties": list(provenance.key_properties),
            "row": provenance.row,
            "columns": dict(provenance.columns),
        },
    }


def provenance_of(row: Mapping[str, Any]) -> Provenance | None:
    """Return where a row comes from, None of one that does not say."""
    said = row.get(_RESERVED)
    if not isinstance(said, Mapping):
        return None
    return Provenance(said["stream"], tuple(said["key_properties"]), said["row"], said["columns"])
