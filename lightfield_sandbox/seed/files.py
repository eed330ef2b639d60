"""Seeds files. Some of their names are bad for a client that writes them to disk without care."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from lightfield_sandbox.schema.file_statuses import CANCELLED, COMPLETED, EXPIRED, PENDING
from lightfield_sandbox.schema.timestamps import iso, parse_ms
from lightfield_sandbox.seed import words
from lightfield_sandbox.seed.builder import Builder
from lightfield_sandbox.store.records import APP, FULL, SEED, Record

if TYPE_CHECKING:
    from lightfield_sandbox.schema.ids import IdSource

_UNSETTLED = {9: PENDING, 10: CANCELLED, 11: EXPIRED}
# Seeded uploads never expire, so that a workspace is the same whenever it is started.
_FAR = iso(parse_ms("2099-12-31T23:59:59Z"))
_UPLOADED_IN_THE_APP = 3


class FilesBuilder(Builder):
    """Makes files, and links them to other records."""

    def files(self, ids: IdSource, listed: int) -> None:
        """Make files as the API does, and for every three of them one that was uploaded in the app."""
        for number in range(listed):
            name, mime_type = words.FILES[number % len(words.FILES)]
            self._file(ids.new("fil_"), name, mime_type, _UNSETTLED.get(number % 12, COMPLETED), SEED)
        for number in range((listed + _UPLOADED_IN_THE_APP - 1) // _UPLOADED_IN_THE_APP):
            name, mime_type = words.APP_FILES[number % len(words.APP_FILES)]
            self._file(ids.new("fil_"), name, mime_type, COMPLETED, APP)
        for origin in (SEED, APP):
            settled = [
                held for held in self.made["file"] if held.origin == origin and "completedAt" in held.fields
            ]
            for number, record in enumerate(settled):
                self._refer(record, number)

    def _file(self, file_id: str, name: str, mime_type: str, status: str, origin: str) -> None:
        record = self.add("file", file_id)
        record.updated_ms = None
        record.origin = origin
        size = 1_000 + int(self.random() * 8_000)
        record.fields.update({"filename": name, "mimeType": mime_type, "sizeBytes": size, "status": status})
        if status == COMPLETED:
            record.fields["completedAt"] = iso(record.created_ms + 1_000 + size)
        elif status == PENDING:
            record.fields["expiresAt"] = _FAR

    def _refer(self, record: Record, number: int) -> None:
        """Link an account, a meeting, an email or a message to a file."""
        kind = ("account", "meeting", "email", "message")[number % 4]
        visible = [held for held in self.made[kind][:200] if held.access == FULL]
        if not visible:
            return
        holder = visible[(number // 4) % len(visible)]
        if kind == "account":
            self.link(holder, "$files", record)
        elif kind == "meeting":
            if "$transcript" not in holder.links:
                self.link(holder, "$transcript", record)
            self.link(holder, "$transcripts", record)
        else:
            self.link(holder, "$attachment", record)


def seeded_content(record: Record) -> bytes:
    """The bytes of a seeded file. They follow from its id."""
    size = int(record.fields["sizeBytes"])
    chance = random.Random(f"content:{record.id}")
    if not record.fields["mimeType"].startswith("text/"):
        return chance.randbytes(size)
    lines = bytearray()
    while len(lines) < size:
        lines += f"{len(lines):06d} {chance.choice(words.CHAT_LINES)}\n".encode()
    return bytes(lines[:size])
