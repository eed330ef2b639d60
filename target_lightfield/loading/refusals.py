"""What Lightfield's refusal of a row means: its column at fault, or a link whose record is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lightfield_api.columns import Columns, Role
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import LightfieldError
from lightfield_api.refusals import is_refusal, may_be_about_a_link, may_be_incomplete, names_nothing
from target_lightfield.loading.references import References
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.rejection import Rejection, refused
from target_lightfield.writing.writer import Writer


@dataclass(frozen=True)
class Refusals:
    """Tells what Lightfield means by refusing a write of one object type."""

    definitions: ObjectDefinitions
    columns: Columns
    references: References
    writer: Writer

    @contextmanager
    def as_rejections(self) -> Iterator[None]:
        """Raise a refusal within the block as a rejection of the row."""
        try:
            yield
        except LightfieldError as e:
            if not is_refusal(e):
                raise
            key = self.writer.key_at_fault(e.param)
            raise refused(e, self.column_name(key) if key else e.param) from e

    def lacks_one_that_waits(self, error: LightfieldError, links: Resolved) -> bool:
        """Whether a create was refused for a link that waits; remember that the relationship is required."""
        waiting = {link.relationship for link in links.waiting}
        if not waiting or not may_be_incomplete(error):
            return False
        key = self.writer.key_at_fault(error.param)
        if key in waiting:
            self.writer.required.add(key)
        # A refusal that names nothing may have another reason: that shows once the link can be written.
        return key in waiting or names_nothing(error.param)

    def note_gone_links(self, error: LightfieldError, wanted: Wanted, links: Resolved) -> bool:
        """Return whether a row was refused for links to records that are gone, and note those records.

        As far as the answer tells. From now on such links wait, so that the row can be written without them.

        Args:
            error: The refusal.
            wanted: What the row asks for.
            links: What its references meant when it was written.

        Raises:
            LightfieldError: The API did not answer as it should when asked for the linked records.
        """
        return (
            may_be_about_a_link(error)
            and self.writer.key_at_fault(error.param) not in self.definitions.fields
            and self.references.note_gone_links(self.definitions, wanted.references, links)
        )

    def resolve(self, references: Mapping[str, Sequence[str]]) -> Resolved:
        """Return what references mean. Raises Rejection, which names the column, where one means several."""
        try:
            return self.references.resolve(self.definitions, references)
        except Rejection as e:
            raise Rejection(e.message, code=e.code, param=self.column_name(e.param or "")) from e

    def column_name(self, key: str) -> str:
        """Return the column of a field or relationship, by its key."""
        roles = (Role.FIELD, Role.AS_SOURCE, Role.RELATIONSHIP)
        return next((column.name for role in roles if (column := self.columns.find(key, role))), key)
