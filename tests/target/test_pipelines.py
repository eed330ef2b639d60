"""Pipelines: what says in which one a stage is meant, and is never written without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

SUBSCRIPTIONS = "object_subscription"


def stages(workspace: Workspace, *path: str) -> dict[tuple[str, str], str]:
    """The ids of stages by the labels of pipeline and stage."""
    fields = workspace.call("GET", *path, "definitions")["fieldDefinitions"]
    options = {key: fields[key]["typeConfiguration"]["options"] for key in ("$pipeline", "$stage")}
    names = {option["id"]: option["label"] for option in options["$pipeline"]}
    return {(names[option["parentId"]], option["label"]): option["id"] for option in options["$stage"]}


@pytest.fixture
def deal(target: Setup, workspace: Workspace) -> Json:
    """The row of an opportunity of an account that is there."""
    return {"id": "d", "name": "Deal", "account_id": workspace.account("Acme")}


@pytest.mark.parametrize("form", ["pipeline", "pipeline_label", "id"])
def test_a_stage_label_that_two_pipelines_share_goes_by_the_pipeline(
    target: Setup, workspace: Workspace, deal: Json, form: str
) -> None:
    ids = workspace.options("opportunities", "$pipeline")
    column = "pipeline" if form == "id" else form
    for name in ("New Business", "Renewals"):  # the second time it moves from one to the other
        target.loaded(
            rows("opportunities", {**deal, column: ids[name] if form == "id" else name, "stage": "proposal"})
        )

        expected = stages(workspace, "opportunities")[name, "Proposal"]
        assert workspace.values("opportunities", "$stage") == [expected]


def test_a_shared_label_without_a_pipeline_is_rejected(target: Setup, deal: Json) -> None:
    target.load(rows("opportunities", {**deal, "stage": "Proposal"}))

    [reject] = target.rejects()
    assert (reject["key"], reject["param"]) == ("d", "stage")


def test_a_shared_label_of_a_custom_object_goes_by_the_pipeline(
    target: Setup, workspace: Workspace, empty: Sandbox
) -> None:
    expected = stages(workspace, "objects", "subscription")

    for pipeline in ("Lifecycle", "Partner"):
        plan = {"id": "s", "name": "Pro", "pipeline_label": pipeline, "stage_label": "Active"}
        target.loaded(rows(SUBSCRIPTIONS, plan))

        [record] = empty.records("subscription")
        assert record["fields"]["$stage"]["value"] == expected[pipeline, "Active"]


def test_a_changed_row_sends_no_pipeline_where_its_stage_is_there(
    target: Setup, workspace: Workspace, deal: Json, refusals: str
) -> None:
    staged = {**deal, "pipeline": "Renewals", "stage": "Proposal"}
    target.loaded(rows("opportunities", staged))

    outcome = target.loaded(
        rows("opportunities", {**staged, "amount": 5}), report_path=str(target.folder / "r")
    )

    assert outcome.count("opportunities") == {"updated": 1}
    assert workspace.values("opportunities", "$amount") == [5]
    assert target.report("r")["objects"]["opportunities"]["changed_fields"] == {"amount": 1}


@pytest.mark.parametrize("id_map", ["kept", "lost"])
def test_a_row_whose_record_has_that_stage_costs_no_write(
    target: Setup, workspace: Workspace, deal: Json, id_map: str
) -> None:
    target.loaded(rows("opportunities", {**deal, "pipeline": "Renewals", "stage": "Proposal"}))
    if id_map == "lost":
        target.forget()

    # Another row to the id map, and the same wish.
    again = {**deal, "pipeline": "Renewals", "stage_label": " PROPOSAL", "next_step": None}
    with target.counting() as seen:
        outcome = target.loaded(rows("opportunities", again))

    assert outcome.count("opportunities") == {"unchanged": 1}
    assert write_requests(seen) == 0


@pytest.mark.parametrize("stage", [{}, {"stage": None}, {"stage": None, "stage_label": None}])
def test_a_pipeline_without_a_stage_asks_for_nothing_and_says_so_once(
    target: Setup, workspace: Workspace, deal: Json, stage: Json
) -> None:
    deals = [{**deal, "id": n, "name": f"D{n}", "pipeline": "No such one", **stage} for n in range(3)]

    outcome = target.loaded(rows("opportunities", *deals))

    assert outcome.count("opportunities") == {"created": 3}
    assert workspace.values("opportunities", "$stage") == [None] * 3
    assert sum("'pipeline' is ignored in rows without" in line for line in outcome.log.splitlines()) == 1


def test_null_clears_the_stage_whatever_the_pipeline(target: Setup, workspace: Workspace, deal: Json) -> None:
    target.loaded(rows("opportunities", {**deal, "pipeline": "Renewals", "stage": "Proposal"}))

    target.loaded(rows("opportunities", {**deal, "pipeline": "Renewals", "stage": None}))

    assert workspace.values("opportunities", "$stage") == [None]


def test_a_default_pipeline_goes_with_the_stage_of_the_row(
    target: Setup, workspace: Workspace, deal: Json, target_of: Callable[..., Setup]
) -> None:
    target.loaded(
        rows("opportunities", {**deal, "stage": "Proposal"}),
        objects={"opportunities": {"defaults": {"pipeline": "Renewals"}}},
    )

    assert workspace.values("opportunities", "$stage") == [
        stages(workspace, "opportunities")["Renewals", "Proposal"]
    ]
