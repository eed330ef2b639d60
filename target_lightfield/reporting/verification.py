"""What a verification found of each row: one verdict a source key, however many rows of it came."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from typing import Any

from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.record_changes import RecordChange, RecordChanges, shown
from target_lightfield.temporary_database import TemporaryDatabase, storable

_SCHEMA = """
CREATE TABLE verdicts (object TEXT, name BLOB, key BLOB, verdict TEXT, line TEXT,
                       PRIMARY KEY (name, key)) WITHOUT ROWID;
"""
_ALWAYS_SAID = (Outcome.REJECTED, Outcome.WAITING)
_PIECE = 500  # lines in memory at once
_MOST_EXAMPLES = 20  # columns of records that the report names of an object


class Verdict(str, Enum):
    """What a row and its record are to each other, spelled as in the report."""

    EQUAL = "equal"
    DIFFERING = "differing"
    MISSING = "missing"
    CHANGED = "changed_in_lightfield"

    __str__ = str.__str__

    @property
    def words(self) -> str:
        """The verdict as people read it."""
        return str(self).replace("_in_lightfield", " in Lightfield since")


class Verification:
    """Takes a verdict for each row. Safe to use from several threads.

    One row a key is kept in a temporary database; each method raises TargetError where that fails.

    Args:
        changes: Is told at the end of all that is not equal.
    """

    def __init__(self, changes: RecordChanges) -> None:
        self._changes = changes
        self._database = TemporaryDatabase(_SCHEMA)
        self._counts: dict[str, Counter[str]] = {}
        self._is_over = False

    def take(
        self, object_: str, name: str, key: str, found: RecordChange | None, columns: Collection[str] | None
    ) -> None:
        """Take a row's verdict, in place of that of an earlier row of its key.

        Args:
            object_: Lightfield's stream.
            name: What the id map calls the row's stream.
            key: Its key.
            found: What is not equal, the verdict its ``action``; None if nothing.
            columns: What the row says anything of: of others the earlier row still does. None for all.
        """
        line = found.as_dict() if found else None
        names = storable(name), storable(key)
        with self._database.used() as database:
            if columns is not None:
                row = database.execute(
                    "SELECT line FROM verdicts WHERE name = ? AND key = ?", names
                ).fetchone()
                line = _joined(json.loads(row[0]) if row and row[0] else None, line, columns)
            verdict = line["action"] if line else str(Verdict.EQUAL)
            text = json.dumps(line, default=str) if line else None
            database.execute("REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)", (object_, *names, verdict, text))

    def finish(self) -> None:
        """Count the verdicts, and tell of what is not equal. Only the first call does."""
        if self._is_over:
            return
        self._is_over = True
        with self._database.used() as database:
            rows = database.execute(
                "SELECT object, verdict, count(*) FROM verdicts GROUP BY object, verdict"
            ).fetchall()
        for name, verdict, number in rows:
            self._counts.setdefault(name, Counter())[verdict] = number
        for line in self._lines():
            self._changes.tell_line(line)
        self._database.close()

    def objects(self) -> Collection[str]:
        """Return Lightfield's streams of which rows were compared. After ``finish``, as what follows."""
        return list(self._counts)

    def total(self, verdict: Verdict) -> int:
        """Return how many rows of all streams have a verdict."""
        return sum(counts[verdict] for counts in self._counts.values())

    def of(self, name: str) -> dict[str, Any]:
        """Return what was found of an object, as JSON has it."""
        counts = self._counts.get(name, Counter())
        lines = self._changes.of(name)["examples"]
        examples = [example for line in lines for example in _examples(line)]
        return {**{str(verdict): counts[verdict] for verdict in Verdict}, "examples": examples}

    def lines(self, outcomes: Mapping[str, Mapping[Outcome, int]]) -> Iterator[str]:
        """Yield a line a stream, and one for each of the first few records that are not equal.

        The log names no values: the report does.

        Args:
            outcomes: What became of the rows that were not compared, by stream.
        """
        for name, counts in outcomes.items():
            found, rest = self._counts.get(name, Counter()), Counter(counts)
            equal = found[Verdict.EQUAL] + rest.pop(Outcome.UNCHANGED, 0)
            # Of a stream of which nothing is written there is no more to say.
            is_written = bool(found or equal or set(rest) - {Outcome.SKIPPED, Outcome.KEPT})
            verdicts = [
                f"{equal} equal",
                *(f"{found[v]} {v.words}" for v in Verdict if v is not Verdict.EQUAL),
            ]
            always = _ALWAYS_SAID if is_written else ()
            said = verdicts if is_written else []
            said += [f"{rest[o]} {o.value}" for o in Outcome if rest[o] or o in always]
            if found or counts:
                yield f"{name}: {', '.join(said)}"
            for line in self._changes.of(name)["examples"]:
                columns = ", ".join([*line["fields"], *line["links"]])
                what = f"{Verdict(line['action']).words}" + (f": {columns}" if columns else "")
                where = f" ({line['record_id']})" if line["record_id"] else ""
                yield f"{line['stream']} {line['key']!r}{where} is {what}"

    def _lines(self) -> Iterator[dict[str, Any]]:
        last = b"", b""
        while True:
            with self._database.used() as database:
                rows = database.execute(
                    "SELECT name, key, line FROM verdicts WHERE line IS NOT NULL AND (name, key) > (?, ?) "
                    "ORDER BY name, key LIMIT ?",
                    (*last, _PIECE),
                ).fetchall()
            yield from (json.loads(line) for _, _, line in rows)
            if len(rows) < _PIECE:
                return
            last = rows[-1][:2]


def _joined(
    earlier: dict[str, Any] | None, line: dict[str, Any] | None, columns: Collection[str]
) -> dict[str, Any] | None:
    """Return what is not equal with what an earlier row of the key says of other columns."""
    if earlier is None or earlier["action"] == Verdict.MISSING:
        return line
    kept = {
        what: {column: one for column, one in earlier[what].items() if column not in columns}
        for what in ("fields", "links")
    }
    if not any(kept.values()):
        return line
    if line is None:
        return {**earlier, **kept}
    worst = Verdict.DIFFERING if Verdict.DIFFERING in {earlier["action"], line["action"]} else line["action"]
    return {**line, **{what: {**kept[what], **line[what]} for what in kept}, "action": str(worst)}


def _examples(line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an example a column: what the source says, and what Lightfield has."""
    whose = {
        "verdict": line["action"],
        "stream": line["stream"],
        "key": line["key"],
        "record_id": line["record_id"],
        "httpLink": line["httpLink"],
        "name": line["name"],
        "why": line["why"],
    }
    columns: list[tuple[str | None, Any, Any]] = [
        (_named(column, one), one.get("source_value", one["new"]), one["old"])
        for column, one in line["fields"].items()
    ]
    columns += [
        (_named(column, one), _linked(one["added"]), _linked(one["removed"]))
        for column, one in line["links"].items()
    ]
    for column, source, lightfield in (columns or [(None, None, None)])[:_MOST_EXAMPLES]:
        yield {**whose, "column": column, "source": shown(source), "lightfield": shown(lightfield)}


def _named(column: str, one: Mapping[str, Any]) -> str:
    return f"{one['source_column']} ({column})" if one.get("source_column") else column


def _linked(items: Collection[Mapping[str, str | None]]) -> str | None:
    return ", ".join(item["key"] or item["record_id"] or "" for item in items) or None
