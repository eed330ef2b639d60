"""People who use the workspace meanwhile: over HTTP, with none of the connector's code."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import requests

from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

PATHS = {
    "account": "accounts",
    "contact": "contacts",
    "opportunity": "opportunities",
    "task": "tasks",
    "note": "notes",
    "meeting": "meetings",
    "list": "lists",
    "subscription": "objects/subscription",
    "office-location": "objects/office-location",
}
NAMED = {"task": "$title", "note": "$title", "meeting": "$title"}
"""The field that names a record, where it is not ``$name``."""

_TRIES = 60


class Refused(Exception):
    """The workspace refused what somebody wanted to do."""


class People:
    """Somebody at the workspace. What the sandbox's faults do to a request is tried again."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.done = 0
        self._session = requests.Session()
        self._session.headers.update(
            {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}
        )

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call the API until it answers.

        Raises:
            Refused: It answered that this can't be done.
        """
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        for _ in range(_TRIES):
            try:
                answer = self._session.request(
                    method, f"{self.sandbox.url}/v1/{path}", json=body, headers=headers, timeout=30
                )
                found: Json = answer.json()
            except (requests.RequestException, ValueError):
                continue
            if answer.ok:
                return found
            if answer.status_code < 500 and answer.status_code not in (409, 429):
                raise Refused(f"{method} {path}: {answer.text}")
        raise Refused(f"{method} {path}: no answer in {_TRIES} tries")

    def create(self, kind: str, fields: Json, relationships: Json | None = None) -> str:
        """Make a record and return its id."""
        path = PATHS[kind] + ("/values" if kind not in _PLAIN else "")
        self.done += 1
        return str(self.call("POST", path, {"fields": fields, "relationships": relationships or {}})["id"])

    def update(self, kind: str, id_: str, fields: Json, relationships: Json | None = None) -> Json:
        """Change a record and return it as it is then."""
        self.done += 1
        body = {"fields": fields, "relationships": relationships or {}}
        return self.call("POST", f"{self._record(kind, id_)}", body)

    def delete(self, kind: str, id_: str) -> None:
        """Move a record to the trash."""
        self.done += 1
        self.call("DELETE", self._record(kind, id_))

    def restore(self, kind: str, id_: str) -> None:
        """Bring a record back."""
        self.done += 1
        self.call("POST", f"{self._record(kind, id_)}/restore", {})

    def merge(self, kind: str, primary: str, duplicate: str) -> None:
        """Merge two records. A merge takes no Idempotency-Key: one whose answer was lost is refused again."""
        self.done += 1
        try:
            self.call("POST", f"{PATHS[kind]}/merge", {"primaryId": primary, "duplicateId": duplicate})
        except Refused:
            if self._is_there(kind, duplicate):
                raise

    def members_of(self, list_: Json) -> list[str]:
        """The ids of who is on a list."""
        kind = str(list_["fields"]["$objectType"]["value"]).removeprefix("$")
        ids: list[str] = []
        while True:
            page = self.call("GET", f"lists/{list_['id']}/{PATHS[kind]}?offset={len(ids)}")["data"]
            ids += [record["id"] for record in page]
            if len(page) < 25:
                return ids

    def _is_there(self, kind: str, id_: str) -> bool:
        try:
            self.call("GET", self._record(kind, id_))
        except Refused:
            return False
        return True

    def _record(self, kind: str, id_: str) -> str:
        return f"{PATHS[kind]}/{id_}" if kind in _PLAIN else f"{PATHS[kind]}/values/{id_}"


_PLAIN = frozenset(kind for kind, path in PATHS.items() if "/" not in path)


@contextmanager
def meddling(
    actions: Sequence[Callable[[], None]], seed: str, *, pause: float = 0.01
) -> Iterator[threading.Event]:
    """Do one of the actions after another, in a thread beside the block; what is refused is let be."""
    over, chance = threading.Event(), random.Random(seed)

    def meddle() -> None:
        while not over.wait(chance.random() * 2 * pause):
            try:
                chance.choice(actions)()
            except Refused:
                continue

    thread = threading.Thread(target=meddle, daemon=True)
    thread.start()
    try:
        yield over
    finally:
        over.set()
        thread.join(60)
