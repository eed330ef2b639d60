"""What a list or a stored answer shows may be old: neither makes a double or loses a write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


def account(**columns: Any) -> list[dict[str, Any]]:
    return rows("accounts", {"id": "1", **columns})


def test_a_value_that_goes_back_and_forth_is_written_each_time(target: Setup, workspace: Workspace) -> None:
    # The API would answer the third run with what it stored for the first, and write nothing.
    with target.counting() as seen:
        for name in ("X", "Y", "X", "Y", "X"):
            target.loaded(account(name=name))
            assert workspace.values("accounts", "$name") == [name]

    assert seen["writes"]["account"]["update"] == 4
    assert seen["replays"] == 0


def test_a_list_that_lags_makes_no_double_and_loses_no_write(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True, index_lag=60)
    workspace, target = Workspace(sandbox), target_of(sandbox)

    for name in ("X", "Y", "X"):
        target.loaded(account(name=name, website="https://x.example"))
    assert workspace.values("accounts", "$name") == ["X"]


def test_what_a_lagging_list_shows_is_not_taken_for_the_record(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    # Each run has an id map of its own, so that it has to go by the list, which still shows "Old".
    sandbox = start_sandbox(
        accounts=1, contacts=0, opportunities=0, tasks=0, notes=0, meetings=0, index_lag=60
    )
    workspace = Workspace(sandbox)
    [there] = workspace.all("accounts")
    website = there["fields"]["$website"]["value"]

    for number, industry in enumerate(("New", "Newer", "New")):
        target = target_of(sandbox, f"run{number}")
        target.loaded(account(name="N", website=website, custom_industry=industry))
        assert workspace.value("accounts", there["id"], "industry") == industry


def test_a_record_deleted_behind_a_lagging_list_is_created_anew(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(
        accounts=3, contacts=0, opportunities=0, tasks=0, notes=0, meetings=0, index_lag=60
    )
    workspace, target = Workspace(sandbox), target_of(sandbox)
    there = workspace.all("accounts")[0]
    name, website = (there["fields"][key]["value"] for key in ("$name", "$website"))
    target.loaded(account(name=name, website=website))
    workspace.delete("accounts", there["id"])

    # The list still shows all that the row asks for, so that there would be nothing to write.
    target.loaded(
        account(name=name, website=website, custom_industry=there["fields"]["industry"]["value"]),
        on_deleted="recreate",
    )

    assert target.ids("accounts")["1"] in {record["id"] for record in workspace.all("accounts")}


def test_a_record_deleted_in_lightfield_is_created_anew_when_its_row_changes_if_the_settings_say_so(
    target: Setup, workspace: Workspace
) -> None:
    for name in ("A", "B", "A"):  # the third create is the first one again, but must not be answered as it
        target.loaded(account(name=name), on_deleted="recreate")
        assert workspace.values("accounts", "$name") == [name]
        workspace.delete("accounts", target.ids("accounts")["1"])


def test_the_stored_answer_to_a_create_is_not_taken_for_a_record_that_was_deleted(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The id map is lost within the day for which the API repeats its answers.
    sandbox = start_sandbox(empty=True)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    messages = rows("notes", {"id": "1", "title": "A"}, {"id": "2", "title": "B"})
    with monkeypatch.context() as an_hour_ago:
        an_hour_ago.setattr(
            "lightfield_sandbox.store.store.now_ms", lambda: int(time.time() * 1000) - 3_600_000
        )
        target.loaded(messages)
    kept, deleted = target.ids("notes")["1"], target.ids("notes")["2"]
    workspace.delete("notes", deleted)
    target.forget()

    assert target.loaded(messages).count("notes") == {"unchanged": 1, "gone": 1}
    target.forget()

    with target.counting() as seen:
        outcome = target.loaded(messages, on_deleted="recreate")

    assert target.values("notes", "$title") == {"1": "A", "2": "B"}
    assert len(workspace.all("notes")) == 2
    assert target.ids("notes")["1"] == kept
    assert target.ids("notes")["2"] != deleted
    assert seen["writes"]["note"]["create"] == 1
    assert outcome.count("notes") == {"created": 1, "unchanged": 1}
