"""Links of rows that are written: they waited for records that have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lightfield_api.definitions import ObjectDefinitions
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Link, Source
from target_lightfield.loading.refusals import Refusals
from target_lightfield.loading.telling import Telling
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.finder import Finder
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.writing.writer import Writer


@dataclass(frozen=True)
class LateLinks:
    """Writes the links of one object type that have waited."""

    definitions: ObjectDefinitions
    finder: Finder
    directory: Directory
    writer: Writer
    refusals: Refusals
    id_map: IdMap
    telling: Telling

    def write(self, source: Source, links: Sequence[Link]) -> None:
        """Write those waiting links of a row whose records have come.

        Raises:
            Rejection: The API refuses them.
            LightfieldError: The API did not answer as it should.
        """
        try:
            self._write(source, links)
        except Rejection:
            if len(links) == 1:
                raise
            refusal = None
            for link in links:  # one that is refused does not keep the others waiting
                try:
                    self._write(source, [link])
                except Rejection as e:
                    refusal = e
            if refusal:
                raise refusal from None

    def _write(self, source: Source, links: Sequence[Link]) -> None:
        mapped = self.id_map.get(source)
        references: dict[str, list[str]] = {}
        for key, reference in links:
            if key in self.definitions.relationships:
                references.setdefault(key, []).append(reference)
        resolved = self.refusals.resolve(references)
        if mapped is None or not any(resolved.ids.values()):
            return
        with self.refusals.as_rejections():
            record = self.directory.current(mapped.record_id)
            if record is not None:
                is_own = record["id"] == mapped.record_id or not self.finder.owner(source, record)
                if is_own and (changes := self.writer.changes(record, {}, resolved.ids)):
                    self.telling.linked(source, record, changes)
                    self.directory.note(self.writer.update(source, record, changes))
                # Else it was merged into another row's record, which has the links of that row.
                written = [link for link in links if link not in resolved.waiting]
                self.id_map.waiting.release_links(source, written)
