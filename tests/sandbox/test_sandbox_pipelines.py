"""Stages and their pipelines, of which two have a stage of one name."""

from __future__ import annotations

from typing import Any

import pytest


class Deals:
    def __init__(self, api: Any) -> None:
        self.api = api
        fields = api.get("/v1/opportunities/definitions").body["fieldDefinitions"]
        assert fields["$stage"]["typeConfiguration"]["parentFieldKey"] == "$pipeline"
        pipelines = fields["$pipeline"]["typeConfiguration"]["options"]
        self.pipeline = {option["label"]: option["id"] for option in pipelines}
        names = {option["id"]: option["label"] for option in pipelines}
        stages = fields["$stage"]["typeConfiguration"]["options"]
        self.stage = {(names[option["parentId"]], option["label"]): option["id"] for option in stages}
        self.account = api.get("/v1/accounts?limit=1").body["data"][0]["id"]

    def create(self, **fields: Any) -> Any:
        body = {"$name": "Deal", **{f"${key}": value for key, value in fields.items()}}
        return self.api.post(
            "/v1/opportunities", {"fields": body, "relationships": {"$account": self.account}}
        )

    def update(self, record_id: str, **fields: Any) -> Any:
        return self.api.update(
            f"/v1/opportunities/{record_id}", {f"${key}": value for key, value in fields.items()}
        )

    @staticmethod
    def held(reply: Any) -> tuple[str | None, str | None]:
        assert reply.status == 200, reply.body
        return tuple(reply.body["fields"][key]["value"] for key in ("$pipeline", "$stage"))  # type: ignore[return-value]


@pytest.fixture
def deals(api: Any) -> Deals:
    return Deals(api)


def test_a_stage_of_one_pipeline_brings_its_pipeline_along(deals: Deals) -> None:
    expected = deals.pipeline["Renewals"], deals.stage["Renewals", "Upcoming"]
    assert deals.held(deals.create(stage="Upcoming")) == expected
    assert deals.held(deals.create(stage=expected[1])) == expected


def test_a_label_of_two_pipelines_is_ambiguous(deals: Deals) -> None:
    reply = deals.create(stage="Proposal")
    assert reply.error == (422, "unprocessable_content", "ambiguous_stage_label", "$stage")
    assert reply.body["error"]["candidates"] == [
        {
            "stageOptionId": deals.stage[name, "Proposal"],
            "stageLabel": "Proposal",
            "pipelineId": deals.pipeline[name],
            "pipelineName": name,
        }
        for name in ("New Business", "Renewals")
    ]
    filtered = deals.api.get("/v1/opportunities?$stage=Proposal")
    assert filtered.error == (400, "bad_request", "ambiguous_stage_label", "$stage")
    assert filtered.body["error"]["candidates"] == reply.body["error"]["candidates"]


def test_the_pipeline_settles_which_stage_is_meant(deals: Deals) -> None:
    expected = deals.pipeline["Renewals"], deals.stage["Renewals", "Proposal"]
    created = deals.create(stage="Proposal", pipeline="Renewals")
    assert deals.held(created) == expected
    assert deals.held(deals.create(stage="Proposal", pipeline=expected[0])) == expected
    upcoming = deals.create(stage="Upcoming").body["id"]
    assert deals.held(deals.update(upcoming, stage="Proposal")) == expected
    found = deals.api.get("/v1/opportunities?$stage=Proposal&$pipeline=Renewals").body["data"]
    assert created.body["id"] in [record["id"] for record in found]
    assert {record["fields"]["$stage"]["value"] for record in found} == {expected[1]}


def test_a_stage_that_the_pipeline_lacks_is_refused(deals: Deals) -> None:
    refused = (422, "unprocessable_content", "stage_unresolved_in_pipeline", "$stage")
    assert deals.create(stage="Won", pipeline="Renewals").error == refused
    assert deals.create(stage=deals.stage["New Business", "Won"], pipeline="Renewals").error == refused
    won = deals.create(stage="Won").body["id"]
    assert deals.update(won, pipeline="Renewals").error == refused
    assert (
        deals.held(deals.update(won, pipeline="Renewals", stage="Renewed"))[0] == deals.pipeline["Renewals"]
    )


def test_an_unknown_pipeline_comes_with_those_there_are(deals: Deals) -> None:
    reply = deals.create(pipeline="Nope", stage="Won")
    assert reply.error == (422, "unprocessable_content", "unknown_pipeline", "$pipeline")
    assert reply.body["error"]["activePipelineIds"] == list(deals.pipeline.values())


def test_an_unknown_stage_is_refused_and_null_clears_it(deals: Deals) -> None:
    assert deals.create(stage="Nope").error[2:] == ("referenced_resource_missing", "$stage")
    assert deals.create(stage=["Won"]).error[2:] == ("invalid_type", "$stage")
    won = deals.create(stage="Won").body["id"]
    assert deals.held(deals.update(won, stage=None)) == (deals.pipeline["New Business"], None)
