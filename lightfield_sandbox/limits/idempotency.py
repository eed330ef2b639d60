"""Idempotency keys: the first answer to a key is given again for a day."""

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
    """The answers given so far. Only a success is kept: a key whose first request failed runs again."""

    def __init__(self, journal: Journal | None = None, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self._answers: dict[KeyScope, Answer] = journal.load_answers() if journal else {}
        self._in_flight: set[KeyScope] = set()

    def begin(self, scope: KeyScope) -> Answer | None:
        """The stored answer to a key, or None: then the request runs, and must be ended with `end`.

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
        """Store the answer of a request that succeeded."""
        answer = self._answers[scope] = Answer(self._clock(), status, body)
        if self._journal is not None:
            self._journal.save_answer(scope, answer)

    def end(self, scope: KeyScope) -> None:
        """The request has been answered."""
        self._in_flight.discard(scope)

    def clear(self) -> None:
        """Forget every answer."""
        self._answers.clear()
