"""Feeds, settings, states and catalogs as no one should send them: all accounted for, or one sentence."""

from __future__ import annotations

import json
import math
import os
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from benchmarks.campaign import grammar
from benchmarks.campaign.feed import KEYS, Row, Source, schemas
from benchmarks.campaign.likeness import mark
from benchmarks.campaign.load import members, target
from benchmarks.campaign.people import People
from benchmarks.campaign.references import Character
from benchmarks.campaign.round import Round
from benchmarks.campaign.runs import Ended, Plugin, lines, rejects
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings

Json = dict[str, Any]

_ROWS, _LINES, _DOCUMENTS = 5_000, 8, 6
_PATIENCE = 60.0  # of a run of a few rows
_MARK = re.compile(r"\bk\d+\b")
_RAW = (b"", b"\n", b"{", b"null", b"[]", b'{"bookmarks": null}', b"\xff", b"\xef\xbb\xbf{}")
_CONFIG: Json = {
    "start_date": "2020-01-01",
    "lookback_window": 5,
    "field_history": {"opportunities": ["$stage"]},
    "full_sweep": ["emails"],
    "max_concurrency": 4,
    "workflow_run_ids": ["wfr_1"],
}
_BOOKMARK = {"replication_key": "updated_at", "replication_key_value": "2024-01-01T00:00:00Z"}
_STATE: Json = {"bookmarks": dict.fromkeys(("accounts", "contacts", "emails", "messages"), _BOOKMARK)}
_STREAM: Json = {
    "tap_stream_id": "accounts",
    "stream": "accounts",
    "key_properties": ["id"],
    "replication_key": "updated_at",
    "replication_method": "INCREMENTAL",
    "schema": {"properties": {"id": {"type": "string"}}},
    "metadata": [{"breadcrumb": [], "metadata": {"selected": True, "inclusion": "available"}}],
}
_CATALOG: Json = {"streams": [_STREAM]}
_CANARY = "canary-outside-of-the-folder"
_NEVER_WAIT = {"accounts": "account", "contacts": "contact", "notes": "note"}


def hostile_input(round_: Round) -> None:
    """One round: many rows in one feed, then feeds that end in one bad line, then the tap's documents."""
    chance = round_.random
    with Sandbox(Settings(seed=round_.seed, empty=True, rate_limit=0)) as sandbox:
        people = People(sandbox)
        hosts = ("facebook.com", "sites.google.com/view", "linktr.ee", "instagram.com")
        for n, host in enumerate(hosts):
            people.create(
                "account", {"$name": f"Bystander {n}", "$website": [f"https://{host}/bystander{n}"]}
            )
            people.create("contact", {"$email": [f"bystander{n}@people.example"]})
        bystanders = {kind: sandbox.records(kind) for kind in ("account", "contact")}
        source = Source(
            f"hostile:{round_.seed}", members(sandbox), round_.folder / "files", Character(size=40)
        )
        outside = _lay_traps(round_.folder)
        rows = source.rows(0)
        settings = {
            "relationship_mode": chance.choice(("add", "replace")),
            "delete_mode": chance.choice(("ignore", "trash")),
            "on_ambiguous": chance.choice(("reject", "first")),
            "validate_records": chance.random() < 0.7,
        }
        _try_rows(round_, sandbox, rows, settings)
        for n in range(_LINES):
            plugin = target(round_, f"lines-{n}", sandbox, settings)
            head = lines(schemas(rows)) + _records(rows[:3])
            ended = plugin.run(feed=head + grammar.line(chance) + _records(rows[3:5]), seconds=_PATIENCE)
            round_.tally["hostile inputs"] += 1
            _check_rejects_file(round_, plugin, ended)
        for n in range(_DOCUMENTS):
            _try_document(round_, sandbox, n)
        if outside != _traps(round_.folder):
            round_.find("wrong", "something outside of the folder was written to")
        for file in sandbox.records("file"):
            if file["status"] == "COMPLETED" and re.search(rb"canary|root:", sandbox.content(file["id"])):
                round_.find(
                    "leaked", f"a file outside of the folder was uploaded as {file['filename']!r:.100}"
                )
        for kind, before in bystanders.items():
            now = {r["id"]: r["fields"] for r in sandbox.records(kind)}
            for record in before:
                if now.get(record["id"]) != record["fields"]:
                    round_.find(
                        "lost", f"a {kind} that no row means was changed: {now.get(record['id'])!r:.200}"
                    )


