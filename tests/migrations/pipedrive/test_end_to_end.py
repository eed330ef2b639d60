"""Pipedrive's real tap through `meltano run` into a workspace: what arrives, and what is said of the rest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.migrations.arrived import arrived, differences
from tests.migrations.pipedrive import expected, expected_rest
from tests.migrations.pipedrive.meltano_run import Migration
from tests.migrations.pipedrive.stand_in import Account, StandIn

Json = dict[str, Any]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tap-pipedrive")]


@pytest.fixture
def workspace(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox(**expected.SANDBOX)


def _lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_everything_arrives_or_is_told_of(workspace: Sandbox, tmp_path: Path) -> None:
    with StandIn(Account()) as pipedrive:
        migration = Migration(tmp_path, pipedrive, workspace)
        migration.run()

        assert differences(expected.EXPECTED, arrived(workspace)) == []

        told = _lines(migration.folder / "lightfield/lightfield_left_over.jsonl")
        whole = [line for line in told if line["kind"] == "not_carried" and not line["column"]]
        # The example does not select the others.
        selected = {"files", "products"}
        assert Counter(line["stream"] for line in whole) == {
            stream: count for stream, count in expected_rest.NOT_CARRIED.items() if stream in selected
        }
        assert {
            (line["stream"], line["key"], line["column"] or "", str(line["value"] or ""), line["kind"])
            for line in told
            if line not in whole
        } == expected_rest.LEFT_OVER

        before = workspace.stats()["writes"]
        migration.run()
        assert workspace.stats()["writes"] == before


def test_a_planned_meeting_that_took_place_is_a_meeting_and_its_task_is_done(
    workspace: Sandbox, tmp_path: Path
) -> None:
    account = Account()
    with StandIn(account) as pipedrive:
        migration = Migration(tmp_path, pipedrive, workspace)
        migration.run()
        account.change("activities", 34, "2026-10-01T09:00:00Z", due_date="2026-09-01", done=True)
        migration.run()

    found = arrived(workspace)
    assert found["task"]["Meeting: Demo"]["$status"] == "COMPLETE"
    assert found["meeting"]["Demo"]["$startDate"] == "2026-09-01T10:00:00.000Z"
    assert len(found["task"]) == len(expected.TASKS)


def test_a_call_that_was_to_do_and_is_done_is_a_note_and_its_task_is_done(
    workspace: Sandbox, tmp_path: Path
) -> None:
    account = Account()
    with StandIn(account) as pipedrive:
        migration = Migration(tmp_path, pipedrive, workspace)
        migration.run()
        account.change("activities", 43, "2026-10-01T09:00:00Z", done=True, note="<p>They call back</p>")
        migration.run()

    found = arrived(workspace)
    assert found["task"]["Call: Call back"]["$status"] == "COMPLETE"
    assert "Call: Call back" in found["note"]


def test_a_deal_that_was_deleted_is_left_alone_or_goes_to_the_trash(
    workspace: Sandbox, tmp_path: Path
) -> None:
    account = Account()
    with StandIn(account) as pipedrive:
        migration = Migration(tmp_path, pipedrive, workspace)
        migration.run()
        account.change("deals", 29, "2026-10-01T09:00:00Z", status="deleted", is_deleted=True)
        migration.run()
        assert "Kestrel renewal" in arrived(workspace)["opportunity"]
        account.change("deals", 29, "2026-10-02T09:00:00Z", title="Kestrel renewal, again")
        migration.run(delete_mode="trash")
        assert "Kestrel renewal" not in arrived(workspace)["opportunity"]
