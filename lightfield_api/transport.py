"""Connections on which no answer takes for ever.

A socket's timeout limits one silence: a server that sends a byte now and then never runs into it. Here the
time for the whole answer, or for each stretch of a large one, is limited: each piece that is sent or read
gets what is left of it. That also ends endless headers and floods of ``100 Continue``, which http.client
would read for ever.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, PoolManager
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ReadTimeoutError


@dataclass(frozen=True)
class Pace:
    """How slow an exchange may be.

    Attributes:
        seconds: What sending the request may take, and then the answer.
        stretch: After so many bytes the seconds begin anew; None where they are for all of it.
    """

    seconds: float
    stretch: int | None = None


class TooSlow(ReadTimeoutError):
    """An answer, or the next stretch of a file, took longer than it may."""

    def __init__(self, pace: Pace) -> None:
        what = f"{pace.stretch} bytes" if pace.stretch else "all of it"
        self._sentence = f"{what} took longer than {pace.seconds:g} s"
        super().__init__(None, None, self._sentence)  # type: ignore[arg-type] # a connection has no pool

    def __str__(self) -> str:
        """Return the sentence, without the pool that urllib3 would put before it."""
        return self._sentence


class TimedAdapter(HTTPAdapter):
    """An adapter whose connections, those through a proxy included, keep a pace.

    Args:
        pace: How slow an exchange may be.
        connections: How many connections are kept open.
    """

    def __init__(self, pace: Pace, connections: int) -> None:
        self._pace = pace
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools."""
        super().init_poolmanager(*args, **kwargs)
        _time(self.poolmanager, self._pace)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of a proxy."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            _time(manager, self._pace)
        return manager


def _time(manager: PoolManager, pace: Pace) -> None:
    """Let the connections of all pools that a manager makes keep the pace."""
    manager.pool_classes_by_scheme = {
        scheme: _timed(pool, pace) for scheme, pool in manager.pool_classes_by_scheme.items()
    }


def _timed(pool: type[HTTPConnectionPool], pace: Pace) -> type[HTTPConnectionPool]:
    connection = type("TimedConnection", (_TimedConnection, pool.ConnectionCls), {"pace": pace})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class _Clock:
    """What is left of the time."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self.start()

    def start(self) -> None:
        self._end = time.monotonic() + self._pace.seconds
        self._moved = 0

    def moved(self, count: int) -> None:
        self._moved += count
        if self._pace.stretch and self._moved >= self._pace.stretch:
            self.start()

    def timeout(self, silence: float | None) -> float:
        """Return how long the next piece may take: the time that is left, at most the longest silence.

        Raises:
            TooSlow: Nothing is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TooSlow(self._pace)
        return left if silence is None else min(left, silence)


class _TimedConnection(HTTPConnection):
    """A connection on which sending a request, and its answer, keep a pace."""

    pace: Pace
    debuglevel = 0  # whatever http.client's own is: what it would print holds the key and signed URLs

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock = _Clock(self.pace)
        self.response_class = partial(_TimedAnswer, clock=self._clock)  # type: ignore[assignment]

    def connect(self) -> None:
        """Connect; what a proxy says first is timed too."""
        self._clock.start()
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request."""
        self._clock.start()
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        """Send a piece of it."""
        silence = self._clock.timeout(self.timeout)
        if self.sock is not None:
            self.sock.settimeout(silence)
        try:
            super().send(data)
        except TimeoutError:
            self._clock.timeout(None)  # which says so if it was the pace
            raise
        self._clock.moved(len(data))

    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3's own
        """Return the answer, of which the head is read."""
        self._clock.start()
        return super().getresponse()


class _TimedAnswer(http.client.HTTPResponse):
    """An answer that keeps a pace from its status line to the end of its body."""

    def __init__(self, sock: socket.socket, *args: Any, clock: _Clock, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReads(self.fp.detach(), sock, clock))


class _TimedReads(io.RawIOBase):
    """What a socket receives."""

    def __init__(self, received: io.RawIOBase, sock: socket.socket, clock: _Clock) -> None:
        self._received, self._sock, self._clock = received, sock, clock
        self._silence = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._received.fileno()

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._clock.timeout(self._silence))
        try:
            count = self._received.readinto(buffer)
        except TimeoutError:
            self._clock.timeout(None)  # which says so if it was the pace
            raise
        self._clock.moved(count or 0)
        return count

    def close(self) -> None:
        if not self.closed:
            self._received.close()
        super().close()
