"""One request to the Lightfield API: auth, version header, budget, retries, typed errors."""

from __future__ import annotations

import re
import ssl
import threading
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from typing import Any, BinaryIO, Literal

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from lightfield_api.answers import LARGEST, content_of, json_of
from lightfield_api.errors import LightfieldError, NoAnswer, UnexpectedAnswer, error_from_answer
from lightfield_api.rate_limit import Category, RateLimit
from lightfield_api.retries import RetryPolicy, http_date, may_pass, retried, retry_after_seconds
from lightfield_api.secrecy import keep_urls_out_of_the_log
from lightfield_api.transport import Pace, TimedAdapter
from lightfield_api.uploads import Uploads
from lightfield_api.urls import checked_url, quoted_segment, refuse_sending

API_URL = "https://api.lightfield.app"
API_VERSION = "2026-03-01"

_CONNECT_TIMEOUT, _READ_TIMEOUT = 10.0, 60.0


class LightfieldClient:
    """A thread-safe client of the API, with one connection pool and one request budget.

    Args:
        api_key: The secret key; it goes into the Authorization header and nowhere else.
        api_url: Where the API is: https, or http for a loopback host.
        requests_per_second: A ceiling for each category below what the API grants, or None.
        max_connections: How many connections are kept open: the number of threads that call.
        retry_policy: How often and how long a request is tried; None for the usual.

    Attributes:
        calls: How many requests were sent.

    Raises:
        ValueError: The key can't be sent in a header, or the URL is neither https nor loopback.
            The message never holds the key.
    """

    def __init__(
        self,
        api_key: str,
        *,
        api_url: str = API_URL,
        requests_per_second: float | None = None,
        max_connections: int = 32,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        self._auth = _BearerKey(api_key)
        self._base = f"{checked_url(api_url)}/v1"
        self._retry_policy = retry_policy
        self._rate_limit = RateLimit(requests_per_second)
        self._clock = _ServerClock()
        self.calls = Calls()
        self._uploads = Uploads(max_connections)
        self._session = _Session()
        adapter = TimedAdapter(Pace(self._policy.answer_seconds), max_connections)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        if self._base.startswith("http:"):
            self._session.trust_env = False  # no proxy from the environment sees a key in the clear
        keep_urls_out_of_the_log()
        self._session.headers.update(
            {
                "Accept": "application/json",
                "Lightfield-Version": API_VERSION,
                "User-Agent": f"singer-lightfield/{version('singer-lightfield')}",
            }
        )

    def __repr__(self) -> str:
        return f"LightfieldClient({self._base!r})"

    def __enter__(self) -> LightfieldClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._uploads.close()

    def search(self, *path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """GET a list. The path is given in segments, ``search("lists", list_id, "accounts")``."""
        return self._request("search", "GET", path, params=params)

    def read(self, *path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """GET anything that is not a list: a record, definitions, a history."""
        return self._request("read", "GET", path, params=params)

    def write(
        self, *path: str, body: Mapping[str, Any], idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """POST a body. Every try of one call carries the same Idempotency-Key.

        Args:
            path: The path in segments.
            body: The JSON body.
            idempotency_key: At most 255 characters. A repeat within 24 hours gets the stored first
                answer, so it must be derived from what is written; without one each call is its own.
        """
        key = idempotency_key or str(uuid.uuid4())
        return self._request("write", "POST", path, body=body, idempotency_key=key)

    def write_once(self, *path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST a body where the API takes no Idempotency-Key: sent again only after a 429.

        Raises:
            NoAnswer, ServerError: Whether it was done is not known.
        """
        return self._request("write", "POST", path, body=body, may_repeat=False)

    def upload(self, url: str, headers: Mapping[str, str], file: BinaryIO) -> None:
        """PUT a file to the signed URL that an upload session has named. The API key does not go there.

        Args:
            url: The session's ``uploadUrl``.
            headers: Its ``uploadHeaders``.
            file: The file, which is read from its beginning.

        Raises:
            UnexpectedAnswer: The URL is not one to send to, or holds the API key, as may a header.
            UploadFailed: The bytes did not arrive.
        """
        sent = [url, dict(headers)]
        if self._auth.hidden_in(sent) != sent:
            raise UnexpectedAnswer("An upload URL or header with the API key in it is not used")
        self._uploads.put(url, headers, file)

    def delete(self, *path: str) -> dict[str, Any]:
        """DELETE a record, which moves it to the trash. A repeat is a no-op."""
        return self._request("write", "DELETE", path)

    def server_time(self) -> datetime:
        """Return the time by the server's clock, learned from its answers; ours before the first."""
        return self._clock.now()

    @property
    def _policy(self) -> RetryPolicy:
        return self._retry_policy or RetryPolicy()

    def _request(
        self,
        category: Category,
        method: str,
        path: tuple[str, ...],
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        may_repeat: bool = True,
    ) -> dict[str, Any]:
        refuse_sending(method, path)
        url = "/".join([self._base, *(quoted_segment(part) for part in path)])
        what = f"{method} {url}"  # without the parameters: a filter may hold personal data
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}

        def send() -> dict[str, Any]:
            self._rate_limit.acquire(category)
            self.calls.count(category)
            try:
                with self._session.request(
                    method,
                    url,
                    params=params,
                    json=body,
                    headers=headers,
                    auth=self._auth,
                    timeout=(_CONNECT_TIMEOUT, _READ_TIMEOUT),
                    allow_redirects=False,  # a redirect would take the key to another host
                    stream=True,
                ) as response:
                    # An interim answer is not the answer: that one would be the next request's.
                    content = content_of(response) if response.status_code >= 200 else b""
            except (requests.RequestException, HTTPError, UnicodeError) as e:
                failure = self._no_answer(what, e)
            else:
                return self._answer(category, response, content, what)
            raise failure  # out here, without the cause: that one quotes what the server sent

        return retried(send, what, self._policy, may_repeat=may_repeat)()

    def _no_answer(self, what: str, error: Exception) -> LightfieldError:
        reason = _reason(error)
        text = self._auth.hidden_in(str(reason))[:_REASON_LIMIT]
        if isinstance(error, _TRANSIENT) and not _is_bad_certificate(reason):
            return NoAnswer(f"No answer to {what}: {text}")
        return UnexpectedAnswer(f"{what} failed: {type(error).__name__}: {text}")

    def _answer(
        self, category: Category, response: requests.Response, content: bytes | None, what: str
    ) -> dict[str, Any]:
        status = response.status_code
        self._rate_limit.learn(category, response.headers)
        self._clock.learn(response.headers)
        if status == 429:
            self.calls.count("throttled")
        retry_after = retry_after_seconds(response.headers)
        if retry_after and may_pass(status):
            self._rate_limit.pause(category, retry_after, self._policy.max_seconds)
        else:
            self._rate_limit.end_of_pauses(category)
        if status < 200:
            raise NoAnswer(f"No answer to {what}: nothing behind an interim one (status {status})")
        if status < 300:
            return self._decoded(response, content, what)
        raise error_from_answer(status, self._error_body(content), retry_after=retry_after)

    def _decoded(self, response: requests.Response, content: bytes | None, what: str) -> dict[str, Any]:
        if content is None:
            raise UnexpectedAnswer(
                f"{what} was answered with more than {LARGEST >> 20} MiB", status=response.status_code
            )
        if not content and (response.status_code == 204 or response.request.method == "DELETE"):
            return {}
        body = json_of(content)
        if not isinstance(body, dict):
            content_type = self._auth.hidden_in(response.headers.get("Content-Type", "no content type"))
            raise UnexpectedAnswer(
                f"{what} was answered with {content_type[:_REASON_LIMIT]} that is no JSON object",
                status=response.status_code,
            )
        return body

    def _error_body(self, content: bytes | None) -> Any:
        try:
            return self._auth.hidden_in(json_of(content or b""))
        except RecursionError:
            return None


class Calls:
    """How many requests were sent, by category, and how many of them were ``throttled`` with a 429."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, kind: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[kind] += 1

    def of(self, kind: Category | Literal["throttled"]) -> int:
        """Return how many there were."""
        return self._counts[kind]


class _Session(requests.Session):
    """A session that looks at no redirect: requests reads the target even of those it does not follow."""

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
        """Return the decoded body with the key blotted out, should the server echo it."""
        if isinstance(body, str):
            return body.replace(self._key, "***")
        if isinstance(body, dict):
            return {self.hidden_in(key): self.hidden_in(value) for key, value in body.items()}
        if isinstance(body, list):
            return [self.hidden_in(item) for item in body]
        return body


class _ServerClock:
    """The offset between the server's clock and ours, from the ``Date`` header (whole seconds)."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def learn(self, headers: Mapping[str, str]) -> None:
        date = http_date(headers.get("Date", ""))
        if date is not None:
            with self._lock:
                self._offset = date - datetime.now(timezone.utc)

    def now(self) -> datetime:
        with self._lock:
            return datetime.now(timezone.utc) + self._offset


# A body that can't be decoded is the same on the next try; so is a certificate that does not hold.
_TRANSIENT = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)

_REASON_LIMIT = 200


def _reason(error: Exception) -> object:
    """Return what went wrong, without the parameters that the text of a failed connection repeats."""
    return getattr(error.args[0] if error.args else None, "reason", error)


def _is_bad_certificate(reason: object) -> bool:
    return any(isinstance(arg, ssl.SSLCertVerificationError) for arg in getattr(reason, "args", ()))
