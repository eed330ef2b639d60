"""What the plan says that a person has to do: fields and their types, stages by fields, whom to invite."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.target.target_runs import Json, Setup, rows

PRESET = """\
preset: 1
lookups:
  stages: {stream: pipelines, key: id, value: label, within: pipeline}
links:
  deal_firms: {of: deals, key: deal, column: account_id, record: firms, is: firm}
streams:
  users: {to: members, columns: {email: email}}
  firms: {to: accounts, columns: {name: name}, custom: {Mother: {from: mother, record: firms}}}
  people:
    to: contacts
    columns: {email: email, name__last_name: last}
    custom: {Owner: {from: owner, record: users, labels: [Contact owner]}}
  deals:
    to: opportunities
    columns:
      name: name
      stage: {from: dealstage, lookup: stages, within: line}
      owner_id: {from: owner, record: users}
"""
FIRMS = rows("firms", {"id": "1", "name": "Acme"}, {"id": "2", "name": "Core", "mother": "1"})
LINKS = rows("deal_firms", {"deal": "1", "firm": "1"}, {"deal": "1", "firm": "2"}, key=("deal", "firm"))
DEALS = rows("deals", {"id": "1", "name": "A", "dealstage": "99", "line": "x", "owner": "70010099"})
PIPELINES = rows("pipelines", {"id": "1", "label": "Won", "pipeline": "x"})


@pytest.fixture
def plan(target: Setup, tmp_path: Path) -> tuple[Json, str]:
    path = tmp_path / "preset.yml"
    path.write_text(PRESET)
    outcome = target.loaded(
        rows("users", {"id": "7", "email": "left@x.example"}),
        rows("people", {"id": "1", "last": "Li", "email": "li@x.example", "owner": "7"}),
        FIRMS, LINKS, DEALS, PIPELINES,
        preset=str(path), dry_run=True, report_path=str(target.folder / "plan"),
    )  # fmt: skip
    return target.report("plan")["plan"], outcome.log


def test_a_field_for_records_is_a_relationship(plan: tuple[Json, str]) -> None:
    fields = {(one["stream"], one["field"]): one["type"] for one in plan[0]["create_fields"]}
    assert fields == {
        ("contacts", "Owner"): "HAS_ONE",
        ("accounts", "Mother"): "HAS_ONE",
    }


def test_stages_are_told_by_their_field(plan: tuple[Json, str]) -> None:
    assert [(one["field"], one["options"]) for one in plan[0]["create_options"]] == [("Stage", {"99": 1})]
    assert "create options of 'Stage' of opportunities: '99' (1)" in plan[1]


def test_only_whose_email_is_known_is_to_be_invited(plan: tuple[Json, str]) -> None:
    assert "invite left@x.example" in plan[1]
    assert "invite users:70010099" not in plan[1]
    assert "find out who users:70010099 is: the feed has no such member (1 record)" in plan[1]


def test_an_account_that_else_names_is_that_of_deals_that_no_link_gives_one(
    target: Setup, empty: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "preset.yml"
    line = "account_id: {else: 'firms:2'}"
    path.write_text(PRESET.replace("      stage: ", f"      {line}\n      stage: "))
    alone = rows("deals", {"id": "1", "name": "A"}, {"id": "2", "name": "B"})
    link = rows("deal_firms", {"deal": "1", "firm": "1"}, key=("deal", "firm"))
    assert target.loaded(FIRMS, link, alone, preset=str(path)).count("opportunities") == {"created": 2}

    def accounts() -> dict[str, str]:
        names = {r["id"]: r["fields"]["$name"]["value"] for r in empty.records("account")}
        found = empty.records("opportunity")
        return {
            r["fields"]["$name"]["value"]: names[r["relationships"]["$account"]["values"][0]] for r in found
        }

    assert accounts() == {"A": "Acme", "B": "Core"}
    late = rows("deal_firms", {"deal": "2", "firm": "1"}, key=("deal", "firm"))
    target.loaded(late, preset=str(path))
    assert accounts() == {"A": "Acme", "B": "Acme"}
