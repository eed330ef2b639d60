"""What a refusal means, in each shape in which Lightfield may answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def listed_at_once(retry_policy: Callable[..., None]) -> None:
    """Lists that do not lag: what they do not show is not looked for again."""
    retry_policy(listed_after=0.0)


@pytest.mark.parametrize("status", [409, 422, 400])
def test_a_create_refused_for_a_unique_value_updates_its_holder_once_lists_show_it(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], refusals: str, status: int
) -> None:
    sandbox = start_sandbox(empty=True, unique_status=status, refusals=refusals, index_lag=2)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    holder = workspace.account("Acme", website=["https://acme.example"])

    outcome = target.loaded(rows("accounts", {"id": "1", "name": "Acme Ltd", "website": "acme.example"}))

    assert outcome.count("accounts") == {"updated": 1}
    assert target.ids("accounts") == {"1": holder}
    assert workspace.values("accounts", "$name") == ["Acme Ltd"]


@pytest.mark.usefixtures("listed_at_once")
def test_each_unique_value_of_the_row_is_looked_for(
    target: Setup, workspace: Workspace, refusals: str
) -> None:
    holder = workspace.create("accounts", {"$name": "Acme", "legacyId": "L-1"})

    target.loaded(
        rows("accounts", {"id": "1", "name": "Other", "website": "acme.example", "custom_legacy_id": "L-1"})
    )

    assert target.ids("accounts") == {"1": holder}


@pytest.mark.usefixtures("listed_at_once")
def test_values_that_two_records_hold_are_of_neither(
    target: Setup, workspace: Workspace, refusals: str
) -> None:
    holders = [
        workspace.create("accounts", {"$name": "One", "legacyId": "L-1"}),
        workspace.account("Two", website=["https://acme.example"]),
    ]

    target.load(
        rows("accounts", {"id": "1", "name": "Three", "website": "acme.example", "custom_legacy_id": "L-1"}),
        objects={"accounts": {"match_on": ["name"]}},
    )

    [reject] = target.rejects()
    if refusals != "bare-keys":  # which names one of the two
        assert reject["code"] == "ambiguous"
        assert all(holder in reject["message"] for holder in holders)
    assert sorted(workspace.values("accounts", "$name")) == ["One", "Two"]


@pytest.mark.usefixtures("listed_at_once")
def test_a_holder_that_is_another_row_of_the_stream_stays_that_one(
    target: Setup, workspace: Workspace, refusals: str
) -> None:
    outcome = target.load(
        rows("accounts", *({"id": n, "name": f"N{n}", "custom_legacy_id": "L"} for n in (1, 2)))
    )

    assert outcome.count("accounts") == {"created": 1, "rejected": 1}
    assert [(reject["key"], reject["code"]) for reject in target.rejects()] == [("2", "ambiguous")]
    assert workspace.values("accounts", "$name") == ["N1"]


@pytest.mark.parametrize("shape", ["documented", "bare-keys"])
def test_a_refusal_for_something_else_costs_no_call(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], shape: str
) -> None:
    sandbox = start_sandbox(empty=True, refusals=shape)
    unique = {"website": "acme.example", "custom_legacy_id": "L-1"}
    asked = {}
    for name, wrong in (("good", {}), ("wrong", {"custom_status_page": "no url"})):
        target = target_of(sandbox, name)
        sandbox.reset(data=True)
        with target.counting() as seen:
            target.load(rows("accounts", {"id": "1", "name": "Acme", **unique, **wrong}))
        assert len(target.rejects()) == len(wrong)
        asked[name] = {**seen["requests"], "write": sum(seen["requests"]["write"].values())}

    assert asked["wrong"] == asked["good"]


@pytest.mark.usefixtures("listed_at_once")
def test_a_row_waits_for_what_only_the_refusal_shows_to_be_required(
    target: Setup, empty: Sandbox, refusals: str
) -> None:
    stream = "object_office_location"
    offices: list[Json] = [
        {"id": n, "name": f"Office {n}", "custom_site_code": f"S{n}", "custom_company_id": "a"}
        for n in range(40)
    ]

    with target.counting() as seen:
        waiting = target.loaded(rows(stream, *offices))

    assert waiting.count(stream) == {"waiting": 40}
    if refusals != "without-param":  # once it is known, none is sent
        assert write_requests(seen) < 40
    target.loaded(rows("accounts", {"id": "a", "name": "Acme"}))
    assert len(empty.records("office-location")) == 40


def test_a_link_that_waits_keeps_no_refusal_waiting_that_says_what_it_is_for(
    target: Setup, refusals: str
) -> None:
    note = {"id": "n", "title": "N", "account_ids": ["never"]}
    wrong = {"id": "c", "email": "c@x.example", "account_ids": ["never"], "profile_photo_url": "no url"}

    outcome = target.load(rows("notes", note), rows("contacts", wrong))

    assert outcome.count("notes") == {"created": 1}
    assert outcome.count("contacts") == {"rejected": 1}


@pytest.mark.parametrize(
    ("stream", "columns", "column"),
    [
        ("accounts", {"name": "A", "custom_status_page": "no url"}, "custom_status_page"),
        ("contacts", {"email": "no address"}, "email"),
        ("meetings", {"title": "M", "start_date": "2025-01-02", "end_date": "2025-01-01"}, "end_date"),
        ("lists", {"name": "L", "object_type": "opportunity", "kind": "target"}, "kind"),
        (
            "emails",
            {"sent_at": "2025-01-01T10:00:00Z", "from": "a@x.example", "subject": "S"},
            "to",
        ),
    ],
)
@pytest.mark.usefixtures("listed_at_once")
def test_a_reject_names_the_column(
    target: Setup, refusals: str, stream: str, columns: Json, column: str
) -> None:
    target.load(rows(stream, {"id": "1", **columns}))

    [reject] = target.rejects()
    assert reject["param"] == (None if refusals == "without-param" else column)


@pytest.mark.usefixtures("listed_at_once")
def test_an_update_refused_for_a_unique_value_is_rejected(
    target: Setup, workspace: Workspace, refusals: str
) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "Mine"}))
    workspace.create("accounts", {"$name": "Other", "legacyId": "L"})

    target.load(rows("accounts", {"id": "1", "name": "Mine", "custom_legacy_id": "L"}))

    [reject] = target.rejects()
    assert reject["code"] == "conflict"
    assert reject["param"] == ("custom_legacy_id" if refusals == "bare-keys" else None)


def test_an_email_that_lightfield_has_is_unchanged(
    target: Setup, workspace: Workspace, target_of: Callable[..., Setup], empty: Sandbox, refusals: str
) -> None:
    member = next(iter(workspace.members()))
    email = {
        "id": "e",
        "sent_at": "2025-01-01T10:00:00Z",
        "from": member,
        "to": ["o@x.example"],
        "message_id": "<1@x.example>",
    }
    target.loaded(rows("emails", email))

    other = target_of(empty, "other").loaded(rows("emails", {**email, "subject": "Another"}))

    assert other.count("emails") == {"unchanged": 1}
    assert len(empty.records("email")) == 1
