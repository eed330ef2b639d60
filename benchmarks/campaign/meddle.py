"""Loads while people use the workspace: what a person made, changed, deleted or merged stays so."""

from __future__ import annotations

import random
import signal
from collections import defaultdict
from functools import partial
from typing import Any

from benchmarks.campaign.feed import Source, records
from benchmarks.campaign.likeness import KINDS, mark
from benchmarks.campaign.load import count_faults, members, target, writes
from benchmarks.campaign.people import NAMED, People, meddling
from benchmarks.campaign.references import Character
from benchmarks.campaign.round import Round
from benchmarks.campaign.runs import Plugin, lines, rejects
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings

Json = dict[str, Any]

_FAULTS = "500:0.04,503:0.03,reset-before:0.03,reset-after:0.05"
_FED = ("accounts", "contacts", "opportunities", "tasks", "notes", "lists", "object_subscription")
_COUNTS = {"account": 20, "contact": 30, "opportunity": 15, "task": 15, "note": 15}


class _Users:
    """The people, and what has to be true at the end because of what they did."""

    def __init__(self, round_: Round, sandbox: Sandbox) -> None:
        self._sandbox, self.people = sandbox, People(sandbox)
        self._pick = random.Random(f"meddling:{round_.seed}")
        own = {kind: sandbox.records(kind) for kind in _COUNTS}
        self.own: dict[str, tuple[str, Json]] = {
            r["id"]: (k, r["fields"]) for k, rs in own.items() for r in rs
        }
        self.deleted: set[str] = set()
        self.gone: set[str] = set()
        self.merged: list[tuple[str, str]] = []
        self.added: dict[str, tuple[str, str, str]] = {}
        self.actions = [self._create, self._rename, self._rename, self._delete_own, self._add, self._add,
                        self._delete_fed, self._merge_fed]  # fmt: skip

    def _create(self) -> None:
        name = {"$name": f"Made by hand {self._pick.randrange(10**9)}"}
        id_ = self.people.create("account", name)
        self.own[id_] = ("account", self._sandbox_fields("account", id_))

    def _rename(self) -> None:
        id_ = self._pick.choice(sorted(self.own))
        kind = self.own[id_][0]
        if kind == "contact" or id_ in self.deleted:
            return
        name = f"By hand {self._pick.randrange(10**9)}"
        self.own[id_] = (kind, self.people.update(kind, id_, {NAMED.get(kind, "$name"): name})["fields"])

    def _delete_own(self) -> None:
        id_ = self._pick.choice(sorted(self.own))
        if self._pick.random() < 0.2 and id_ not in self.deleted:
            self.people.delete(self.own[id_][0], id_)
            self.deleted.add(id_)

    def _add(self) -> None:
        """Fill in a field of which the feed knows nothing."""
        kind = self._pick.choice(("account", "contact"))
        if (record := self._fed(kind)) is None:
            return
        key, text = {"account": "legacyId", "contact": "bio"}[kind], f"Note {self._pick.randrange(10**9)}"
        self.people.update(kind, record["id"], {key: text})
        self.added[record["id"]] = (kind, key, text)

    def _delete_fed(self) -> None:
        kind = self._pick.choice(("contact", "task", "note"))
        if self._pick.random() < 0.15 and (record := self._fed(kind)):
            self.people.delete(kind, record["id"])
            self.gone.add(mark(kind, record))
            self.added.pop(record["id"], None)

    def _merge_fed(self) -> None:
        if self._pick.random() > 0.1:
            return
        one, other = self._fed("contact"), self._fed("contact")
        if one and other and one["id"] != other["id"]:
            self.people.merge("contact", one["id"], other["id"])
            self.merged.append((mark("contact", one), mark("contact", other)))
            for record in (one, other):
                self.added.pop(record["id"], None)

    def _fed(self, kind: str) -> Json | None:
        """A record that the target made, with which nobody has done anything that its row can't undo."""
        done = self.gone | {m for pair in self.merged for m in pair}
        found = [
            r for r in self._sandbox.records(kind)
            if r["id"] not in self.own and mark(kind, r).startswith("k") and mark(kind, r) not in done
        ]  # fmt: skip
        return self._pick.choice(found) if found else None

    def _sandbox_fields(self, kind: str, id_: str) -> Json:
        fields: Json = next(r for r in self._sandbox.records(kind) if r["id"] == id_)["fields"]
        return fields


