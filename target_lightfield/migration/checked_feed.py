"""A feed through a preset that ends in numbers: what the run would do with it, and nothing is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from lightfield_api.custom_objects import is_custom_object
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import RESOURCES
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.loading.outcomes import Filed
from target_lightfield.loading.sources import source_key
from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.migration.findings import MOST, Findings
from target_lightfield.objects.registry import writable
from target_lightfield.presets.destination import Destination
from target_lightfield.presets.feed import PresetFeed
from target_lightfield.presets.patterns import what_stars_stand_for
from target_lightfield.presets.preset import Preset, routes_of
from target_lightfield.presets.routing import Routing
from target_lightfield.presets.translation import KEY
from target_lightfield.reporting.left_over import LeftOver
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.provenance import provenance_of
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import StreamSchema
from target_lightfield.run.workspace import Workspace

if TYPE_CHECKING:
    from target_lightfield.loading.outcomes import Outcomes


class CheckedFeed(PresetFeed):
    """The rows of a feed, on their way through a preset to where they are counted.

    Args:
        preset: The preset.
        findings: Takes what becomes of the rows.
        id_map: Keeps what presets keep; it is forgotten afterwards.
        workspace: Whose definitions decide; None for no more than the file says.

    Attributes:
        preset: The preset, with the streams that its patterns have been found to mean.
    """

    def __init__(
        self, preset: Preset, findings: Findings, id_map: IdMap, workspace: Workspace | None = None
    ) -> None:
        self._findings = findings
        self._witness = _Witness(findings, preset)
        self._unasked = _AnyWorkspace(preset)
        known = workspace or self._unasked
        super().__init__(preset, _destination(known, id_map, self._witness), lambda: False)
        self.preset = self._preset

    def called(self, stream: str) -> str:
        """Return the name that the preset has for a stream of the source. Raises as that of a run does."""
        name = super().called(stream)
        self._findings.of(name).called = stream
        return name

    def begin(self, stream: StreamSchema) -> None:
        """Take note of a stream's schema. Raises as that of a run does."""
        self._unasked.meet(stream.stream)
        self._findings.of(stream.stream)
        super().begin(stream)

    def take(self, stream: StreamSchema, row: Mapping[str, Any], *, deleted: bool) -> None:
        """Take a row. Raises Rejection where an expression fails."""
        findings = self._findings.of(stream.stream)
        findings.rows += 1
        self._witness.stream = stream.stream
        if not self._preset.leaves_out(stream.stream):
            source = self._source(stream.stream, "", row)
            for name, value in source.columns():
                findings.see(name, value)
                if (header := source.header(name)) != name and len(findings.headers) < MOST:
                    findings.headers.setdefault(name, header)
        super().take(stream, row, deleted=deleted)

    def reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: Filed | None = None,
    ) -> None:
        """Count a row that can't be taken, which may not have come to ``take``."""
        self._witness.stream = stream.stream
        super().reject(stream, row, rejection, as_it_came)

    def _load(self, routing: Routing, stream: str, to: str) -> None:
        self._witness.stream = stream
        super()._load(routing, stream, to)


@dataclass
class _Witness:
    """Stands where the report, the rejects file and the loaders are, and counts what comes.

    Attributes:
        findings: Where it is counted.
        preset: The preset.
        stream: The source's stream whose rows come now.
    """

    findings: Findings
    preset: Preset
    stream: str = ""
    report: _Witness = field(init=False)

    def __post_init__(self) -> None:
        self.report = self  # which counts only

    def count(self, _: str, outcome: Outcome) -> None:
        """Count a row of which no record is made."""
        self.findings.of(self.stream).outcomes[outcome] += 1

    def leave_over(self, stream: str, _: str, origin: str, left_over: Sequence[LeftOver]) -> None:
        """Count what is left over of a row."""
        for one in left_over:
            self.findings.of(stream).leave(origin, one)

    def take_anew(self, *_: str) -> None:
        """Take note of a row that comes: nothing is known of it here."""

    def leave_out(self, *_: object) -> None:
        """Take note of what could not be written: nothing is, here."""

    def reject(
        self, stream: StreamSchema, row: Mapping[str, Any], rejection: Rejection, _: Filed | None = None
    ) -> None:
        """Count a row that can't be loaded."""
        self.findings.of(self.stream).fail(str(row.get(KEY) or source_key(stream, row)), rejection)

    def load(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Count a record, and where the values of its row went."""
        findings = self.findings.of(self.stream)
        findings.became[self._called(stream.stream, str(row[KEY]))] += 1
        provenance = provenance_of(row)
        for column, source in (provenance.columns if provenance else {}).items():
            if column in row:
                findings.filled.setdefault(source, {})[f"{stream.stream}.{column}"] = None

    def delete(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Count a record that the source has deleted."""
        self.findings.of(self.stream).deleted[self._called(stream.stream, str(row[KEY]))] += 1

    def _called(self, to: str, key: str) -> str:
        """Return a route, by its stream and by what its records are called if that is not the source's."""
        names = (route.as_ for route in routes_of(self.preset, self.stream) if route.to == to and route.as_)
        own = next((name for name in names if key.startswith(f"{name}:")), None)
        return f"{to} as {own}" if own else to


class _AnyWorkspace:
    """A workspace of which is known what every workspace has, and that takes every custom object.

    Args:
        preset: The preset.
    """

    def __init__(self, preset: Preset) -> None:
        self._preset = preset
        routes = [route for stream in preset.streams for route in routes_of(preset, stream)]
        self._objects = {
            route.to: [route.to] for route in routes if is_custom_object(route.to) and "*" not in route.to
        }

    def meet(self, stream: str) -> None:
        """Have the custom object that a stream is called like, where only a pattern names it."""
        pattern = self._preset.pattern_of(stream)
        if pattern and stream not in self._preset.streams:
            meant = what_stars_stand_for(pattern, stream)
            self._objects[f"object_{meant.lower()}"] = [meant]

    def definitions_of(self, stream: str) -> ObjectDefinitions | None:
        """Return the definitions that are the same in every workspace."""
        resource = RESOURCES.get(stream)
        return writable(stream).definitions(resource.builtin) if resource and resource.builtin else None

    def lasting_name(self, stream: str) -> str:
        """Return the name of a stream as it is."""
        return stream

    def custom_objects(self) -> Mapping[str, Sequence[str]]:
        """Return those that the preset means."""
        return self._objects


def _destination(known: Workspace | _AnyWorkspace, id_map: IdMap, witness: _Witness) -> Destination:
    loader: Callable[[str], StreamLoader] = lambda _: cast("StreamLoader", witness)  # noqa: E731
    return Destination(
        id_map=id_map,
        outcomes=cast("Outcomes", witness),
        definitions=known.definitions_of,
        loader=loader,
        lasting_name=known.lasting_name,
        custom_objects=known.custom_objects,
        current=lambda *_: None,
        settle=lambda: None,
    )
