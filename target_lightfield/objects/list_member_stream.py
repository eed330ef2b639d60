"""The stream list_members: its rows are written by list; at the end, members without a row may be removed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from lightfield_api.errors import LightfieldError
from lightfield_api.resources import ON_LISTS, Resource
from lightfield_api.words import count
from target_lightfield.errors import api_failure
from target_lightfield.loading.completeness import Completeness
from target_lightfield.loading.outcomes import Filed, Outcomes
from target_lightfield.loading.sources import source_key
from target_lightfield.loading.stream_loader import StreamLoader, Submit
from target_lightfield.objects.list_batches import FedLists, ListBatches
from target_lightfield.objects.list_contents import LIST_MEMBER, ListContents
from target_lightfield.objects.list_member_rows import (
    LIST_MEMBERS,
    Entry,
    ListMemberReader,
    ListMembersPolicy,
    list_key_of,
)
from target_lightfield.objects.list_member_verifier import ListMemberVerifier, change_of, change_of_other
from target_lightfield.objects.list_members import ListMemberLoader
from target_lightfield.objects.setup import Setup
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import StreamSchema

_MOST_LISTS_SAID = 5

_log = logging.getLogger("target-lightfield")


def list_member_stream(setup: Setup, lists: Resource) -> ListMemberStream:
    """Return the stream loader of list_members.

    Args:
        setup: The run's parts and settings.
        lists: The resource of lists.

    Raises:
        TargetError: The API key lacks a scope for it.
    """
    setup.require(lists, ["read", "update"], writing=LIST_MEMBERS)
    for resource in ON_LISTS.values():
        setup.require(resource, ["read"], writing=LIST_MEMBERS)
    own_only = setup.mode(lists) == "create_only"
    exact = setup.settings["relationship_mode"] == "replace" and not own_only
    ends = exact and setup.settings["delete_mode"] == "trash"
    retrieve, concurrency = setup.directory_of(lists).current, setup.settings["max_concurrency"]

    contents: dict[tuple[str, str], ListContents] = {}
    lock = threading.Lock()  # batches of one list may run at once

    def contents_of(list_id: str, object_type: str) -> ListContents:
        with lock:
            if (list_id, object_type) not in contents:
                contents[list_id, object_type] = ListContents(
                    setup.client, setup.id_map, retrieve, list_id, object_type, concurrency=concurrency
                )
            return contents[list_id, object_type]

    policy = ListMembersPolicy(own_lists_only=own_only, exact=exact, ends=ends)
    parts = setup.id_map, setup.references, contents_of, policy
    verification = setup.outcomes.report.verification
    loader = ListMemberVerifier(*parts, verification) if verification else ListMemberLoader(*parts)
    return ListMemberStream(loader, setup.outcomes, setup.submit, setup.completeness)


class ListMemberStream(StreamLoader):
    """Gathers the rows of list_members by list, and has them written in batches.

    Args:
        loader: Writes a batch of rows.
        outcomes: Takes what became of each.
        submit: Takes work to be done beside other work.
        completeness: Knows whether the feed has all rows.
    """

    def __init__(
        self, loader: ListMemberLoader, outcomes: Outcomes, submit: Submit, completeness: Completeness
    ) -> None:
        super().__init__(LIST_MEMBER, outcomes, submit)
        self._loader = loader
        self._completeness = completeness
        self._batches = ListBatches(self._submit_batch)
        self._fed = FedLists()

    @property
    def columns(self) -> ListMemberReader:
        """The columns of the stream."""
        return self._loader.reader

    def load(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Put a record on a list."""
        self._gather(stream, row, ended=False)

    def delete(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Take a record off a list, or skip the row, as the settings say, in the order of the rows."""
        self._gather(stream, row, ended=True)

    def reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: Filed | None = None,
    ) -> None:
        """File a row as rejected, after earlier ones of its key. Args as in ``Outcomes.reject``."""
        self._batches.submit(source_key(stream, row))
        super().reject(stream, row, rejection, as_it_came)

    def close(self) -> None:
        """Forget what the feed has."""
        self._loader.close()

    def flush(self) -> None:
        """Submit the rows gathered so far."""
        self._batches.flush()

    def end_input(self) -> None:
        """Drop rows that wait since an earlier run, where the feed proves to be whole and lacks them."""
        self._fed.end()
        if self._fed.all() and self._loader.policy.exact and not self._why_not_proven():
            self._loader.release_left(self._fed.all())

    def finish(self) -> None:
        """Remove the members of the feed's lists that it has no row of, with ``relationship_mode: replace``.

        Nobody is removed without a proof that all rows have come. A list of which rows wait or were rejected
        is left as it is.
        """
        fed = self._fed.all()
        if not fed or not self._loader.policy.exact:
            return
        if reason := self._why_not_proven():
            _log.warning(
                "Nobody is removed from any list: the input does not prove that it has all rows of "
                "list_members, since %s. A tap-lightfield that was not interrupted says so in its state; "
                "how other feeds can is in docs/target.md under Lists.",
                reason,
            )
            return
        waiting = self._outcomes.id_map.waiting.rows(LIST_MEMBERS)
        incomplete = self._fed.incomplete(list_key_of(row) for _, row in waiting)
        if said := sorted(fed & incomplete):
            _log.warning(
                "Nobody is removed from %s, of which rows wait or were rejected: %s",
                count("list", len(said)),
                ", ".join(said[:_MOST_LISTS_SAID]),
            )
        for contents in self._loader.given(fed) - self._loader.given(incomplete):
            self._submit(partial(self._remove_others, *contents), tokens=[(LIST_MEMBERS, contents)])

    def _why_not_proven(self) -> str | None:
        return self._completeness.why_not_proven(LIST_MEMBERS)

    def _gather(self, stream: StreamSchema, row: Mapping[str, Any], *, ended: bool) -> None:
        """Put a row into the batch of its list."""
        source = self._outcomes.sources.of(stream, row)
        try:
            membership = self._loader.reader.read(row)
        except Rejection as e:
            self.reject(stream, row, e)
            return
        if not ended:
            self._fed.feed(membership.list_key)
        self._batches.put(Entry(stream, source, row, membership, ended))

    def _submit_batch(self, entries: Sequence[Entry]) -> None:
        self._submit(
            lambda: self._load(entries),
            tokens=[token for entry in entries for token in entry.tokens],
            after=[token for entry in entries for token in entry.follows],
        )

    def _load(self, entries: Sequence[Entry]) -> None:
        try:
            for entry, result in self._loader.load(entries):
                if isinstance(result, Rejection):
                    self._reject(entry.stream, entry.row, result)
                elif result is Outcome.SKIPPED:
                    self._outcomes.skip(entry.stream.stream, entry.source)
                elif not (result is Outcome.UNCHANGED and self._outcomes.report.verification):
                    self._tell(entry, result)
                    self._outcomes.count(entry.stream.stream, result)
        except LightfieldError as e:
            raise api_failure(f"loading {LIST_MEMBERS} {entries[0].source.key!r}", e) from e

    def _tell(self, entry: Entry, outcome: Outcome) -> None:
        tell = self._outcomes.report.tells
        if tell and outcome in {Outcome.CREATED, Outcome.REMOVED}:
            tell(change_of(entry, outcome.value))

    def _reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: Filed | None = None,
    ) -> None:
        self._fed.miss(list_key_of(row))
        super()._reject(stream, row, rejection, as_it_came)

    def _remove_others(self, list_id: str, object_type: str) -> None:
        try:
            for record_id in self._loader.remove_others(list_id, object_type):
                self._outcomes.count(LIST_MEMBERS, Outcome.REMOVED)
                if tell := self._outcomes.report.tells:
                    tell(change_of_other(list_id, record_id, Outcome.REMOVED.value))
        except LightfieldError as e:
            raise api_failure(f"removing from list {list_id!r}", e) from e
