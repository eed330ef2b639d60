"""Taking back who was put on a list, and who was taken off it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lightfield_api.errors import LightfieldError, NotFound
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.journal_entries import Before, Write
from target_lightfield.id_map.source import State
from target_lightfield.objects.list_contents import LIST_MEMBER, Change, membership_id
from target_lightfield.undo.changes_back import links_back
from target_lightfield.undo.objects import Objects
from target_lightfield.undo.tally import Done, Tally
from target_lightfield.writing.changes import LINKS_PER_REQUEST

_MEMBERS = "list_members"


class Lists(Enum):
    """What is known of who is on a list."""

    SHOWN = "It shows who is on it."
    LAGGING = """It may not show yet what was written last: members are put back and taken off whatever it
    shows, which changes nothing where it is so already."""
    DONE = "It lags too, but all that was written last is the run taken back."


@dataclass(frozen=True)
class Memberships:
    """Takes writes of lists back.

    Attributes:
        id_map: What is remembered of the workspace.
        objects: The objects of the workspace.
        tally: Counts what became of each membership.
        lists: What is known of who is on a list.
    """

    id_map: IdMap
    objects: Objects
    tally: Tally
    lists: Lists

    def take_back(self, write: Write, first: Before) -> None:
        """Take a write of a list back.

        Args:
            write: The write.
            first: What older writes of the run changed of the list.

        Raises:
            LightfieldError: Lightfield refused it, or did not answer as it should.
            TargetError: The id map fails.
        """
        refusals: list[LightfieldError] = []
        for object_type in {**write.before.added, **write.before.removed}:
            if self.lists is Lists.DONE:
                self.tally.count(_MEMBERS, Done.ALREADY)
            else:
                refusals += self._take_back(write, first, object_type)
        if refusals:
            raise refusals[-1]

    def _take_back(self, write: Write, first: Before, object_type: str) -> Sequence[LightfieldError]:
        """Put back and take off the members of one object type; return what Lightfield refused."""
        list_id, before = str(write.record_id), write.before
        contents = self.objects.contents(list_id, object_type)
        is_shown = self.lists is Lists.SHOWN
        members = {object_type: contents.members()} if is_shown else {}
        # Whatever a load wants of them next, it is to write: a list may lag, and this undo break off.
        ids = {*before.added.get(object_type, ()), *before.removed.get(object_type, ())}
        known = [membership_id(list_id, id_) for id_ in sorted(ids)]
        self.id_map.restate(LIST_MEMBER, known, State.LEAVING)
        off, on = links_back(before, first, members)
        changes = [
            *(Change("remove", id_) for id_ in off.get(object_type, ())),
            *(Change("add", id_) for id_ in on.get(object_type, ())),
        ]
        if not changes:
            self.tally.count(_MEMBERS, Done.ALREADY)
        refusals: list[LightfieldError] = []
        for start in range(0, len(changes), LINKS_PER_REQUEST):
            piece = changes[start : start + LINKS_PER_REQUEST]
            for made, rejection in contents.write(piece, is_shown=is_shown):
                if rejection:
                    refusals.append(NotFound(rejection.message, status=404))
                else:
                    self._count(made)
        return refusals

    def _count(self, made: Sequence[Change]) -> None:
        off = sum(change.operation == "remove" for change in made)
        self.tally.count(_MEMBERS, Done.OFF, off)
        self.tally.count(_MEMBERS, Done.ON, len(made) - off)