def _try_rows(round_: Round, sandbox: Sandbox, rows: list[Row], settings: Json) -> None:
    chance = round_.random
    plugin = target(round_, "rows", sandbox, settings)
    feed: list[bytes] = []
    whole: list[tuple[str, str, str]] = []
    marks: dict[str, set[str]] = defaultdict(set)
    names = {stream: {n for s, row in rows if s == stream for n in row} for stream, _ in rows}
    bad = [(stream, grammar.row(chance, row)) for stream, row in chance.choices(rows, k=_ROWS)]
    keyless: dict[str, set[str]] = defaultdict(set)
    keys: dict[str, Counter[str]] = defaultdict(Counter)
    for n, (stream, mutated) in enumerate(bad, 10_000):
        # Each is a row of its own, unless the grammar says otherwise.
        of_its_own = stream != "list_members"
        row = {k: _renamed(v, f"k{n}") for k, v in mutated.items()} if of_its_own else mutated
        feed.append(grammar.record(stream, row).encode(errors="surrogatepass"))
        key = _key(stream, row)
        if _is_whole(stream, row, f"k{n}"):
            whole.append((stream, key, f"k{n}"))
            keyless[stream] |= {f"k{n}"} if _is_no_key(row.get("id")) else set()
        keys[stream][key] += 1
    for stream, row in rows:
        keys[stream][_key(stream, row)] += 1
        feed.append(grammar.record(stream, row).encode())
        whole += [(stream, row["id"], row["id"])] if stream in _NEVER_WAIT else []
    for stream, key, name in whole:  # of several rows with one key, any may be the last
        marks[stream] |= {name} if keys[stream][key] == 1 else set()
    chance.shuffle(feed)
    head = lines([
        {"type": "SCHEMA", "stream": s, "schema": {"properties": {n: {} for n in columns}},
         "key_properties": KEYS.get(s, ("id",))}
        for s, columns in names.items()
    ])  # fmt: skip
    ended = plugin.run(
        feed=head + b"".join(line + b"\n" for line in feed) + lines([{"type": "STATE", "value": {}}])
    )
    round_.tally["hostile inputs"] += len(bad)
    if ended.status != 0:
        round_.find("wrong", f"bad rows ended the run with {ended.status}: {ended.errors[-1:]}")
        return
    _check_rejects_file(round_, plugin, ended)
    _check_counts(round_, ended, keys)
    _check_marks(round_, sandbox, plugin, marks)
    for stream, without in keyless.items():
        found = {mark(_NEVER_WAIT[stream], r) for r in sandbox.records(_NEVER_WAIT[stream])}
        if written := sorted(without & found):
            round_.find("wrong", f"{stream} {written[0]} was written, though its key is no value")


def _renamed(value: Any, to: str) -> Any:
    """A value with the mark of its row replaced, as deep as a sound row goes."""
    if isinstance(value, str):
        return _MARK.sub(to, value, count=1) if len(value) < 60 else value
    if isinstance(value, dict):
        return {k: _renamed(v, to) for k, v in value.items()} if len(value) < 5 else value
    if isinstance(value, list) and len(value) == 1:
        return [_renamed(value[0], to)]
    return value


def _is_whole(stream: str, row: Json, key: str) -> bool:
    """Whether a row that is not rejected must be found by its mark."""
    name = row.get("title" if stream == "notes" else "name")
    return stream in _NEVER_WAIT and "_sdc_deleted_at" not in row and _MARK.findall(json.dumps(name)) == [key]


def _key(stream: str, row: Json) -> str:
    """What a row's key comes to."""
    return "|".join(grammar.as_key(row.get(name)) for name in KEYS.get(stream, ("id",)))


