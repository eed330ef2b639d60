"""The streams that are written, one row each: what is special about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import RESOURCES, Resource
from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.objects.emails import EmailFinder, EmailReader, EmailWriter, definitions_of_logged
from target_lightfield.objects.file_stream import file_stream
from target_lightfield.objects.list_member_rows import LIST_MEMBERS
from target_lightfield.objects.list_member_stream import list_member_stream
from target_lightfield.objects.lists import ListFinder, ListReader, ListWriter
from target_lightfield.objects.members import MEMBERS, member_stream
from target_lightfield.objects.records import record_stream
from target_lightfield.objects.setup import Setup


@dataclass(frozen=True, kw_only=True)
class Writable:
    """What is special about one stream that is written: a row of the registry.

    Attributes:
        loader: Makes its stream loader of the setup and its resource.
        match_on: The columns that its records are matched on unless ``objects`` says otherwise.
        definitions: Adds to the workspace's definitions what else can be written: an email's headers.
        needs: The setting without which it is ignored, and what that is for.
        has_options: Whether the setting ``objects`` may name it.
    """

    loader: Callable[[Setup, Resource], StreamLoader] = record_stream
    match_on: Sequence[str] = ()
    definitions: Callable[[ObjectDefinitions], ObjectDefinitions] = lambda definitions: definitions
    needs: tuple[str, str] | None = None
    has_options: bool = True


REGISTRY: Mapping[str, Writable] = {
    "accounts": Writable(match_on=("website", "name")),
    "contacts": Writable(match_on=("email",)),
    "opportunities": Writable(match_on=("name",)),  # within its account
    "tasks": Writable(loader=partial(record_stream, assignee="assigned_to_id")),
    "notes": Writable(),
    "meetings": Writable(),
    "lists": Writable(
        loader=partial(record_stream, reader=ListReader, finder=ListFinder, writer=ListWriter),
        match_on=("name",),  # among those of the same object type
    ),
    "emails": Writable(
        loader=partial(record_stream, reader=EmailReader, finder=EmailFinder, writer=EmailWriter),
        definitions=definitions_of_logged,
    ),
    "files": Writable(loader=file_stream, needs=("file_upload_dir", "the folder that its files are in")),
    LIST_MEMBERS: Writable(loader=list_member_stream, has_options=False),
    MEMBERS: Writable(loader=member_stream, match_on=("email",)),
}
"""The streams by name. Custom objects, whose names the workspace has, all are ``CUSTOM_OBJECT``."""

CUSTOM_OBJECT = Writable()

_RESOURCE_OF = {LIST_MEMBERS: "lists"}


def writable(stream: str) -> Writable:
    """Return the row of a stream that is written."""
    return REGISTRY.get(stream, CUSTOM_OBJECT)


def resource_of(stream: str) -> Resource | None:
    """Return the resource that a stream of the registry is written to; None for any other stream."""
    return RESOURCES[_RESOURCE_OF.get(stream, stream)] if stream in REGISTRY else None
