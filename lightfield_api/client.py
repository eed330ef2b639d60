"""The client of the Lightfield API: one request budget, retries, typed errors."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO, Literal

from lightfield_api import retries
from lightfield_api.clock import ServerClock
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.exchange import Answer, Exchange, Request
from lightfield_api.rate_limit import Category, RateLimit
from lightfield_api.retries import RetryPolicy, may_pass, retried
from lightfield_api.turns import Turns
from lightfield_api.uploads import Uploads
from lightfield_api.urls import checked_url, quoted_segment, refuse_sending

API_URL = "https://api.lightfield.app"


class LightfieldClient:
    """A thread-safe client of the API, with one connection pool and one request budget.

    Args:
        api_key: The secret key; it goes into the Authorization header and nowhere else.
        api_url: Where the API is: https, or http for a loopback host.
        requests_per_second: A ceiling for each rate-limit category, below what the API grants; None for no
            other.
        max_connections: How many connections are kept open: the number of threads that call.
        retry_policy: How often and how long a request is tried; None for the usual.

    Attributes:
        calls: How many requests were sent.
        turns: The turns of the threads that call, of which each gives up its own before it waits.
        retry_policy: The policy in use. Readers of pages and files go by it too.

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
        self.retry_policy = policy = retry_policy or retries.DEFAULT
        self._base = f"{checked_url(api_url)}/v1"
        self._exchange = Exchange(
            api_key,
            is_encrypted=self._base.startswith("https:"),
            connections=max_connections,
            policy=policy,
        )
        self._rate_limit = RateLimit(requests_per_second)
        self._clock = ServerClock()
        self._uploads = Uploads(max_connections, policy)
        self.calls = Calls()
        self.turns = Turns()

    def __repr__(self) -> str:
        return f"LightfieldClient({self._base!r})"

    def per_second(self, category: Category) -> float:
        """Return how many requests of a category this client sends in a second at most."""
        return self._rate_limit.per_second(category)

    @property
    def writes(self) -> int:
        """How many writes were sent."""
        return self.calls.of("write")

    def __enter__(self) -> LightfieldClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._exchange.close()
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
            UnexpectedAnswer: The URL can't be used, or the URL or a header holds the API key.
            UploadFailed: The bytes did not arrive.
        """
        if self._exchange.shows_key([url, dict(headers)]):
            raise UnexpectedAnswer("An upload URL or header with the API key in it is not used")
        self.turns.give_up()
        self._uploads.put(url, headers, file)

    def delete(self, *path: str) -> dict[str, Any]:
        """DELETE a record, which moves it to the trash. A repeat is a no-op."""
        return self._request("write", "DELETE", path)

    def server_time(self) -> datetime:
        """Return the time by the server's clock, learned from its answers; ours before the first."""
        return self._clock.now()

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
        self.turns.give_up()
        url = "/".join([self._base, *(quoted_segment(part) for part in path)])
        request = Request(method, url, params, body, idempotency_key)

        def send() -> dict[str, Any]:
            self._rate_limit.acquire(category)
            self.calls.count(category)
            answer = self._exchange.send(request)
            self._learn(category, answer)
            return self._exchange.body_of(answer)

        on = retries.IDEMPOTENT if may_repeat else retries.NOT_DONE
        return retried(send, str(request), self.retry_policy, on=on)()

    def _learn(self, category: Category, answer: Answer) -> None:
        """Learn from an answer's headers: the rate limit, a pause, the server's time."""
        self._rate_limit.learn(category, answer.headers)
        self._clock.learn(answer.headers)
        if answer.status == 429:
            self.calls.count("throttled")
        if answer.retry_after and may_pass(answer.status):
            self._rate_limit.pause(category, answer.retry_after, self.retry_policy.max_seconds)
        else:
            self._rate_limit.end_of_pauses(category)


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
