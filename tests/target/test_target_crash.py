"""A run killed at any moment and started again ends in the same workspace: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from comparison import assert_same
from target_runs import Setup, feed, rows, state
from workspaces import OBJECT_TYPES, Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox

Json = dict[str, Any]

FAULTS = "429:0.004,500:0.015,reset-before:0.02,reset-after:0.04"


def messages(member: str) -> list[Json]:
    """A feed in an order that makes much of it wait: all are linked to what comes later."""
    return [
        *rows("notes", *({"id": n, "title": f"Note {n}", "account_ids": [n % 6, 5]} for n in range(10))),
        *rows(
            "opportunities",
            *({"id": n, "name": f"Deal {n}", "account_id": n % 6, "champion_id": n} for n in range(6)),
        ),
        *rows(
            "tasks",
            *(
                {
                    "id": n,
                    "title": f"Task {n}",
                    "status": "TODO",
                    "assigned_to_id": member,
                    "opportunity_id": n,
                }
                for n in range(6)
            ),
        ),
        *rows(
            "contacts", *({"id": n, "email": f"c{n}@x.example", "account_ids": [n % 6]} for n in range(30))
        ),
        *rows(
            "accounts",
            *({"id": n, "name": f"Account {n}", "custom_parent_as_source_id": (n + 1) % 6} for n in range(5)),
            {"id": 5, "name": "Account 5", "contact_ids": list(range(30)), "custom_billing_contact_id": 0},
        ),
        state(done=1),
    ]


def records(sandbox: Sandbox) -> int:
    return sum(len(sandbox.records(object_type)) for object_type in OBJECT_TYPES.values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_runs_killed_at_random_moments_end_in_the_workspace_of_one_that_was_not(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], seed: int
) -> None:
    undisturbed = start_sandbox(empty=True, seed=seed)
    expected = messages(next(iter(Workspace(undisturbed).members())))
    target_of(undisturbed, "undisturbed").loaded(expected)
    total = undisturbed.stats()

    disturbed = start_sandbox(empty=True, seed=seed, latency_ms=4, faults=FAULTS)
    target, chance = target_of(disturbed, "disturbed"), random.Random(seed)
    writes_of_one = sum(total["requests"]["write"].values())
    states = []
    for _ in range(2):
        before = _writes(disturbed)
        process = target.spawn(feed([expected]))
        moment = before + chance.randint(1, writes_of_one // 2)
        while _writes(disturbed) < moment and process.poll() is None:
            time.sleep(0.003)
        process.kill()
        states.append(process.communicate()[0])

    final = target.run(feed([expected]))
    disturbed.set_faults("")

    assert final.status == 0, final.log
    assert final.state == {"done": 1}
    assert_same(undisturbed, disturbed)
    seen = disturbed.stats()["writes"]
    assert {o: counts["create"] for o, counts in seen.items()} == {
        o: counts["create"] for o, counts in total["writes"].items()
    }
    for table in ("lightfield_creates", "lightfield_waiting_links", "lightfield_waiting_records"):
        assert target.table(table) == []
    assert "".join(states) == ""  # none of the killed runs claimed to be done


def _writes(sandbox: Sandbox) -> int:
    return sum(sandbox.stats()["requests"]["write"].values())


def test_a_run_that_ends_on_an_error_anywhere_is_finished_by_the_next(
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    monkeypatch: pytest.MonkeyPatch,
    impatient: None,
) -> None:
    # Without retries every fault ends a run: each goes on from where the one before broke off.
    monkeypatch.setattr("lightfield_api.retries.MAX_TRIES", 1)
    undisturbed = start_sandbox(empty=True, seed=4)
    expected = messages(next(iter(Workspace(undisturbed).members())))
    target_of(undisturbed, "undisturbed").loaded(expected)
    disturbed = start_sandbox(empty=True, seed=4, faults="500:0.02,reset-before:0.02,reset-after:0.04")
    target, runs = target_of(disturbed, "disturbed"), 0

    while (outcome := target.load(expected)).status != 0:
        assert outcome.error
        assert outcome.states == []
        runs += 1
        assert runs < 100

    assert runs > 3
    disturbed.set_faults("")
    assert_same(undisturbed, disturbed)
    assert disturbed.stats()["writes"]["note"]["create"] == len(disturbed.records("note"))
