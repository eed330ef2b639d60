"""The body of an answer: read in pieces, no more of it than an answer can be, and decoded."""

from __future__ import annotations

import json
from typing import Any

import requests

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
