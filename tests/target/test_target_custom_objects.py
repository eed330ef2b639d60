"""Custom objects: written like the others, and each once although their API takes no Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from target_runs import Setup, rows, schema, state, write_requests
from workspaces import Workspace

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NoAnswer

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox

Json = dict[str, Any]

STREAM = "object_subscription"


def names(sandbox: Sandbox) -> list[str]:
    return sorted(record["fields"]["$name"]["value"] for record in sandbox.records("subscription"))


def test_they_are_created_updated_and_linked_both_ways(target: Setup, empty: Sandbox) -> None:
    office: Json = {"id": "o", "name": "Berlin", "custom_subscriptions_ids": ["s"], "custom_company_id": "a"}
    target.loaded(
        rows("accounts", {"id": "a", "name": "Acme"}),
        rows(STREAM, {"id": "s", "name": "Pro", "custom_seats": 5, "custom_plan_label": "Team"}),
        rows("object_office-location", office),
    )
    assert target.loaded(rows(STREAM, {"id": "s", "name": "Pro", "custom_seats": 6})).count(STREAM) == {
        "updated": 1
    }

    [plan] = empty.records("subscription")
    [created] = empty.records("office-location")
    assert plan["fields"]["seats"]["value"] == 6
    assert created["relationships"]["subscriptions"]["values"] == [plan["id"]]
    with target.counting() as seen:
        target.loaded(rows(STREAM, {"id": "s", "name": "Pro", "custom_seats": 6}))
    assert write_requests(seen) == 0


def test_one_waits_for_a_relationship_that_only_the_refusal_shows_to_be_required(
    target: Setup, empty: Sandbox
) -> None:
    offices = [{"id": n, "name": f"Office {n}", "custom_company_id": "a"} for n in range(40)]
    with target.counting() as seen:
        waiting = target.loaded(rows("object_office-location", *offices))
    assert waiting.count("object_office-location") == {"waiting": 40}
    assert write_requests(seen) < 40  # once it is known, none is sent

    target.loaded(rows("accounts", {"id": "a", "name": "Acme"}))

    assert len(empty.records("office-location")) == 40


def test_they_are_matched_on_what_the_settings_say(target: Setup, empty: Sandbox) -> None:
    with LightfieldClient(empty.key, api_url=empty.url) as client:
        client.write("objects", "subscription", "values", body={"fields": {"$name": "Pro"}})

    outcome = target.loaded(
        rows(STREAM, {"id": "s", "name": " pro ", "custom_seats": 6}),
        objects={STREAM: {"match_on": ["name"]}},
    )

    assert outcome.count(STREAM) == {"updated": 1}
    assert len(empty.records("subscription")) == 1


@pytest.mark.parametrize("index_lag", [0, 0.3])
def test_a_create_whose_answer_was_lost_is_found_among_the_newest(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], index_lag: float
) -> None:
    sandbox = start_sandbox(empty=True, index_lag=index_lag)
    target = target_of(sandbox)
    sandbox.set_faults("reset-after:0.2")
    records = [{"id": n, "name": f"Plan {n % 5}"} for n in range(20)]  # four of each are alike

    outcome = target.loaded(rows(STREAM, *records))

    assert outcome.count(STREAM) == {"created": 20}
    assert names(sandbox) == sorted(record["name"] for record in records)
    assert len(set(target.ids(STREAM).values())) == 20


def test_a_create_that_never_arrived_is_sent_again(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("target_lightfield.unseen.LISTED_AFTER", timedelta())
    sandbox = start_sandbox(empty=True)
    target = target_of(sandbox)
    sandbox.set_faults("reset-before:0.2")

    target.loaded(rows(STREAM, *({"id": n, "name": "Plan"} for n in range(10))))

    assert names(sandbox) == ["Plan"] * 10


@pytest.mark.parametrize("arrived", [True, False])
def test_a_run_that_ended_before_the_answer_is_finished_by_the_next(
    target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    monkeypatch.setattr("target_lightfield.unseen.LISTED_AFTER", timedelta())
    feed = [*rows(STREAM, {"id": 1, "name": "Plan"}, {"id": 2, "name": "Plan"}), state(done=1)]
    write_once = LightfieldClient.write_once

    def ending(self: LightfieldClient, *path: str, body: Json) -> Json:
        if arrived:
            write_once(self, *path, body=body)
        raise NoAnswer("The connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write_once", ending)
        patch.setattr("target_lightfield.unseen.UnseenCreates.find", lambda *_: None)
        patch.setattr("target_lightfield.writer._TRIES", 1)
        assert target.load(feed).error
    assert len(names(empty)) == arrived

    target.loaded(feed)

    assert names(empty) == ["Plan", "Plan"]
    assert len(set(target.ids(STREAM).values())) == 2


def test_a_type_that_the_workspace_lacks_ends_the_run_or_is_ignored(target: Setup, empty: Sandbox) -> None:
    feed = rows("object_invoice", {"id": 1})

    assert "object_invoice" in target.load(feed).error
    assert "object_invoice" in target.loaded(feed, unknown_columns="ignore").log
    assert "ignored" in target.loaded(schema("object_types", key=("object_type",))).log


def test_a_plan_without_custom_objects_writes_the_rest(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True, plan_has_custom_objects=False)
    target = target_of(sandbox)

    assert "no custom object" in target.load(rows(STREAM, {"id": 1})).error
    target.loaded(rows("accounts", {"id": 1, "name": "Acme"}))

    assert len(Workspace(sandbox).all("accounts")) == 1
