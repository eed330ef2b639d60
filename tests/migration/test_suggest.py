"""`lightfield-migration suggest`: a first preset for a source that has none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.pipeline import REPOSITORY
from lightfield_sandbox.http.server import Sandbox
from target_lightfield.migration.cli import main
from target_lightfield.migration.suggestion_yaml import quoted
from target_lightfield.presets.reading import read_preset
from target_lightfield.presets.yaml_tree import read_tree
from tests.migration.plain_crm import lines
from tests.target.target_runs import Json, Setup, feed, rows
from tests.target.workspaces import Workspace

RECORDED = {
    "hubspot": REPOSITORY / "examples" / "hubspot" / "feed.jsonl",
    "pipedrive": REPOSITORY / "tests" / "migrations" / "pipedrive" / "feed.jsonl",
    "salesforce": REPOSITORY / "tests" / "migrations" / "salesforce" / "feed.jsonl",
}

Suggest = Callable[[str | Path], str]


@pytest.fixture
def workspace(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox(empty=True)


@pytest.fixture
def suggest(workspace: Sandbox, tmp_path: Path) -> Suggest:
    """Return what is suggested for a feed."""

    def call(source: str | Path) -> str:
        path = tmp_path / "feed.jsonl"
        if isinstance(source, str):
            path.write_text(source, encoding="utf-8")
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"api_key": workspace.key, "api_url": workspace.url}))
        named = str(path if isinstance(source, str) else source)
        result = CliRunner().invoke(main, ["suggest", "--feed", named, "--config", str(config)])
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    return call


def columns(text: str, stream: str) -> Mapping[str, Any]:
    """The lines of a stream's only route."""
    found: Mapping[str, Any] = yaml.safe_load(text)["streams"][stream]["columns"]
    return found


def test_a_plain_crms_feed_loads_as_it_is_suggested(
    suggest: Suggest, workspace: Sandbox, tmp_path: Path
) -> None:
    crm = Workspace(workspace)
    ada, bo, *_ = crm.members()
    source = lines(ada, bo)
    preset = tmp_path / "suggested.yml"
    preset.write_text(suggest(source), encoding="utf-8")

    outcome = Setup(workspace, tmp_path / "target", preset=str(preset)).loaded(source)

    assert outcome.count("accounts") == {"created": 2, "skipped": 1}
    accounts = {record["fields"]["$name"]["value"]: record for record in crm.all("accounts")}
    assert sorted(accounts) == ["Harbor Ltd", "Kestrel Robotics"]
    kestrel = {key: field["value"] for key, field in accounts["Kestrel Robotics"]["fields"].items()}
    assert kestrel["$website"] == ["https://kestrel.example"]
    assert kestrel["$headcount"] == crm.options("accounts", "$headcount")["51-200"]
    assert kestrel["$primaryAddress"]["street"] == "Köpenicker Straße 154"
    assert kestrel["$primaryAddress"]["postalCode"] == "10997"
    assert kestrel["legacyId"] == "K-1"
    assert accounts["Kestrel Robotics"]["relationships"]["$owner"]["values"] == [crm.members()[ada]]
    people = {record["fields"]["$name"]["value"]["firstName"]: record for record in crm.all("contacts")}
    assert sorted(people) == ["Jonas", "Maëlle"]
    maelle = {key: field["value"] for key, field in people["Maëlle"]["fields"].items()}
    assert maelle["$name"] == {"firstName": "Maëlle", "lastName": "Le Goff"}
    assert sorted(maelle["$email"]) == ["m.legoff@kestrel.example", "maelle@kestrel.example"]
    assert (maelle["$title"], maelle["leadScore"]) == ("Head of Procurement", 87)
    assert maelle["phone"] == ["+33297000001"]
    assert people["Maëlle"]["relationships"]["$account"]["values"] == [accounts["Kestrel Robotics"]["id"]]
    deals = {record["fields"]["$name"]["value"]: record for record in crm.all("opportunities")}
    assert deals["40 arms"]["fields"]["$amount"]["value"] == 48500.5
    assert deals["40 arms"]["relationships"]["$account"]["values"] == [accounts["Kestrel Robotics"]["id"]]
    assert deals["40 arms"]["relationships"]["$evaluator"]["values"] == [people["Maëlle"]["id"]]
    assert crm.values("tasks", "$title") == ["Send the DPA"]
    [note] = crm.all("notes")
    assert note["relationships"]["$account"]["values"] == [accounts["Kestrel Robotics"]["id"]]


def test_what_is_not_understood_is_left_out_and_listed(suggest: Suggest) -> None:
    text = suggest(lines("ada@x.example", "bo@x.example"))

    assert "sprockets: ignore  # 2 rows: nothing in Lightfield is called so; it has id, teeth" in text
    assert "# not mapped: tshirt_size: 2 values, such as TEXT takes" in text
    assert "# by its label: lead_score → the custom field Lead score (1 value)" in text
    assert "Haggling: Haggling  # which? " in text
    assert "closed won: Won  # guess: it usually means that" in text


