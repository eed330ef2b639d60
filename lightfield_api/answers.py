"""The body of an answer: read in pieces, no more of it than an answer can be, decoded, and checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import requests

from lightfield_api.errors import UnexpectedAnswer

LARGEST = 64 << 20
"""Bytes of an answer, unpacked: a hundred times as many as any page of records has."""

_PIECE = 1 << 16


def content_of(response: requests.Response) -> bytes | None:
    """Return the body, None where it is larger than any answer is.

    What comes compressed is unpacked piece by piece, so that none of it is beyond the limit.

    Raises:
        requests.RequestException, urllib3.exceptions.HTTPError: It broke off, or can't be unpacked.
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
    """Return what should be an array of objects, as most lists of the API have it in ``data``.

    Args:
        found: What the answer has in its place.
        is_item: Whether an object is one of those that it should hold.
        failure: What to say where it is anything else.

    Raises:
        UnexpectedAnswer: It is anything else.
    """
    if isinstance(found, list) and all(isinstance(item, dict) and is_item(item) for item in found):
        return found
    raise UnexpectedAnswer(failure)
