"""Brings id maps of earlier releases up to date, so that they mean the same as they did.

Each step makes of the tables of one version those of the next. All are done in one transaction, together with
the number of the version: a run that is killed meanwhile leaves the database as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateColumn

from target_lightfield.id_map.source import State
from target_lightfield.id_map.tables import (
    creates,
    former_keys,
    metadata,
    records,
    schema,
    uploads,
    waiting_links,
    waiting_rows,
)
from target_lightfield.keys import may_be_former, respelled


def migrate(connection: Connection) -> None:
    """Make the tables that are missing, and bring those of an earlier release up to date.

    Raises:
        ValueError: They are of a later release.
    """
    version = _version(connection)
    if version > VERSION:
        raise ValueError("a later release of target-lightfield has written it; update this one")
    metadata.create_all(connection)
    for step in _STEPS[version - 1 :] if version else ():  # else the tables are new
        step(connection)
    if version < VERSION:
        connection.execute(sa.delete(schema))
        connection.execute(sa.insert(schema), [{"version": VERSION}])


def _version(connection: Connection) -> int:
    """Return the version of the tables that are there; 0 where there are none."""
    there = sa.inspect(connection)
    if there.has_table(schema.name):
        return connection.execute(sa.select(schema.c.version)).scalar() or 0
    if there.has_table(former_keys.name):
        return 2
    return 1 if there.has_table(records.name) else 0


def _note_former_keys(connection: Connection) -> None:
    """Note which keys may now be spelled otherwise, and respell those that waiting links refer to."""
    noted: set[tuple[str, str]] = set()
    for table in (records, creates, waiting_rows, waiting_links):
        keys = connection.execute(sa.select(table.c.stream, table.c.source_key).distinct())
        noted |= {(stream, key) for stream, key in keys if may_be_former(key)}
    if noted:
        rows = [{"stream": stream, "source_key": key} for stream, key in sorted(noted)]
        connection.execute(sa.insert(former_keys), rows)
    for link in connection.execute(sa.select(waiting_links)).all():
        reference = respelled(link.reference)
        if reference not in (None, link.reference):
            _respell(connection, link, reference)


def _respell(connection: Connection, link: sa.Row[Any], reference: str | None) -> None:
    columns = waiting_links.c
    same = [columns[name] == getattr(link, name) for name in ("stream", "source_key", "relationship")]
    connection.execute(sa.delete(waiting_links).where(*same, columns.reference == link.reference))
    there = sa.select(waiting_links).where(*same, columns.reference == reference)
    if not connection.execute(there).first():
        connection.execute(sa.insert(waiting_links), [{**link._mapping, "reference": reference}])


def _name_states(connection: Connection) -> None:
    """Give records a column for their state, which stood in place of the hash, and uploads a table."""
    column = CreateColumn(records.c.state).compile(dialect=connection.dialect)
    connection.execute(sa.text(f"ALTER TABLE {records.name} ADD COLUMN {column}"))
    for word, state in _STATES.items():
        rows = sa.update(records).where(records.c.payload_hash == word)
        connection.execute(rows.values(state=state.value, payload_hash=""))
    for upload in connection.execute(sa.select(creates).where(creates.c.idempotency_key == "")).all():
        body = json.loads(upload.body)
        row = {"stream": upload.stream, "source_key": upload.source_key}
        row |= {"file_id": body["fileId"], "payload_hash": body["payloadHash"]}
        connection.execute(sa.insert(uploads), [row])
    connection.execute(sa.delete(creates).where(creates.c.idempotency_key == ""))


def _let_streams_have_feeders(connection: Connection) -> None:
    """Change only the version: earlier releases, which know no ``notes < calls``, then refuse the id map."""


def _let_presets_keep(connection: Connection) -> None:
    """Let waiting links be found by what they wait for; the tables of presets are new and empty."""
    for index in waiting_links.indexes:
        index.create(connection, checkfirst=True)


def _let_values_be_left_over(connection: Connection) -> None:
    """Change only the version: the table of what is left over is new and empty."""


def _let_writes_be_taken_back(connection: Connection) -> None:
    """Change only the version: the tables of the journal are new and empty."""


_STATES: Mapping[str, State] = {
    "": State.ADOPTED,
    **{state.value: state for state in State if state not in {State.WRITTEN, State.ADOPTED}},
}
"""The words that stood in place of a hash, and the states that they meant."""

_STEPS: Sequence[Callable[[Connection], None]] = (
    _note_former_keys,
    _name_states,
    _let_streams_have_feeders,
    _let_presets_keep,
    _let_values_be_left_over,
    _let_writes_be_taken_back,
)
"""What makes of the tables of version 1 those of version 2, and so on."""

VERSION = 1 + len(_STEPS)
