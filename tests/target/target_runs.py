"""Running the target as its users do, and everything that a run leaves behind."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from unittest import mock

import sqlalchemy as sa

from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import stream_and_origin
from target_lightfield.target import TargetLightfield
from tests.target.workspaces import OBJECT_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

COMMAND = str(Path(sys.executable).with_name("target-lightfield"))


def schema(stream: str, *columns: str, key: Sequence[str] | None = ("id",), **properties: Any) -> Json:
    """A SCHEMA message; columns given by name alone take any value."""
    names: Json = {name: {} for name in [*(key or ()), *columns]}
    return {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {"properties": {**names, **properties}},
        "key_properties": None if key is None else list(key),
    }


def row(stream: str, **columns: Any) -> Json:
    return {"type": "RECORD", "stream": stream, "record": columns}


def rows(stream: str, *records: Mapping[str, Any], key: Sequence[str] | None = ("id",)) -> list[Json]:
    """The SCHEMA message that these records need, and their RECORD messages."""
    columns = dict.fromkeys(name for record in records for name in record)
    return [schema(stream, *columns, key=key), *(row(stream, **record) for record in records)]


def state(**value: Any) -> Json:
    return {"type": "STATE", "value": value}


@dataclass(frozen=True)
class Outcome:
    """What a run said: its exit status, the state it emitted, its log."""

    status: int
    stdout: str
    log: str
    counts: Mapping[str, Mapping[str, int]]

    @property
    def states(self) -> list[Json]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def state(self) -> Json | None:
        """The last state: what the next run of the tap goes on from."""
        return self.states[-1] if self.states else None

    @property
    def errors(self) -> list[str]:
        return [line for line in self.log.splitlines() if "ERROR" in line]

    @property
    def error(self) -> str:
        """The one sentence that ended the run."""
        assert self.status == 1, self.log
        assert "Traceback" not in self.log, self.log
        assert len(self.errors) == 1, self.log
        return self.errors[0]

    def count(self, stream: str) -> dict[str, int]:
        """What became of the stream's records, without the zeros."""
        return {outcome: number for outcome, number in self.counts[stream].items() if number}


