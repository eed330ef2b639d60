"""Where the rows of a preset go: the workspace, as the run knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.records import Record
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Mapped, Source
from target_lightfield.loading.outcomes import Outcomes
from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.presets.translation import KEY
from target_lightfield.reporting.outcome import Outcome


@dataclass(frozen=True)
class Destination:
    """The workspace, as the run knows it.

    Attributes:
        id_map: What source record is what Lightfield record.
        outcomes: Takes what became of rows.
        definitions: Returns the definitions of a stream's object; None of one that has none.
        loader: Returns what takes the rows of a stream.
        lasting_name: Returns what the id map calls a stream.
        custom_objects: Returns what the workspace's custom objects are called, by Lightfield's stream.
        current: Returns a record of a stream, by its id, as it is now; None if it is there no more.
        settle: Returns once every row that was handed over is settled.
    """

    id_map: IdMap
    outcomes: Outcomes
    definitions: Callable[[str], ObjectDefinitions | None]
    loader: Callable[[str], StreamLoader]
    lasting_name: Callable[[str], str]
    custom_objects: Callable[[], Mapping[str, Sequence[str]]]
    current: Callable[[str, str], Record | None]
    settle: Callable[[], None]

    def mapped(self, to: str, key: str) -> Mapped | None:
        """Return what the row of a source key became in one of Lightfield's streams; None if nothing yet."""
        return self.id_map.get(Source(self.lasting_name(to), key))

    def take_over(self, to: str, key: str, other: str) -> bool:
        """Let a source key mean the record that a row of another key became; return whether there is one.

        Args:
            to: Lightfield's stream of the record.
            key: The key of the row that is to be the record.
            other: The key that meant it so far, and means nothing from then on.
        """
        mapped, definitions = self.mapped(to, other), self.definitions(to)
        if mapped is None or definitions is None:
            return False
        name = self.lasting_name(to)
        self.id_map.adopt(Source(name, key), definitions.object_type, mapped)
        self.id_map.forget(Source(name, other))
        return True

    def forget_left_out(self, to: str, row: Mapping[str, Any]) -> None:
        """Forget what of a row was not written into its record of one of Lightfield's streams."""
        key = str(row[KEY])
        self.outcomes.leave_out(to, Source(self.lasting_name(to), key), row, ())

    def count(self, stream: str, outcome: Outcome) -> None:
        """Count a row of which no record is made."""
        self.outcomes.report.count(stream, outcome)
