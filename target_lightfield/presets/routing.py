"""Which routes a row takes, and what is handed over by each."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lightfield_api.columns import Role
from lightfield_api.records import field_value
from lightfield_api.values import read_value
from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.presets.destination import Destination
from target_lightfield.presets.fields import Fields
from target_lightfield.presets.knowledge import Known, key_by, namespace
from target_lightfield.presets.linking import Linked, Linking
from target_lightfield.presets.plan import Plan
from target_lightfield.presets.preset import Preset, Route, routes_of
from target_lightfield.presets.responsibility import Responsibility
from target_lightfield.presets.row_in_the_making import Translated
from target_lightfield.presets.scope import listed
from target_lightfield.presets.source_row import SourceRow
from target_lightfield.presets.translation import KEY, Translation, with_key
from target_lightfield.reporting.left_over import LeftOver, LeftOverKind
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import StreamSchema

_log = logging.getLogger("target-lightfield")


class Routing:
    """Hands rows over to the loaders of the streams that they are routed to.

    Args:
        preset: The preset.
        destination: Where they go.
        known: What is known beside a row.
        linking: The links of the source.
        plan: Takes what is left over.
        unfinished: The rows that were written without a value of another stream: stream and key.
    """

    def __init__(
        self,
        preset: Preset,
        destination: Destination,
        known: Known,
        linking: Linking,
        plan: Plan,
        unfinished: set[tuple[str, str]],
    ) -> None:
        self._preset = preset
        self._destination = destination
        self._known = known
        self._linking = linking
        self._plan = plan
        self._unfinished = unfinished
        self._fields: dict[str, Fields] = {}
        self._translations: dict[tuple[str, int], Translation] = {}
        self._responsibility = Responsibility(preset, self._makes_record, self._translation)
        self._unfinished_now: set[tuple[str, str]] = set()

    def load(self, stream: StreamSchema, row: SourceRow, to: str, *, deleted: bool) -> None:
        """Hand a row over by the routes that lead to one of Lightfield's streams.

        Args:
            stream: The source's stream.
            row: The row.
            to: Lightfield's stream.
            deleted: Whether the source has deleted it.

        Raises:
            TargetError: Lightfield did not answer as it should.
        """
        routes = routes_of(self._preset, row.stream)
        for number, route in enumerate(routes):
            if route.to != to:
                continue
            try:
                self._take(stream, row, number, route, deleted=deleted)
            except Rejection as e:
                key = key_by(route, row) or row.key
                self._loader(to).reject(_target(to), with_key(Translated({}), key, stream, row.row), e)
        if routes[0].to == to and not self._takes_any(routes, row):
            self._destination.count(row.stream, Outcome.SKIPPED)

    def load_links(self, stream: str, key: str) -> None:
        """Write the links of a record whose row has not come with them, if it is known."""
        schema = StreamSchema(stream, {"properties": {}}, (self._preset.key,))
        for number, route in enumerate(routes_of(self._preset, stream)):
            own = f"{namespace(stream, route.as_)}:{key}"
            mapped = self._destination.mapped(route.to, own)
            if mapped is None:
                continue
            translation = self._translation(stream, number, route)
            linked = self._linking.of(stream, key, route.to, translation.takes_several)
            row = translation.linked(SourceRow(stream, key, {}), linked.columns).row
            if row:
                whole = Translated(self._with_what_is_there(route.to, mapped.record_id, row))
                self._loader(route.to).load(_target(route.to), with_key(whole, own, schema, {}))

    def warn(self) -> None:
        """Say once which of Lightfield's columns the preset names and the workspace lacks."""
        for to, fields in self._fields.items():
            if fields.missing:
                names = ", ".join(fields.missing)
                _log.warning("The workspace's %s have no %s: what is for them is left over", to, names)

    def _take(
        self, stream: StreamSchema, row: SourceRow, number: int, route: Route, *, deleted: bool
    ) -> None:
        if self._is_taken(route, row):
            left_over = list(_no_items(route, row))
            is_unfinished = False
            for one in _items(route, row):
                found, is_to_come = self._take_one(stream, one, number, route, deleted=deleted)
                left_over += (replace(item, key=row.key) for item in found)
                is_unfinished |= is_to_come
            self._note(row, number, left_over, is_unfinished=is_unfinished)
            return
        key = key_by(route, row)
        if key is None:
            return
        self._forget_what_the_record_left(stream, row, route, key)
        if route.when_left and self._destination.mapped(route.to, key) is not None:
            made = self._translation(row.stream, number, route).left(row)
            self._loader(route.to).load(_target(route.to), with_key(made, key, stream, row.row))

    def _take_one(
        self, stream: StreamSchema, row: SourceRow, number: int, route: Route, *, deleted: bool
    ) -> tuple[Sequence[LeftOver], bool]:
        """Hand over a row, or an item; return what is left over, and whether more is to come for it."""
        key, to = key_by(route, row), _target(route.to)
        if key is None or self._is_skipped(route, row, key):
            self._destination.count(route.to, Outcome.SKIPPED)
        elif deleted or self._is_deleted(route, row):
            self._loader(route.to).delete(to, with_key(Translated({}), key, stream, row.row))
        else:
            self._take_over(route, key)
            return self._translate(stream, row, number, route, key)
        if key is not None:
            self._forget_what_the_record_left(stream, row, route, key)
        return (), False

    def _forget_what_the_record_left(
        self, stream: StreamSchema, row: SourceRow, route: Route, key: str
    ) -> None:
        """Forget what could not be written into a record that the row is no more."""
        self._destination.forget_left_out(route.to, with_key(Translated({}), key, stream, row.row))

    def _take_over(self, route: Route, key: str) -> None:
        """Let a new row mean the record that another name of it became: the contact that a lead was."""
        others = self._known.other_names(key)
        if others and self._destination.mapped(route.to, key) is None:
            any(self._destination.take_over(route.to, key, other) for other in others)

    def _translate(
        self, stream: StreamSchema, row: SourceRow, number: int, route: Route, key: str
    ) -> tuple[Sequence[LeftOver], bool]:
        translation = self._translation(row.stream, number, route)
        linked = self._linking.of(row.stream, row.key, route.to, translation.takes_several)
        if linked.named:
            row = replace(row, before=(*row.before, linked.named))
        named, of_item = self._responsibility.named(row, number)
        made = translation.translate(row, linked.columns, named, of_item=of_item)
        if route.needs_any and not made.has_any(route.needs_any):
            why = f"None of {', '.join(route.needs_any)} has a value"
            self._destination.count(route.to, Outcome.SKIPPED)
            self._forget_what_the_record_left(stream, row, route, key)
            return [LeftOver(row.stream, row.key, "", None, why, LeftOverKind.INCOMPLETE)], False
        passed_over = self._responsibility.passed_over(row, number, made)
        missing = translation.missing(row, linked.missing)
        left_over = [*made.left_over, *passed_over, *missing, *_other_links(row, linked)]
        # A row that will take another route once its time has come does not come again by itself.
        is_unfinished = made.is_unfinished or linked.is_unfinished
        is_unfinished |= route.when_left is not None and "now()" in (route.when or "")
        if self._has_to_wait(route, made):
            self._destination.count(route.to, Outcome.WAITING)
            return left_over, True
        waits_for = self._linking.not_come(row.stream, row.key, route.to, made.row.keys())
        fields = self._fields_of(route.to)
        required = {name: ref for name, ref in waits_for.items() if fields.is_required(name)}
        self._plan.wait(row.stream, required)
        made = replace(made, row={**made.row, **required})
        self._loader(route.to).load(_target(route.to), with_key(made, key, stream, row.row))
        return left_over, is_unfinished

    def _with_what_is_there(self, to: str, record_id: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a row to whose fields of several values those of the record are added.

        A link adds an attendee; those who came with the meeting's own row are in the record alone by now.
        """
        fields = {
            name: place.column
            for name in row
            if (place := self._fields_of(to).named(name)) and place.column.role is Role.FIELD
        }
        record = self._destination.current(to, record_id) if fields else None
        found = dict(row)
        for name, column in fields.items():
            value = field_value(record, column.key) if record and column.field else None
            if column.field and value is not None:
                there = listed(read_value(column.field, value))
                found[name] = list(dict.fromkeys([*there, *listed(row[name])]))
        return found

    def _note(
        self, row: SourceRow, number: int, left_over: Sequence[LeftOver], *, is_unfinished: bool
    ) -> None:
        """Keep what is left over of a row, and the row itself if a value of another stream is to come."""
        self._plan.take(routes_of(self._preset, row.stream)[number].to, left_over)
        self._destination.outcomes.leave_over(row.stream, row.key, f"route {number}", left_over)
        name = row.stream, row.key
        unfinished = self._destination.id_map.kept.unfinished
        if is_unfinished:
            self._unfinished_now.add(name)
            unfinished.replace(*name, row.row)
        elif name in self._unfinished and name not in self._unfinished_now:
            unfinished.replace(*name, None)

    def _has_to_wait(self, route: Route, made: Translated) -> bool:
        """Whether a row can't be judged, or would be written for good, before another stream has come."""
        if made.awaits and self._fields_of(route.to).is_final:
            return True
        return any(not self._known.came(one) and not self._preset.leaves_out(one) for one in route.after)

    def _makes_record(self, route: Route, row: SourceRow) -> bool:
        """Whether a row becomes a record by a route, as far as its conditions say it."""
        if not self._is_taken(route, row):
            return False
        key = key_by(route, row)
        return key is not None and not self._is_skipped(route, row, key) and not self._is_deleted(route, row)

    def _is_deleted(self, route: Route, row: SourceRow) -> bool:
        condition = route.deleted_when or self._preset.deleted_when
        return condition is not None and self._known.holds(condition, row)

    def _is_skipped(self, route: Route, row: SourceRow, key: str) -> bool:
        if self._known.is_other_name(key):
            return True
        return route.skip_when is not None and self._known.holds(route.skip_when, row)

    def _is_taken(self, route: Route, row: SourceRow) -> bool:
        return route.when is None or self._known.holds(route.when, row)

    def _takes_any(self, routes: Sequence[Route], row: SourceRow) -> bool:
        try:
            return any(self._is_taken(route, row) and any(_items(route, row)) for route in routes)
        except Rejection:
            return True  # it is counted as rejected

    def _loader(self, to: str) -> StreamLoader:
        return self._destination.loader(to)

    def _fields_of(self, to: str) -> Fields:
        if to not in self._fields:
            self._fields[to] = Fields(to, self._destination.definitions(to), self._preset, self._known)
        return self._fields[to]

    def _translation(self, stream: str, number: int, route: Route) -> Translation:
        if (stream, number) not in self._translations:
            self._translations[stream, number] = Translation(
                self._preset, route, self._known, self._fields_of(route.to)
            )
        return self._translations[stream, number]


def _items(route: Route, row: SourceRow) -> Iterator[SourceRow]:
    """Yield what of a row becomes a record each: the row, or the items of a list in it."""
    if route.each is None:
        yield row
        return
    for place, item in enumerate(listed(row.get(route.each))):
        if isinstance(item, Mapping):
            yield replace(row, key=f"{row.key}/{place}", before=(item,))


def _no_items(route: Route, row: SourceRow) -> Iterator[LeftOver]:
    """Yield what in the list of a row is no object, and so no record."""
    for item in listed(row.get(route.each)) if route.each else ():
        if not isinstance(item, Mapping):
            why = "It is no object, of which there were a record to be made"
            yield LeftOver(row.stream, row.key, route.each or "", item, why, LeftOverKind.BAD_VALUE)


def _other_links(row: SourceRow, linked: Linked) -> Iterator[LeftOver]:
    for stream, other, why in linked.left_over:
        yield LeftOver(row.stream, row.key, stream, other, why, LeftOverKind.OTHER_LINK)


def _target(to: str) -> StreamSchema:
    return StreamSchema(to, {"properties": {}}, (KEY,))