def _is_no_key(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _check_counts(round_: Round, ended: Ended, keys: dict[str, Counter[str]]) -> None:
    """Every row is counted once; of those of one key that wait, the last alone does."""
    for stream, of in keys.items():
        number, repeated = of.total(), of.total() - len(of)
        counted = sum(n for word, n in ended.counts.get(stream, {}).items() if word != "removed")
        if not number - repeated <= counted <= number:
            round_.find(
                "wrong", f"of {number} rows of {stream} the log counts {counted}: {ended.counts.get(stream)}"
            )


def _check_rejects_file(round_: Round, plugin: Plugin, ended: Ended) -> None:
    filed = Counter(m["stream"] for m in rejects(plugin) if m["type"] == "RECORD")
    for stream, counts in ended.counts.items():
        if filed[stream] != counts.get("rejected", 0):
            round_.find("wrong", f"{filed[stream]} rejects of {stream} are filed, of {counts}")


def _check_marks(round_: Round, sandbox: Sandbox, plugin: Plugin, marks: dict[str, set[str]]) -> None:
    rejected = defaultdict(set)
    for message in rejects(plugin):
        if message["type"] == "RECORD":
            rejected[message["stream"]].update(_MARK.findall(json.dumps(message["record"])))
    for stream, kind in _NEVER_WAIT.items():
        found = Counter(mark(kind, r) for r in sandbox.records(kind))
        missing = marks[stream] - found.keys() - rejected[stream]
        for key in sorted(missing)[:3]:
            round_.find(
                "lost", f"{stream} {key} is neither in the workspace nor rejected ({len(missing)} such)"
            )
        for key in marks[stream]:
            if found[key] > 1:
                round_.find("doubled", f"{stream} {key} is there {found[key]} times")


def _records(rows: list[Row]) -> bytes:
    return b"".join(grammar.record(stream, row).encode() + b"\n" for stream, row in rows)


def _try_document(round_: Round, sandbox: Sandbox, n: int) -> None:
    """Run the tap with one file that is not as it should be."""
    chance = round_.random
    connection = {"api_key": sandbox.key, "api_url": sandbox.url}
    plugin = Plugin(round_, "tap-lightfield", f"tap-{n}", connection)
    kind = chance.choice(("config", "state", "catalog", "raw state", "future"))
    path = round_.folder / f"{kind}-{n}.json"
    if kind == "raw state":
        path.write_bytes(chance.choice(_RAW))
    elif kind == "future":
        path.write_text(json.dumps(_STATE).replace("2024-", "2099-"))
    elif kind == "config":
        path.write_text(json.dumps(_config(chance, connection)))
    else:
        path.write_text(json.dumps(grammar.document(chance, {"state": _STATE, "catalog": _CATALOG}[kind])))
    given = {"config": [], "catalog": ["--catalog", str(path)]}.get(kind, ["--state", str(path)])
    ended = plugin.run(*given, config=path if kind == "config" else None, seconds=_PATIENCE)
    round_.tally["hostile inputs"] += 1
    if kind == "future" and ended.status == 0:
        round_.find("lost", "a bookmark in 2099 was taken for one: nothing is read, and exit status 0")


def _config(chance: grammar.Chance, connection: Json) -> Any:
    """Settings of which one makes no sense; sometimes it is the API key, pasted into the wrong place."""
    config = grammar.document(chance, connection | _CONFIG)
    if not isinstance(config, dict):
        return config
    if chance.random() < 0.2:
        config[chance.choice(list(_CONFIG))] = connection["api_key"]
    # Nothing shall look for a server outside of this machine.
    elsewhere = str(config.get("api_url") or "https").startswith("https")
    return config | {"api_url": connection["api_url"]} if elsewhere else config


def _lay_traps(folder: Path) -> dict[str, str]:
    """Put what must not be read around the folder that files are uploaded from."""
    files = folder / "files"
    (folder / "outside.txt").write_text(_CANARY)
    (files / "link").symlink_to(folder / "outside.txt")
    (files / "folder").mkdir()
    os.mkfifo(files / "pipe")
    return _traps(folder)


def _traps(folder: Path) -> dict[str, str]:
    kept = [p for p in sorted(folder.iterdir()) if p.suffix == ".txt"]
    kept += [p for p in sorted((folder / "files").rglob("*")) if p.is_file()]
    return {str(p): p.read_text() for p in kept}
