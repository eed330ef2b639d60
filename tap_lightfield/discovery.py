"""What there is to read: the streams of a workspace, as far as a run asks for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from lightfield_api.access import Grant, read_definitions
from lightfield_api.client import LightfieldClient
from lightfield_api.custom_objects import (
    CUSTOM_OBJECTS_READ,
    OBJECT_PREFIX,
    ObjectType,
    named_object_types,
    read_object_types,
)
from lightfield_api.resources import RESOURCES, Resource
from tap_lightfield.errors import ConfigError, MissingScope
from tap_lightfield.streams.base import LightfieldStream
from tap_lightfield.streams.incremental import IncrementalStream
from tap_lightfield.streams.table import STREAM_KINDS
from tap_lightfield.workspace import REFERENCES_READ, FileReferences, Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.singerlib import Catalog


def refuse_unknown_streams(names: Iterable[str]) -> None:
    """Check the names in ``full_sweep``, as far as they are not those of custom objects.

    Raises:
        ConfigError: There is no such stream.
    """
    for name in names:
        if name not in STREAM_KINDS and not name.startswith(OBJECT_PREFIX):
            nearest = get_close_matches(name.lower(), STREAM_KINDS, n=1)
            raise ConfigError(
                f"The setting full_sweep names {name!r}, which is no stream of this tap"
                + (f": did you mean {nearest[0]}?" if nearest else ".")
            )


class Discovery:
    """Finds out what there is to read.

    Args:
        tap: The tap whose streams they are.
        client: The client to ask.
        grant: What the API key may do.
        catalog: The catalog of the run, None if everything is read.
        is_selected: Whether the run reads a stream.
    """

    def __init__(
        self,
        tap: Tap,
        client: LightfieldClient,
        grant: Grant,
        catalog: Catalog | None,
        is_selected: Callable[[str], bool],
    ) -> None:
        self._tap = tap
        self._config: Mapping[str, Any] = tap.config
        self._logger: logging.Logger = tap.logger
        self._client = client
        self._grant = grant
        self._catalog = catalog
        self._is_selected = is_selected
        self._kinds = [kind for kind in STREAM_KINDS.values() if kind.is_there(self._config)]
        self._resources = [kind.resource for kind in self._kinds if kind.resource]

    def streams(self) -> list[LightfieldStream]:
        """Return the streams, with the definitions of those that will be read.

        Raises:
            ConfigError: A setting names what there is not.
            MissingScope: The catalog selects a stream that the key may not read.
            LightfieldError: The workspace can't be read.
        """
        self._check_scopes()
        workspace = self._workspace()
        self._warn_of_unknown_streams(workspace)
        streams = [kind.make(self._tap, workspace) for kind in self._kinds]
        streams += [IncrementalStream(self._tap, workspace, kind) for kind in workspace.custom_objects]
        self._warn_of_unswept({stream.name for stream in streams})
        return streams

    def _workspace(self) -> Workspace:
        found = self._read_object_types()
        types = named_object_types(found or ())
        bare = Workspace(self._client, self._grant, types)
        definitions = read_definitions(
            self._client,
            self._to_be_defined(bare),
            max_concurrency=self._config["max_concurrency"],
        )
        references = FileReferences(wanted=self._is_selected("files"), all_records=self._all_references)
        resources = {*(resource.name for resource in self._resources), *types}
        is_defined = found is not None and resources <= definitions.keys()
        return Workspace(self._client, self._grant, types, definitions, references, is_defined)

    def _all_references(self) -> bool:
        """Whether files are followed from all records, and not only from those that have changed."""
        state = self._tap.state.get("bookmarks", {}).get("files", {})
        return REFERENCES_READ not in state or "files" in (self._config.get("full_sweep") or ())

    def _to_be_defined(self, workspace: Workspace) -> Iterator[Resource]:
        """Yield the resources whose definitions the run needs."""
        for resource in (*self._resources, *workspace.custom_objects):
            wanted = self._shows_definitions or self._is_selected(resource.name)
            if (wanted or resource.builtin is not None) and self._grant.allows(resource.scope("read")):
                yield resource

    @property
    def _shows_definitions(self) -> bool:
        """Whether the run reads a stream that shows the definitions of all object types."""
        return any(self._is_selected(kind.name) for kind in self._kinds if kind.shows_definitions)

    def _read_object_types(self) -> Sequence[ObjectType] | None:
        """Return the custom object types; None if the run has no use for them or the key can't read them."""
        asked_for = (
            self._catalog is None
            or any(name.startswith(OBJECT_PREFIX) and self._is_selected(name) for name in self._catalog)
            or self._shows_definitions
            or any(name.startswith(OBJECT_PREFIX) for name in self._config.get("field_history") or ())
        )
        if not asked_for or not self._grant.allows(CUSTOM_OBJECTS_READ):
            return None
        types = read_object_types(self._client)
        if types is None:
            self._logger.info("The workspace has no custom objects.")
        return types

    def _check_scopes(self) -> None:
        missing = {
            name: [scope for scope in scopes if not self._grant.allows(scope)]
            for name, scopes in self._scopes().items()
        }
        denied = {name: scopes[0] for name, scopes in missing.items() if scopes}
        if self._catalog is not None:
            for name, scope in denied.items():
                if self._is_selected(name):
                    raise MissingScope(name, scope)
            self._check_trash()
        if denied:
            self._logger.warning(
                "The API key lacks %s, so these streams can't be selected: %s.",
                ", ".join(dict.fromkeys(denied.values())),
                ", ".join(denied),
            )

    def _check_trash(self) -> None:
        for name, resource in RESOURCES.items():
            if self._config["include_trashed"] and resource.trashable and self._is_selected(name):
                scope = resource.scope("restore")
                if not self._grant.allows(scope):
                    raise MissingScope(name, scope, needed_for="include_trashed")

    def _scopes(self) -> Mapping[str, Sequence[str]]:
        """Return the scopes of the streams that there may be."""
        known = {kind.name: kind.scopes(self._config) for kind in self._kinds}
        custom = (name for name in self._catalog or () if name.startswith(OBJECT_PREFIX))
        return {**known, **{name: (CUSTOM_OBJECTS_READ,) for name in custom if name not in known}}

    def _warn_of_unknown_streams(self, workspace: Workspace) -> None:
        if self._catalog is not None:
            known = {*STREAM_KINDS, *workspace.object_types}
            for name in self._catalog.keys() - known:
                if self._is_selected(name) or not name.startswith(OBJECT_PREFIX):
                    self._logger.warning(
                        "The catalog has a stream '%s' that this tap has not: ignored.", name
                    )

    def _warn_of_unswept(self, names: Container[str]) -> None:
        for name in self._config.get("full_sweep") or ():
            if name not in names:
                self._logger.warning("The setting full_sweep names %s, which there is not.", name)
