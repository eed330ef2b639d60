"""What is read while others change the workspace: in the end a warehouse holds every live record as it is."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from benchmarks.campaign.likeness import KINDS
from benchmarks.campaign.load import count_faults
from benchmarks.campaign.people import NAMED, People, meddling
from benchmarks.campaign.round import Round
from benchmarks.campaign.runs import Ended, Plugin
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings

Json = dict[str, Any]

FAULTS = (
    "429:0.003,500:0.04,502:0.02,503:0.04,reset-before:0.06,reset-after:0.06,html:0.0005,truncated:0.0005,"
    "download-truncated:0.05"
)
STREAMS = {
    "account": "accounts",
    "contact": "contacts",
    "opportunity": "opportunities",
    "task": "tasks",
    "note": "notes",
    "meeting": "meetings",
    "email": "emails",
    "message": "messages",
    "channel": "channels",
    "member": "members",
    "list": "lists",
    "file": "files",
    "subscription": "object_subscription",
    "office-location": "object_office_location",
}
_TRASHED = ("account", "contact", "opportunity", "task", "note", "meeting")
_APPEND_ONLY = {"email", "message", "file"}  # changes of old ones come with a full sweep
SIGNED = "signature=[0-9A-Za-z_-]{8}"
"""The part of a signed URL that opens the file."""
_LOOKBACK = 4


class Warehouse:
    """Rows by stream and key, as a target that upserts would hold them; judges each row and each run."""

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self.rows: dict[str, dict[tuple[Any, ...], Json]] = {}
        self._selected: set[str] = set()

    def take(self, ended: Ended) -> None:
        """Take in what a run wrote; rows of a stream are valid, and no key comes twice."""
        checks: dict[str, Any] = {}
        keys: dict[str, list[str]] = {}
        seen: dict[tuple[Any, ...], Json] = {}
        for message in ended.messages:
            if message["type"] == "SCHEMA":
                checks[message["stream"]] = Draft202012Validator(message["schema"])
                keys[message["stream"]] = message["key_properties"]
            if message["type"] != "RECORD":
                continue
            stream, row = message["stream"], message["record"]
            key = tuple(row.get(name) for name in keys[stream])
            if (before := seen.get((stream, *key))) and (before == row or not _was_moved(before, row)):
                self._round.find("doubled", f"{stream} {key} came more than once in one run")
            seen[(stream, *key)] = self.rows.setdefault(stream, {})[key] = row
            for error in checks[stream].iter_errors(row):
                self._round.find("wrong", f"a row of {stream} breaks its schema: {error.message[:200]}")
        if ended.status == 0:
            if missing := self._selected - keys.keys():
                self._round.find("wrong", f"exit status 0, but the streams {sorted(missing)} never began")
            self._selected |= keys.keys()

    def compare(self, sandbox: Sandbox, people: People) -> None:
        """Find what it lacks, or has in an old version."""
        for kind, stream in STREAMS.items():
            rows = self.rows.get(stream, {})
            for record in sandbox.records(kind):
                row = rows.get((record["id"],))
                if row is None:
                    self._round.find("lost", f"{stream} {record['id']} never came")
                elif kind not in _APPEND_ONLY and (difference := _difference(kind, record, row)):
                    self._round.find("lost", f"{stream} {record['id']} {difference}")
        for list_ in sandbox.records("list"):
            kind = str(list_["fields"]["$objectType"]["value"]).removeprefix("$")
            for member in people.members_of(list_):
                if (list_["id"], kind, member) not in self.rows.get("list_members", {}):
                    self._round.find("lost", f"{kind} {member} of the list {list_['id']} never came")

    def compare_trash(self, people: People) -> None:
        """Find what lies in the trash and is not said to."""
        for kind in _TRASHED:
            offset = 0
            while page := people.call("GET", f"{STREAMS[kind]}?status=trashed&offset={offset}")["data"]:
                offset += len(page)
                for record in page:
                    row = self.rows.get(STREAMS[kind], {}).get((record["id"],))
                    if row is None or row.get("_sdc_deleted_at") is None:
                        self._round.find("lost", f"{STREAMS[kind]} {record['id']} is not said to be deleted")


def extract(round_: Round) -> None:
    """One round."""
    chance = round_.random
    lag = chance.choice((0, 0.5))
    settings = Settings(seed=round_.seed, rate_limit=0, index_lag=lag, latency_ms=chance.choice((0, 3)))
    with Sandbox(settings) as sandbox:
        round_.secrets |= {sandbox.key, SIGNED}
        config = _config(round_, sandbox)
        tap = Plugin(round_, "tap-lightfield", "tap", config)
        warehouse, people, state = Warehouse(round_), People(sandbox), None
        with meddling(_edits(sandbox, people, round_), f"meddling:{round_.seed}", pause=0.02):
            for _ in range(chance.randint(3, 6)):
                sandbox.set_faults(FAULTS)
                moment = _reads(sandbox) + chance.randint(5, 150)
                process = tap.start(*_carried(round_, state), installed=chance.random() < 0.2)
                process.wait(120, until=partial(_has_read, sandbox, moment))
                if process.poll() is None and chance.random() < 0.8:
                    round_.tally["kills"] += 1
                    process.signal(signal.SIGTERM if chance.random() < 0.3 else signal.SIGKILL)
                ended = tap.finish(process)
                warehouse.take(ended)
                state = ended.state or state
        round_.tally["edits by others"] += people.done
        round_.tally["lag and short pages"] += bool(lag)
        sandbox.set_faults("")
        time.sleep(lag)  # all changes show in the lists from here on
        ended = tap.run(*_carried(round_, state))
        warehouse.take(ended)
        count_faults(round_, sandbox)
        if ended.status != 0:
            round_.find("wrong", f"the last run ended with {ended.status}: {ended.errors[-1:]}")
            return
        warehouse.compare(sandbox, people)
        if config["include_trashed"]:
            warehouse.compare_trash(people)


def _config(round_: Round, sandbox: Sandbox) -> Json:
    chance = round_.random
    config: Json = {
        "api_key": sandbox.key,
        "api_url": sandbox.url,
        "lookback_window": _LOOKBACK,
        "include_trashed": chance.random() < 0.5,
        "email_bodies": chance.random() < 0.3,
        "max_concurrency": chance.choice((4, 32)),
    }
    if chance.random() < 0.3:
        config["file_download_dir"] = str(round_.left / "downloads")
    if chance.random() < 0.3:
        config["field_history"] = {"opportunities": ["$stage"]}
    return config


def _carried(round_: Round, state: Json | None) -> list[str]:
    if state is None:
        return []
    path = round_.folder / "state.json"
    path.write_text(json.dumps(state))
    return ["--state", str(path)]


def _reads(sandbox: Sandbox) -> int:
    requests = sandbox.stats()["requests"]
    return sum((*requests["read"].values(), *requests["search"].values()))


def _has_read(sandbox: Sandbox, requests: int) -> bool:
    return _reads(sandbox) >= requests


def _difference(kind: str, record: Json, row: Json) -> str | None:
    """Say how a row is not the record as it is; what others may not see of it is not compared."""
    if "updatedAt" in record and _moment(record["updatedAt"]) != _moment(row.get("updated_at")):
        return f"was last changed at {record['updatedAt']}, the row says {row.get('updated_at')}"
    if kind not in KINDS:
        return None
    key = NAMED.get(kind, "$name")
    expected, found = record["fields"][key]["value"], row.get(key.removeprefix("$"))
    if isinstance(expected, dict):
        expected = {"first_name": expected.get("firstName"), "last_name": expected.get("lastName")}
    return None if found == expected else f"is called {found!r:.100}, not {expected!r:.100}"


def _was_moved(before: Json, row: Json) -> bool:
    """Whether a record was moved to the trash, or back, after it had been read in the other list."""
    return (before.get("_sdc_deleted_at") is None) != (row.get("_sdc_deleted_at") is None)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _edits(sandbox: Sandbox, people: People, round_: Round) -> list[Callable[[], None]]:
    """What people do: each makes one change to something that is there at that moment."""
    pick = random.Random(f"edits:{round_.seed}")  # the round's own chances are its main thread's
    trashed: list[tuple[str, str]] = []

    def some(kind: str) -> Json:
        return pick.choice(sandbox.records(kind))

    def create() -> None:
        kind = pick.choice(("account", "contact", "note"))
        n = pick.randrange(10**9)
        fields: dict[str, Json] = {
            "account": {"$name": f"New {n}"},
            "contact": {"$email": [f"new{n}@people.example"]},
            "note": {"$title": f"New {n}"},
        }
        people.create(kind, fields[kind])

    def rename() -> None:
        kind = pick.choice(("account", "opportunity", "task", "note", "subscription", "list"))
        people.update(kind, some(kind)["id"], {NAMED.get(kind, "$name"): f"Renamed {pick.randrange(10**9)}"})

    def delete() -> None:
        kind = pick.choice(_TRASHED)
        id_ = some(kind)["id"]
        people.delete(kind, id_)
        trashed.append((kind, id_))

    def restore() -> None:
        if trashed:
            people.restore(*trashed.pop(pick.randrange(len(trashed))))

    def merge() -> None:
        kind = pick.choice(("account", "contact"))
        people.merge(kind, some(kind)["id"], some(kind)["id"])

    def put_on_list() -> None:
        list_ = some("list")
        kind = str(list_["fields"]["$objectType"]["value"]).removeprefix("$")
        change = pick.choice(("add", "remove"))
        people.update("list", list_["id"], {}, {f"${STREAMS[kind]}": {change: [some(kind)["id"]]}})

    return [create, create, rename, rename, rename, delete, restore, merge, put_on_list]
