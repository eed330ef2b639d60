"""What references mean: the ids of records; a link waits while the record of its reference has not come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lightfield_api.definitions import ObjectDefinitions
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Link, State
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.wanted import Resolved
from target_lightfield.reporting.rejection import RejectCode, Rejection


class References:
    """Finds the records that references mean.

    Args:
        id_map: Knows the source keys that have been written.
        directory_of: Returns what is known of an object type's records; None for a type that the
            target can't look up, whose references are taken as ids.
    """

    def __init__(self, id_map: IdMap, directory_of: Callable[[str], Directory | None]) -> None:
        self._id_map = id_map
        self._directory_of = directory_of

    def resolve(self, definitions: ObjectDefinitions, references: Mapping[str, Sequence[str]]) -> Resolved:
        """Return the ids that references by relationship key mean, and those that mean nothing yet.

        Raises:
            Rejection: One means several records; ``param`` is the relationship's key.
        """
        resolved = Resolved()
        for key, items in references.items():
            for reference in items:
                try:
                    id_ = self.find(definitions.relationships[key].object_type, reference)
                except Rejection as e:
                    raise Rejection(e.message, code=e.code, param=key) from e
                if id_ is None:
                    resolved.waiting.append(Link(key, reference))
                elif id_ not in resolved.ids[key]:
                    resolved.ids[key].append(id_)
            if not items or definitions.relationships[key].links_many:
                resolved.ids.setdefault(key, [])  # even if empty: exact links remove all others
        return resolved

    def note_gone_links(
        self, definitions: ObjectDefinitions, references: Mapping[str, Sequence[str]], links: Resolved
    ) -> bool:
        """Note which records of these links are gone, and return whether the references now mean less.

        The API refuses a write with a link to a record that somebody has deleted. From now on such a link
        waits, until the record comes back or another takes its place.

        Args:
            definitions: Of the object that refers.
            references: What it refers to, by relationship key.
            links: What that meant when it was written.

        Raises:
            LightfieldError: The API did not answer as it should.
        """
        for key, ids in links.ids.items():
            for id_ in ids:
                self.note_if_gone(definitions.relationships[key].object_type, id_)
        return self.resolve(definitions, references).ids != links.ids

    def note_if_gone(self, object_type: str, record_id: str) -> bool:
        """Ask whether a record is gone, and return the answer. If it is, links to it wait from then on.

        Raises:
            LightfieldError: The API did not answer as it should.
        """
        directory = self._directory_of(object_type)
        if directory is None or directory.current(record_id) is not None:
            return False
        self._id_map.restate(object_type, [record_id], State.GONE)
        return True

    def is_there(self, object_type: str, record_id: str) -> bool:
        """Whether a record is there now, as far as the target can look it up; lists may say so.

        Raises:
            LightfieldError: The API did not answer as it should.
        """
        directory = self._directory_of(object_type)
        return directory is None or directory.shown(record_id)[0] is not None

    def find(self, object_type: str, reference: str) -> str | None:
        """Return the id that a source key, an id of this workspace or a member's email means, if any.

        Raises:
            Rejection: It is the key of rows of several streams, and means several records.
        """
        mapped = self._id_map.find_all(object_type, reference)
        if len(mapped) > 1:
            streams = " and ".join(repr(name) for name in mapped.values())
            raise Rejection(
                f"It refers to a key that rows of {streams} have: let stream_maps give each stream keys of "
                "its own, and refer to those",
                code=RejectCode.AMBIGUOUS,
            )
        if mapped:
            return next(iter(mapped))
        directory = self._directory_of(object_type)
        if directory and (gone := self._id_map.find_gone(object_type, reference)):
            return gone if self._is_back(directory, object_type, gone) else None
        if object_type == "member" and "@" in reference:
            members = directory.match({"$email": reference}, lambda _: True) if directory else ()
            return members[0]["id"] if len(members) == 1 else None
        return reference if directory is None or directory.get(reference) else None

    def _is_back(self, directory: Directory, object_type: str, record_id: str) -> bool:
        """Whether a record that a person had deleted is back. Its row is compared with it when it comes."""
        if not directory.is_back(record_id):
            return False
        self._id_map.restate(object_type, [record_id], State.ADOPTED)
        return True
