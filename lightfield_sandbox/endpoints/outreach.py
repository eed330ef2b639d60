"""Reading sequences and senders. The sandbox has none of the endpoints that write or send them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightfield_sandbox.endpoints.calls import Call, Endpoint, read_page_query
from lightfield_sandbox.endpoints.outreach_filters import parse_conditions
from lightfield_sandbox.endpoints.outreach_performance import performance
from lightfield_sandbox.schema.errors import not_found
from lightfield_sandbox.schema.resources import READ, SEARCH
from lightfield_sandbox.store.outreach import ENROLLMENT, MESSAGE, SENDER, SEQUENCE, Json

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEQUENCES, _SENDERS = ("sequences:read",), ("senders:read",)
_ONE = "/v1/sequences/{sequence}"


def outreach_endpoints() -> Iterator[Endpoint]:
    """List and retrieve for each kind, and `performance`, the numbers of a sequence."""
    for kind, path, scopes in (
        (SEQUENCE, "/v1/sequences", _SEQUENCES),
        (ENROLLMENT, f"{_ONE}/enrollments", _SEQUENCES),
        (MESSAGE, f"{_ONE}/messages", _SEQUENCES),
        (SENDER, "/v1/senders", _SENDERS),
    ):
        handlers = _Handlers(kind)
        yield Endpoint("GET", path, SEARCH, scopes, handlers.list)
        yield Endpoint("GET", f"{path}/{{id}}", READ, scopes, handlers.retrieve)
    yield Endpoint("GET", f"{_ONE}/performance", READ, _SEQUENCES, _performance)


@dataclass(frozen=True)
class _Handlers:
    kind: str

    def list(self, call: Call) -> bytes:
        """A page of the list, newest first."""
        limit, offset, terms = read_page_query(call)
        conditions = parse_conditions(self.kind, terms)
        sequence_id = _sequence(call)
        found = [
            document
            for document in call.workspace.outreach.listed(self.kind, sequence_id)
            if all(holds(document) for holds in conditions)
        ]
        shown = [_without_content(document) for document in found[offset : offset + limit]]
        return _dump({"data": shown, "object": "list", "totalCount": len(found)})

    def retrieve(self, call: Call) -> bytes:
        """One document as it is now."""
        document = call.workspace.outreach.get(self.kind, call.path["id"], _sequence(call))
        if document is None:
            raise not_found(call.path["id"])
        return _dump(document)


def _performance(call: Call) -> bytes:
    sequence_id, outreach = _sequence(call), call.workspace.outreach
    sequence = outreach.get(SEQUENCE, sequence_id) or {}
    messages = outreach.of_sequence(MESSAGE, sequence_id)
    return _dump(performance(sequence, outreach.of_sequence(ENROLLMENT, sequence_id), messages))


def _sequence(call: Call) -> str:
    """The id of the sequence that the path names, or an empty string where it names none."""
    sequence_id = call.path.get("sequence", "")
    if sequence_id and call.workspace.outreach.get(SEQUENCE, sequence_id) is None:
        raise not_found(sequence_id)
    return sequence_id


def _without_content(document: Json) -> Json:
    return {key: value for key, value in document.items() if key != "content"}


def _dump(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
