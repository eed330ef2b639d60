"""Taking a run back, write by write, the newest first: each step leads to a state that was there once.

What a write did is asked of its record, not of the journal alone: a write that was begun and never answered
may be done or not, and an undo that was killed goes on where nothing is to be done for what it did.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta, timezone
from functools import partial

from lightfield_api.errors import LightfieldError
from target_lightfield.errors import api_failure
from target_lightfield.id_map.journal_entries import KeptRun, RunKind, Write, WriteKind
from target_lightfield.run.scheduler import Scheduler
from target_lightfield.run.workspace import Workspace
from target_lightfield.undo.changes_back import before_both
from target_lightfield.undo.memberships import Lists, Memberships
from target_lightfield.undo.objects import Objects
from target_lightfield.undo.steps import Steps, was_refused
from target_lightfield.undo.tally import Done, Left, Tally

_SAID_EVERY = 10.0


class Undoing:
    """Takes one run back.

    Args:
        workspace: The workspace; one that was opened for a dry run makes a plan of it.
        run: The run.
        concurrency: How many writes are taken back at once.
        force: Whether to take back also what was changed after the run.
        ours: The records that earlier undos of the run have written.
        newest: The newest of the kept runs, which wrote last.
        say: Takes a line on how far it is.
    """

    def __init__(
        self,
        workspace: Workspace,
        run: KeptRun,
        *,
        concurrency: int,
        force: bool,
        ours: AbstractSet[str],
        newest: KeptRun,
        say: Callable[[str], None],
    ) -> None:
        self._journal = workspace.id_map.journal
        self._undone = workspace.id_map.undone
        self._run = run
        self._concurrency = concurrency
        self._turns = workspace.client.turns
        self._say = say
        self.tally = Tally()
        is_plan = workspace.is_dry_run
        self._objects = Objects(workspace, concurrency=concurrency, is_plan=is_plan)
        lists = _known_of_lists(run, newest, timedelta(seconds=workspace.client.retry_policy.listed_after))
        self._steps = Steps(
            workspace.id_map,
            self._objects,
            self.tally,
            ours,
            force=force,
            is_plan=is_plan,
            memberships=Memberships(workspace.id_map, self._objects, self.tally, lists),
        )
        self._created: set[str] = set()
        self._moving: set[str] = set()
        self._done = 0

    def close(self) -> None:
        """Forget what is known of records."""
        self._objects.close()

    def undo(self) -> Tally:
        """Take all writes of the run back, and return what became of them.

        Raises:
            TargetError: Lightfield did not answer as it should, or the id map fails.
        """
        self._look_around()
        self._let_later_rows_be_compared()
        refused = self._pass(self._journal.writes(self._run.id))
        while refused:  # what stood against one may be gone by now: a unique value, a record in the trash
            again = self._pass([write for write, _ in refused])
            if len(again) == len(refused):
                break
            refused = again
        for write, error in refused:
            why = f"Lightfield refused it: {error.message}"
            key = write.source.key if write.source else None
            self.tally.leave(Done.REFUSED, Left(write.object, write.record_id or "?", key, why))
        return self.tally

    def _look_around(self) -> None:
        """Learn which records the run made or moved, and list the objects of which there are many."""
        wanted: dict[str, set[str]] = defaultdict(set)
        seen: set[str] = set()
        for write in self._journal.writes(self._run.id):
            if write.record_id is None:
                continue
            if write.kind is WriteKind.CREATED:
                self._created.add(write.record_id)
            if write.kind is WriteKind.RESTORED:
                self._steps.restored.add(write.record_id)
            if write.kind not in (WriteKind.CHANGED, WriteKind.LISTED):
                self._moving.add(write.record_id)
            elif write.record_id in seen:  # which the run wrote later too: the newest write comes first
                self._note_older(write, write.record_id)
            else:
                seen.add(write.record_id)
            if write.kind in (WriteKind.CREATED, WriteKind.RESTORED, WriteKind.CHANGED):
                wanted[write.object].add(write.record_id)
        self._list_those_of_many(wanted)

    def _list_those_of_many(self, wanted: Mapping[str, AbstractSet[str]]) -> None:
        for name, ids in wanted.items():
            found = self._objects.get(name)
            if found and found.resource.deletable:
                try:
                    found.present.list_if_many(ids)
                except LightfieldError as e:
                    raise api_failure(f"listing {name}", e) from e

    def _note_older(self, write: Write, record_id: str) -> None:
        newer = self._steps.first.get(record_id)
        self._steps.first[record_id] = before_both(write.before, newer) if newer else write.before
        if write.kind is WriteKind.CHANGED:
            olds = self._steps.olds.setdefault(record_id, {})
            for key, (old, _) in {**write.before.fields, **write.before.replaced}.items():
                olds.setdefault(key, []).append((write.number, old))

    def _pass(self, writes: Iterable[Write]) -> Sequence[tuple[Write, LightfieldError]]:
        """Take writes back, and return those that Lightfield refused to, in the same order."""
        refused: dict[int, tuple[Write, LightfieldError]] = {}
        by_record: dict[str, LightfieldError] = {}
        scheduler, said = Scheduler(self._concurrency, self._turns), time.monotonic()
        try:
            for write in writes:
                if time.monotonic() - said > _SAID_EVERY:
                    said = time.monotonic()
                    self._say(f"{self._done:,} of {self._run.writes:,} writes")
                if write.kind is not WriteKind.CREATED and write.record_id in self._created:
                    continue  # it goes to the trash as it is
                work = partial(self._one, write, refused, by_record)
                scheduler.submit(work, tokens=self._tokens(write))
            scheduler.wait()
        finally:
            scheduler.close()
        return [refused[number] for number in sorted(refused, reverse=True)]

    def _one(
        self,
        write: Write,
        refused: dict[int, tuple[Write, LightfieldError]],
        by_record: dict[str, LightfieldError],
    ) -> None:
        record_id = write.record_id or ""
        if record_id in by_record:  # what is older comes after what is newer
            refused[write.number] = write, by_record[record_id]
            return
        try:
            self._steps.take_back(write)
        except LightfieldError as e:
            if not was_refused(e):
                raise api_failure(f"undoing a write of {write.object} {record_id!r}", e) from e
            refused[write.number] = write, e
            if record_id:
                by_record[record_id] = e
        self._done += 1

    def _tokens(self, write: Write) -> Iterator[Hashable]:
        yield write.record_id or write.number
        if write.kind is WriteKind.CHANGED:
            yield from write.before.linked & self._moving

    def _let_later_rows_be_compared(self) -> None:
        """Let rows of later loads be compared again that are linked to a record which goes to the trash.

        Before it does: should the undo break off, the next load is to see that these links are gone.
        """
        trashed = self._created | self._steps.restored
        if not trashed:
            return
        for run in self._journal.runs():
            if run.id > self._run.id and run.kind is RunKind.LOAD:
                for write in self._journal.writes(run.id):
                    if write.source and write.before.linked & trashed:
                        self._undone.compare(write.source)


def _known_of_lists(run: KeptRun, newest: KeptRun, lag: timedelta) -> Lists:
    if newest.ended_at is None:
        return Lists.LAGGING
    if datetime.now(timezone.utc) - newest.ended_at >= lag:
        return Lists.SHOWN
    return Lists.DONE if newest.undone == run.id and newest.outcome is None else Lists.LAGGING
