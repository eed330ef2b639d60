"""A feed through a preset to where all is caught that a run would write, count or leave over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import RESOURCES
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.loading.outcomes import Outcomes
from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.objects.registry import writable
from target_lightfield.presets.destination import Destination
from target_lightfield.presets.feed import PresetFeed
from target_lightfield.presets.preset import Preset
from target_lightfield.reporting.left_over import LeftOver
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.provenance import RESERVED
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import StreamSchema

Json = dict[str, Any]


@dataclass
class Captured:
    """What came of a feed.

    Attributes:
        rows: The rows that would be loaded, by Lightfield's stream.
        left_over: What is left over.
        counts: How many rows came to what.
    """

    rows: dict[str, list[Json]] = field(default_factory=dict)
    left_over: list[LeftOver] = field(default_factory=list)
    counts: Counter[Outcome] = field(default_factory=Counter)

    # As the report, the outcomes and the loaders, of which the preset's part of a run knows this much.

    @property
    def report(self) -> Captured:
        return self

    def count(self, _: str, outcome: Outcome) -> None:
        self.counts[outcome] += 1

    def take_anew(self, *_: str) -> None: ...

    def leave_out(self, *_: object) -> None: ...

    def leave_over(self, stream: str, key: str, origin: str, left_over: Sequence[LeftOver]) -> None:
        self.left_over += left_over

    def reject(self, stream: StreamSchema, row: Mapping[str, Any], rejection: Rejection) -> None:
        self.counts[Outcome.REJECTED] += 1

    def load(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        own = {name: value for name, value in row.items() if name != RESERVED}
        self.rows.setdefault(stream.stream, []).append(own)

    def delete(self, *_: object) -> None:
        self.counts[Outcome.TRASHED] += 1


def captured(preset: Preset, feed: Iterable[tuple[str, Json]], folder: Path) -> Captured:
    """Return what comes of rows, each with its stream, in a workspace without custom fields."""
    found = Captured()
    with closing(IdMap(f"sqlite:///{folder / 'captured.db'}", dry_run=True)) as id_map:
        destination = Destination(
            id_map=id_map,
            outcomes=cast("Outcomes", found),
            definitions=_definitions,
            loader=lambda _: cast("StreamLoader", found),
            lasting_name=lambda stream: stream,
            custom_objects=dict,
            current=lambda *_: None,
            settle=lambda: None,
        )
        with closing(PresetFeed(preset, destination, lambda: False)) as rows:
            for stream, row in feed:
                schema = StreamSchema(stream, {"properties": {}}, ("id",))
                rows.begin(schema)
                rows.take(schema, row, deleted=False)
            rows.load()
    return found


def _definitions(stream: str) -> ObjectDefinitions | None:
    resource = RESOURCES.get(stream)
    return writable(stream).definitions(resource.builtin) if resource and resource.builtin else None
