"""A feed that a preset translates: its rows are kept until all have come, then loaded in Lightfield's order.

So no result depends on the order of the source's streams: Salesforce's is random.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import pendulum
from msgspec import structs

from lightfield_api.words import count
from target_lightfield.errors import TargetError
from target_lightfield.keys import is_storable
from target_lightfield.loading.outcomes import Filed
from target_lightfield.loading.sources import source_key
from target_lightfield.presets.destination import Destination
from target_lightfield.presets.gathering import Gathering
from target_lightfield.presets.headers import Headers
from target_lightfield.presets.knowledge import Known, namespace
from target_lightfield.presets.linking import Linking
from target_lightfield.presets.patterns import take_up
from target_lightfield.presets.plan import Plan
from target_lightfield.presets.preset import Preset, routes_of
from target_lightfield.presets.routing import Routing
from target_lightfield.presets.scope import key_text
from target_lightfield.presets.source_row import SourceRow
from target_lightfield.presets.spool import Spool
from target_lightfield.reporting.left_over import LeftOver, LeftOverKind
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.provenance import provenance_of
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import StreamSchema

_log = logging.getLogger("target-lightfield")

_ORDER = ("members", "accounts", "contacts", "opportunities")
_LAST = ("tasks", "notes", "meetings", "emails", "files", "lists", "list_members")


class PresetFeed:
    """The rows of a feed, on their way through a preset.

    Args:
        preset: The preset.
        destination: Where they go.
        is_stopped: Returns whether the run is to end as soon as it can.

    Attributes:
        is_loaded: Whether all that came is loaded: only then may a state be emitted.
        to_translate: How many rows are to become records, each once for each stream that it becomes one of;
            0 until all have come.
        translated: How many of these have been handed on.
    """

    def __init__(self, preset: Preset, destination: Destination, is_stopped: Callable[[], bool]) -> None:
        preset = structs.replace(preset, streams=dict(preset.streams))  # which patterns add to
        self._preset = preset
        self._destination = destination
        self._is_stopped = is_stopped
        self.is_loaded = False
        self.to_translate = self.translated = 0
        self._plan = Plan(preset.separator)
        self._not_carried: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._nothing = frozenset(text.strip().casefold() for text in preset.nothing)
        self._spool = Spool()
        self._headers = Headers(preset)
        self._called: dict[str, str] = {}
        self._schemas: dict[str, StreamSchema] = {}
        kept = destination.id_map.kept
        self._kept = kept
        self._known = Known(preset, kept, self._is_known, pendulum.now("UTC"))
        self._gathering = Gathering(preset, kept, self._known, uuid.uuid4().hex)
        self._linking = Linking(preset, kept.links, self._known)

    def close(self) -> None:
        """Forget the rows."""
        self._spool.close()

    def plan(self, *, writes: int, per_second: float) -> Mapping[str, Any]:
        """Return what a person has to do in Lightfield for all to be carried; ``Plan`` says what is in it."""
        counts = {stream: (number, self._bytes[stream]) for stream, number in self._not_carried.items()}
        taken: Counter[str] = Counter()  # the loaders find out, after the preset
        for one in self._destination.id_map.left_over.count_by():
            if one.kind == LeftOverKind.TAKEN:
                taken[one.stream] += one.number
        return self._plan.as_dict(writes=writes, per_second=per_second, taken=taken, not_carried=counts)

    # While it comes

    @property
    def taken(self) -> Mapping[str, int]:
        """How many rows of each stream have come that become records. Any thread may ask."""
        return self._spool.taken.copy()

    def loads(self, stream: str) -> bool:
        """Whether rows of a stream become records."""
        return bool(routes_of(self._preset, stream))

    def called(self, stream: str) -> str:
        """Return the name that the preset has for one of the source's streams.

        Raises:
            TargetError: Another stream of this feed is called so too, and their keys would be mixed up.
        """
        name = self._preset.called(stream)
        other = self._called.setdefault(name, stream)
        if other != stream:
            raise TargetError(
                f"Streams '{other}' and '{stream}' are both the preset's '{name}', and a key of one would be "
                f"taken for one of the other: give '{stream}' a line of its own under streams in your preset."
            )
        return name

    def begin(self, stream: StreamSchema) -> None:
        """Take note of a stream's schema.

        Raises:
            TargetError: The preset leads it to a custom object that the workspace lacks.
        """
        take_up(self._preset, stream.stream, self._destination.custom_objects)
        if stream.stream not in self._schemas:
            self._gathering.begin(stream.stream)
        self._schemas[stream.stream] = stream

    def take(self, stream: StreamSchema, row: Mapping[str, Any], *, deleted: bool) -> None:
        """Take a row.

        Args:
            stream: The source's stream.
            row: The row.
            deleted: Whether the source has deleted it.

        Raises:
            Rejection: An expression fails.
        """
        source = self._row(stream, row)
        self._destination.outcomes.take_anew(source.stream, source.key)
        self._gathering.take(source, deleted=deleted)
        if self.loads(stream.stream):
            self._spool.add(stream.stream, source.key, row, deleted=deleted)
        else:
            left_out = self._preset.leaves_out(stream.stream)
            if left_out:
                self._not_carried[stream.stream] += 1
                self._bytes[stream.stream] += self._size(source)
            if why := self._preset.why_not_carried(stream.stream):
                whole = LeftOver(stream.stream, source.key, "", None, why, LeftOverKind.NOT_CARRIED)
                self._destination.outcomes.leave_over(stream.stream, source.key, "stream", [whole])
            is_kept = self._preset.keeps(stream.stream) and not left_out
            self._destination.count(stream.stream, Outcome.KEPT if is_kept else Outcome.SKIPPED)

    def _size(self, row: SourceRow) -> int:
        """Return how many bytes a row says that what is not carried has."""
        size = row.get(self._preset.sizes.get(row.stream, ""))
        try:
            return max(int(size), 0)
        except (TypeError, ValueError, OverflowError):
            return 0

    def reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: Filed | None = None,
    ) -> None:
        """File a row of the source that can't be taken, or as it came where stream maps failed on it."""
        self._destination.outcomes.reject(stream, row, rejection, as_it_came)

    # When all has come

    def load(self) -> None:
        """Load the rows, and those of earlier runs that wait or lack something.

        Raises:
            TargetError: Lightfield did not answer as it should.
        """
        self._gathering.end()
        self._known.forget()
        unfinished = self._take_up_what_waits()
        routing = Routing(self._preset, self._destination, self._known, self._linking, self._plan, unfinished)
        self.to_translate = sum(
            number * len({route.to for route in routes_of(self._preset, stream)})
            for stream, number in self._spool.taken.items()
        )
        for to in _in_order(self._preset):
            for stream in self._preset.streams:
                routes = [route for route in routes_of(self._preset, stream) if route.to == to]
                if routes:
                    self._load(routing, stream, to)
                if self._is_stopped():
                    return
            self._destination.settle()
        self._load_links(routing)
        self._kept.unfinished.flush()
        self._destination.settle()
        if not self._is_stopped():
            self._linking.note_written(self._is_known)
            self.is_loaded = True
        routing.warn()
        self._warn_of_missing_streams()
        self._warn_of_too_many_unfinished()

    def _load(self, routing: Routing, stream: str, to: str) -> None:
        schema = self._schemas.get(stream) or StreamSchema(stream, {"properties": {}}, (self._preset.key,))
        for key, row, deleted in self._spool.rows(stream):
            if self._is_stopped():
                return
            routing.load(schema, self._source(stream, key, row), to, deleted=deleted)
            self.translated += 1

    def _take_up_what_waits(self) -> set[tuple[str, str]]:
        """Spool rows of earlier runs that wait or lack something, unless they have come again."""
        for _, row in self._destination.id_map.waiting.rows():
            if (provenance := provenance_of(row)) and provenance.stream in self._preset.streams:
                schema = StreamSchema(provenance.stream, {"properties": {}}, provenance.key_properties)
                self._schemas.setdefault(provenance.stream, schema)
                self._take_up(self._row(schema, provenance.row))
        unfinished = set()
        for stream, key, row in self._kept.unfinished.rows():
            if stream in self._preset.streams:
                unfinished.add((stream, key))
                self._take_up(self._source(stream, key, row))
        return unfinished

    def _take_up(self, row: SourceRow) -> None:
        if not self._spool.has(row.stream, row.key):
            self._spool.add(row.stream, row.key, row.row)

    def _load_links(self, routing: Routing) -> None:
        """Write the links of records whose rows have not come with them."""
        for stream, of_key in self._linking.unwritten():
            if self._is_stopped():
                return
            if not self._spool.has(stream, of_key):
                routing.load_links(stream, of_key)

    def _is_known(self, stream: str, key: str) -> bool:
        """Whether a row of this key has come, now or in an earlier run."""
        return self._spool.has(stream, key) or any(
            is_storable(key)
            and self._destination.mapped(route.to, f"{namespace(stream, route.as_)}:{key}") is not None
            for route in routes_of(self._preset, stream)
        )

    def _row(self, stream: StreamSchema, row: Mapping[str, Any]) -> SourceRow:
        own = self._source(stream.stream, "", row).get(self._preset.key)
        key = self._content_key(stream, row) if own is None else key_text(own)[: self._preset.key_length]
        return self._source(stream.stream, key, row)

    def _content_key(self, stream: StreamSchema, row: Mapping[str, Any]) -> str:
        """Return the key of a row without an id: what a tap says of its file makes no other row of it."""
        ignored = self._preset.ignore if not stream.key_properties else ()
        counts = {n: value for n, value in row.items() if not any(fnmatchcase(n, one) for one in ignored)}
        return str(source_key(stream, counts))

    def _source(self, stream: str, key: str, row: Mapping[str, Any]) -> SourceRow:
        headers = self._headers.of(stream, row)
        return SourceRow(stream, key, row, self._preset.values_in, self._nothing, headers)

    def _warn_of_too_many_unfinished(self) -> None:
        if too_many := self._kept.unfinished.too_many:
            _log.warning(
                "%s without a value of a stream that has not come, beyond the %s that are completed once it "
                "comes: load that stream, and then these rows again, with a full refresh of the tap.",
                count("row", too_many, "was written", "were written"),
                f"{self._kept.unfinished.most:,}",
            )

    def _warn_of_missing_streams(self) -> None:
        for stream, of, say in self._linking.missing(self._schemas):
            _log.warning("%s come without %s: %s", of, stream, say)


def _in_order(preset: Preset) -> Sequence[str]:
    """Return Lightfield's streams that rows are routed to, those first that others refer to."""
    streams = {route.to for stream in preset.streams for route in routes_of(preset, stream)}
    custom = sorted(streams.difference(_ORDER, _LAST))
    return [stream for stream in (*_ORDER, *custom, *_LAST) if stream in streams]
