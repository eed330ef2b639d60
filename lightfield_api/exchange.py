"""One exchange with the API: a request goes out with the key, its answer or its error comes back.

Neither budget nor retries: ``client.py`` has those. Where the server repeats the key in an answer, the
error does not show it.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError

from lightfield_api.answers import LARGEST, content_of, json_of
from lightfield_api.errors import LightfieldError, NoAnswer, OutOfReach, UnexpectedAnswer, error_from_answer
from lightfield_api.retries import RetryPolicy, retry_after_seconds
from lightfield_api.secrecy import keep_urls_out_of_the_log
from lightfield_api.transport import Pace, TimedAdapter

API_VERSION = "2026-03-01"

_CONNECT_SECONDS = 10.0
_REASON_LIMIT = 200

# With these there is no connection.
_UNCONNECTED = (ConnectTimeoutError, NewConnectionError, ProxyError)
# A body that can't be decoded is the same on the next try; so is a certificate that does not hold.
_TRANSIENT = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


@dataclass(frozen=True)
class Request:
    """What is asked of the API.

    Attributes:
        method: The HTTP method.
        url: Where it goes, without parameters.
        params: The parameters of the URL.
        body: The JSON body.
        idempotency_key: The same for each repeat of a request, another one for any other.
    """

    method: str
    url: str
    params: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None

    def __str__(self) -> str:
        """Return the request without its parameters: a filter may hold personal data."""
        return f"{self.method} {self.url}"


@dataclass(frozen=True)
class Answer:
    """What the server answered.

    Attributes:
        request: The request that it answers.
        status: The HTTP status.
        headers: The headers, with case-insensitive names.
        content: The body, None where it is larger than any answer is.
    """

    request: Request
    status: int
    headers: Mapping[str, str]
    content: bytes | None

    @cached_property
    def retry_after(self) -> float | None:
        """The seconds to wait before the next try, as ``Retry-After`` says; None if it does not."""
        return retry_after_seconds(self.headers)


class Exchange:
    """Sends requests with one API key, from several threads.

    Args:
        api_key: The secret key; it goes into the Authorization header and nowhere else.
        is_encrypted: Whether the API is at an https URL.
        connections: How many connections are kept open.
        policy: How long an answer may take.

    Raises:
        ValueError: The key can't be sent in a header. The message never holds it.
    """

    def __init__(self, api_key: str, *, is_encrypted: bool, connections: int, policy: RetryPolicy) -> None:
        self._auth = _BearerKey(api_key)
        self._was_connected = False
        self._timeout = _CONNECT_SECONDS, policy.silence
        self._session = _Session()
        adapter = TimedAdapter(Pace(policy.answer_seconds), connections)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        if not is_encrypted:
            self._session.trust_env = False  # no proxy from the environment sees a key in the clear
        keep_urls_out_of_the_log()
        self._session.headers.update(
            {
                "Accept": "application/json",
                "Lightfield-Version": API_VERSION,
                "User-Agent": f"singer-lightfield/{version('singer-lightfield')}",
            }
        )

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, request: Request) -> Answer:
        """Send a request once, and return what the server answers, whatever that is.

        Raises:
            NoAnswer: None came, or not the whole of it.
            UnexpectedAnswer: It can't be decoded, or the server's certificate does not hold.
        """
        key = request.idempotency_key
        try:
            with self._session.request(
                request.method,
                request.url,
                params=request.params,
                json=request.body,
                headers={"Idempotency-Key": key} if key else {},
                auth=self._auth,
                timeout=self._timeout,
                allow_redirects=False,  # a redirect would take the key to another host
                stream=True,
            ) as response:
                # The answer after an interim one (1xx) would be taken for the next request's.
                content = content_of(response) if response.status_code >= 200 else b""
        except (requests.RequestException, HTTPError, UnicodeError) as e:
            failure = self._failure(request, e)
            self._was_connected |= not isinstance(failure, OutOfReach)
        else:
            self._was_connected = True
            return Answer(request, response.status_code, response.headers, content)
        raise failure  # outside of `except`, so that no cause is shown: it would quote what the server sent

    def body_of(self, answer: Answer) -> dict[str, Any]:
        """Return the JSON object that an answer holds; that of a DELETE may be empty.

        Raises:
            LightfieldError: The answer is an error.
            NoAnswer: It is an interim answer (status 1xx) with none after it.
            UnexpectedAnswer: It is no JSON object.
        """
        status, request = answer.status, answer.request
        if status < 200:
            raise NoAnswer(f"No answer to {request}: nothing after an interim one (status {status})")
        if status >= 300:
            raise error_from_answer(status, self._error_body(answer), retry_after=answer.retry_after)
        if answer.content is None:
            raise UnexpectedAnswer(
                f"{request} was answered with more than {LARGEST >> 20} MiB", status=status
            )
        if not answer.content and (status == 204 or request.method == "DELETE"):
            return {}
        body = json_of(answer.content)
        if not isinstance(body, dict):
            content_type = self._auth.hidden_in(answer.headers.get("Content-Type", "no content type"))
            raise UnexpectedAnswer(
                f"{request} was answered with {content_type[:_REASON_LIMIT]} that is no JSON object",
                status=status,
            )
        return body

    def shows_key(self, sent: Any) -> bool:
        """Whether the key is in something that is to go elsewhere."""
        return bool(self._auth.hidden_in(sent) != sent)

    def _failure(self, request: Request, error: Exception) -> LightfieldError:
        reason = _reason(error)
        text = self._auth.hidden_in(str(reason))[:_REASON_LIMIT]
        if isinstance(error, _TRANSIENT) and not _is_bad_certificate(reason):
            never = not self._was_connected and isinstance(reason, _UNCONNECTED)
            return (OutOfReach if never else NoAnswer)(f"No answer to {request}: {text}")
        return UnexpectedAnswer(f"{request} failed: {type(error).__name__}: {text}")

    def _error_body(self, answer: Answer) -> Any:
        try:
            return self._auth.hidden_in(json_of(answer.content or b""))
        except RecursionError:
            return None


class _Session(requests.Session):
    """A session that ignores redirects: requests would read a target even where it does not follow it."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - requests' signature
        return None


class _BearerKey(AuthBase):
    """Puts the key into the header. As requests' own auth, so that no .netrc takes its place."""

    def __init__(self, api_key: str) -> None:
        if not api_key:
            raise ValueError("The API key is empty")
        if not re.fullmatch(r"[!-~]+", api_key):
            raise ValueError("The API key holds blanks or characters that no key has: copy it again")
        self._key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def hidden_in(self, body: Any) -> Any:
        """Return a decoded body with ``***`` in place of the key, in case the server repeats it."""
        if isinstance(body, str):
            return body.replace(self._key, "***")
        if isinstance(body, dict):
            return {self.hidden_in(key): self.hidden_in(value) for key, value in body.items()}
        if isinstance(body, list):
            return [self.hidden_in(item) for item in body]
        return body


def _reason(error: Exception) -> object:
    """Return the reason of a failed connection: its full text would repeat the URL's parameters."""
    return getattr(error.args[0] if error.args else None, "reason", error)


def _is_bad_certificate(reason: object) -> bool:
    return any(isinstance(arg, ssl.SSLCertVerificationError) for arg in getattr(reason, "args", ()))