def meddle(round_: Round) -> None:
    """One round."""
    chance = round_.random
    settings = {
        "relationship_mode": chance.choice(("add", "replace")),
        "max_concurrency": chance.choice((4, 32)),
    }
    character = Character(exact_links=settings["relationship_mode"] == "replace")
    generations = chance.randint(2, 3)
    sandbox_settings = Settings(
        seed=round_.seed, counts=_COUNTS, trashed=0, rate_limit=0, latency_ms=5, faults=_FAULTS,
        index_lag=chance.choice((0, 0.3)),
    )  # fmt: skip
    with Sandbox(sandbox_settings) as sandbox:
        source = Source(f"meddle:{round_.seed}", members(sandbox), round_.folder / "files", character)
        plugin, users = target(round_, "target", sandbox, settings), _Users(round_, sandbox)
        with meddling(users.actions, f"when:{round_.seed}", pause=0.03):
            for generation in range(generations):
                feed = lines(records(source.rows(generation), generation=generation))
                if chance.random() < 0.4:
                    moment = writes(sandbox) + chance.randint(0, 150)
                    process = plugin.start(feed=feed)
                    process.wait(120, until=partial(_has_written, sandbox, moment))
                    round_.tally["kills"] += process.poll() is None
                    process.signal(signal.SIGKILL)
                    plugin.finish(process)
                if generation == generations - 1:
                    sandbox.set_faults("")
                ended = plugin.run(feed=feed)
        round_.tally["edits by others"] += users.people.done
        round_.tally["lag and short pages"] += bool(sandbox_settings.index_lag)
        count_faults(round_, sandbox)
        # The last of what people did may have come after its row: once more, with nobody there.
        ended = plugin.run(feed=feed)
        if ended.status != 0:
            round_.find("wrong", f"the last load ended with {ended.status}: {ended.errors[-1:]}")
            return
        _judge_people(round_, sandbox, users)
        _judge_rows(round_, plugin, sandbox, users, source)


def _has_written(sandbox: Sandbox, requests: int) -> bool:
    return writes(sandbox) >= requests


def _judge_people(round_: Round, sandbox: Sandbox, users: _Users) -> None:
    now = {r["id"]: r["fields"] for kind in _COUNTS for r in sandbox.records(kind)}
    for id_, (kind, fields) in users.own.items():
        if id_ in users.deleted:
            if id_ in now:
                round_.find("wrong", f"{kind} {id_}, which a person deleted, is back")
        elif id_ not in now:
            round_.find("lost", f"{kind} {id_}, which a person made, is gone")
        elif now[id_] != fields:
            changed = [key for key in fields if now[id_].get(key) != fields[key]]
            round_.find("lost", f"{kind} {id_}, which is in no row, was changed in {changed}")
    for id_, (kind, key, text) in users.added.items():
        if id_ in now and now[id_][key]["value"] != text:
            round_.find("lost", f"{kind} {id_} has lost what a person wrote into {key}")


def _judge_rows(round_: Round, plugin: Plugin, sandbox: Sandbox, users: _Users, source: Source) -> None:
    found: dict[str, list[Json]] = defaultdict(list)
    for kind, record in [(k, r) for k in KINDS for r in sandbox.records(k)]:
        found[mark(kind, record)].append(record)
    for one, other in users.merged:
        if len(both := found[one] + found[other]) != 1:
            round_.find("doubled", f"of {one} and {other}, which a person merged, there are {len(both)}")
    merged = {m for pair in users.merged for m in pair}
    for key in (key for key in users.gone - merged if found[key]):
        round_.find("doubled", f"{key}, which a person deleted, was created again")
    rejected = {f"{m['stream']} {m['key']}": m["code"] for m in rejects(plugin) if m["type"] == "RECORD"}
    for code in sorted(set(rejected.values())):
        keys = [key for key, why in rejected.items() if why == code]
        round_.find("wrong", f"valid rows were rejected as {code}, for example {keys[0]}")
    for stream, key in [(s, k) for s in _FED for k in source.keys[s]]:
        if key not in merged | users.gone and f"{stream} {key}" not in rejected:
            _judge_row(round_, stream, source.row(stream, key, source.newest), found[key])


def _judge_row(round_: Round, stream: str, row: Json, found: list[Json]) -> None:
    if len(found) != 1:
        what = "doubled" if found else "lost"
        round_.find(what, f"{stream} {row['id']} is there {len(found)} times")
    elif "title" in row and (title := found[0]["fields"]["$title"]["value"]) != row["title"]:
        round_.find("lost", f"{stream} {row['id']} is called {title!r}, not {row['title']!r}")
