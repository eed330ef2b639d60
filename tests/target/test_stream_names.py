"""Streams of custom objects by their name and by that of earlier releases: both mean the same records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.target.target_runs import Setup, row, rows, schema, write_requests
from tests.target.workspaces import Workspace

Json = dict[str, Any]

NEW, FORMER = "object_office_location", "object_office-location"


def offices(stream: str, *numbers: int, **columns: Any) -> list[Json]:
    return rows(
        stream,
        *({"id": n, "name": f"Office {n}", "custom_company_id": "a", **columns} for n in numbers),
    )


ACCOUNT = rows("accounts", {"id": "a", "name": "Acme"})


@pytest.mark.parametrize(("first", "then"), [(FORMER, NEW), (NEW, FORMER)])
def test_a_feed_in_one_spelling_and_then_in_the_other_writes_nothing_new(
    target: Setup, empty: Sandbox, first: str, then: str
) -> None:
    assert target.loaded(ACCOUNT, offices(first, 1, 2)).count(NEW) == {"created": 2}

    with target.counting() as seen:
        again = target.loaded(ACCOUNT, offices(then, 1, 2))

    assert again.count(NEW) == {"unchanged": 2}
    assert write_requests(seen) == 0
    changed = target.loaded(offices(then, 1, custom_site_code="B1"))
    assert changed.count(NEW) == {"updated": 1}
    assert len(empty.records("office-location")) == 2


def test_the_id_map_calls_a_stream_as_it_always_did(target: Setup) -> None:
    target.loaded(ACCOUNT, offices(NEW, 1))

    # Customers' id maps have rows of earlier releases under this name.
    assert target.ids(FORMER).keys() == {"1"}
    assert target.ids(NEW) == {}


@pytest.mark.parametrize(("first", "then"), [(FORMER, NEW), (NEW, FORMER)])
def test_what_waited_in_one_spelling_is_written_in_the_other(
    target: Setup, empty: Sandbox, first: str, then: str
) -> None:
    assert target.loaded(offices(first, 1)).count(NEW) == {"waiting": 1}
    assert target.loaded(offices(then, 1)).count(NEW) == {"waiting": 1}

    assert target.loaded(ACCOUNT).count(NEW) == {"created": 1}

    assert len(empty.records("office-location")) == 1


def test_both_spellings_in_one_feed_are_one_stream(target: Setup, empty: Sandbox) -> None:
    outcome = target.loaded(ACCOUNT, offices(NEW, 1), offices(FORMER, 1, 2))

    assert outcome.count(NEW) == {"created": 2, "unchanged": 1}
    assert FORMER not in outcome.log
    assert len(empty.records("office-location")) == 2


def test_what_is_shown_is_the_name(target: Setup) -> None:
    path = str(target.folder / "report")
    bad = [*offices(FORMER, 1, custom_reception_email="no email"), row(FORMER, id=2, custom_company_id="?")]

    outcome = target.load(bad, offices(FORMER, 3), ACCOUNT, report_path=path)

    shown = json.dumps(target.report("report")) + json.dumps(target.rejects_messages()) + outcome.log
    assert NEW in target.report("report")["objects"]
    assert FORMER not in shown


@pytest.mark.parametrize("name", [NEW, FORMER])
@pytest.mark.parametrize("stream", [NEW, FORMER])
def test_the_settings_of_an_object_take_both(
    target: Setup, workspace: Workspace, name: str, stream: str
) -> None:
    objects = {name: {"match_on": ["name"]}}
    target.loaded(ACCOUNT, offices(FORMER, 1))
    target.forget()

    outcome = target.loaded(ACCOUNT, offices(stream, 7, name="Office 1"), objects=objects)

    assert outcome.count(NEW) == {"unchanged": 1}


def test_an_object_that_the_settings_name_in_both_spellings_is_an_error(target: Setup) -> None:
    objects = {NEW: {"mode": "upsert"}, FORMER: {"mode": "create_only"}}

    assert NEW in target.load(ACCOUNT, objects=objects).error


@pytest.mark.parametrize("key", [NEW, FORMER])
@pytest.mark.parametrize("stream", [NEW, FORMER])
def test_stream_maps_mean_the_stream_in_either_spelling(
    target: Setup, empty: Sandbox, key: str, stream: str
) -> None:
    maps = {key: {"name": "'Mapped'", "id": "id", "custom_company_id": "custom_company_id", "__else__": None}}
    typed = schema(
        stream, id={"type": "string"}, name={"type": "string"}, custom_company_id={"type": "string"}, junk={}
    )

    target.loaded(
        ACCOUNT,
        typed,
        row(stream, id="1", name="Secret", custom_company_id="a", junk="x"),
        stream_maps=maps,
    )

    [office] = empty.records("office-location")
    assert office["fields"]["$name"]["value"] == "Mapped"


def test_a_stream_map_for_several_that_would_miss_the_stream_is_an_error(target: Setup) -> None:
    maps = {"object_*-*": {"name": "'Mapped'"}}

    assert "'object_*-*'" in target.load(ACCOUNT, offices(NEW, 1), stream_maps=maps).error


def test_one_that_the_workspace_lacks_is_told_the_nearest(target: Setup) -> None:
    error = target.load(rows("object_office_locations", {"id": 1})).error

    assert f"'object_office_locations' (nearest: {NEW})" in error
