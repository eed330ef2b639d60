"""What an endpoint is, what its handler gets, and how a list's query is read and its page written."""

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
    """A request that has passed authentication, as its handler sees it.

    Attributes:
        workspace: The workspace that it is about.
        scopes: Those of its key; none means full access.
        path: The parameters in the path, by name.
        query: The parameters of the query, in their order.
        body: The JSON object that was sent, empty where there was none.
        base_url: The scheme, host and port that the request was sent to.
    """

    workspace: Workspace
    scopes: Sequence[str]
    path: dict[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    body: dict[str, Any] = field(default_factory=dict)
    base_url: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One row in the table of the API.

    Attributes:
        method: The HTTP method.
        path: The path, with parameters in braces.
        category: The request budget that it uses up.
        scopes: Those that a key needs.
        handle: What answers; runs while the workspace is locked.
        idempotent: The entity type and the operation, where `Idempotency-Key` is honoured.
    """

    method: str
    path: str
    category: str
    scopes: tuple[str, ...]
    handle: Callable[[Call], bytes]
    idempotent: tuple[str, str] | None = None


def read_page_query(call: Call) -> tuple[int, int, Terms]:
    """The limit, the offset, and the other parameters of a list's query.

    Raises:
        ApiError: 400 for a limit or an offset that is not a number or out of bounds.
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
    """Refuse parameters that a list does not have.

    Raises:
        ApiError: 400 `unknown_field`.
    """
    for key, _ in terms:
        raise bad_request(f"This list has no parameter {key!r}.", "unknown_field", key)


def page(call: Call, records: Iterable[Record], total: int) -> bytes:
    """The JSON of one page of a list; an injected fault may leave records out of it.

    Args:
        call: The request.
        records: The records that the page should have.
        total: What `totalCount` says.
    """
    bodies = map(call.workspace.store.renderer.body, call.workspace.faults.draw_page(records))
    return b'{"data":[%b],"object":"list","totalCount":%d}' % (b",".join(bodies), total)


def whole_number(key: str, text: str, least: int, most: int | None) -> int:
    """The value of a query parameter that is a whole number.

    Args:
        key: The parameter's name.
        text: Its value as sent.
        least: The smallest number allowed.
        most: The largest number allowed, None for no bound.

    Raises:
        ApiError: 400 `invalid_type`.
    """
    # isdecimal() alone accepts digits of other scripts; int() alone accepts signs and underscores.
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise bad_request(f"{key} is a whole number.", "invalid_type", key)
    number = int(text)
    if number < least or (most is not None and number > most):
        bounds = f"at least {least}" if most is None else f"between {least} and {most}"
        raise bad_request(f"{key} is {bounds}.", "invalid_type", key)
    return number
