"""The workspace that a run writes to, and everything that knows it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from lightfield_api.client import API_URL, LightfieldClient
from lightfield_api.columns import columns_of
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import LightfieldError
from lightfield_api.resources import RESOURCES, Resource
from lightfield_api.workspace import Grant, read_definitions, validate
from target_lightfield.errors import TargetError, api_failure
from target_lightfield.id_map import IdMap
from target_lightfield.incoming import RowReader
from target_lightfield.links import References
from target_lightfield.loading import Loader, Policy
from target_lightfield.matching import Directory
from target_lightfield.writer import Writer

WRITABLE = ("accounts", "contacts", "opportunities", "tasks", "notes")
"""The streams that are written."""

MATCH_ON: Mapping[str, tuple[str, ...]] = {
    "accounts": ("website", "name"),
    "contacts": ("email",),
    "opportunities": ("name",),  # within its account
    "members": ("email",),
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
            self.client = LightfieldClient(
                config["api_key"],
                api_url=config.get("api_url") or API_URL,
                requests_per_second=config.get("requests_per_second"),
                max_connections=config["max_concurrency"],
            )
        except ValueError as e:
            raise TargetError(f"{e}.") from None
        _check_objects(config.get("objects") or {})
        self._lock = threading.RLock()
        self._directories: dict[str, Directory] = {}
        self._loaders: dict[str, Loader] = {}
        try:
            self._grant: Grant = validate(self.client)
            self._definitions = self._read_definitions()
        except LightfieldError as e:
            raise api_failure("opening the workspace", e) from e
        self.id_map = self._open_id_map()
        self._references = References(self.id_map, self._directory_of_type)

    def close(self) -> None:
        """Give back the id map and the connections."""
        self.id_map.close()
        self.client.close()

    def loader(self, stream: str) -> Loader:
        """Return what loads the records of a writable stream.

        Raises:
            TargetError: The key lacks a scope for it, or the settings of the object are wrong.
        """
        with self._lock:
            if stream not in self._loaders:
                self._loaders[stream] = self._make_loader(RESOURCES[stream])
            return self._loaders[stream]

    def member_id(self, email: str) -> str | None:
        """Return the id of the member with this email, or None."""
        return self._references.find("member", email) if "@" in email else None

    def _make_loader(self, resource: Resource) -> Loader:
        mode = self._option(resource, "mode") or self._config["mode"]
        for operation in ("read", *_OPERATIONS[mode]):
            if not self._grant.allows(resource.scope(operation)):
                raise TargetError(
                    f"The API key lacks the scope {resource.scope(operation)}, which writing "
                    f"{resource.name} needs: grant it, or leave the stream out."
                )
        definitions = self._definitions[resource.name]
        defaults = self._defaults(resource)
        reader = RowReader(resource, definitions, defaults)
        if unknown := reader.unknown(defaults):
            raise TargetError(
                f"objects.{resource.name}: defaults name {next(iter(unknown))!r}, which is no column."
            )
        return Loader(
            resource,
            definitions,
            reader,
            self._directory(resource),
            self._references,
            Writer(
                self.client,
                self.id_map,
                resource,
                definitions,
                skip_enrichment=self._config["skip_enrichment"],
            ),
            self.id_map,
            Policy(mode, self._config["on_ambiguous"]),
        )

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
                self.client, resource, columns, match_on, concurrency=self._config["max_concurrency"]
            )
        except ValueError as e:
            raise TargetError(f"objects.{resource.name}: {e}.") from None

    def _directory_of_type(self, object_type: str) -> Directory | None:
        resource = next((r for r in RESOURCES.values() if r.object_type == object_type), None)
        return self._directory(resource) if resource and resource.name in self._definitions else None

    def _option(self, resource: Resource, name: str) -> Any:
        return ((self._config.get("objects") or {}).get(resource.name) or {}).get(name)

    def _read_definitions(self) -> Mapping[str, ObjectDefinitions]:
        readable = [r for r in RESOURCES.values() if self._grant.allows(r.scope("read"))]
        return read_definitions(self.client, readable)

    def _open_id_map(self) -> IdMap:
        id_map = IdMap(self._config["id_map"])
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


def _check_objects(objects: Mapping[str, Any]) -> None:
    for name in objects:
        if name not in {*WRITABLE, "members"}:
            raise TargetError(f"objects names {name!r}; there are {', '.join(WRITABLE)} and members.")


_OPERATIONS = {
    "upsert": ("create", "update"),
    "create_only": ("create",),
    "update_only": ("update",),
}
