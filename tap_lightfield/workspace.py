"""What the streams of one run share: the client, what the key may do, and what there is to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lightfield_api.access import Grant
from lightfield_api.client import LightfieldClient
from lightfield_api.custom_objects import ObjectType
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.resources import Resource, custom_object


class FileReferences:
    """The ids of the files that records refer to, learned while the records' streams are read.

    Args:
        wanted: Whether the run reads files at all.
        all_records: Returns whether files of unchanged records count too: they do where the files stream
            has never been read, or is to be read from its start. It is called with the first record, since
            the state is loaded only after discovery.
    """

    def __init__(self, *, wanted: bool = False, all_records: Callable[[], bool] = lambda: False) -> None:
        self._wanted = wanted
        self._ask_all_records = all_records
        self.ids: set[str] = set()

    @cached_property
    def _all_records(self) -> bool:
        return self._ask_all_records()

    def note(self, record: Mapping[str, Any], *, changed: bool) -> None:
        """Take the file ids out of a record's relationships.

        Raises:
            UnexpectedAnswer: They have another shape than documented.
        """
        if not self._wanted or not (changed or self._all_records):
            return
        relationships = record.get("relationships") or {}
        if not isinstance(relationships, dict):
            raise _other_shape(record)
        for key, relationship in relationships.items():
            if isinstance(relationship, dict) and (
                key in _FILE_KEYS or relationship.get("objectType") in _FILE_TYPES
            ):
                values = relationship.get("values")
                ids = [id_ for id_ in (values if isinstance(values, list) else [values]) if id_]
                if not all(isinstance(id_, str) for id_ in ids):
                    raise _other_shape(record)
                self.ids.update(ids)

    def are_unread(self, state: dict[str, Any]) -> None:
        """Take note that a bookmark moves past references which only this run knows.

        Should it end before the files are read, the next run has to follow the references of all records.

        Args:
            state: That of ``files``, which says so when it has read them.
        """
        _ = self._wanted and self._all_records  # which goes by what the state said before
        state.pop(REFERENCES_READ, None)


def _other_shape(record: Mapping[str, Any]) -> UnexpectedAnswer:
    return UnexpectedAnswer(f"The relationships of record {record.get('id')} have not the documented shape")


REFERENCES_READ = "references_read"
"""A member of the state of ``files``: once there, a run has followed the references of all records, and each
later one those of the records that it found changed."""

_FILE_KEYS = frozenset({"$files", "$transcript", "$transcripts", "$attachment"})
_FILE_TYPES = frozenset({"file", "$file"})


@dataclass(frozen=True)
class Workspace:
    """What the streams share.

    Attributes:
        client: The client to ask.
        grant: What the API key may do.
        object_types: The custom object types, by the name of their stream.
        definitions: The definitions that have been read, by the name of their stream.
        file_references: The files that records refer to.
        is_defined: Whether the definitions are those of all object types that there are.
    """

    client: LightfieldClient
    grant: Grant
    object_types: Mapping[str, ObjectType] = field(default_factory=dict)
    definitions: Mapping[str, ObjectDefinitions] = field(default_factory=dict)
    file_references: FileReferences = field(default_factory=FileReferences)
    is_defined: bool = False

    @property
    def custom_objects(self) -> Iterator[Resource]:
        """The resources of the custom object types."""
        for name, kind in self.object_types.items():
            yield custom_object(kind.slug, name)