class Setup:
    """A target's configuration and files: one id map and one rejects file in a directory of its own."""

    def __init__(self, sandbox: Sandbox, folder: Path, **config: Any) -> None:
        self.sandbox = sandbox
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.config = {
            "api_key": sandbox.key,
            "api_url": sandbox.url,
            "id_map": f"sqlite:///{folder / 'id_map.db'}",
            "rejects_path": str(folder / "rejects.jsonl"),
            "left_over_path": str(folder / "left_over.jsonl"),
            **config,
        }

    @property
    def rejects_path(self) -> Path:
        return Path(self.config["rejects_path"])

    @property
    def id_map_path(self) -> Path:
        return self.folder / "id_map.db"

    def load(
        self,
        *messages: Json | Iterable[Json] | str,
        options: Sequence[str] = (),
        source: Path | None = None,
        **config: Any,
    ) -> Outcome:
        """Run the command in this process, with its own way of ending on errors.

        Args:
            messages: What it reads: messages, lists of them, or lines as they are.
            options: Of the command line.
            source: A file to read in place of the messages.
            config: Settings besides those of this target.
        """
        settings = self.folder / "config.json"
        settings.write_text(json.dumps({**self.config, **config}))
        stdin = source.open("rb") if source else io.BytesIO(feed(messages).encode(errors="surrogatepass"))
        out, log = io.StringIO(), io.StringIO()
        with _a_process(stdin), redirect_stdout(out), redirect_stderr(log):
            try:
                TargetLightfield.cli.main(["--config", str(settings), *options])
                status = 0
            except SystemExit as e:
                status = int(e.code or 0)
        return Outcome(status, out.getvalue(), log.getvalue(), _counts(log.getvalue()))

    def loaded(self, *messages: Json | Iterable[Json] | str, **config: Any) -> Outcome:
        """Run the command, which has to succeed."""
        outcome = self.load(*messages, **config)
        assert outcome.status == 0, outcome.log
        return outcome

    def spawn(self, messages: str, **options: Any) -> subprocess.Popen[str]:
        """Start the installed command in a process of its own, with its input in a file."""
        settings, source = self.folder / "config.json", self.folder / "feed.jsonl"
        settings.write_text(json.dumps(self.config))
        source.write_text(messages)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TARGET_LIGHTFIELD_")}
        with source.open() as stdin:
            return subprocess.Popen(
                [COMMAND, "--config", str(settings)],
                stdin=options.pop("stdin", stdin),
                stdout=options.pop("stdout", subprocess.PIPE),
                stderr=subprocess.PIPE,
                text=True,
                cwd=self.folder,
                env={**clean, **options.pop("env", {})},
                **options,
            )

    def run(self, messages: str, **options: Any) -> Outcome:
        """Run the installed command to its end."""
        process = self.spawn(messages, **options)
        stdout, stderr = process.communicate(timeout=300)
        return Outcome(process.returncode, stdout or "", stderr, _counts(stderr))

    def rejects(self) -> list[Json]:
        """The rejected records with their reasons."""
        return [message for message in self.rejects_messages() if message["type"] == "RECORD"]

    def rejects_messages(self) -> list[Json]:
        if not self.rejects_path.exists():
            return []
        lines = self.rejects_path.read_text().splitlines()
        return [json.loads(line, parse_int=_integer) for line in lines]

    def left_over(self) -> list[Json]:
        """What is left over, as its file has it."""
        path = Path(self.config["left_over_path"])
        lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
        return [json.loads(line, parse_int=_integer) for line in lines]

    def report(self, name: str) -> Json:
        """The report of that name in the folder, as JSON has it."""
        found: Json = json.loads((self.folder / f"{name}.json").read_text())
        return found

    def table(self, name: str) -> list[Json]:
        """The rows of a table of the id map."""
        engine = sa.create_engine(self.config["id_map"])
        with engine.connect() as connection:
            found = [dict(r._mapping) for r in connection.execute(sa.text(f"SELECT * FROM {name}"))]
        engine.dispose()
        return found

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """The id map's file, to be changed between two runs."""
        with closing(sqlite3.connect(self.id_map_path)) as database, database:
            yield database

    def ids(self, stream: str) -> dict[str, str]:
        """The id map: record ids by source key."""
        mapped = self.table("lightfield_records")
        return {
            r["source_key"]: r["record_id"] for r in mapped if stream_and_origin(r["stream"])[0] == stream
        }

    def values(self, stream: str, key: str) -> Json:
        """A field's values by source key."""
        ids = {record_id: source_key for source_key, record_id in self.ids(stream).items()}
        records = self.sandbox.records(OBJECT_TYPES[stream])
        return {ids[r["id"]]: r["fields"][key]["value"] for r in records if r["id"] in ids}

    def forget(self) -> None:
        """Delete the id map."""
        for path in self.folder.glob("id_map.db*"):
            path.unlink()

    @contextmanager
    def counting(self) -> Iterator[Json]:
        """Count what the sandbox is asked within the block: ``writes``, ``requests`` and more."""
        self.sandbox.reset()
        seen: Json = {}
        yield seen
        seen.update(self.sandbox.stats())


@contextmanager
def _a_process(source: IO[bytes]) -> Iterator[None]:
    """Let the run read this, and undo at its end what the end of its process would."""
    stdin, root = sys.stdin, logging.getLogger()
    before = root.level, list(root.handlers)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    id_maps: list[IdMap] = []

    class _Recorded(IdMap):
        def __init__(self, url: str, **options: Any) -> None:
            super().__init__(url, **options)
            id_maps.append(self)

    with (
        io.TextIOWrapper(source, encoding="utf-8") as text,
        mock.patch("target_lightfield.run.workspace.IdMap", _Recorded),
    ):
        sys.stdin = text
        try:
            yield
        finally:
            for id_map in id_maps:  # a run that fails holds it until its process ends
                id_map.close()
            sys.stdin = stdin
            root.setLevel(before[0])
            root.handlers[:] = before[1]
            for number, handler in handlers.items():
                signal.signal(number, handler)


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 4000 else Decimal(digits)  # Python refuses longer ones


def feed(messages: Iterable[Json | Iterable[Json] | str]) -> str:
    lines: list[str] = []
    for message in messages:
        if isinstance(message, str):
            lines.append(message)
        elif isinstance(message, dict):
            lines.append(json.dumps(message))
        else:
            lines += [json.dumps(m) for m in message]
    return "".join(f"{line}\n" for line in lines)


def writes(stats: Json) -> int:
    """How many writes took effect."""
    return sum(number for counts in stats["writes"].values() for number in counts.values())


def write_requests(stats: Json) -> int:
    """How many write requests were answered, whatever came of them."""
    return sum(stats["requests"]["write"].values())


def _counts(log: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for line in log.splitlines():
        head, _, tail = line.rpartition(": ")
        if tail.endswith(("waiting", "skipped", "removed", "kept")):
            stream = head.split()[-1]
            parts = [part.split() for part in tail.split(", ")]
            if all(len(part) == 2 and part[0].isdigit() for part in parts):
                found[stream] = {word: int(number) for number, word in parts}
    return found
