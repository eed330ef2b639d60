"""What an endpoint is, what its handler is given, and the pages that lists answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lightfield_sandbox.store.records import Record
    from lightfield_sandbox.workspace import Workspace

PAGE_LIMIT = 25
Terms = list[tuple[str, str]]


@dataclass(frozen=True)
class Call:
    """A request that has passed authentication, as its handler sees it; `base_url` is where it was sent."""

    workspace: Workspace
    scopes: Sequence[str]
    path: dict[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    body: dict[str, Any] = field(default_factory=dict)
    base_url: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One row of the API: `idempotent` is (entity type, create or update) where `Idempotency-Key` counts."""

    method: str
    path: str
    category: str
    scopes: tuple[str, ...]
    handle: Callable[[Call], bytes]
    idempotent: tuple[str, str] | None = None


def read_page_query(call: Call) -> tuple[int, int, Terms]:
    """The limit, the offset, and every other parameter of a list's query.

    Raises:
        ApiError: 400 for a limit or an offset that makes no sense.
    """
    limit, offset, terms = PAGE_LIMIT, 0, []
    for key, value in call.query:
        if key == "limit":
            limit = whole_number(key, value, 1, PAGE_LIMIT)
        elif key == "offset":
            offset = whole_number(key, value, 0, None)
        else:
            terms.append((key, value))
    return limit, offset, terms


def refuse_parameters(terms: Terms) -> None:
    """Refuse whatever else a query says.

    Raises:
        ApiError: 400 `unknown_field`.
    """
    for key, _ in terms:
        raise bad_request(f"This list has no parameter {key!r}.", "unknown_field", key)


def page(call: Call, records: Iterable[Record], total: int) -> bytes:
    """The JSON of one page of a list, less what a fault leaves out of it."""
    bodies = map(call.workspace.store.renderer.body, call.workspace.faults.draw_page(records))
    return b'{"data":[%b],"object":"list","totalCount":%d}' % (b",".join(bodies), total)


def whole_number(key: str, text: str, least: int, most: int | None) -> int:
    """The number of a query parameter.

    Raises:
        ApiError: 400 `invalid_type`.
    """
    # isdecimal alone lets other scripts' digits pass, and int() a sign and underscores.
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise bad_request(f"{key} is a whole number.", "invalid_type", key)
    number = int(text)
    if number < least or (most is not None and number > most):
        bounds = f"at least {least}" if most is None else f"between {least} and {most}"
        raise bad_request(f"{key} is {bounds}.", "invalid_type", key)
    return number
