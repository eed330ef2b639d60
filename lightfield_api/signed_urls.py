"""Signed URLs to the storage of files: a URL is the whole permission, so nothing of ours goes with it.

API pages: "File uploads", "Downloading a file". Whoever holds a signed URL may use it: it belongs in no log
and no error, and the API key is never sent to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from lightfield_api.urls import checked_url


def keyless_session(connections: int) -> requests.Session:
    """Return a session without any header of its own, nor a password that a .netrc has for the host.

    Args:
        connections: How many connections are kept open.
    """
    session = requests.Session()
    session.headers.clear()
    session.auth = _Nobody()
    session.mount("https://", HTTPAdapter(pool_maxsize=connections))
    session.mount("http://", _DirectAdapter(pool_maxsize=connections))
    return session


def check_signed_url(url: str) -> None:
    """Refuse a URL that is neither https nor on this machine.

    Raises:
        ValueError: It is not one to send to or fetch from. The URL is not in the message.
    """
    try:
        parts = urlsplit(url)
        checked_url(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        raise ValueError("the URL is neither https nor on this machine") from None


class _Nobody(AuthBase):
    """No password: without an auth of its own, requests looks for one in .netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _DirectAdapter(HTTPAdapter):
    """For http, which is this machine: no proxy from the environment sees a signed URL in the clear."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        return super().send(request, stream, timeout, verify, cert, proxies=None)
