"""The objects whose writes are taken back, each with what reads and writes its records."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import Resource
from target_lightfield.objects.list_contents import ListContents
from target_lightfield.run.workspace import Workspace
from target_lightfield.undo.present import Present
from target_lightfield.writing.lost_creates import UnseenCreates
from target_lightfield.writing.writer import Writer


@dataclass(frozen=True)
class Object:
    """One object.

    Attributes:
        resource: Its entry in the table of resources.
        definitions: The workspace's definitions of it.
        present: How its records are now.
        unseen: Finds what creates without an answer made.
        writer: Writes its records.
    """

    resource: Resource
    definitions: ObjectDefinitions
    present: Present
    unseen: UnseenCreates
    writer: Writer


class Objects:
    """The objects of a workspace. Safe to use from several threads.

    Args:
        workspace: The workspace.
        concurrency: How many pages of a list are asked for at once.
        is_plan: Whether nothing is written.
    """

    def __init__(self, workspace: Workspace, *, concurrency: int, is_plan: bool) -> None:
        self._workspace = workspace
        self._concurrency = concurrency
        self._is_plan = is_plan
        self._lock = threading.RLock()
        self._objects: dict[str, Object | None] = {}
        self._contents: dict[tuple[str, str], ListContents] = {}

    def close(self) -> None:
        """Forget what is known of records."""
        for one in self._objects.values():
            if one:
                one.present.close()

    def get(self, name: str) -> Object | None:
        """Return an object by its lasting name; None if the workspace does not show it to this API key.

        Raises:
            TargetError: The custom objects can't be read.
        """
        with self._lock:
            if name not in self._objects:
                self._objects[name] = self._make(name)
            return self._objects[name]

    def contents(self, list_id: str, object_type: str) -> ListContents:
        """Return who is on a list, of one object type."""
        with self._lock:
            if (list_id, object_type) not in self._contents:
                workspace = self._workspace
                lists = workspace.resource("lists")
                assert lists is not None  # noqa: S101 - it is in the table of resources
                retrieve = workspace.directory(lists).current
                self._contents[list_id, object_type] = ListContents(
                    workspace.client,
                    workspace.id_map,
                    retrieve,
                    list_id,
                    object_type,
                    concurrency=self._concurrency,
                )
            return self._contents[list_id, object_type]

    def _make(self, name: str) -> Object | None:
        workspace = self._workspace
        resource, definitions = workspace.resource(name), workspace.definitions_of(name)
        if resource is None or definitions is None:
            return None
        client, id_map = workspace.client, workspace.id_map
        unseen = UnseenCreates(client, id_map, workspace.directory(resource), resource, definitions)
        return Object(
            resource,
            definitions,
            Present(client, resource, concurrency=self._concurrency, is_plan=self._is_plan),
            unseen,
            Writer(client, id_map, unseen, resource, definitions, {}),
        )