@pytest.mark.parametrize("source", RECORDED)
def test_a_recorded_feeds_suggestion_is_valid_the_same_each_time_and_names_every_stream(
    suggest: Suggest, tmp_path: Path, source: str
) -> None:
    text = suggest(RECORDED[source])
    file = tmp_path / "suggested.yml"
    file.write_text(text, encoding="utf-8")

    preset = read_preset(str(file))
    assert suggest(RECORDED[source]) == text
    with RECORDED[source].open(encoding="utf-8") as messages:
        streams = {json.loads(line).get("stream") for line in messages} - {None}
    assert [stream for stream in streams if not preset.names(stream)] == []


def test_the_recorded_feeds_companies_and_people_are_found(suggest: Suggest) -> None:
    hubspot, pipedrive, salesforce = (suggest(RECORDED[name]) for name in sorted(RECORDED))

    assert columns(hubspot, "companies")["owner_id"] == {"from": "hubspot_owner_id", "record": "owners"}
    assert yaml.safe_load(hubspot)["links"]["deal_company_associations"] == {
        "of": "deals", "key": "from_id", "column": "account_id", "record": "companies", "is": "to_id"
    }  # fmt: skip
    assert columns(pipedrive, "persons")["email"] == {"from": "emails", "pick": "value"}
    assert columns(pipedrive, "deals")["stage"]["lookup"] == "stages"
    assert columns(salesforce, "Contact")["account_ids"] == {"from": "AccountId", "record": "Account"}
    assert columns(salesforce, "Opportunity")["amount"] == {"from": "Amount", "currency": "CurrencyIsoCode"}
    assert yaml.safe_load(salesforce)["streams"]["Subscription__c"]["to"] == "object_subscription"


def test_german_and_french_names_are_known(suggest: Suggest) -> None:
    german: Json = {"id": 1, "Firmenname": "Kestrel", "Straße": "Hafenweg 1", "PLZ": "10997", "Ort": "Berlin"}
    french: Json = {
        "id": 7,
        "Prénom": "Maëlle",
        "Nom": "Le Goff",
        "Courriel": "m@kestrel.example",
        "Société": 1,
    }
    text = suggest(feed([*rows("firmen", german), *rows("personnes", french)]))

    assert columns(text, "firmen") == {
        "name": "Firmenname", "primary_address__street": "Straße",
        "primary_address__postal_code": "PLZ", "primary_address__city": "Ort",
    }  # fmt: skip
    assert columns(text, "personnes") == {
        "name__first_name": "Prénom", "name__last_name": "Nom", "email": "Courriel",
        "account_ids": {"from": "Société", "record": "firmen"},
    }  # fmt: skip


def test_a_number_that_only_happens_to_be_a_key_is_no_reference(suggest: Suggest) -> None:
    companies = [{"id": n, "name": f"Company {n}", "employees": n, "rank_id": n} for n in range(1, 9)]
    text = suggest(feed([*rows("companies", *companies), *rows("people", {"id": 1, "email": "a@x.example"})]))

    assert "record" not in text
    assert columns(text, "companies")["headcount"] == "employees"


def test_meetings_to_come_become_tasks(suggest: Suggest) -> None:
    meeting = {"id": 1, "subject": "Kick-off", "starts_at": "2099-01-01T10:00:00Z"}
    past, coming = yaml.safe_load(suggest(feed(rows("meetings", meeting))))["streams"]["meetings"]

    assert (past["to"], past["when"]) == ("meetings", "datetime(starts_at or starts_at) <= now()")
    assert past["columns"]["end_date"] == {"from": "starts_at", "plus": "01:00:00"}
    assert (coming["to"], coming["columns"]["due_at"]) == ("tasks", "starts_at")


def test_without_a_config_it_is_a_wrong_call(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["suggest", "--feed", "feed.jsonl"])

    assert result.exit_code == 2
    assert "Missing option '--config'" in result.output


names = st.text(min_size=1, max_size=12).filter(lambda text: not text.startswith("_sdc"))


@given(
    text=st.text(min_size=1).filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text))
)
def test_any_text_is_read_again_as_it_was_quoted(text: str) -> None:
    tree = read_tree(f"preset: {quoted(text)}\n{quoted(text + 'x')}: 1\n", "my.yml")

    assert tree.plain()["preset"] == text
    assert tree.plain()[text + "x"] == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    streams=st.dictionaries(
        st.sampled_from(["companies", "people", "deals", "events", "Größe: 7", "x"]),
        st.lists(
            st.dictionaries(
                names | st.sampled_from(["name", "email", "company_id", "status", "start", "id", "title"]),
                st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=9)
                | st.lists(st.dictionaries(names, st.text(max_size=4), max_size=2), max_size=2)
                | st.dictionaries(names, st.text(max_size=4), max_size=2),
                max_size=6,
            ),
            max_size=4,
        ),
        max_size=3, min_size=1,
    )
)  # fmt: skip
def test_whatever_comes_the_suggestion_is_a_preset_that_names_it(
    suggest: Suggest, tmp_path: Path, streams: dict[str, list[Json]]
) -> None:
    source = feed(message for stream, found in streams.items() for message in rows(stream, *found))
    (tmp_path / "suggested.yml").write_text(suggest(source), encoding="utf-8")

    preset = read_preset(str(tmp_path / "suggested.yml"))
    assert [stream for stream in streams if not preset.names(stream)] == []
