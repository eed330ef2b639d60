"""Other names of records, as presets keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database


class SameRecords:
    """Other names of records: source keys such as ``companies:499`` of what was merged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, of: Mapping[str, str]) -> None:
        """Remember that each of these keys is another name of the record of another key.

        A link that waits for one of them waits for the record from now on.
        """
        rows = [{"alias": alias, "source_key": key} for alias, key in of.items() if alias != key]
        if rows:
            with self._database.transaction() as connection:
                connection.execute(_FORGET_ALIAS, [{"name": row["alias"]} for row in rows])
                connection.execute(sa.insert(tables.same_records), rows)
                for row in rows:
                    names = {"name": row["alias"], "own": row["source_key"]}
                    connection.execute(_REFER, names)
                    connection.execute(_REFER_NO_MORE, names)

    def resolve(self, key: str) -> str:
        """Return the key that a record goes by, whatever name of it this is.

        Of keys that are names of each other, in a circle, it is the first in the order of texts.
        """
        names = [key]
        with self._database.transaction() as connection:
            while other := connection.execute(_ALIAS, {"name": names[-1]}).scalar():
                if other in names:
                    return min(names[names.index(other) :])
                names.append(other)
        return names[-1]

    def others(self, key: str) -> Sequence[str]:
        """Return the other names of the record of a key."""
        with self._database.transaction() as connection:
            return connection.execute(_OTHER_NAMES, {"own": key}).scalars().all()

    def any(self) -> bool:
        """Whether there are any."""
        with self._database.transaction() as connection:
            return connection.execute(sa.select(tables.same_records).limit(1)).first() is not None


# Built once: building a statement takes longer than running it.
_ALIAS = sa.select(tables.same_records.c.source_key).where(
    tables.same_records.c.alias == sa.bindparam("name")
)
_OTHER_NAMES = sa.select(tables.same_records.c.alias).where(
    tables.same_records.c.source_key == sa.bindparam("own")
)
_FORGET_ALIAS = sa.delete(tables.same_records).where(tables.same_records.c.alias == sa.bindparam("name"))
_W, _OTHER = tables.waiting_links.c, tables.waiting_links.alias()
_REFER = (
    sa.update(tables.waiting_links)
    .where(
        _W.reference == sa.bindparam("name"),
        ~sa.exists().where(
            _OTHER.c.stream == _W.stream,
            _OTHER.c.source_key == _W.source_key,
            _OTHER.c.relationship == _W.relationship,
            _OTHER.c.reference == sa.bindparam("own"),
        ),
    )
    .values(reference=sa.bindparam("own"))
)
_REFER_NO_MORE = sa.delete(tables.waiting_links).where(_W.reference == sa.bindparam("name"))
