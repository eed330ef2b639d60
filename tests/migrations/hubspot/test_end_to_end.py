"""HubSpot's real tap through `meltano run` into a workspace: what arrives is what expected.py says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.migrations.arrived import arrived, differences
from tests.migrations.hubspot import expected, expected_rest
from tests.migrations.hubspot.meltano_run import Migration
from tests.migrations.hubspot.stand_in import Portal, StandIn

Json = dict[str, Any]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tap-hubspot")]


@pytest.fixture
def workspace(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox(**expected.SANDBOX)


def _lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_everything_arrives_or_is_told_of(workspace: Sandbox, tmp_path: Path) -> None:
    with StandIn(Portal()) as hubspot:
        migration = Migration(tmp_path, hubspot, workspace)
        migration.run()

        assert differences(expected.EXPECTED, arrived(workspace)) == []

        told = _lines(migration.folder / "lightfield/lightfield_left_over.jsonl")
        whole = {"not_carried"}
        assert Counter(
            line["stream"] for line in told if line["kind"] in whole and not line["column"]
        ) == Counter(expected_rest.NOT_CARRIED)
        assert {
            (line["stream"], line["key"], line["column"] or "", str(line["value"] or ""), line["kind"])
            for line in told
            if line["column"] or line["kind"] not in whole
        } == expected_rest.LEFT_OVER

        report = json.loads((migration.folder / "migration.json").read_text(encoding="utf-8"))
        objects = report["objects"]
        assert sum(counts["waiting"] for name, counts in objects.items() if name != "members") == len(
            expected_rest.WAITING
        )
        assert sum(counts["rejected"] for counts in objects.values()) == len(expected_rest.REJECTED)
        for email in expected_rest.MISSING_MEMBERS:
            assert email in json.dumps(report)

        before = workspace.stats()["writes"]
        migration.run()
        assert workspace.stats()["writes"] == before


def test_an_association_alone_lets_a_deal_come(workspace: Sandbox, tmp_path: Path) -> None:
    portal = Portal()
    with StandIn(portal) as hubspot:
        migration = Migration(tmp_path, hubspot, workspace)
        migration.run()
        assert "Nobody's deal" not in arrived(workspace)["opportunity"]

        portal.associate("deal", 9004, "company", 8100006, "Primary")
        migration.run()

    assert arrived(workspace)["opportunity"]["Nobody's deal"]["$account"] == [expected.GRANITE]


def test_a_planned_meeting_that_took_place_is_a_meeting_and_its_task_is_done(
    workspace: Sandbox, tmp_path: Path
) -> None:
    portal = Portal()
    with StandIn(portal) as hubspot:
        migration = Migration(tmp_path, hubspot, workspace)
        migration.run()
        portal.change(
            "meetings", "82", "2026-10-01T09:00:00.000Z",
            hs_meeting_start_time="2026-09-01T10:00:00Z", hs_meeting_end_time="2026-09-01T11:00:00Z",
            hs_meeting_outcome="COMPLETED",
        )  # fmt: skip
        migration.run()

    found = arrived(workspace)
    assert found["task"]["Meeting: Kick-off"]["$status"] == "COMPLETE"
    assert found["meeting"]["Kick-off"]["$startDate"] == "2026-09-01T10:00:00.000Z"
    assert len(found["task"]) == len(expected.TASKS)


def test_a_portal_of_many_comes_whole(workspace: Sandbox, tmp_path: Path) -> None:
    more = 250
    with StandIn(Portal(more)) as hubspot:
        Migration(tmp_path, hubspot, workspace).run()

    found = arrived(workspace)
    assert len(found["contact"]) == len(expected.CONTACTS) + more
    assert len(found["account"]) == len(expected.ACCOUNTS) + more // 10
    assert found["contact"]["Person 249"]["$account"] == ["Company 24"]
