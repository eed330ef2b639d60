"""The workspace that a run writes to, opened with the target's settings."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lightfield_api.access import Grant, read_definitions, validate
from lightfield_api.client import API_URL, LightfieldClient
from lightfield_api.columns import Columns, columns_of
from lightfield_api.custom_objects import (
    is_custom_object,
    named_object_types,
    read_object_types,
    renamed_streams,
)
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import LightfieldError
from lightfield_api.records import Record
from lightfield_api.resources import RESOURCES, Resource, custom_object
from target_lightfield.errors import TargetError, api_failure
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.loading.references import References
from target_lightfield.matching.directory import Directory
from target_lightfield.objects.registry import REGISTRY, resource_of, writable
from target_lightfield.writing.dry_run import DryRunClient


class Workspace:
    """The workspace that a run writes to: its client, its definitions, its id map, its records.

    Args:
        config: The target's settings.

    Attributes:
        client: The API client.
        grant: What the API key may do.
        definitions: The definitions of what it may read, by the name of the resource.
        options: The settings of single objects, by the name of the stream.
        id_map: What is remembered of it from run to run.
        references: Finds the records that references mean.
        is_dry_run: Whether nothing is written to it.

    Raises:
        TargetError: The key is refused, the workspace can't be read, the id map can't be opened or
            belongs to another workspace, or the settings name what this workspace does not have.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self.is_dry_run: bool = config["dry_run"]
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
        self._columns: dict[str, Columns] = {}
        self._custom: Mapping[str, Resource] | None = None
        self._former: dict[str, Resource] = {}
        self._names_of_custom: Mapping[str, Sequence[str]] = {}
        try:
            self.grant: Grant = validate(self.client)
            self.definitions = self._read_definitions(RESOURCES.values())
        except LightfieldError as e:
            raise api_failure("opening the workspace", e) from e
        self.options = self._checked_options(config.get("objects") or {})
        self.id_map = self._open_id_map()
        self.references = References(self.id_map, self._directory_of_type)

    def close(self) -> None:
        """Release the id map, the connections and what is known of records."""
        self.id_map.close()
        self.client.close()
        for directory in self._directories.values():
            directory.close()

    # Streams and what they are written to

    def resource(self, stream: str) -> Resource | None:
        """Return the resource that the rows of a stream are written to; None if they can't be.

        Custom objects are read when the first stream of one is asked about.

        Raises:
            TargetError: They can't be read.
        """
        if is_custom_object(stream):
            return self._custom_objects.get(stream) or self._former.get(stream)
        return resource_of(stream)

    def custom_objects(self) -> Mapping[str, Sequence[str]]:
        """Return what the workspace's custom objects are called, by stream. Raises as ``resource`` does."""
        return {name: self._names_of_custom[name] for name in self._custom_objects}

    def lasting_name(self, stream: str) -> str:
        """Return what the id map calls a stream, however it is spelled: the same in every release."""
        resource = self.resource(stream) if is_custom_object(stream) else None
        return resource.lasting_name if resource else stream

    def stream_name(self, stream: str) -> str:
        """Return what this release calls a stream, however it is spelled; makes no call."""
        resource = self._former.get(stream)
        return resource.name if resource else stream

    def spellings(self, stream: str) -> Sequence[str]:
        """Return the names of a stream: this release's and that of earlier ones."""
        resource = self.resource(stream) if is_custom_object(stream) else None
        return [resource.name, resource.lasting_name] if resource else [stream]

    def definitions_of(self, stream: str) -> ObjectDefinitions | None:
        """Return the definitions of a stream's object, None of one that has none. Raises as ``resource``."""
        self.resource(stream)  # which reads those of custom objects
        return self.definitions.get(self.stream_name(stream))

    def columns(self, stream: str) -> Columns | None:
        """Return the columns of a stream's records, None of one that has no definitions."""
        stream = self.stream_name(stream)
        definitions = self.definitions.get(stream)
        if definitions and stream not in self._columns:
            self._columns[stream] = columns_of(definitions)
        return self._columns.get(stream)

    # What is known of records

    def directory(self, resource: Resource) -> Directory:
        """Return what is known of an object's records.

        Raises:
            TargetError: ``match_on`` names what is no column of a field.
        """
        with self._lock:
            if resource.name not in self._directories:
                self._directories[resource.name] = self._make_directory(resource)
            return self._directories[resource.name]

    def current(self, stream: str, record_id: str) -> Record | None:
        """Return a record as it is now; None if it is there no more.

        Raises:
            TargetError: Lightfield did not answer as it should.
        """
        resource = self.resource(stream)
        try:
            return self.directory(resource).current(record_id) if resource else None
        except LightfieldError as e:
            raise api_failure(f"reading {stream} {record_id!r}", e) from e

    def _make_directory(self, resource: Resource) -> Directory:
        columns = columns_of(self.definitions[resource.name])
        match_on = (self.options.get(resource.name) or {}).get("match_on")
        if match_on is None:  # a workspace may lack one of the usual fields
            match_on = [name for name in writable(resource.name).match_on if name in columns.by_name]
        try:
            directory = Directory(
                self.client,
                resource,
                columns,
                match_on,
                concurrency=self._config["max_concurrency"],
                trash_is_listed=self.grant.allows(resource.scope("restore")),
                is_read_only=self._config["dry_run"],
            )
            if isinstance(self.client, DryRunClient):
                self.client.know(resource.record_path, directory.known)
            return directory
        except ValueError as e:
            raise TargetError(f"objects.{resource.name}: {e}.") from None

    def _directory_of_type(self, object_type: str) -> Directory | None:
        resource = next((r for r in self._all_resources() if r.object_type == object_type), None)
        return self.directory(resource) if resource and resource.name in self.definitions else None

    def _all_resources(self) -> Iterator[Resource]:
        yield from RESOURCES.values()
        yield from self._custom_objects.values()

    # Opening it

    def _read_definitions(self, resources: Iterable[Resource]) -> dict[str, ObjectDefinitions]:
        readable = [r for r in resources if self.grant.allows(r.scope("read"))]
        read = read_definitions(self.client, readable, max_concurrency=self._config["max_concurrency"])
        return {name: writable(name).definitions(definitions) for name, definitions in read.items()}

    @property
    def _custom_objects(self) -> Mapping[str, Resource]:
        with self._lock:
            if self._custom is None:
                try:
                    self._custom = self._read_custom_objects()
                    self.definitions.update(self._read_definitions(self._custom.values()))
                except LightfieldError as e:
                    raise api_failure("reading the custom objects", e) from e
            return self._custom

    def _read_custom_objects(self) -> Mapping[str, Resource]:
        if not self.grant.allows("custom_objects:read"):
            return {}
        types = read_object_types(self.client) or ()
        former = {new: old for old, new in renamed_streams(types).items()}
        custom = {
            name: custom_object(kind.slug, name, former.get(name))
            for name, kind in named_object_types(types).items()
        }
        self._names_of_custom = {
            name: (kind.label, kind.slug) for name, kind in named_object_types(types).items()
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
            if not writable(name).has_options or self.resource(name) is None:
                streams = [stream for stream, row in REGISTRY.items() if row.has_options]
                known = ", ".join([*streams, *self._custom_objects])
                raise TargetError(f"objects names {name!r}; there are {known}.")
            stream = self.stream_name(name)
            if stream in options:
                raise TargetError(f"objects names {stream!r} twice, in its former spelling too.")
            options[stream] = option
        return options

    def _open_id_map(self) -> IdMap:
        id_map = IdMap(self._config["id_map"], dry_run=self._config["dry_run"])
        ids = {
            f"{definitions.object_type}.{key}": definition.id
            for definitions in self.definitions.values()
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
