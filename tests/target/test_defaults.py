"""Defaults fill what a record lacks that is created, and never touch one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass

Json = dict[str, Any]


@pytest.fixture
def label(workspace: Workspace) -> list[str]:
    return list(workspace.options("accounts", "$headcount"))


@pytest.mark.parametrize("row", [{}, {"headcount": None}, {"headcount_label": None}])
@pytest.mark.parametrize("column", ["headcount", "headcount_label"])
def test_they_fill_what_a_new_record_lacks(
    target: Setup, workspace: Workspace, label: list[str], row: Json, column: str
) -> None:
    target.loaded(
        rows("accounts", {"id": 1, "name": "Acme", **row}),
        objects={"accounts": {"defaults": {column: label[0]}}},
    )

    options = workspace.options("accounts", "$headcount")
    assert workspace.values("accounts", "$headcount") == [options[label[0]]]


@pytest.mark.parametrize("row", [{"headcount": 1}, {"headcount_label": 1}])
@pytest.mark.parametrize("column", ["headcount", "headcount_label"])
def test_what_a_row_says_in_any_form_comes_before_them(
    target: Setup, workspace: Workspace, label: list[str], row: Json, column: str
) -> None:
    said = {name: label[index] for name, index in row.items()}
    defaults = {"accounts": {"defaults": {column: label[0]}}}
    target.loaded(rows("accounts", {"id": 1, "name": "Acme", **said}), objects=defaults)
    options = workspace.options("accounts", "$headcount")
    assert workspace.values("accounts", "$headcount") == [options[label[1]]]

    said = dict.fromkeys(row, label[2])
    target.loaded(rows("accounts", {"id": 1, "name": "Acme", **said}), objects=defaults)
    assert workspace.values("accounts", "$headcount") == [options[label[2]]]


@pytest.mark.parametrize("row", [{}, {"headcount": None}])
def test_they_leave_alone_what_a_record_has_that_is_there(
    target: Setup, workspace: Workspace, label: list[str], row: Json
) -> None:
    options = workspace.options("accounts", "$headcount")
    workspace.account("Acme", headcount=options[label[1]])

    outcome = target.loaded(
        rows("accounts", {"id": 1, "name": "Acme", **row}),
        objects={"accounts": {"defaults": {"headcount": label[0]}}},
    )

    assert outcome.count("accounts") == {"unchanged": 1}
    assert workspace.values("accounts", "$headcount") == [options[label[1]]]


def test_a_row_that_says_nothing_of_it_any_more_does_not_take_it_back(
    target: Setup, workspace: Workspace, label: list[str]
) -> None:
    options = workspace.options("accounts", "$headcount")
    settings = {"objects": {"accounts": {"defaults": {"headcount": label[0]}}}}
    target.loaded(rows("accounts", {"id": 1, "name": "Acme", "headcount": label[2]}), **settings)

    target.loaded(rows("accounts", {"id": 1, "name": "Acme Inc", "headcount": None}), **settings)

    assert workspace.values("accounts", "$name") == ["Acme Inc"]
    assert workspace.values("accounts", "$headcount") == [options[label[2]]]


def test_the_default_assignee_takes_nobodys_task_from_whom_it_was_given_to(
    target: Setup, workspace: Workspace
) -> None:
    first, second, *_ = workspace.members().items()
    task = {"id": 1, "title": "Call", "status": "TODO"}
    target.loaded(rows("tasks", task), default_assignee=first[0])
    [created] = workspace.all("tasks")
    assert workspace.links("tasks", created["id"], "$assignedTo") == {first[1]}
    workspace.update("tasks", created["id"], {}, {"$assignedTo": {"replace": second[1]}})

    target.loaded(rows("tasks", {**task, "title": "Call back"}), default_assignee=first[0])

    assert workspace.value("tasks", created["id"], "$title") == "Call back"
    assert workspace.links("tasks", created["id"], "$assignedTo") == {second[1]}


@pytest.mark.parametrize(
    ("row", "default"),
    [
        ({"name": None}, {"name__first_name": "Friend"}),
        ({"name__first_name": None}, {"name": {"first_name": "Friend"}}),
    ],
)
def test_they_take_the_place_of_null_in_another_form(
    target: Setup, workspace: Workspace, row: Json, default: Json
) -> None:
    target.loaded(
        rows("contacts", {"id": 1, "email": "a@x.example", **row}),
        objects={"contacts": {"defaults": default}},
    )

    [name] = workspace.values("contacts", "$name")
    assert name["firstName"] == "Friend"


def test_a_row_that_comes_to_say_what_a_default_says_is_written(
    target: Setup, workspace: Workspace, label: list[str]
) -> None:
    options = workspace.options("accounts", "$headcount")
    workspace.account("Acme", headcount=options[label[1]])
    defaults = {"accounts": {"defaults": {"headcount": label[0]}}}
    target.loaded(rows("accounts", {"id": 1, "name": "Acme"}), objects=defaults)

    target.loaded(rows("accounts", {"id": 1, "name": "Acme", "headcount": label[0]}), objects=defaults)

    assert workspace.values("accounts", "$headcount") == [options[label[0]]]
