"""The body of an answer: read in pieces, no more of it than an answer can be, decoded, and checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import requests

from lightfield_api.errors import UnexpectedAnswer

LARGEST = 64 << 20
"""The most bytes of an answer once it is decompressed: a hundred times as many as any page of records has."""

_PIECE = 1 << 16


def content_of(response: requests.Response) -> bytes | None:
    """Return the body, None where it is larger than any answer is.

    A compressed body is decompressed piece by piece, so that no more than the limit is ever in memory.

    Raises:
        requests.RequestException, urllib3.exceptions.HTTPError: It broke off, or can't be decompressed.
    """
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > LARGEST:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def json_of(content: bytes) -> Any:
    """Return the body, None where it is no JSON. JSON is UTF-8, whatever the content type says."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def array_of(found: object, is_item: Callable[[dict[str, Any]], bool], failure: str) -> list[dict[str, Any]]:
    """Return a part of an answer that should be an array of objects: of most lists it is ``data``.

    Args:
        found: The part, whatever it is.
        is_item: Whether an object is of the kind that the array should hold.
        failure: The error's message where it is anything else.

    Raises:
        UnexpectedAnswer: It is anything else.
    """
    if isinstance(found, list) and all(isinstance(item, dict) and is_item(item) for item in found):
        return found
    raise UnexpectedAnswer(failure)
