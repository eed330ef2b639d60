"""Loads that are killed again and again while their source changes end as one that nobody disturbed."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from typing import Any

from benchmarks.campaign import likeness
from benchmarks.campaign.feed import Row, Source, last_state, records
from benchmarks.campaign.people import People
from benchmarks.campaign.references import Character
from benchmarks.campaign.round import Round
from benchmarks.campaign.runs import Ended, Plugin, lines
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings

Json = dict[str, Any]

FAULTS = (
    "429:0.004,500:0.03,502:0.02,503:0.03,504:0.02,reset-before:0.04,reset-after:0.06,html:0.0005,"
    "truncated:0.0005"
)


def load(round_: Round) -> None:
    """One round."""
    chance = round_.random
    settings, character = _settings(round_)
    generations = chance.randint(1, 3)
    plain = Settings(seed=round_.seed, empty=True, rate_limit=0)
    harsh = replace(plain, latency_ms=chance.choice((0, 4)), index_lag=chance.choice((0, 0.3)))
    with Sandbox(plain) as calm, Sandbox(harsh) as stormy:
        source = Source(f"load:{round_.seed}", members(calm), round_.folder / "files", character)
        for sandbox in (calm, stormy):
            _prefill(People(sandbox), source)
            sandbox.reset()
        time.sleep(harsh.index_lag)  # what is there from the start, every list shows
        right = target(round_, "undisturbed", calm, settings)
        for generation in range(generations):
            ended = right.run(feed=lines(records(source.rows(generation), generation=generation)))
            if ended.status != 0:
                round_.find("wrong", f"an undisturbed load ended with {ended.status}: {ended.errors[-1:]}")
                return
        disturbed = _Disturbed(round_, target(round_, "disturbed", stormy, settings), stormy, source)
        disturbed.writes = sum(calm.stats()["requests"]["write"].values()) // generations
        disturbed.run_all(generations)
        count_faults(round_, stormy)
        round_.tally["lag and short pages"] += bool(harsh.index_lag)
        if round_.findings:  # what else is not as it should be follows from that
            return
        time.sleep(harsh.index_lag)
        likeness.compare(round_, calm, stormy, "after the last run")
        _compare_creates(round_, calm, stormy, exactly=not character.deletions)


class _Disturbed:
    """The load of which most runs are killed."""

    def __init__(self, round_: Round, plugin: Plugin, sandbox: Sandbox, source: Source) -> None:
        self._round, self._plugin, self._sandbox, self._source = round_, plugin, sandbox, source
        self._acknowledged: Json = {}
        self._resumes = round_.random.random() < 0.5
        self._every = round_.random.choice((5, 40, 10_000))
        self.writes = 0

    def run_all(self, generations: int) -> None:
        """Load each generation, killed each time but at the end of the last."""
        for generation in range(generations):
            for _ in range(self._round.random.randint(2, 4)):
                self._sandbox.set_faults(FAULTS)
                self._kill(generation)
        self._sandbox.set_faults("")
        rows = self._rows(generations - 1)
        ended = self._plugin.run(feed=self._feed(rows, generations - 1))
        if ended.status != 0:
            self._round.find("wrong", f"the last load ended with {ended.status}: {ended.errors[-1:]}")
        elif rows and ended.state != last_state(rows, generations - 1):
            self._round.find("wrong", f"the last load ended with the state {ended.state}")

    def _kill(self, generation: int) -> None:
        chance, rows = self._round.random, self._rows(generation)
        moment = writes(self._sandbox) + chance.randint(0, max(1, self.writes // 2))
        process = self._plugin.start(feed=self._feed(rows, generation), installed=chance.random() < 0.3)
        process.wait(120, until=lambda: writes(self._sandbox) >= moment)
        if process.poll() is None:
            self._round.tally["kills"] += 1
            process.signal(signal.SIGTERM if chance.random() < 0.15 else signal.SIGKILL)
        ended = self._plugin.finish(process)
        self._acknowledge(ended, rows)

    def _acknowledge(self, ended: Ended, rows: list[Row]) -> None:
        """Remember what the target said is done, as a tap does that goes on from its state."""
        for stream, row in rows[: (ended.state or {}).get("rows", 0)]:
            if stream != "list_members":
                self._acknowledged[_key(stream, row)] = row
        if ended.status == 0 and (ended.state or {}).get("rows", 0) != len(rows):
            self._round.find("wrong", f"exit status 0 with the state {ended.state} of {len(rows)} rows")

    def _rows(self, generation: int) -> list[Row]:
        rows = self._source.rows(generation)
        if not self._resumes:
            return rows
        newest = {_key(s, r): r for s, r in rows}
        done = {key for key, row in newest.items() if self._acknowledged.get(key) == row}
        return [(s, r) for s, r in rows if s == "list_members" or _key(s, r) not in done]

    def _feed(self, rows: list[Row], generation: int) -> bytes:
        return lines(records(rows, state_every=self._every, generation=generation))


def _key(stream: str, row: Json) -> str:
    return f"{stream} {row.get('id')}"


def target(round_: Round, name: str, sandbox: Sandbox, settings: Json) -> Plugin:
    """A target of a sandbox, whose key it must never show."""
    round_.secrets.add(sandbox.key)
    config = {
        "api_key": sandbox.key,
        "api_url": sandbox.url,
        "file_upload_dir": str(round_.folder / "files"),
        "report_path": "report",
        "max_rejects": 1_000_000,
        "unknown_columns": "ignore",
        **settings,
    }
    return Plugin(round_, "target-lightfield", name, config)


def count_faults(round_: Round, sandbox: Sandbox) -> None:
    """Count the faults that met requests to a sandbox, by its own count."""
    round_.tally["faults"] += sum(sandbox.stats()["faults"].values())


def _settings(round_: Round) -> tuple[Json, Character]:
    chance = round_.random
    mode = chance.choices(("upsert", "create_only", "update_only"), (8, 1, 1))[0]
    exact = chance.random() < 0.35
    deletes = chance.random() < 0.35 and mode == "upsert"
    settings: Json = {
        "mode": mode,
        "relationship_mode": "replace" if exact else "add",
        "delete_mode": "trash" if deletes else "ignore",
        "on_ambiguous": chance.choice(("reject", "first")),
        "max_concurrency": chance.choice((4, 32)),
    }
    if match_on := chance.choice((None, ["name"], ["website"], [])):
        settings["objects"] = {"accounts": {"match_on": match_on}}
    return settings, Character(exact_links=exact, deletions=deletes, changes=mode == "upsert")


def _prefill(people: People, source: Source) -> None:
    """What the workspace has already: some of the source's companies and people, and others."""
    for n, key in enumerate(source.keys["accounts"][:4]):
        website = {"$website": [f"http://www.{key}.example/about"]} if n < 2 else {}
        people.create("account", {"$name": f"Account {key}", **website})
    people.create("account", {"$name": f"Account {source.ambiguous}"})  # like one that is there already
    # What the source deletes before a run has matched it stays, as it should: then the two loads differ.
    for key in () if source.character.deletions else source.keys["contacts"][:3]:
        people.create("contact", {"$email": [f"{key}@people.example"], "$title": "Before"})
    people.create("account", {"$name": "Somebody else"})


def members(sandbox: Sandbox) -> list[str]:
    """The emails of the members, sorted."""
    return sorted(r["fields"]["$email"]["value"] for r in sandbox.records("member"))


def writes(sandbox: Sandbox) -> int:
    """How many write requests were answered, whatever came of them."""
    return sum(sandbox.stats()["requests"]["write"].values())


def _compare_creates(round_: Round, calm: Sandbox, stormy: Sandbox, *, exactly: bool) -> None:
    expected, found = likeness.creates(calm), likeness.creates(stormy)
    for kind in expected.keys() | found.keys():
        once, now = expected.get(kind, 0), found.get(kind, 0)
        if now > once:
            round_.find("doubled", f"{now} creates of {kind} took effect, not {once}")
        elif exactly and now < once:
            round_.find("lost", f"{now} creates of {kind} took effect, not {once}")
