"""Lists and who is on them. API page: "Lists"."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from singer_sdk.helpers.conform import TypeConformanceLevel

from lightfield_api.errors import NotFound
from lightfield_api.resources import ON_LISTS, RESOURCES, Resource
from tap_lightfield.progress import reported
from tap_lightfield.schemas import table_schema
from tap_lightfield.state import COMPLETE
from tap_lightfield.streams.base import LightfieldStream
from tap_lightfield.streams.records import RecordStream
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types
    from singer_sdk.singerlib import RecordMessage

_LIST_COLUMNS = frozenset({"id", "name", "object_type"})


class ListsStream(RecordStream):
    """Lists, without their members."""

    refers_to_files = False
    # Columns that are read only for the members may be missing in the catalog.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.ROOT_ONLY

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield the row of every list."""
        # Read to its end before the first list's members are: no two lists are read at once.
        lists = list(self._swept(self._resource.path))
        for record in lists:
            yield self._reader.row(record)
        for child in self.child_streams:
            if isinstance(child, ListMembersStream):
                if not self.read_all_lists:
                    child.leave_out("the list of lists has not shown all that it counts")
                child.end(len(lists))

    def get_child_context(
        self,
        record: types.Record,
        context: types.Context | None,  # noqa: ARG002
    ) -> types.Context | None:
        """Return the context in which the members of a list are read."""
        return {
            "list_id": record["id"],
            "list_name": record.get("name"),
            "object_type": record.get("object_type"),
        }

    def generate_child_contexts(
        self, record: types.Record, context: types.Context | None
    ) -> Iterable[types.Context | None]:
        """Yield the context of the members, if they are wanted."""
        if any(child.selected for child in self.child_streams):
            yield self.get_child_context(record, context)

    def _wanted(self) -> set[str]:
        # The SDK takes deselected columns out again, when the members have been read.
        needed = _LIST_COLUMNS if any(child.selected for child in self.child_streams) else frozenset()
        return super()._wanted() | needed


class ListMembersStream(LightfieldStream):
    """Which records are on which list: a child of the lists."""

    key_properties = ("list_id", "object_type", "record_id")
    parent_stream_type = ListsStream
    # The state has one entry for all lists, not one for each.
    state_partitioning_keys: tuple[str, ...] = ()

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        super().__init__(tap, workspace, "list_members", _SCHEMA, (RESOURCES["lists"].scope("read"),))
        self.state_partitioning_keys = ()
        self._passed_over: set[str] = set()
        self._lists = self._written = self._unfinished = 0

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:
        """Yield a row for each member of one list."""
        if context is None:
            return  # `--test` asks every stream, also without a list
        self._lists += 1
        resource = self._member_resource(context)
        if resource is None:
            return
        read = 0
        self._unfinished += 1
        try:
            sweep = self._sweep_of(("lists", context["list_id"], *resource.path))
            for record in self._full_sweep.list_of(sweep, reported(sweep, self.name, self.logger)):
                read += 1
                yield {
                    "list_id": context["list_id"],
                    "list_name": context["list_name"],
                    "object_type": resource.object_type,
                    "record_id": record["id"],
                }
        except NotFound:
            self.leave_out(f"list {context['list_id']} went while it was read")
            self.logger.warning(
                "List %s has gone since it was listed: %s.",
                context["list_id"],
                "only some of its members were read" if read else "no members",
            )
            if read:
                return
        else:
            if not sweep.is_whole:  # it counts members that it does not show: they may be on it all the same
                return
        self._unfinished -= 1

    def _generate_record_messages(self, record: types.Record) -> Generator[RecordMessage, None, None]:
        """Yield the messages of a row, and count those that keep the stream's name."""
        for message in super()._generate_record_messages(record):
            self._written += message.stream == self.name
            yield message

    def leave_out(self, reason: str) -> None:
        """Take note that there are members which this run does not write."""
        self._full_sweep.leave_out(reason)

    def end(self, lists: int) -> None:
        """Say in the state how many members were written, if it is all that can be read.

        That is every member of every list that this key and this version can read.

        A feed that broke off looks like one that has ended. By the count a target can tell them apart, and
        may take off the lists whoever is not in a complete feed.

        Args:
            lists: How many lists there are, those that a stream map keeps back included.
        """
        if self._lists < lists:
            self.leave_out("a stream map keeps lists back")
        if self._written and not self._unfinished:
            self.stream_state[COMPLETE] = {"rows": self._written}

    def _member_resource(self, context: types.Context) -> Resource | None:
        object_type = str(context["object_type"] or "").removeprefix("$")
        resource = ON_LISTS.get(object_type)
        if resource is None:
            self._pass_over(object_type, "this version does not know how to read them")
        elif not self._workspace.grant.allows(scope := resource.scope("read")):
            self._pass_over(object_type, f"the API key lacks the scope {scope}")
            return None
        return resource

    def _pass_over(self, object_type: str, reason: str) -> None:
        self.leave_out(f"lists of '{object_type}' are read without their members")
        if object_type not in self._passed_over:
            self._passed_over.add(object_type)
            self.logger.warning("Lists of '%s' are read without their members: %s.", object_type, reason)


_SCHEMA = table_schema(
    ListMembersStream.key_properties,
    {
        "list_id": ("TEXT", "The list."),
        "list_name": ("TEXT", "What the list is called."),
        "object_type": ("TEXT", "What kind of record it is: account, contact or opportunity."),
        "record_id": ("TEXT", "The record that is on the list."),
    },
)
