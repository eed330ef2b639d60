"""A server that lies: no traceback, no key anywhere, and success is only claimed where all is there."""

from __future__ import annotations

import random
from typing import Any

from benchmarks.campaign import likeness
from benchmarks.campaign.extract import SIGNED, Warehouse
from benchmarks.campaign.feed import Source, records
from benchmarks.campaign.liar import Liar, lying
from benchmarks.campaign.lies import LIES
from benchmarks.campaign.load import members, target
from benchmarks.campaign.people import People
from benchmarks.campaign.references import Character
from benchmarks.campaign.round import Round
from benchmarks.campaign.runs import Plugin, lines
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings

Json = dict[str, Any]

_TAP_RUNS, _TARGET_RUNS = 3, 3
_COUNTS = {"account": 90, "contact": 60, "opportunity": 30, "task": 5, "note": 30, "meeting": 5, "email": 60}
_PATIENCE = 120.0


def hostile_answers(round_: Round) -> None:
    """One round: the tap through some liars, then loads through some, each ended by an honest one."""
    _extract(round_)
    _load(round_)


def _liar(round_: Round, sandbox: Sandbox) -> Liar:
    chance = round_.random
    kind = chance.choice(list(LIES))
    often = 0.01 if kind in ("bomb", "slow") else chance.choice((0.02, 0.1, 0.4))
    return Liar(sandbox.url, sandbox.key, kind, often, random.Random(chance.random()))


def _extract(round_: Round) -> None:
    with Sandbox(Settings(seed=round_.seed, counts=_COUNTS, rate_limit=0)) as sandbox:
        round_.secrets |= {sandbox.key, SIGNED}
        for n in range(_TAP_RUNS):
            with lying(_liar(round_, sandbox)) as liar:
                config: Json = {"api_key": sandbox.key, "api_url": liar.url}
                if round_.random.random() < 0.5:
                    config["file_download_dir"] = str(round_.left / f"downloads-{n}")
                ended = Plugin(round_, "tap-lightfield", f"tap-{n}-{liar.kind}", config).run(
                    seconds=_PATIENCE
                )
            _count(round_, liar)
            if ended.status == 0:  # it claims that this is all
                before = len(round_.findings)
                warehouse = Warehouse(round_)
                warehouse.take(ended)
                warehouse.compare(sandbox, People(sandbox))
                if len(round_.findings) > before:
                    round_.find(
                        "wrong", f"the tap's exit status was 0, through answers of the kind {liar.kind}"
                    )


def _load(round_: Round) -> None:
    plain = Settings(seed=round_.seed, empty=True, rate_limit=0)
    with Sandbox(plain) as calm, Sandbox(plain) as lied_about:
        source = Source(f"answers:{round_.seed}", members(calm), round_.folder / "files", Character(size=8))
        feed = lines(records(source.rows(0)))
        for sandbox in (calm, lied_about):
            # Enough that a list has pages: what a load takes for missing, it would create.
            for key in source.keys["accounts"]:
                People(sandbox).create("account", {"$name": f"Account {key}"})
            for n in range(40):
                People(sandbox).create("account", {"$name": f"Somebody {n}"})
        target(round_, "honest", calm, {}).run(feed=feed)
        for n in range(_TARGET_RUNS):
            with lying(_liar(round_, lied_about)) as liar:
                plugin = target(round_, "lied-to", lied_about, {"api_url": liar.url})
                ended = plugin.run(feed=feed, seconds=_PATIENCE)
            _count(round_, liar)
            if ended.status == 0:
                likeness.compare(round_, calm, lied_about, f"after exit status 0 through {liar.kind} ({n})")
            if round_.findings:
                return
        ended = target(round_, "lied-to", lied_about, {}).run(feed=feed)
        if ended.status != 0:
            round_.find("wrong", f"the honest run ended with {ended.status}: {ended.errors[-1:]}")
            return
        likeness.compare(round_, calm, lied_about, "after an honest run at last")


def _count(round_: Round, liar: Liar) -> None:
    round_.tally["hostile answers"] += liar.told
    if liar.kind in ("short-page", "repeated-page"):
        round_.tally["lag and short pages"] += liar.told
    for leak in liar.leaks[:3]:
        round_.find("leaked", f"the key was sent elsewhere, through {liar.kind}: {leak}")
