"""A row that a preset made is rejected as the source has it: the file loads through the preset again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from target_lightfield.reporting.provenance import Provenance, provenance_of, with_provenance
from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

PRESET = """
preset: 1
values_in: properties
links:
  deal_company: {of: deals, key: from_id, column: account_id, record: companies, is: to_id}
streams:
  companies:
    to: accounts
    columns: {name: title, website: domain, primary_address__city: town}
    custom: {Legacy ID: old_id, Status page: page, ICP score: score}
  deals: {to: opportunities, columns: {name: dealname, stage: dealstage}}
ignore: [colour]
"""


@pytest.fixture
def target(target: Setup, tmp_path: Path) -> Setup:
    (tmp_path / "preset.yml").write_text(PRESET)
    target.config["preset"] = str(tmp_path / "preset.yml")
    return target


def thing(key: str, **properties: Any) -> Json:
    return {"id": key, "properties": properties}


def test_it_survives_being_kept_as_json() -> None:
    provenance = Provenance("companies", ("id",), {"id": 1, "x": [None]}, {"name": "title"})
    assert provenance_of(with_provenance({"name": "N"}, provenance)) == provenance
    assert provenance_of({"name": "N"}) is None


def test_a_rejected_row_is_the_sources_and_loads_again_through_the_preset(
    target: Setup, workspace: Workspace, empty: Sandbox, tmp_path: Path
) -> None:
    workspace.account("One", website=["https://a.example"])
    workspace.account("One", website=["https://b.example"])
    company = thing("7", title="One", town="Oslo", colour="red")

    report = str(tmp_path / "report")
    outcome = target.load(rows("companies", company), report_path=report)

    assert outcome.counts["accounts"]["rejected"] == 1
    [schema, reject] = target.rejects_messages()
    assert (schema["stream"], schema["key_properties"]) == ("companies", ["id"])
    assert (reject["stream"], reject["key"], reject["record"]) == ("companies", "7", company)
    assert reject["code"] == "ambiguous"
    [group] = json.loads(Path(f"{report}.json").read_text())["rejects"]
    assert (group["stream"], group["examples"][0]["key"]) == ("accounts", "companies:7")

    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(target.rejects_path.read_bytes())
    outcome = target.load(source=copy, on_ambiguous="first")
    assert outcome.status == 0, outcome.log
    assert outcome.count("accounts") == {"updated": 1}
    assert sorted(r["fields"]["$primaryAddress"]["value"] is None for r in empty.records("account")) == [
        False, True,
    ]  # fmt: skip


def test_a_rejection_names_the_sources_column(target: Setup) -> None:
    target.load(rows("companies", thing("7", title="One", score=10**16)), bad_values="reject")

    [reject] = target.rejects()
    assert reject["param"] == "score (custom_icp_score)"
    assert reject["message"].startswith("Lightfield refused it: ")
    assert reject["record"] == thing("7", title="One", score=10**16)


def test_so_does_a_row_that_lacks_a_value(target: Setup) -> None:
    target.load(rows("companies", thing("8", domain="x.example")))

    [reject] = target.rejects()
    assert (reject["code"], reject["param"]) == ("parameter_missing", "name")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("name is in the future", "title (name) is in the future"),
        ("$name is TEXT: no name", "$name is TEXT: no title (name)"),
        ("names must differ", "names must differ"),
    ],
)
def test_a_sentence_is_put_in_the_words_of_the_source(said: str, expected: str) -> None:
    assert Provenance("s", (), {}, {"name": "title"}).in_its_words(said, "name") == expected


def test_what_is_left_over_is_the_sources(target: Setup) -> None:
    feed = rows(
        "companies",
        thing("7", title="One", domain="one.example", old_id="L"),
        thing("8", title="Two", domain="one.example", old_id="L2", score=10**16),
    )
    outcome = target.loaded(feed, report_path=str(target.folder / "report"))

    assert outcome.count("accounts") == {"created": 2}
    assert {(one["stream"], one["key"], one["column"], one["kind"]) for one in target.left_over()} == {
        ("companies", "8", "domain", "taken"),
        ("companies", "8", "score", "bad_value"),
    }
    assert "which is 'companies:7' of the same stream" in str(target.left_over())
    plan = target.report("report")["plan"]
    assert {
        "stream": "companies",
        "kind": "taken",
        "count": 1,
        "what": "1 unique value another record has",
    } in (plan["decide"])
    again = target.loaded(feed)
    assert again.count("accounts") == {"unchanged": 2}
    assert len(target.left_over()) == 2


def test_a_row_that_waited_is_the_sources_too(target: Setup) -> None:
    pairs = ("from_id", "to_id")
    deal = thing("d", dealname="D", dealstage="Nowhere")
    target.loaded(rows("deals", deal), rows("deal_company", {"from_id": "d", "to_id": "7"}, key=pairs))
    assert len(target.table("lightfield_waiting_records")) == 1

    outcome = target.loaded(rows("companies", thing("7", title="One")))

    assert outcome.counts["opportunities"]["created"] == 1
    assert [(one["stream"], one["key"], one["column"]) for one in target.left_over()] == [
        ("deals", "d", "dealstage")
    ]


def test_no_row_of_a_feed_can_say_that_it_comes_from_elsewhere(target: Setup, workspace: Workspace) -> None:
    target.config.pop("preset")
    said = {"stream": "users", "key_properties": [], "row": {"x": 1}, "columns": 7}
    target.load(
        rows("accounts", {"id": 1, "name": {"no": "text"}, "_source_row": said}), unknown_columns="ignore"
    )

    [reject] = target.rejects()
    assert (reject["stream"], reject["record"]) == ("accounts", {"id": 1, "name": {"no": "text"}})
