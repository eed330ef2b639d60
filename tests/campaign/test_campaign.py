"""A minute of the campaign with a fixed seed, and that it sees what it looks for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.campaign import grammar, likeness
from benchmarks.campaign.campaign import KINDS, Campaign
from benchmarks.campaign.feed import Source, records
from benchmarks.campaign.people import People
from benchmarks.campaign.references import Character
from benchmarks.campaign.round import Round
from benchmarks.campaign.runs import Plugin, Process, lines

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

SEED = 1


@pytest.fixture
def a_round(tmp_path: Path) -> Round:
    """A round in which nothing has happened."""
    return Round("load", SEED, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1200)  # it takes seconds; a machine that is busy with other things may take its time
@pytest.mark.parametrize("kind", KINDS)
def test_a_round_of_each_kind_finds_nothing(kind: str) -> None:
    campaign = Campaign(SEED, kinds=(kind,))

    campaign.run(rounds=1)

    assert [f"{finding.what}: {finding.text}" for finding in campaign.findings] == []
    assert campaign.tallies[kind]["rounds"] == 1


def test_a_seed_means_one_feed_and_one_mutation(tmp_path: Path) -> None:
    def feed(folder: str, seed: str) -> bytes:
        return lines(records(Source(seed, ["a@x.example"], tmp_path / folder, Character()).rows(1)))

    def bad(seed: int) -> list[str]:
        chance = grammar.Chance(seed)
        return [grammar.record("accounts", grammar.row(chance, {"id": "k1", "name": "A"})) for _ in range(50)]

    assert feed("one", "1") == feed("two", "1") != feed("three", "2")
    assert bad(1) == bad(1) != bad(2)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        (0, -0.0, True), ("0", 0.0, True), (1e308, 10**308, True), (1.5, "1.5", True), ([0], [-0.0], True),
        ({"a": [2.0]}, {"a": [2]}, True), ([0], 0, False), ([1], ["x"], False), (10**17, 10**17 + 1, False),
        (10**400, 10**400 + 1, False),
    ],
)  # fmt: skip
def test_rows_of_equal_keys_are_known_for_one(one: Any, other: Any, are_one: bool) -> None:
    assert (grammar.as_key(one) == grammar.as_key(other)) is are_one


@pytest.mark.parametrize(("names", "what"), [([], "lost"), (["A k1", "B k1"], "doubled"), (["B k1"], "lost")])
def test_what_is_missing_too_much_or_different_is_found(
    start_sandbox: Callable[..., Sandbox], a_round: Round, names: list[str], what: str
) -> None:
    right, tried = start_sandbox(empty=True), start_sandbox(empty=True)
    People(right).create("account", {"$name": "A k1"})
    for name in names:
        People(tried).create("account", {"$name": name})

    likeness.compare(a_round, right, tried, "now")

    assert [finding.what for finding in a_round.findings] == [what]
    assert "account k1" in a_round.findings[0].text
    assert f"--seed {SEED} --only load" in a_round.findings[0].again


def test_workspaces_that_differ_in_ids_alone_are_alike(
    start_sandbox: Callable[..., Sandbox], a_round: Round
) -> None:
    one, other = start_sandbox(empty=True), start_sandbox(empty=True)
    for sandbox, names in ((one, ("A k1", "B k2")), (other, ("B k2", "A k1"))):
        ids = {name: People(sandbox).create("account", {"$name": name}) for name in names}
        people = [ids["A k1"]]
        People(sandbox).create("note", {"$title": "Note k3"}, {"$account": people})

    likeness.compare(a_round, one, other, "now")

    assert a_round.findings == []


def test_a_secret_in_what_a_run_leaves_behind_is_found(a_round: Round) -> None:
    a_round.secrets.add("sk_lf_secret")
    (a_round.left / "report.json").write_text('{"api_key": "sk_lf_secret"}')

    a_round.search_for_secrets()

    assert [(finding.what, "sk_lf_secret" in finding.text) for finding in a_round.findings] == [
        ("leaked", False)
    ]


def test_a_run_that_has_not_ended_in_time_is_ended_and_found(a_round: Round) -> None:
    plugin = Plugin(a_round, "target-lightfield", "target", {"api_key": "sk_lf_x"})
    _write_log(plugin, "")
    stopped = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    plugin.finish(Process(stopped.pid, lambda: {"status": stopped.poll()}), seconds=0)

    assert stopped.wait() == -9
    assert [finding.what for finding in a_round.findings] == ["hang"]


@pytest.mark.parametrize(
    ("log", "what"),
    [
        ("Traceback (most recent call last):\n  File\nKeyError: 'accounts'\n", ["traceback"]),
        ("2026-01-01 | INFO     | nothing was said\n", ["wrong"]),
        ("2026-01-01 | ERROR    | A sentence.\n", []),
    ],
)
def test_a_failed_run_has_to_say_one_sentence(a_round: Round, log: str, what: list[str]) -> None:
    plugin = Plugin(a_round, "target-lightfield", "target", {"api_key": "sk_lf_x"})
    _write_log(plugin, log)

    plugin.finish(Process(0, lambda: {"status": 1}))

    assert [finding.what for finding in a_round.findings] == what


def _write_log(plugin: Plugin, text: str) -> None:
    (plugin.folder / "run-0.log").write_text(text)
    (plugin.folder / "run-0.out").touch()
