"""The workspace that a run writes to, and everything that knows it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lightfield_api.client import API_URL, LightfieldClient
from lightfield_api.columns import Column, Columns, Role, columns_of
from lightfield_api.custom_objects import (
    is_custom_object,
    named_object_types,
    read_object_types,
    renamed_streams,
)
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import LightfieldError
from lightfield_api.resources import RESOURCES, Resource, custom_object
from lightfield_api.workspace import Grant, read_definitions, validate
from target_lightfield.errors import TargetError, api_failure
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.keys import is_key, key_of
from target_lightfield.loading.checks import Checks
from target_lightfield.loading.creation import Creation
from target_lightfield.loading.deletion import Deletion
from target_lightfield.loading.loader import Loader, Reader, RecordLoader
from target_lightfield.loading.references import References
from target_lightfield.loading.refusals import Refusals
from target_lightfield.loading.rows import RowReader
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.finder import Finder
from target_lightfield.matching.policy import Mode, Policy
from target_lightfield.objects.emails import (
    EmailFinder,
    EmailReader,
    EmailWriter,
    definitions_of_logged,
)
from target_lightfield.objects.file_rows import FileReader
from target_lightfield.objects.files import FileLoader
from target_lightfield.objects.list_contents import LIST_MEMBER, ListContents
from target_lightfield.objects.list_members import LIST_MEMBERS, ListMembersLoader, MembersPolicy
from target_lightfield.objects.lists import ON_LISTS, ListFinder, ListReader, ListWriter
from target_lightfield.objects.local_files import UploadFolder
from target_lightfield.plain_rows import is_empty_text
from target_lightfield.reporting.rejects_file import Rejection
from target_lightfield.writing.dry_run import DryRunClient
from target_lightfield.writing.lost_creates import UnseenCreates
from target_lightfield.writing.writer import Writer

WRITABLE = ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings", "lists", "emails", "files")
"""The streams that are written, beside those of custom objects."""

MATCH_ON: Mapping[str, tuple[str, ...]] = {
    "accounts": ("website", "name"),
    "contacts": ("email",),
    "opportunities": ("name",),  # within its account
    "members": ("email",),
    "lists": ("name",),  # among those of the same object type
}
"""What a record is matched on unless ``objects`` says otherwise; other objects on nothing."""


class Destination:
    """One workspace, opened with the target's settings.

    Args:
        config: The target's settings.

    Raises:
        TargetError: The key is refused, the workspace can't be read, the id map can't be opened or
            belongs to another workspace, or the settings name what this workspace does not have.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        try:
            self.client = (DryRunClient if config["dry_run"] else LightfieldClient)(
                config["api_key"],
                api_url=config.get("api_url") or API_URL,
                requests_per_second=config.get("requests_per_second"),
                max_connections=config["max_concurrency"],
            )
        except ValueError as e:
            raise TargetError(f"{e}.") from None
        self._lock = threading.RLock()
        self._directories: dict[str, Directory] = {}
        self._loaders: dict[str, RecordLoader] = {}
        self._list_members: ListMembersLoader | None = None
        self._known_columns: dict[str, Columns] = {}
        self._custom: Mapping[str, Resource] | None = None
        self._former: dict[str, Resource] = {}
        try:
            self._grant: Grant = validate(self.client)
            self._definitions = self._read_definitions(RESOURCES.values())
            if "emails" in self._definitions:
                self._definitions["emails"] = definitions_of_logged(self._definitions["emails"])
        except LightfieldError as e:
            raise api_failure("opening the workspace", e) from e
        self._options = self._checked_options(config.get("objects") or {})
        self.id_map = self._open_id_map()
        self._references = References(self.id_map, self._directory_of_type)

    def close(self) -> None:
        """Give back the id map and the connections."""
        self.id_map.close()
        self.client.close()
        for directory in self._directories.values():
            directory.close()
        if self._list_members is not None:
            self._list_members.close()

    def object_type(self, stream: str) -> str | None:
        """Return the object type of a stream's records; None if they can't be written."""
        if stream == LIST_MEMBERS:
            return LIST_MEMBER
        resource = self._resource(stream)
        return resource.object_type if resource and (resource.slug or stream in WRITABLE) else None

    def lasting_name(self, stream: str) -> str:
        """Return what the id map calls a stream, however it is spelled: a custom object's as always."""
        resource = self._resource(stream)
        return resource.lasting_name if resource else stream

    def stream_name(self, stream: str) -> str:
        """Return what a stream is called, however it is spelled; asks Lightfield for nothing."""
        resource = self._former.get(stream)
        return resource.name if resource else stream

    def spellings(self, stream: str) -> Sequence[str]:
        """Return the names that a stream goes by."""
        resource = self._resource(stream)
        return [resource.name, resource.lasting_name] if resource else [stream]

    def custom_objects(self) -> Sequence[str]:
        """Return the streams of the workspace's custom objects."""
        return list(self._custom_objects)

    def column(self, stream: str, relationship: str) -> Column | None:
        """Return the column of a relationship, by its key; None for a stream or a key that is not known."""
        columns = self._columns(stream)
        return columns.find(relationship, Role.RELATIONSHIP) if columns else None

    def is_of_members(self, stream: str, column: str) -> bool:
        """Whether a column refers to members."""
        columns = self._columns(stream)
        known = columns.by_name.get(column) if columns else None
        return bool(known and known.relationship and known.relationship.object_type == "member")

    def missing_members(self, stream: str, row: Mapping[str, Any]) -> Iterator[str]:
        """Yield what a row calls members whom the workspace does not have."""
        for name, value in row.items():
            if self.is_of_members(stream, name):
                references = (
                    item for item in (value if isinstance(value, list) else [value]) if is_key(item)
                )
                for reference in map(key_of, references):
                    with suppress(Rejection):  # then it means several
                        if not is_empty_text(reference) and not self._references.find("member", reference):
                            yield reference

    def _columns(self, stream: str) -> Columns | None:
        stream = self.stream_name(stream)
        definitions = self._definitions.get(stream)
        if definitions and stream not in self._known_columns:
            self._known_columns[stream] = columns_of(definitions)
        return self._known_columns.get(stream)

    def loader(self, stream: str) -> RecordLoader:
        """Return what loads the records of a writable stream.

        Raises:
            TargetError: The key lacks a scope for it, or the settings of the object are wrong.
        """
        with self._lock:
            stream = self.stream_name(stream)
            if stream not in self._loaders:
                resource = self._resource(stream)
                assert resource is not None  # noqa: S101 - of a stream that can be written
                self._loaders[stream] = self._make_loader(resource)
            return self._loaders[stream]

    def list_members(self) -> ListMembersLoader:
        """Return what writes who is on which list.

        Raises:
            TargetError: The key lacks a scope for it.
        """
        with self._lock:
            if self._list_members is None:
                self._list_members = self._make_list_members_loader()
            return self._list_members

    def _make_list_members_loader(self) -> ListMembersLoader:
        lists = RESOURCES["lists"]
        self._require(lists, ["read", "update"], writing=LIST_MEMBERS)
        for resource in ON_LISTS.values():
            self._require(resource, ["read"], writing=LIST_MEMBERS)
        own_only = (self._option(lists, "mode") or self._config["mode"]) == "create_only"
        exact = self._config["relationship_mode"] == "replace" and not own_only
        policy = MembersPolicy(own_only, exact, ends=exact and self._config["delete_mode"] == "trash")
        retrieve, concurrency = self._directory(lists).current, self._config["max_concurrency"]

        def open_list(list_id: str, object_type: str) -> ListContents:
            return ListContents(
                self.client, self.id_map, retrieve, list_id, object_type, concurrency=concurrency
            )

        return ListMembersLoader(self.id_map, self._references, open_list, policy)

    def member_id(self, email: str) -> str | None:
        """Return the id of the member with this email, or None."""
        return self._references.find("member", email) if "@" in email else None

    def _make_loader(self, resource: Resource) -> RecordLoader:
        mode = self._option(resource, "mode") or self._config["mode"]
        if resource.name == "files":
            return self._make_file_loader(resource, mode)
        self._check_scopes(resource, mode)
        policy = Policy(
            mode,
            self._config["on_ambiguous"],
            exact_links=self._config["relationship_mode"] == "replace",
            on_deleted=self._config["on_deleted"],
        )
        definitions = self._definitions[resource.name]
        defaults = self._defaults(resource)
        reader = _READERS.get(resource.name, RowReader)(
            resource, definitions, defaults, null_unlinks=policy.exact_links
        )
        self._check_defaults(resource, reader, defaults)
        directory = self._directory(resource)
        unseen = UnseenCreates(self.client, self.id_map, directory, resource, definitions)
        writer = _WRITERS.get(resource.name, Writer)(
            self.client, self.id_map, unseen, resource, definitions, self._create_options(resource)
        )
        finder = _FINDERS.get(resource.name, Finder)(resource, definitions, directory, self.id_map, policy)
        refusals = Refusals(definitions, reader.columns, self._references, writer)
        checks = Checks(resource, writer, refusals.column_name)
        creation = Creation(self.id_map, finder, directory, writer, checks, refusals)
        return Loader(
            resource=resource,
            definitions=definitions,
            reader=reader,
            references=self._references,
            finder=finder,
            directory=directory,
            creation=creation,
            deletion=Deletion(
                resource.object_type, self.id_map, finder, directory, creation, writer, refusals
            ),
            writer=writer,
            refusals=refusals,
            id_map=self.id_map,
            policy=policy,
        )

    def _make_file_loader(self, resource: Resource, mode: Mode) -> FileLoader:
        self._require(resource, ["read"] if mode == "update_only" else ["read", "create"])
        defaults = self._defaults(resource)
        reader = FileReader(defaults)
        self._check_defaults(resource, reader, defaults)
        folder = UploadFolder(self._config["file_upload_dir"])
        return FileLoader(reader, folder, self.client, self.id_map, self._directory(resource), mode)

    def _check_defaults(self, resource: Resource, reader: Reader, defaults: Mapping[str, Any]) -> None:
        if unknown := reader.unknown(defaults):
            raise TargetError(
                f"objects.{resource.name}: defaults name {next(iter(unknown))!r}, which is no column."
            )

    def _check_scopes(self, resource: Resource, mode: str) -> None:
        operations = ["read", *_OPERATIONS[mode]]
        if self._config["delete_mode"] == "trash":
            operations.append("delete")
        can_not = {"update"} if resource.updatable == frozenset() else set()  # of which there is no scope
        self._require(resource, [operation for operation in operations if operation not in can_not])

    def _require(self, resource: Resource, operations: Iterable[str], *, writing: str | None = None) -> None:
        for operation in operations:
            if not self._grant.allows(resource.scope(operation)):
                raise TargetError(
                    f"The API key lacks the scope {resource.scope(operation)}, which writing "
                    f"{writing or resource.name} needs: grant it, or leave the stream out."
                )

    def _create_options(self, resource: Resource) -> Mapping[str, Any]:
        """Return what a create sends beside its fields."""
        if resource.enrichable:
            return {"skipEnrichment": self._config["skip_enrichment"]}
        if resource.auto_creates and self._config["auto_create_records"]:
            return {"autoCreateRecords": True}
        return {}

    def _defaults(self, resource: Resource) -> Mapping[str, Any]:
        defaults = dict(self._option(resource, "defaults") or {})
        assignee = self._config.get("default_assignee")
        if resource.name == "tasks" and assignee:
            if self._references.find("member", assignee) is None:
                raise TargetError(f"default_assignee {assignee!r} is no member of the workspace.")
            defaults.setdefault("assigned_to_id", assignee)
        return defaults

    def _directory(self, resource: Resource) -> Directory:
        with self._lock:
            if resource.name not in self._directories:
                self._directories[resource.name] = self._make_directory(resource)
            return self._directories[resource.name]

    def _make_directory(self, resource: Resource) -> Directory:
        columns = columns_of(self._definitions[resource.name])
        match_on = self._option(resource, "match_on")
        if match_on is None:  # a workspace may lack one of the usual fields
            match_on = [name for name in MATCH_ON.get(resource.name, ()) if name in columns.by_name]
        try:
            return Directory(
                self.client,
                resource,
                columns,
                match_on,
                concurrency=self._config["max_concurrency"],
                trash_is_listed=self._grant.allows(resource.scope("restore")),
            )
        except ValueError as e:
            raise TargetError(f"objects.{resource.name}: {e}.") from None

    def _directory_of_type(self, object_type: str) -> Directory | None:
        resource = next((r for r in self._all_resources() if r.object_type == object_type), None)
        return self._directory(resource) if resource and resource.name in self._definitions else None

    def _all_resources(self) -> Iterator[Resource]:
        yield from RESOURCES.values()
        yield from self._custom_objects.values()

    def _option(self, resource: Resource, name: str) -> Any:
        return (self._options.get(resource.name) or {}).get(name)

    def _read_definitions(self, resources: Iterable[Resource]) -> dict[str, ObjectDefinitions]:
        readable = [r for r in resources if self._grant.allows(r.scope("read"))]
        return dict(read_definitions(self.client, readable))

    def _resource(self, stream: str) -> Resource | None:
        """Return the resource of a stream; custom objects are asked for when the first one is meant."""
        if is_custom_object(stream):
            return self._custom_objects.get(stream) or self._former.get(stream)
        return RESOURCES.get(stream)

    @property
    def _custom_objects(self) -> Mapping[str, Resource]:
        with self._lock:
            if self._custom is None:
                try:
                    self._custom = self._read_custom_objects()
                    self._definitions.update(self._read_definitions(self._custom.values()))
                except LightfieldError as e:
                    raise api_failure("reading the custom objects", e) from e
            return self._custom

    def _read_custom_objects(self) -> Mapping[str, Resource]:
        if not self._grant.allows("custom_objects:read"):
            return {}
        types = read_object_types(self.client) or ()
        former = {new: old for old, new in renamed_streams(types).items()}
        custom = {
            name: custom_object(kind.slug, name, former.get(name))
            for name, kind in named_object_types(types).items()
        }
        self._former = {former[name]: resource for name, resource in custom.items() if name in former}
        return custom

    def _checked_options(self, objects: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the options of single objects by the name of their stream.

        Raises:
            TargetError: There is no such stream, or one is named twice.
        """
        options: dict[str, Any] = {}
        for name, option in objects.items():
            if name != "members" and (name == LIST_MEMBERS or not self.object_type(name)):
                known = ", ".join([*WRITABLE, *self._custom_objects])
                raise TargetError(f"objects names {name!r}; there are members, {known}.")
            stream = self.stream_name(name)
            if stream in options:
                raise TargetError(f"objects names {stream!r} twice, in its former spelling too.")
            options[stream] = option
        return options

    def _open_id_map(self) -> IdMap:
        id_map = IdMap(self._config["id_map"], dry_run=self._config["dry_run"])
        ids = {
            f"{definitions.object_type}.{key}": definition.id
            for definitions in self._definitions.values()
            for key, definition in definitions.fields.items()
            if definition.id
        }
        if not id_map.belongs_to(ids):
            id_map.close()
            raise TargetError(
                "The id map belongs to another Lightfield workspace: set id_map to a database of its own "
                "for this one."
            )
        return id_map


_READERS: Mapping[str, type[RowReader]] = {"lists": ListReader, "emails": EmailReader}
_WRITERS: Mapping[str, type[Writer]] = {"emails": EmailWriter, "lists": ListWriter}
_FINDERS: Mapping[str, type[Finder]] = {"emails": EmailFinder, "lists": ListFinder}
"""What is loaded in ways of its own, by the name of its resource."""

_OPERATIONS = {
    "upsert": ("create", "update"),
    "create_only": ("create",),
    "update_only": ("update",),
}
