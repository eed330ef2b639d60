"""Seeds the records of a workspace. The same seed and counts give the same records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightfield_sandbox.schema.ids import IdSource
from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE, TRASHABLE
from lightfield_sandbox.seed.activity import ActivityBuilder
from lightfield_sandbox.seed.companies import CompaniesBuilder
from lightfield_sandbox.seed.custom import CustomBuilder
from lightfield_sandbox.seed.files import FilesBuilder
from lightfield_sandbox.seed.mail import MailBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightfield_sandbox.schema.definitions import ObjectDefinition
    from lightfield_sandbox.settings import Settings
    from lightfield_sandbox.store.records import Record

# A type comes after those that it links to.
_ORDER = (
    "member", "account", "contact", "opportunity", "meeting", "task", "note",
    "channel", "message", "email", "list", "subscription", "office-location",
)  # fmt: skip


class _Builder(CompaniesBuilder, ActivityBuilder, MailBuilder, CustomBuilder, FilesBuilder):
    """Makes every type of record."""

    def make(self, object_type: str) -> Callable[[Record, int], None]:
        """The method that gives a record of this type its values and links."""
        build: Callable[[Record, int], None] = getattr(self, object_type.replace("-", "_"))
        return build


def seed_records(settings: Settings, definitions: dict[str, ObjectDefinition]) -> Iterator[Record]:
    """Every record of a fresh workspace, including its trash."""
    builder = _Builder(settings.seed, definitions)
    for object_type in _ORDER:
        _plant(builder, settings.seed, object_type, settings.count(object_type))
    ids = IdSource(settings.seed, "records:file")
    builder.start("file")
    builder.files(ids, settings.count("file"))
    trash = _trash(settings, builder)
    for held in (*builder.made.values(), *(trash.made[object_type] for object_type in TRASHABLE)):
        for record in held:
            record.links = {slot: tuple(linked) for slot, linked in record.links.items()}
            yield record


def _trash(settings: Settings, active: _Builder) -> _Builder:
    """Make trashed records. They link to each other and to members only: no active record links to one."""
    builder = _Builder(settings.seed, active.definitions)
    builder.share(active)
    for object_type in filter(TRASHABLE.__contains__, _ORDER):
        first = settings.count(object_type)
        _plant(builder, settings.seed, object_type, settings.trashed_count, first, "trash:")
        for record in builder.made[object_type]:
            record.trashed = True
    return builder


def _plant(
    builder: _Builder, seed: int, object_type: str, count: int, first: int = 0, purpose: str = ""
) -> None:
    ids = IdSource(seed, f"records:{purpose}{object_type}")
    prefix = BY_OBJECT_TYPE[object_type].prefix
    builder.start(f"{purpose}{object_type}")
    build = builder.make(object_type)
    for number in range(first, first + count):
        build(builder.add(object_type, ids.new(prefix)), number)
