"""Salesforce's real tap through `meltano run` into a workspace: what arrives is what expected.py says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.migrations.arrived import arrived, differences
from tests.migrations.salesforce import expected, expected_rest
from tests.migrations.salesforce.later import change_stage, convert_lead
from tests.migrations.salesforce.meltano_run import Migration
from tests.migrations.salesforce.stand_in import Org, StandIn
from tests.target.lists.feeds import members
from tests.target.workspaces import Workspace

Json = dict[str, Any]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tap-salesforce")]


@pytest.fixture
def workspace(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox(**expected.SANDBOX)


def _lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _told(key: str, value: Any) -> tuple[str, Any]:
    """A key by the 15 characters that count; a value that is one too, whichever way it is shown."""
    text = str("" if value is None else value)
    return str(key)[:15], text[:15] if len(text) == 18 and text.isalnum() else text


def _lists(sandbox: Sandbox) -> dict[str, Json]:
    names = {
        contact["id"]: " ".join(contact["fields"]["$name"]["value"].values())
        for contact in sandbox.records("contact")
        if contact["fields"]["$name"]["value"]
    }
    return {
        record["fields"]["$name"]["value"]: {
            "$name": record["fields"]["$name"]["value"],
            "$objectType": record["fields"]["$objectType"]["value"].removeprefix("$"),
            "$description": record["fields"]["$description"]["value"],
            "$contacts": sorted(names[id_] for id_ in members(Workspace(sandbox), record["id"], "contacts")),
        }
        for record in sandbox.records("list")
    }


def test_everything_arrives_or_is_told_of(workspace: Sandbox, tmp_path: Path) -> None:
    with StandIn(Org()) as salesforce:
        migration = Migration(tmp_path, salesforce, workspace)
        migration.run()

        assert (
            differences(
                {**expected.EXPECTED, "list": expected.LISTS},
                {**arrived(workspace), "list": _lists(workspace)},
            )
            == []
        )
        private = {
            record["fields"]["$title"]["value"]
            for record in workspace.records("meeting")
            if record["fields"]["$privacySetting"]["value"] == "METADATA"
        }
        assert private >= expected.PRIVATE_MEETINGS

        told = _lines(migration.folder / "lightfield/lightfield_left_over.jsonl")
        whole = [line for line in told if line["kind"] == "not_carried" and not line["column"]]
        selected = {s: n for s, n in expected_rest.NOT_CARRIED.items() if s != "AccountHistory"}
        assert Counter(line["stream"] for line in whole) == selected  # as the example selects streams
        assert {
            (line["stream"], *_told(line["key"], line["value"]), line["column"] or "", line["kind"])
            for line in told
            if line not in whole
        } == {
            (stream, *_told(key, value), column, kind)
            for stream, key, column, value, kind in expected_rest.LEFT_OVER
        }

        report = json.loads((migration.folder / "migration.json").read_text(encoding="utf-8"))
        objects = report["objects"]
        assert sum(counts["waiting"] for name, counts in objects.items() if name != "members") == len(
            expected_rest.WAITING
        )
        assert sum(counts["rejected"] for counts in objects.values()) == len(expected_rest.REJECTED)
        assert "left.long-ago@harbor.example" not in json.dumps(report["missing_members"])

        before = workspace.stats()["writes"]
        migration.run()
        assert workspace.stats()["writes"] == before


def test_a_lead_that_is_converted_later_stays_the_contact_and_the_account_that_it_was(
    workspace: Sandbox, tmp_path: Path
) -> None:
    """Salesforce makes a new account and a new contact of it; here they are there already."""
    org = Org()
    with StandIn(org) as salesforce:
        migration = Migration(tmp_path, salesforce, workspace)
        migration.run()
        convert_lead(org)
        migration.run()

    harbor = {**expected.ACCOUNTS[expected.HARBOR], "isPartner": False, "$owner": [expected.ADA]}
    accounts = {**expected.ACCOUNTS, expected.HARBOR: harbor}
    assert differences({**expected.EXPECTED, "account": accounts}, arrived(workspace)) == []


def test_a_changed_opportunity_is_read_with_the_users_and_record_types_of_the_first_run(
    workspace: Sandbox, tmp_path: Path
) -> None:
    org = Org()
    with StandIn(org) as salesforce:
        migration = Migration(tmp_path, salesforce, workspace)
        migration.run()
        change_stage(org)
        migration.run()

    pilot = arrived(workspace)["opportunity"]["Sakura pilot"]
    assert (pilot["$stage"], pilot["in pipeline"], pilot["$owner"]) == (
        "Proposal",
        "New Business",
        [expected.ADA],
    )
