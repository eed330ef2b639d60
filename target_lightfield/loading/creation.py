"""Creating a row's record, once: whatever an earlier run began, and whatever Lightfield answers."""

from __future__ import annotations

from dataclasses import dataclass

from lightfield_api.errors import LightfieldError, UnexpectedAnswer
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Mapped, Source
from target_lightfield.loading.checks import Checks
from target_lightfield.loading.refusals import Refusals
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.finder import Finder
from target_lightfield.matching.found import Found, Gone, Origin
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.writing.writer import Writer

_MOST_STORED = 10  # how often a record may have been created and deleted within a day


@dataclass(frozen=True)
class Creation:
    """Creates the records of one object type, each once."""

    id_map: IdMap
    finder: Finder
    directory: Directory
    writer: Writer
    checks: Checks
    refusals: Refusals

    def resume(self, source: Source) -> Found | Gone | None:
        """Return the record of a create whose answer an earlier run did not see; None if there is none.

        Raises:
            LightfieldError: The API did not answer as it should.
        """
        started = self.id_map.begun.started_create(source)
        answer = self.writer.resume(source, started) if started else None
        if answer is None:
            return None
        self.id_map.journal.resume(source, answer["id"])
        # The answer shows the record as it was created: what became of it since, the record itself says.
        record = self.finder.current(answer["id"])
        return Found(record, Origin.CREATED) if record else self.finder.deleted(answer["id"])

    def create(
        self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Found | Gone | None:
        """Create the record.

        Args:
            source: The row's source record.
            mapped: What the id map says of it.
            wanted: What the row asks for.
            links: The records that it refers to.

        Returns:
            The record, or the one that holds a unique value for which the API refused to create it; None
            if the row has to wait for a record that it refers to.

        Raises:
            Rejection: The row lacks something.
            LightfieldError: The API refused it, or did not answer as it should.
        """
        if self.needs_one_that_waits(links):
            return None
        try:
            return self._create(source, mapped, wanted, links)
        except LightfieldError as e:
            if not self.refusals.lacks_one_that_waits(e, links):
                raise
            return None

    def needs_one_that_waits(self, links: Resolved) -> bool:
        """Whether a required link of a row waits for a record that has not come."""
        required = self.writer.required
        return any(key in required and not links.ids.get(key) for key, _ in links.waiting)

    def _create(
        self,
        source: Source,
        mapped: Mapped | None,
        wanted: Wanted,
        links: Resolved,
        *,
        is_last: bool = False,
    ) -> Found | Gone:
        self.checks.check(wanted, links)
        try:
            return self._created(source, mapped, wanted, links)
        except LightfieldError as e:
            refusal = e

            def comes_again() -> bool:
                return (
                    not is_last
                    or self.refusals.lacks_one_that_waits(refusal, links)
                    or self.refusals.note_gone_links(refusal, wanted, links)
                )

            holder = self.finder.holder(source, e, wanted, comes_again=comes_again)
            if holder is None and not is_last and self.finder.unique.maybe_taken(e, wanted):
                # Nobody is seen to have it: it has become free, or lists don't show yet who has it.
                return self._create(source, mapped, wanted, links, is_last=True)
            if holder is None:
                raise
            return holder

    def _created(
        self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Found | Gone:
        instead_of = mapped.record_id if mapped else None
        for _ in range(_MOST_STORED):
            record, stored = self.writer.create(source, wanted.fields, links.ids, instead_of=instead_of)
            if not stored:
                self.directory.note(record)
                return Found(record, Origin.CREATED)
            # For a day the API repeats its first answer to a create, even if the record was deleted since.
            if current := self.directory.current(record["id"]):
                return Found(current, Origin.STORED)
            if gone := self.finder.deleted(record["id"]):
                return gone
            instead_of = record["id"]
        raise UnexpectedAnswer("Creates are answered with records that do not exist")
