"""Idempotency keys: for a day, a repeated key gets the first answer again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lightfield_sandbox.schema.errors import ApiError, bad_request
from lightfield_sandbox.store.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.store.answers import KeyScope
    from lightfield_sandbox.store.persistence import Journal

KEY_LIMIT = 255
KEPT_SECONDS = 24 * 3600


class IdempotencyKeys:
    """The answers kept so far. Only successes are kept: after a failure the same key runs again."""

    def __init__(self, journal: Journal | None = None, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self._answers: dict[KeyScope, Answer] = journal.load_answers() if journal else {}
        self._in_flight: set[KeyScope] = set()

    def begin(self, scope: KeyScope) -> Answer | None:
        """The stored answer to a key. With None the request has to run, and `end` has to be called after it.

        Raises:
            ApiError: 400 for a key that is too long, 409 for one whose first request is still running.
        """
        if len(scope[2]) > KEY_LIMIT:
            message = f"An Idempotency-Key has at most {KEY_LIMIT} characters."
            raise bad_request(message, "idempotency_key_too_long", "Idempotency-Key")
        if scope in self._in_flight:
            message = "The first request with this Idempotency-Key is still running."
            raise ApiError(409, message, code="idempotency_conflict", error_type="idempotency_conflict")
        answer = self._answers.get(scope)
        if answer is not None and self._clock() - answer.at < KEPT_SECONDS:
            return answer
        self._in_flight.add(scope)
        return None

    def keep(self, scope: KeyScope, status: int, body: bytes) -> None:
        """Store the answer of a request that succeeded.

        Args:
            scope: The key, with what it counts for.
            status: The status that was sent.
            body: The body that was sent.
        """
        answer = self._answers[scope] = Answer(self._clock(), status, body)
        if self._journal is not None:
            self._journal.save_answer(scope, answer)

    def end(self, scope: KeyScope) -> None:
        """Note that the request of a key has been answered."""
        self._in_flight.discard(scope)

    def clear(self) -> None:
        """Forget every answer."""
        self._answers.clear()
