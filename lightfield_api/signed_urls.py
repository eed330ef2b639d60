"""Signed URLs to the storage of files: a URL is the whole permission, so nothing of ours goes with it.

API pages: "File uploads", "Downloading a file". Whoever holds a signed URL may use it: it belongs in no log
and no error, and the API key is never sent to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from lightfield_api.rate_limit import Pause
from lightfield_api.retries import RetryPolicy, may_pass, retry_after_seconds
from lightfield_api.secrecy import keep_urls_out_of_the_log, unspoken
from lightfield_api.transport import Pace, TimedAdapter, TooSlow
from lightfield_api.urls import checked_url

_STRETCH = 1 << 18
_SECONDS = 60.0  # for each stretch of the bytes, and for the head of the answer


class SignedSession(requests.Session):
    """A session that adds no header of its own, and no password from a .netrc.

    It ignores redirects, logs nothing of a URL, and breaks off where a file hardly moves, however large it
    is.

    Args:
        connections: How many connections are kept open.
        policy: How long a pause is waited for.
    """

    def __init__(self, connections: int, policy: RetryPolicy) -> None:
        super().__init__()
        self._policy = policy
        keep_urls_out_of_the_log()
        self.headers.clear()
        self.auth = _Nobody()
        pace = Pace(_SECONDS, _STRETCH)
        self.mount("https://", TimedAdapter(pace, connections))
        self.mount("http://", _DirectAdapter(pace, connections))
        self._pause = Pause("The storage of files")

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a request, of which nothing is logged."""
        with unspoken():
            return super().send(request, **options)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: requests would read the whole body of a redirect, though nobody follows it."""

    def wait(self) -> None:
        """Wait until the storage may be asked again, if it has asked for a pause.

        Raises:
            PauseTooLong: It is longer than the policy waits for.
        """
        self._pause.wait()

    def heed(self, answer: requests.Response) -> None:
        """Take note of an answer: it may ask for a pause."""
        seconds = retry_after_seconds(answer.headers)
        if seconds and may_pass(answer.status_code):
            self._pause.ask(seconds, self._policy.max_seconds)
        else:
            self._pause.end()


def reason_of(error: Exception) -> str:
    """Return why an exchange with the storage failed, without the URL that the error's text may quote."""
    cause = error.args[0] if error.args else None
    return str(cause) if isinstance(cause, TooSlow) else type(error).__name__


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


class _DirectAdapter(TimedAdapter):
    """For http, which only goes to this machine: no proxy from the environment sees the signed URL."""

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
