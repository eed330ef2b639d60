"""A run killed at any moment and started again ends in the same workspace: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.comparison import assert_same
from tests.target.target_runs import Setup, feed, row, rows, schema, state
from tests.target.workspaces import OBJECT_TYPES, Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

FAULTS = "429:0.004,500:0.015,503:0.01,504:0.01,reset-before:0.02,reset-after:0.04"
KILLS = 4


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
        *further(member),
        state(done=1),
    ]


def further(member: str) -> list[Json]:
    """The objects that are written in ways of their own, each before what it refers to."""
    return [
        *rows(
            "meetings",
            *(
                {
                    "id": n,
                    "title": f"Meeting {n}",
                    "start_date": "2024-05-01T10:00:00Z",
                    "end_date": "2024-05-01T11:00:00Z",
                    "post_meeting_summary": f"We agreed {n}",
                    "transcript_id": n,
                }
                for n in range(4)
            ),
        ),
        schema("list_members", key=("list_id", "object_type", "record_id")),
        *(row("list_members", list_id=n % 2, object_type="account", record_id=n % 6) for n in range(6)),
        *(row("list_members", list_id=2, object_type="contact", record_id=n) for n in range(30)),
        *rows(
            "lists",
            *(
                {"id": n, "name": f"List {n}", "object_type": "contact" if n == 2 else "account"}
                for n in range(3)
            ),
        ),
        *rows("object_subscription", *({"id": n, "name": f"Plan {n % 4}"} for n in range(6))),
        *rows(
            "emails",
            *(
                {
                    "id": n,
                    "from": member,
                    "to": [f"c{n}@x.example"],
                    "subject": f"Email {n}",
                    "sent_at": "2024-05-01T10:00:00Z",
                    "message_id": f"<{n}@x.example>" if n % 2 else None,
                }
                for n in range(6)
            ),
        ),
        *rows("files", *({"id": n, "file_path": f"{n}.txt"} for n in range(4))),
    ]


@pytest.fixture
def config(tmp_path: Path) -> Json:
    """The settings that the feed needs."""
    folder = tmp_path / "files"
    folder.mkdir()
    for n in range(4):
        (folder / f"{n}.txt").write_text(f"Transcript {n}")
    return {"file_upload_dir": str(folder)}


def records(sandbox: Sandbox) -> int:
    return sum(len(sandbox.records(object_type)) for object_type in OBJECT_TYPES.values())


@pytest.mark.slow
def test_runs_killed_at_random_moments_end_in_the_workspace_of_one_that_was_not(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], config: Json
) -> None:
    seed = 1  # the campaign takes any other
    undisturbed = start_sandbox(empty=True, seed=seed)
    expected = messages(next(iter(Workspace(undisturbed).members())))
    target_of(undisturbed, "undisturbed", **config).loaded(expected)
    total = undisturbed.stats()

    disturbed = start_sandbox(empty=True, seed=seed, latency_ms=4, faults=FAULTS)
    target, chance = target_of(disturbed, "disturbed", **config), random.Random(seed)
    writes_of_one = sum(total["requests"]["write"].values())
    for _ in range(KILLS):
        before = _writes(disturbed)
        process = target.spawn(feed([expected]))
        moment = before + chance.randint(1, writes_of_one // 2)
        while _writes(disturbed) < moment and process.poll() is None:
            time.sleep(0.003)
        process.kill()
        if process.communicate()[0]:  # it claimed to be done
            disturbed.set_faults("")
            assert_same(undisturbed, disturbed, further=True)
            disturbed.set_faults(FAULTS)

    final = target.run(feed([expected]))
    disturbed.set_faults("")

    assert final.status == 0, final.log
    assert final.state == {"done": 1}
    assert_same(undisturbed, disturbed, further=True)
    assert _creates(disturbed) == _creates(undisturbed)
    for table in ("lightfield_creates", "lightfield_waiting_links", "lightfield_waiting_records"):
        assert target.table(table) == []


def _creates(sandbox: Sandbox) -> Json:
    """How many creates took effect, by object; of files only whole ones count, and these are compared."""
    writes = sandbox.stats()["writes"]
    return {object_type: counts["create"] for object_type, counts in writes.items() if object_type != "file"}


def _writes(sandbox: Sandbox) -> int:
    return sum(sandbox.stats()["requests"]["write"].values())


def test_a_run_that_ends_on_an_error_anywhere_is_finished_by_the_next(
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    retry_policy: Callable[..., None],
    impatient: None,
    config: Json,
) -> None:
    undisturbed = start_sandbox(empty=True, seed=4)
    expected = messages(next(iter(Workspace(undisturbed).members())))
    target_of(undisturbed, "undisturbed", **config).loaded(expected)
    # Without retries every fault ends a run: each goes on from where the one before broke off.
    retry_policy(max_tries=1, silence=2.0)
    disturbed = start_sandbox(
        empty=True, seed=4, faults="500:0.02,reset-before:0.02,reset-after:0.04,hang:0.004"
    )
    target, runs = target_of(disturbed, "disturbed", **config), 0

    while (outcome := target.load(expected)).status != 0:
        assert outcome.error
        assert outcome.states == []
        runs += 1
        assert runs < 100

    assert runs > 3
    disturbed.set_faults("")
    assert_same(undisturbed, disturbed, further=True)
    assert disturbed.stats()["writes"]["note"]["create"] == len(disturbed.records("note"))
