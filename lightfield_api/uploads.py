"""The bytes of a file on their way to a signed URL. API page: "File uploads", its second step."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import BinaryIO

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import SKIP_HEADER

from lightfield_api.errors import LightfieldError, UnexpectedAnswer
from lightfield_api.retries import RetryPolicy, retried
from lightfield_api.signed_urls import SignedSession, check_signed_url, reason_of

_PIECE = 1 << 16
_DONE = frozenset({200, 201, 204})
_MAY_PASS = frozenset({408, 429, 500, 502, 503, 504})
_NO_HEADER_BUT_THE_GIVEN = {"Accept-Encoding": SKIP_HEADER, "User-Agent": SKIP_HEADER}


class UploadFailed(LightfieldError):
    """The bytes did not arrive. The message never holds the URL.

    Attributes:
        may_pass: Whether the same may succeed on the next try.
    """

    def __init__(self, reason: str, *, may_pass: bool = False) -> None:
        super().__init__(f"An upload failed: {reason}")
        self.may_pass = may_pass


class Uploads:
    """Sends files to signed URLs: thread-safe, and without the API key.

    Args:
        connections: How many connections are kept open.
        policy: How often and how long a file is sent.
    """

    def __init__(self, connections: int, policy: RetryPolicy) -> None:
        self._policy = policy
        self._session = SignedSession(connections, policy)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def put(self, url: str, headers: Mapping[str, str], file: BinaryIO) -> None:
        """PUT a file from its first byte to its last, piece by piece, in a few tries.

        Args:
            url: The signed URL: https, or http for a loopback host.
            headers: The request's headers; it gets no others but those of HTTP itself.
            file: A file that can be read from its beginning again.

        Raises:
            UnexpectedAnswer: The URL is neither https nor on this machine.
            UploadFailed: The storage refused it, could not be reached, or the file can't be read.
            PauseTooLong: The storage asks for a longer pause than is waited for.
        """
        try:
            check_signed_url(url)
        except ValueError as e:
            raise UnexpectedAnswer(f"An upload is to go where it can't: {e}") from None
        retried(
            lambda: self._try(url, headers, file),
            "Sending a file",
            self._policy.of_files,
            on=(UploadFailed,),
            is_final=lambda error: isinstance(error, UploadFailed) and not error.may_pass,
        )()

    def _try(self, url: str, headers: Mapping[str, str], file: BinaryIO) -> None:
        self._session.wait()
        try:
            response = self._session.put(
                url,
                data=_Pieces(file),
                headers={**_NO_HEADER_BUT_THE_GIVEN, **headers},
                timeout=self._policy.silence,
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, HTTPError, ValueError) as e:
            may_pass = isinstance(e, (requests.ConnectionError, requests.Timeout))
            failure = UploadFailed(f"the connection broke off ({reason_of(e)})", may_pass=may_pass)
        else:
            response.close()
            self._session.heed(response)
            status = response.status_code
            if status in _DONE:
                return
            may_pass = status in _MAY_PASS
            failure = UploadFailed(f"the storage answered with HTTP status {status}", may_pass=may_pass)
        raise failure  # outside of `except`, so that no cause is shown: it would quote the URL


class _Pieces:
    """A file in pieces: as many bytes as it had at first, even if it grows meanwhile."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, os.SEEK_END)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        left = self._size
        try:
            self._file.seek(0)
            while left:
                piece = self._file.read(min(_PIECE, left))
                if not piece:
                    raise UploadFailed("the file became shorter while it was read")
                left -= len(piece)
                yield piece
        except OSError as e:
            raise UploadFailed(f"the file can't be read ({type(e).__name__})") from None
