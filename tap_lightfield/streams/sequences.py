"""Sequences and what each of them has, and the senders. API pages: "Sequence", "Sender".

These lists have the API's only documented filters by time. None of them finds all that has changed:

- A sequence's ``createdAt``, ``firstActivatedAt`` and ``lastActivatedAt`` stay when it is renamed, when a
  draft is published and when it is deactivated.
- An enrollment's ``enrolledAt``, ``lastActivityAt`` and ``repliedAt`` stay when it is paused, cancelled or
  completed, when its step or next send moves, and when an email is opened after the reply, which stays the
  latest activity.
- A sender's list has no filter by time.

So all of these are read whole, FULL_TABLE. Of messages see ``sequence_messages.py``.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from lightfield_api.errors import NotFound, UnexpectedAnswer
from lightfield_api.paging import Sweep
from tap_lightfield.documents import Shape
from tap_lightfield.progress import reported
from tap_lightfield.streams import sequence_shapes as shapes
from tap_lightfield.streams.documents import DocumentStream

if TYPE_CHECKING:
    from singer_sdk.helpers import types

_Json = dict[str, Any]

_HEAD = 25  # records: as many as one call brings


class SendersStream(DocumentStream):
    """Mailboxes and LinkedIn seats, archived ones included."""

    stream_name = "senders"
    scope = "senders:read"

    @classmethod
    def shape(cls, config: Mapping[str, Any]) -> Shape:  # noqa: ARG003
        """Return what a sender holds."""
        return shapes.SENDER

    def rows(self, context: types.Context | None) -> Iterator[_Json]:  # noqa: ARG002
        """Yield the row of every sender."""
        for sender in self._swept(("senders",)):
            yield self._reader.row(sender)


class SequencesStream(DocumentStream):
    """Sequences, without their steps."""

    stream_name = "sequences"
    scope = "sequences:read"

    @classmethod
    def shape(cls, config: Mapping[str, Any]) -> Shape:  # noqa: ARG003
        """Return what a sequence holds."""
        return shapes.SEQUENCE

    def rows(self, context: types.Context | None) -> Iterator[_Json]:  # noqa: ARG002
        """Yield the row of every sequence."""
        for sequence in self._swept(("sequences",)):
            definition = sequence.get("definition")
            if isinstance(definition, dict):
                sequence["definition"] = {key: part for key, part in definition.items() if key != "steps"}
            yield self._reader.row(sequence)


class SequenceStepsStream(DocumentStream):
    """The published steps of every sequence; the list of sequences has them."""

    stream_name = "sequence_steps"
    scope = "sequences:read"
    key_properties = ("sequence_id", "id")

    @classmethod
    def shape(cls, config: Mapping[str, Any]) -> Shape:  # noqa: ARG003
        """Return what a step holds."""
        return shapes.STEP

    def rows(self, context: types.Context | None) -> Iterator[_Json]:  # noqa: ARG002
        """Yield the row of every step, in the order in which a sequence goes through them."""
        for sequence in self._swept(("sequences",)):
            definition = sequence.get("definition")
            steps = definition.get("steps") if isinstance(definition, dict) else None
            for position, step in enumerate(_objects(steps, f"The steps of {sequence['id']}"), start=1):
                yield self._reader.row({**step, "sequenceId": sequence["id"], "position": position})


class SequencePartsStream(DocumentStream, abc.ABC):
    """A stream of what belongs to sequences: the API lists it for one sequence at a time."""

    scope = "sequences:read"

    def _sequence_ids(self) -> list[str]:
        # Read to its end before the first sequence's lists are: no two lists are read at once.
        return [sequence["id"] for sequence in self._swept(("sequences",))]

    def _listed(self, collection: str) -> Iterator[_Json]:
        """Yield the documents of one list of every sequence, each with its ``sequenceId``."""
        return reported(_Counted(self._read(collection)), self.name, self.logger, to_the_end=False)

    def _read(self, collection: str) -> Iterator[_Json]:
        # Most sequences have few of them: the heads of the lists are read with calls overlapping, and only
        # a list that is longer is swept, from its head again.
        ids = self._sequence_ids()
        paths = [("sequences", sequence_id, collection) for sequence_id in ids]
        for path, (sweep, head) in zip(paths, self._overlapped(self._head, paths), strict=True):
            found = self._full_sweep.list_of(sweep, head) if len(head) < _HEAD else self._sweep(path)
            try:
                for document in found:
                    yield {**document, "sequenceId": path[1]}
            except NotFound:
                self._say_gone(path[1])

    def _head(self, path: tuple[str, ...]) -> tuple[Sweep, list[_Json]]:
        sweep = Sweep(self._client, path, concurrency=1, eager=False)
        try:
            return sweep, list(islice(sweep, _HEAD))
        except NotFound:
            self._say_gone(path[1])
            return sweep, []

    def _sweep(self, path: tuple[str, ...]) -> Iterator[_Json]:
        sweep = self._sweep_of(path)
        return self._full_sweep.list_of(sweep, sweep)

    def _say_gone(self, sequence_id: str) -> None:
        self._full_sweep.leave_out(f"sequence {sequence_id} went while it was read")
        self.logger.warning(
            "Sequence %s has gone since it was listed: what it still had is left out.", sequence_id
        )


class SequenceEnrollmentsStream(SequencePartsStream):
    """Who was enrolled in which sequence, and what has become of it."""

    stream_name = "sequence_enrollments"

    @classmethod
    def shape(cls, config: Mapping[str, Any]) -> Shape:  # noqa: ARG003
        """Return what an enrollment holds."""
        return shapes.ENROLLMENT

    def rows(self, context: types.Context | None) -> Iterator[_Json]:  # noqa: ARG002
        """Yield the row of every enrollment."""
        for enrollment in self._listed("enrollments"):
            yield self._reader.row(enrollment)


class SequencePerformanceStream(SequencePartsStream):
    """The numbers of every step; those by type of step are their sums."""

    stream_name = "sequence_performance"
    key_properties = ("sequence_id", "sequence_step_id")

    @classmethod
    def shape(cls, config: Mapping[str, Any]) -> Shape:  # noqa: ARG003
        """Return what is counted."""
        return shapes.PERFORMANCE

    def rows(self, context: types.Context | None) -> Iterator[_Json]:  # noqa: ARG002
        """Yield the row of every step that is published or has sent something."""
        ids = self._sequence_ids()
        for sequence_id, steps in zip(ids, self._overlapped(self._per_step, ids), strict=True):
            for step in steps:
                yield self._reader.row({**step, "sequenceId": sequence_id})

    def _per_step(self, sequence_id: str) -> list[_Json]:
        try:
            answer = self._client.read("sequences", sequence_id, "performance")
        except NotFound:
            self._say_gone(sequence_id)
            return []
        if "perStep" not in answer:
            raise UnexpectedAnswer(f"The performance of sequence {sequence_id} came without its steps")
        return _objects(answer["perStep"], f"The steps of sequence {sequence_id}")


class _Counted:
    """Counts records as they come; how many there will be is not known."""

    def __init__(self, records: Iterator[_Json]) -> None:
        self._records = records
        self.total: int | None = None
        self.done = 0

    def __iter__(self) -> Iterator[_Json]:
        for record in self._records:
            self.done += 1
            yield record


def _objects(items: Any, what: str) -> list[_Json]:
    found = [] if items is None else items
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UnexpectedAnswer(f"{what} are no array of objects")
    return found
