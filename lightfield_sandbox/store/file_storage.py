"""The bytes of files, the signed URLs to them, and upload sessions."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from lightfield_sandbox.schema.file_statuses import COMPLETED, EXPIRED, PENDING
from lightfield_sandbox.schema.timestamps import now_ms, parse_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.store.persistence import Journal
    from lightfield_sandbox.store.records import Record
    from lightfield_sandbox.store.store import Store

DOWNLOAD, UPLOAD = "download", "upload"


class FileStorage:
    """The bytes of files, the signed URLs to them, and upload sessions, which expire.

    Args:
        store: The records of the workspace.
        seed: What the secret behind the signatures follows from.
        url_seconds: How long URLs and upload sessions last.
        seeded_content: Gives the bytes of a file that nobody uploaded.
        journal: The file behind the workspace, if there is one.
        clock: The time in milliseconds since 1970.
    """

    def __init__(
        self,
        store: Store,
        seed: int,
        url_seconds: float,
        seeded_content: Callable[[Record], bytes],
        journal: Journal | None = None,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._store = store
        self._secret = f"{seed}:signatures".encode()
        self._milliseconds = int(url_seconds * 1000)
        self._seeded_content = seeded_content
        self._journal = journal
        self._clock = clock
        self._uploaded: dict[str, bytes] = dict(journal.load_contents()) if journal else {}
        self._sessions = [
            (parse_ms(record.fields["expiresAt"]), record.id)
            for record in store.all_records("file")
            if record.fields["status"] == PENDING
        ]
        heapify(self._sessions)

    def start_session(self, file_id: str) -> int:
        """Begin an upload; returns when it expires, in milliseconds since 1970."""
        expires = self._clock() + self._milliseconds
        heappush(self._sessions, (expires, file_id))
        return expires

    def expire(self) -> None:
        """Give the uploads that have expired their status."""
        while self._sessions and self._sessions[0][0] <= self._clock():
            record = self._store.get("file", heappop(self._sessions)[1])
            if record is not None and record.fields["status"] == PENDING:
                settle(self._store, record, EXPIRED)

    def signed(
        self, base_url: str, purpose: str, file_id: str, expires: int | None = None
    ) -> tuple[str, int]:
        """A signed URL.

        Args:
            base_url: The scheme, host and port of the server.
            purpose: `DOWNLOAD` or `UPLOAD`.
            file_id: The file.
            expires: When it expires, in milliseconds since 1970; by default after `url_seconds`.

        Returns:
            The URL, and when it expires.
        """
        until = self._clock() + self._milliseconds if expires is None else expires
        query = f"expires={until}&signature={self._signature(purpose, file_id, until)}"
        return f"{base_url}/_files/{purpose}/{file_id}?{query}", until

    def opens(self, purpose: str, file_id: str, expires: str, signature: str) -> bool:
        """Whether a signed URL is unaltered and has not expired.

        Args:
            purpose: `DOWNLOAD` or `UPLOAD`.
            file_id: The file in its path.
            expires: The time in its query.
            signature: The signature in its query.
        """
        if not (expires.isascii() and expires.isdecimal() and len(expires) < 18):
            return False
        whole = hmac.compare_digest(
            self._signature(purpose, file_id, int(expires)).encode(), signature.encode()
        )
        return whole and int(expires) > self._clock()

    def content(self, record: Record) -> bytes | None:
        """The bytes of a file, None if it has none."""
        if record.id in self._uploaded:
            return self._uploaded[record.id]
        return self._seeded_content(record) if record.fields["status"] == COMPLETED else None

    def keep(self, file_id: str, content: bytes) -> None:
        """Store the bytes of an upload."""
        self._uploaded[file_id] = content
        if self._journal is not None:
            self._journal.save_content(file_id, content)

    def _signature(self, purpose: str, file_id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{purpose}:{file_id}:{expires}".encode(), hashlib.sha256).hexdigest()


def settle(store: Store, record: Record, status: str, completed_at: str | None = None) -> Record:
    """End an upload.

    Args:
        store: The records of the workspace.
        record: The file, still PENDING.
        status: The status that it ends in.
        completed_at: The instant of its completion, if it is completed.

    Returns:
        The file in its final status.
    """
    fields = {key: value for key, value in record.fields.items() if key != "expiresAt"}
    fields["status"] = status
    if completed_at is not None:
        fields["completedAt"] = completed_at
    settled = replace(record, fields=fields, body=None)
    store.put([settled])
    return settled


def upload_headers(record: Record) -> dict[str, str]:
    """The headers that an upload has to send, with exactly these values."""
    return {"Content-Type": record.fields["mimeType"], "x-amz-meta-upload": record.id}
