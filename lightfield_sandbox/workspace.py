"""One workspace, with everything that a running sandbox keeps for it."""

from __future__ import annotations

import itertools
import json
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.limits.auth import Keys
from lightfield_sandbox.limits.faults import Faults
from lightfield_sandbox.limits.idempotency import IdempotencyKeys
from lightfield_sandbox.limits.rate_limit import RateLimit
from lightfield_sandbox.limits.stats import Stats
from lightfield_sandbox.rules.writes import Writer
from lightfield_sandbox.schema.definition_table import load_definitions
from lightfield_sandbox.schema.ids import IdSource
from lightfield_sandbox.schema.resources import COLLECTIONS
from lightfield_sandbox.seed.files import seeded_content
from lightfield_sandbox.seed.outreach import seed_outreach
from lightfield_sandbox.seed.records import seed_records
from lightfield_sandbox.seed.workflow_runs import workflow_runs
from lightfield_sandbox.settings import MEMORY, SURVIVOR, Settings
from lightfield_sandbox.store.file_storage import FileStorage
from lightfield_sandbox.store.filters import FilteredLists
from lightfield_sandbox.store.outreach import ENROLLMENT, KINDS, SENDER, SEQUENCE, Outreach
from lightfield_sandbox.store.persistence import Journal
from lightfield_sandbox.store.records import FULL, METADATA
from lightfield_sandbox.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightfield_sandbox.store.records import Record


class Workspace:
    """The parts of a workspace. Hold `lock` while using them: the server runs in a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self.lock = threading.RLock()
        self._journal = None if settings.data == MEMORY else Journal(settings.data)
        kept_seed = self._journal.seed() if self._journal else None
        # The ids in a file follow from the seed that it was made with, so that seed stays.
        self.seed = settings.seed if kept_seed is None else kept_seed
        self.settings = settings
        self.definitions = load_definitions(
            IdSource(self.seed, "definitions"), readonly_markdown=settings.readonly_markdown
        )
        self.keys = Keys(self.seed, settings.keys)
        self.limit = RateLimit(settings.rate_limit)
        self.faults = Faults(self.seed, settings.faults)
        self.stats = Stats()
        self.workflow_runs = workflow_runs(self.seed)
        if self._journal is not None and kept_seed is not None:
            # New ids must differ from those that an earlier run has given out.
            self._open(self._journal.load(), f"writes:{time.time_ns()}")
        else:
            self._plant()

    def reset(self, *, data: bool = False) -> None:
        """Set every count to zero; with `data`, also go back to the seed and forget the stored answers."""
        with self.lock:
            self.stats.clear()
            if data:
                self._plant()

    def stats_json(self) -> dict[str, Any]:
        """The counts of `Stats`, and the number of active records of each type."""
        with self.lock:
            counts = {
                collection.object_type: self.store.count(collection.object_type) for collection in COLLECTIONS
            }
            counts |= {kind: self.outreach.count(kind) for kind in (SENDER, SEQUENCE, ENROLLMENT)}
            return {**self.stats.as_json(), "records": counts}

    def records_json(self, object_type: str) -> list[dict[str, Any]]:
        """The active records of a type as they are now, newest first, in the JSON of their own URLs."""
        with self.lock:
            if object_type in KINDS:
                return self.outreach.all(object_type)
            self.storage.expire()
            return [
                json.loads(self.store.renderer.whole(record)) for record in self.store.records(object_type)
            ]

    def unlisted_files(self) -> list[dict[str, Any]]:
        """The files that no list shows, as API JSON."""
        with self.lock:
            files = [record for record in self.store.all_records("file") if not record.listed]
            return [json.loads(self.store.renderer.body(record)) for record in files]

    def content(self, file_id: str) -> bytes:
        """The bytes of a file.

        Raises:
            KeyError: There is no such file, or nothing has been uploaded for it.
        """
        with self.lock:
            record = self.store.get("file", file_id)
            content = None if record is None else self.storage.content(record)
            if content is None:
                raise KeyError(file_id)
            return content

    def set_access(self, object_type: str, record_id: str, access: str) -> None:
        """Change what every key sees of a record, as a user does in the app; its `updatedAt` becomes now.

        Args:
            object_type: The record's type, for example `email`.
            record_id: The record's id.
            access: `FULL` or `METADATA`.

        Raises:
            KeyError: There is no such record, or no such access level.
        """
        with self.lock:
            record = self.store.get(object_type, record_id)
            if record is None or access not in (FULL, METADATA):
                raise KeyError(record_id)
            self.store.put([replace(record, access=access, updated_ms=self.store.tick(), body=None)])

    def set_outreach(self, kind: str, changes: dict[str, Any], sequence_id: str = "") -> dict[str, Any]:
        """Change or add a sequence, sender, enrollment or sequence message, as Lightfield does by itself.

        Args:
            kind: `sequence`, `sender`, `enrollment` or `sequence_message`.
            changes: Members to set in the document whose `id` they name.
            sequence_id: The sequence that an enrollment or a sequence message belongs to.

        Returns:
            The whole document after the change.

        Raises:
            KeyError: There is no such kind, or a new document lacks the time that its list is ordered by.
            ValueError: That time is not a time, or differs from what it was.
        """
        with self.lock:
            return self.outreach.change(kind, changes, sequence_id)

    def close(self) -> None:
        """Close the file behind the workspace."""
        with self.lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    def _plant(self) -> None:
        settings = replace(self.settings, seed=self.seed)
        records: Iterable[Record] = itertools.chain(
            seed_records(settings, self.definitions), seed_outreach(settings)
        )
        if self._journal is not None:
            records = list(records)
            self._journal.start(self.seed, records)
        self._open(records, "writes")

    def retrieved(self, object_type: str, record_id: str) -> Record | None:
        """The record that a GET of an id is about, trashed ones too.

        For one that was merged into another, it is the survivor where the settings say so.
        """
        record = self.store.get(object_type, record_id)
        if record is None or not record.trashed or self.settings.merged_answer != SURVIVOR:
            return record
        merge = next((m for m in self.merges.values() if m["duplicateId"] == record_id), None)
        return self.retrieved(object_type, merge["primaryId"]) if merge else record

    def _open(self, records: Iterable[Record], id_purpose: str) -> None:
        settings = self.settings
        self.store = Store(self.definitions, settings.index_lag, self._journal, settings.links_move)
        outreach: list[Record] = []
        self.store.load(self._of_the_store(records, outreach))
        self.outreach = Outreach(outreach, settings.index_lag, self._journal)
        self.storage = FileStorage(
            self.store, self.seed, self.settings.url_seconds, seeded_content, self._journal
        )
        self.filtered = FilteredLists()
        self.merges: dict[str, dict[str, str]] = {}
        self.enrichment_runs: dict[str, dict[str, Any]] = {}
        self.idempotency = IdempotencyKeys(self._journal)
        self.writer = Writer(
            self.store, IdSource(self.seed, id_purpose), self.stats, self.settings.unique_status
        )

    def _of_the_store(self, records: Iterable[Record], others: list[Record]) -> Iterator[Record]:
        """Yield the records whose type has definitions; append the others to `others`."""
        for record in records:
            if record.object_type in self.definitions:
                yield record
            else:
                others.append(record)
