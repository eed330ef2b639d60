"""What of each record would be written: the first few in the report, all in a file of lines."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from target_lightfield.errors import TargetError, reason_of
from target_lightfield.plain_rows import dumped
from target_lightfield.reporting.outcome import clip

MOST_EXAMPLES = 20
"""How many records a report shows of each object and kind."""

_MOST_COLUMNS = 20  # of one record in the report: the file has all


@dataclass(frozen=True)
class ChangedField:
    """A field in which a record and its row differ.

    Attributes:
        old: What Lightfield has, as its column has it; an option by its label.
        new: What the row asks for, so too.
        source_column: The source's column, where a preset made the row.
        source_value: The value as the source has it.
    """

    old: Any
    new: Any
    source_column: str | None = None
    source_value: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        source = {"source_column": self.source_column, "source_value": self.source_value}
        return {"old": self.old, "new": self.new, **(source if self.source_column else {})}


@dataclass(frozen=True)
class LinkedRecord:
    """A record at the other side of a link.

    Attributes:
        key: The key of the row that it is of, None where none is known to be.
        record_id: Its id, None of one that there is not yet.
    """

    key: str | None
    record_id: str | None


@dataclass(frozen=True)
class ChangedLinks:
    """The links of a column in which a record and its row differ.

    Attributes:
        added: What the row links to and the record does not.
        removed: What the record links to and the row does not, where that ends.
        source_column: The source's column, where a preset made the row.
    """

    added: Sequence[LinkedRecord] = ()
    removed: Sequence[LinkedRecord] = ()
    source_column: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        source = {"source_column": self.source_column} if self.source_column else {}
        return {
            "added": [asdict(one) for one in self.added],
            "removed": [asdict(one) for one in self.removed],
            **source,
        }


@dataclass(frozen=True)
class RecordChange:
    """What would become of one record.

    Attributes:
        object: Lightfield's stream.
        stream: The source's stream; the same where no preset made the row.
        key: The row's key in it.
        action: ``created``, ``updated``, ``linked``, ``trashed`` or ``removed``; of a verification what it
            found: ``differing``, ``missing`` or ``changed_in_lightfield``.
        record_id: The record, None of one that there is not yet.
        link: Where people see it.
        name: What people call it.
        fields: By column what changes.
        links: By column which links.
        why: What else there is to say, in a sentence.
    """

    object: str
    stream: str
    key: str
    action: str
    record_id: str | None = None
    link: str | None = None
    name: str | None = None
    fields: Mapping[str, ChangedField] = field(default_factory=dict)
    links: Mapping[str, ChangedLinks] = field(default_factory=dict)
    why: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {
            "object": self.object,
            "stream": self.stream,
            "key": self.key,
            "record_id": self.record_id,
            "httpLink": self.link,
            "name": self.name,
            "action": self.action,
            "fields": {column: one.as_dict() for column, one in self.fields.items()},
            "links": {column: one.as_dict() for column, one in self.links.items()},
            "why": self.why,
        }


class RecordChanges:
    """Takes what would become of each record. Safe to use from several threads.

    Args:
        file: The file that has all of it; None for none.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = ChangesFile(file) if file else None
        self._counts: Counter[tuple[str, str]] = Counter()
        self._examples: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def tell(self, change: RecordChange) -> None:
        """Take one record.

        Raises:
            TargetError: The file can't be written.
        """
        self.tell_line(change.as_dict())

    def tell_line(self, line: Mapping[str, Any]) -> None:
        """Take one record as JSON has it. Raises as ``tell``."""
        kind = line["object"], line["action"]
        with self._lock:
            self._counts[kind] += 1
            if self._counts[kind] <= MOST_EXAMPLES:
                self._examples.setdefault(line["object"], []).append(_shortened(line))
            if self._file:
                self._file.write(line)

    def of(self, name: str) -> dict[str, Any]:
        """Return what an object's records are told of, as JSON has it: how many, and the first few."""
        with self._lock:
            number = sum(count for (one, _), count in self._counts.items() if one == name)
            return {"count": number, "examples": list(self._examples.get(name, ()))}

    def finish(self) -> Path | None:
        """Put the file in its place, and return where that is; None if there is nothing to tell.

        Raises:
            TargetError: It can't be written.
        """
        with self._lock:
            return self._file.finish() if self._file else None


class ChangesFile:
    """Lines of JSON, a record each, written anew by each run and readable by its owner only.

    Args:
        path: Where it is to be at the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary: Path | None = None
        self._opened: IO[bytes] | None = None

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line.

        Raises:
            TargetError: It can't be written.
        """
        try:
            if self._opened is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                descriptor, temporary = tempfile.mkstemp(
                    prefix=f".{self._path.name}.", dir=self._path.parent
                )  # mode 600
                self._temporary, self._opened = Path(temporary), os.fdopen(descriptor, "wb")
            # Half of a surrogate pair is no UTF-8, but as JSON's own escape it can be written.
            self._opened.write((dumped(line) + "\n").encode(errors="backslashreplace"))
        except (OSError, ValueError) as e:
            raise self._failure(e) from e

    def finish(self) -> Path | None:
        """Put what was written in the place of an earlier run's, and return where; None for no lines.

        Raises:
            TargetError: It can't be written.
        """
        try:
            if self._opened is None or self._temporary is None:
                self._path.unlink(missing_ok=True)
                return None
            try:
                self._opened.close()
                self._temporary.replace(self._path)
            except BaseException:
                with suppress(OSError):
                    self._temporary.unlink()
                raise
            finally:
                self._opened = None
        except (OSError, ValueError) as e:
            raise self._failure(e) from e
        return self._path

    def _failure(self, error: OSError | ValueError) -> TargetError:
        return TargetError(
            f"The file {str(self._path)!r} of changes can't be written: {reason_of(error)}. Make room for "
            "it, or set report_path to another place, and run it again: nothing was written to Lightfield."
        )


def changes_path(report_path: str) -> Path:
    """Return the file of changes beside a report: ``load.changes.jsonl`` of ``load`` or ``load.json``."""
    base = Path(report_path)
    name = base.stem if base.suffix.lower() in {".json", ".html"} else base.name
    return base.parent / f"{name}.changes.jsonl"


def shown(value: Any) -> str | None:
    """Return a value as a report shows it: the beginning of its text, or of its JSON where it is none."""
    if value is None:
        return None
    return clip(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _shortened(line: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: shown(line[name]) for name in ("object", "stream", "key", "record_id", "httpLink", "name")}
    fields = list(line["fields"].items())[:_MOST_COLUMNS]
    links = list(line["links"].items())[:_MOST_COLUMNS]
    return {
        **texts,
        "action": line["action"],
        "fields": {clip(name): {part: shown(v) for part, v in one.items()} for name, one in fields},
        "links": {clip(name): _shortened_links(one) for name, one in links},
        "why": shown(line["why"]),
    }


def _shortened_links(links: Mapping[str, Any]) -> dict[str, Any]:
    return {
        what: [{part: shown(text) for part, text in one.items()} for one in value[:_MOST_COLUMNS]]
        if isinstance(value, list)
        else shown(value)
        for what, value in links.items()
    }
