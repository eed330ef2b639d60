"""Custom objects: written like the others, and each once although their API takes no Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NoAnswer
from tests.target.target_runs import Setup, rows, schema, state, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

STREAM = "object_subscription"


def names(sandbox: Sandbox) -> list[str]:
    return sorted(record["fields"]["$name"]["value"] for record in sandbox.records("subscription"))


def test_they_are_created_updated_and_linked_both_ways(target: Setup, empty: Sandbox) -> None:
    office: Json = {"id": "o", "name": "Berlin", "custom_subscriptions_ids": ["s"], "custom_company_id": "a"}
    target.loaded(
        rows("accounts", {"id": "a", "name": "Acme"}),
        rows(STREAM, {"id": "s", "name": "Pro", "custom_seats": 5, "custom_plan_label": "Team"}),
        rows("object_office_location", office),
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
        waiting = target.loaded(rows("object_office_location", *offices))
    assert waiting.count("object_office_location") == {"waiting": 40}
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


@pytest.mark.parametrize(
    ("faults", "index_lag"), [("reset-after:0.2", 0), ("reset-after:0.2", 0.3), ("truncated:0.2", 0)]
)
def test_a_create_whose_answer_was_lost_is_found_among_the_newest(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], faults: str, index_lag: float
) -> None:
    sandbox = start_sandbox(empty=True, index_lag=index_lag)
    target = target_of(sandbox)
    sandbox.set_faults(faults)
    records: list[Json] = [{"id": n, "name": f"Plan {n % 5}"} for n in range(20)]  # four of each are alike

    outcome = target.loaded(rows(STREAM, *records))

    assert outcome.count(STREAM) == {"created": 20}
    assert names(sandbox) == sorted(record["name"] for record in records)
    assert len(set(target.ids(STREAM).values())) == 20


@pytest.mark.parametrize("faults", ["reset-before:0.2", "hang:0.1", "500:0.2", "429:0.1"])
def test_a_create_that_was_not_done_is_sent_again(
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    retry_policy: Callable[..., None],
    impatient: None,
    faults: str,
) -> None:
    retry_policy(max_tries=8, silence=0.5, listed_after=0.0)
    sandbox = start_sandbox(empty=True)
    target = target_of(sandbox)
    sandbox.set_faults(faults)

    target.loaded(rows(STREAM, *({"id": n, "name": "Plan"} for n in range(10))))

    assert names(sandbox) == ["Plan"] * 10


@pytest.mark.parametrize("arrived", [True, False])
def test_a_run_that_ended_before_the_answer_is_finished_by_the_next(
    target: Setup,
    empty: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    retry_policy: Callable[..., None],
    arrived: bool,
) -> None:
    retry_policy(listed_after=0.0)
    feed = [*rows(STREAM, {"id": 1, "name": "Plan"}, {"id": 2, "name": "Plan"}), state(done=1)]
    write_once = LightfieldClient.write_once

    def ending(self: LightfieldClient, *path: str, body: Json) -> Json:
        if arrived:
            write_once(self, *path, body=body)
        raise NoAnswer("The connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write_once", ending)
        patch.setattr("target_lightfield.writing.lost_creates.UnseenCreates.find", lambda *_: None)
        retry_policy(patch=patch, max_tries=1)
        assert target.load(feed).error
    assert len(names(empty)) == arrived

    target.loaded(feed)

    assert names(empty) == ["Plan", "Plan"]
    assert len(set(target.ids(STREAM).values())) == 2


def values(sandbox: Sandbox, target: Setup) -> dict[str, tuple[str, float | None]]:
    """Name and seats of each subscription by its source key."""
    by_id = {record["id"]: record["fields"] for record in sandbox.records("subscription")}
    found = {key: by_id[record_id] for key, record_id in target.ids(STREAM).items()}
    return {key: (fields["$name"]["value"], fields["seats"]["value"]) for key, fields in found.items()}


PLAIN_AND_FULL = rows(
    STREAM, {"id": "plain", "name": "Plan"}, {"id": "full", "name": "Plan", "custom_seats": 5}
)
ASKED_FOR = {"plain": ("Plan", None), "full": ("Plan", 5)}


@pytest.mark.parametrize("plain_first", [True, False])
def test_of_two_that_were_not_answered_the_one_that_asks_for_less_is_not_taken_for_the_other(
    target: Setup,
    empty: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    retry_policy: Callable[..., None],
    plain_first: bool,
) -> None:
    retry_policy(listed_after=0.0)
    write_once, first, second = LightfieldClient.write_once, Event(), Event()

    def ending(self: LightfieldClient, *path: str, body: Json) -> Json:
        is_first = (len(body["fields"]) == 1) is plain_first
        assert is_first or first.wait(300)
        write_once(self, *path, body=body)
        (first if is_first else second).set()
        assert second.wait(300)
        raise NoAnswer("The connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write_once", ending)
        patch.setattr("target_lightfield.writing.lost_creates.UnseenCreates.find", lambda *_: None)
        retry_policy(patch=patch, max_tries=1)
        assert target.load(PLAIN_AND_FULL).error
    assert len(target.table("lightfield_creates")) == 2

    target.loaded(PLAIN_AND_FULL)

    assert names(empty) == ["Plan", "Plan"]
    assert values(empty, target) == ASKED_FOR
    assert target.table("lightfield_creates") == []


def test_a_lost_one_is_not_taken_for_one_that_is_still_to_be_answered(
    target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_once, search = LightfieldClient.write_once, LightfieldClient.search
    created, looked_for = Event(), Event()

    def losing(self: LightfieldClient, *path: str, body: Json) -> Json:
        if "seats" in body["fields"]:
            answer = write_once(self, *path, body=body)
            created.set()
            assert looked_for.wait(300)
            return answer
        write_once(self, *path, body=body)
        assert created.wait(300)
        raise NoAnswer("The connection is gone")

    def looking(self: LightfieldClient, *path: str, **options: Any) -> Json:
        answer = search(self, *path, **options)
        if created.is_set():
            looked_for.set()
        return answer

    monkeypatch.setattr(LightfieldClient, "write_once", losing)
    monkeypatch.setattr(LightfieldClient, "search", looking)

    target.loaded(PLAIN_AND_FULL)

    assert values(empty, target) == ASKED_FOR
    assert names(empty) == ["Plan", "Plan"]


def test_one_is_found_whatever_the_api_makes_of_its_values(
    target: Setup, monkeypatch: pytest.MonkeyPatch, retry_policy: Callable[..., None]
) -> None:
    write_once = LightfieldClient.write_once

    def losing(self: LightfieldClient, *path: str, body: Json) -> Json:
        write_once(self, *path, body=body)
        raise NoAnswer("The connection is gone")

    retry_policy(listed_after=0.0)
    monkeypatch.setattr(LightfieldClient, "write_once", losing)
    office = {
        "id": "o",
        "name": "Zürich ",
        "custom_address": {"street": "Bahnhofstr. 1", "country": "CH", "latitude": 47.3},
        "custom_phone": ["(415) 555-2671", "+41 44 668 18 00"],
        "custom_reception": "Desk@Office.example",
        "custom_desks": 12.0,
        "custom_manager": {"first_name": "Ada", "last_name": None},
        "custom_linked_in": "https://www.linkedin.com/company/acme/",
        "custom_opened_on": "2024-05-01T10:00:00+02:00",
        "custom_site_code": "S-1",
        "custom_company_id": "a",
        "custom_subscriptions_ids": ["s"],
    }
    plan = {
        "id": "s",
        "name": "Pro",
        "stage_label": "Active",
        "pipeline_label": "Partner",
        "custom_plan_label": "Team",
        "custom_modules_labels": ["SSO", "Core"],
        "custom_mrr": 12.5,
        "custom_auto_renew": False,
        "custom_invoice_url": "https://invoices.example/1",
        "custom_terms": "# Terms",
    }

    with target.counting() as seen:
        target.loaded(
            rows("accounts", {"id": "a", "name": "Acme"}),
            rows(STREAM, plan),
            rows("object_office_location", office),
        )

    assert seen["writes"]["subscription"]["create"] == 1
    assert seen["writes"]["office-location"]["create"] == 1


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
