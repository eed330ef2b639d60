"""The names of custom objects' streams: each is one table's everywhere; and those of earlier releases."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield_api.custom_objects import (
    ObjectType,
    former_object_types,
    named_object_types,
    renamed_streams,
)
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import command, discover, entry, metadata, one_error, only, run

Json = dict[str, Any]

FORMER, NAME = "object_office-location", "object_office_location"
OLD, RECENT = "2025-01-01T00:00:00Z", "2025-06-01T00:00:00Z"


def names(*slugs: str) -> dict[str, str]:
    return {kind.slug: name for name, kind in named_object_types(ObjectType(s, s) for s in slugs).items()}


@pytest.fixture
def office(script: Script) -> Script:
    script.objects = [{"objectType": "office-location", "label": "Office"}]
    script.records["office-location"] = [record(1, RECENT), record(2, OLD)]
    return script


def state(**entries: Any) -> Json:
    return {"bookmarks": entries}


def bookmark(value: str) -> Json:
    return {"replication_key": "updated_at", "replication_key_value": value}


def as_earlier_releases(catalog: Json) -> Json:
    return json.loads(json.dumps(catalog).replace(NAME, FORMER))


def test_a_name_has_letters_digits_and_underscores_only() -> None:
    assert names("subscription", "office-location", "partner-accounts") == {
        "subscription": "object_subscription",
        "office-location": NAME,
        "partner-accounts": "object_partner_accounts",
    }


def test_of_two_slugs_with_one_name_the_one_that_is_spelled_so_keeps_it_and_the_order_plays_no_part() -> None:
    found = names("office-location", "office_location", "office--location")

    assert found["office_location"] == NAME
    assert re.fullmatch(NAME + "_[0-9a-f]{8}", found["office-location"])
    assert found == names("office--location", "office_location", "office-location")


@given(st.sets(st.text("abB-_ é", min_size=1, max_size=5) | st.text(min_size=1, max_size=60), max_size=6))
def test_each_slug_has_a_table_of_its_own_in_any_order(slugs: set[str]) -> None:
    found = names(*slugs)

    assert found.keys() == slugs
    assert all(re.fullmatch("object_[A-Za-z0-9_]+", name) for name in found.values())
    assert len({name.casefold() for name in found.values()} | {"object_types"}) == len(slugs) + 1
    assert found == names(*sorted(slugs, reverse=True))


@given(st.sets(st.text("abB-_ é", min_size=1, max_size=5), max_size=6))
def test_a_name_without_a_hyphen_stays_as_it_was(slugs: set[str]) -> None:
    types = [ObjectType(slug, slug) for slug in slugs]
    former = {name for name in former_object_types(types) if "-" not in name}

    assert former <= named_object_types(types).keys()
    assert former.isdisjoint(renamed_streams(types))


def test_a_run_goes_on_from_the_bookmark_under_the_former_name(
    office: Script, caplog: pytest.LogCaptureFixture
) -> None:
    output = run(office.config(), state=state(**{FORMER: bookmark("2025-03-01T00:00:00Z")}))

    assert output.ids(NAME) == {"rec_1"}
    assert output.bookmark(NAME) == "2025-06-01T00:00:00.000000+00:00"
    assert all(FORMER not in json.dumps(message) for message in output.messages)
    assert f"'{FORMER}' is called '{NAME}' now" in caplog.text
    caplog.clear()
    assert run(office.config(), state=output.state).ids(NAME) == {"rec_1"}
    assert FORMER not in caplog.text


def test_the_bookmark_under_the_name_itself_goes_first(office: Script) -> None:
    both = state(**{NAME: bookmark(OLD), FORMER: bookmark(RECENT)})

    output = run(office.config(), state=both)

    assert output.ids(NAME) == {"rec_1", "rec_2"}
    assert FORMER not in output.state["bookmarks"]


def test_a_deselected_stream_keeps_its_bookmark(office: Script) -> None:
    catalog = only(discover(office.config()), "accounts")

    output = run(office.config(), catalog=catalog, state=state(**{FORMER: bookmark(OLD)}))

    assert output.bookmark(NAME) == "2025-01-01T00:00:00.000000+00:00"
    assert FORMER not in output.state["bookmarks"]


def test_a_bookmark_of_a_type_that_is_no_more_is_carried_on(office: Script) -> None:
    office.objects = []

    assert (
        "object_a-b" in run(office.config(), state=state(**{"object_a-b": bookmark(OLD)})).state["bookmarks"]
    )


def test_a_catalog_of_an_earlier_release_selects_the_stream(office: Script) -> None:
    office.fields["office-location"] = {
        "$name": {"label": "Name", "valueType": "TEXT", "typeConfiguration": {}}
    }
    catalog = discover(office.config())
    metadata(catalog, NAME, "properties", "name")["selected"] = False
    metadata(catalog, NAME)["forced-replication-method"] = "FULL_TABLE"
    entry(catalog, NAME)["replication_method"] = "FULL_TABLE"

    output = run(
        office.config(),
        catalog=as_earlier_releases(only(catalog, NAME)),
        state=state(**{FORMER: bookmark(RECENT)}),
    )

    assert output.ids(NAME) == {"rec_1", "rec_2"}
    assert "name" not in output.schema(NAME)["properties"]
    assert output.streams == {NAME}


def test_a_catalog_with_both_is_read_by_the_name_itself(
    office: Script, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = only(discover(office.config()), NAME)
    former = as_earlier_releases({"streams": [entry(only(discover(office.config())), NAME)]})
    catalog["streams"] += former["streams"]

    output = run(office.config(), catalog=catalog)

    assert output.streams == {NAME}
    assert any(FORMER in r.getMessage() and "ignored" in r.getMessage() for r in caplog.records)


@pytest.mark.parametrize("name", [NAME, FORMER])
def test_settings_take_both_spellings(office: Script, name: str, caplog: pytest.LogCaptureFixture) -> None:
    office.answers["/v1/objects/office-location/values/rec_1/fields/plan/history"] = (200, {"data": []})
    office.answers["/v1/objects/office-location/values/rec_2/fields/plan/history"] = (200, {"data": []})
    settings = {"field_history": {name: ["plan"]}, "stream_maps": {name: {"id": "id", "__else__": None}}}

    output = run(office.config(**settings))

    assert output.state["bookmarks"]["field_history"]["fields_read"] == [f"{NAME}.plan"]
    assert output.schema(NAME)["properties"].keys() == {"id"}
    assert not any("which there is not" in r.getMessage() for r in caplog.records)
    assert "which there is not" not in caplog.text
    discover(office.config(**settings))
    assert "which there is not" not in caplog.text


def test_a_field_whose_history_was_read_under_the_former_name_is_not_read_anew(office: Script) -> None:
    path = "/v1/objects/office-location/values/rec_{}/fields/plan/history"
    for number in (1, 2):
        office.answers[path.format(number)] = (200, {"data": []})
    before = {"replication_key": "recorded_at", "replication_key_value": "2025-03-01T00:00:00Z"}

    run(
        office.config(field_history={NAME: ["plan"]}),
        state=state(field_history={**before, "fields_read": [f"{FORMER}.plan"]}),
    )

    assert path.format(1) in office.requests
    assert path.format(2) not in office.requests


@pytest.mark.parametrize(
    ("extra", "rules"),
    [
        ("SELECT", [f"{FORMER}.*"]),
        ("SELECT", ["*.*", f"!{FORMER}.name"]),
        ("SELECT", [FORMER]),
        ("SELECT", ["object_*-*.*"]),
        ("METADATA", {FORMER: {"replication-method": "FULL_TABLE"}}),
    ],
)
def test_a_selection_of_meltano_s_by_the_former_name_is_an_error_that_says_the_name(
    office: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: str, rules: Any
) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(only(discover(office.config()), "accounts")))
    monkeypatch.setenv(f"MELTANO_EXTRACT__{extra}", json.dumps(rules))

    result = command("--catalog", str(catalog), config=office.config(), tmp_path=tmp_path)

    assert f"'{FORMER}' is called '{NAME}' now" in one_error(result)
    assert result.stdout == ""


def test_a_selection_of_meltano_s_that_means_other_streams_costs_nothing(
    office: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = only(discover(office.config()), "accounts")
    office.requests.clear()
    monkeypatch.setenv("MELTANO_EXTRACT__SELECT", json.dumps(["accounts.*", f"{NAME}.*", "!*.custom_a-b"]))

    run(office.config(), catalog=catalog)

    assert "/v1/objects" not in office.requests


def test_a_stream_map_for_several_that_means_only_the_former_name_is_an_error(office: Script) -> None:
    with pytest.raises(Exception, match=f"'{FORMER}' is called '{NAME}' now"):
        run(office.config(stream_maps={"object_*-*": {"name": None}}))
