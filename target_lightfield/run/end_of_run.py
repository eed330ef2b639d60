"""The end of a run: what waited is tried once more."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from typing import Any

from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.reporting.rejects_file import StreamSchema
from target_lightfield.run.workspace import Workspace


def try_what_waits(
    workspace: Workspace, loader_of: Callable[[str], StreamLoader], settle: Callable[[], None]
) -> None:
    """Load the rows that waited for a record, then write the waiting links whose records have come.

    Args:
        workspace: Where they are to be written.
        loader_of: Returns the stream loader of a stream.
        settle: Returns when every row taken is settled.

    Raises:
        TargetError: Lightfield did not answer as it should.
    """
    waiting = workspace.id_map.waiting
    before = 0
    while (left := waiting.count()) not in (0, before):  # as long as one is loaded: others may wait for it
        for source, row in waiting.rows():
            if workspace.resource(source.stream):
                schema: dict[str, Any] = {"properties": {name: {} for name in row}}
                stream = workspace.stream_name(source.stream)
                feeder = source.origin or workspace.id_map.feeders.owner(source.stream)
                described = StreamSchema(stream, schema, source.key_properties, feeder)
                loader_of(stream).load(described, row)
        settle()
        before = left
    for source, group in groupby(waiting.links(), key=itemgetter(0)):
        # A list: the work runs later, when groupby no longer has the group.
        links = [link for _, link in group]
        if workspace.resource(source.stream):
            loader_of(source.stream).write_links(source, links)
    settle()
