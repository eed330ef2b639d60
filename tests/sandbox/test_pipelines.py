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
    def held(reply: Any) -> str | None:
        assert reply.status == 200, reply.body
        assert "$pipeline" not in reply.body["fields"]
        stage: str | None = reply.body["fields"]["$stage"]["value"]
        return stage


@pytest.fixture
def deals(api: Any) -> Deals:
    return Deals(api)


@pytest.mark.parametrize("label", ["Upcoming", "  upCOMING ", "id"])
def test_a_stage_of_one_pipeline_needs_no_pipeline(deals: Deals, label: str) -> None:
    expected = deals.stage["Renewals", "Upcoming"]
    assert deals.held(deals.create(stage=expected if label == "id" else label)) == expected


def test_runs_of_blanks_in_a_label_do_not_count(api: Any) -> None:
    made = api.post("/v1/objects/subscription/values", {"fields": {"$name": "S", "$stage": "PAST \t due"}})
    assert made.status == 200, made.body


def test_a_label_of_two_pipelines_is_ambiguous_on_a_filter(deals: Deals) -> None:
    filtered = deals.api.get("/v1/opportunities?$stage=proposal")
    assert filtered.error == (400, "bad_request", "ambiguous_stage_label", "$stage")
    assert filtered.body["error"]["candidates"] == [
        {
            "stageOptionId": deals.stage[name, "Proposal"],
            "stageLabel": "Proposal",
            "pipelineId": deals.pipeline[name],
            "pipelineName": name,
        }
        for name in ("New Business", "Renewals")
    ]


def test_a_label_of_two_pipelines_is_that_of_the_default_pipeline_on_opportunities_alone(
    deals: Deals, api: Any
) -> None:
    assert deals.held(deals.create(stage="Proposal")) == deals.stage["New Business", "Proposal"]
    body = {"fields": {"$name": "S", "$stage": "Active"}}
    refused = api.post("/v1/objects/subscription/values", body)
    assert refused.error == (422, "unprocessable_content", "ambiguous_stage_label", "fields.$stage")
    assert [found["pipelineName"] for found in refused.body["error"]["candidates"]] == [
        "Lifecycle",
        "Partner",
    ]
    body["fields"]["$pipeline"] = "Partner"
    assert api.post("/v1/objects/subscription/values", body).status == 200


def test_the_pipeline_settles_which_stage_is_meant(deals: Deals) -> None:
    pipeline, expected = deals.pipeline["Renewals"], deals.stage["Renewals", "Proposal"]
    created = deals.create(stage="Proposal", pipeline="Renewals")
    assert deals.held(created) == expected
    assert deals.held(deals.create(stage="Proposal", pipeline=pipeline)) == expected
    found = deals.api.get(f"/v1/opportunities?$stage=Proposal&$pipeline={pipeline}").body["data"]
    assert created.body["id"] in [record["id"] for record in found]
    assert {record["fields"]["$stage"]["value"] for record in found} == {expected}


def test_a_pipeline_is_filtered_by_its_id_alone(deals: Deals) -> None:
    refused = deals.api.get("/v1/opportunities?$pipeline=Renewals")
    assert refused.error == (400, "bad_request", "unknown_pipeline", "$pipeline")
    assert refused.body["error"]["activePipelineIds"] == list(deals.pipeline.values())
    path = f"/v1/opportunities?$pipeline={deals.pipeline['Renewals']}"
    found = {record["fields"]["$stage"]["value"] for record in deals.api.get(path).body["data"]}
    assert found
    assert found <= {id_ for (pipeline, _), id_ in deals.stage.items() if pipeline == "Renewals"}


def test_a_pipeline_without_a_stage_is_refused(deals: Deals) -> None:
    refused = (400, "bad_request", "invalid_configuration", "fields.$pipeline")
    assert deals.create(pipeline="Renewals").error == refused
    won = deals.create(stage="Won").body["id"]
    assert deals.update(won, pipeline="New Business").error == refused
    assert deals.update(won, pipeline=None, stage=None).error == refused


def test_a_stage_that_the_pipeline_lacks_is_refused(deals: Deals) -> None:
    refused = (422, "unprocessable_content", "stage_unresolved_in_pipeline", "fields.$stage")
    assert deals.create(stage="Won", pipeline="Renewals").error == refused
    assert deals.create(stage=deals.stage["New Business", "Won"], pipeline="Renewals").error == refused
    won = deals.create(stage="Won").body["id"]
    assert deals.update(won, pipeline="Renewals", stage="Won").error == refused
    moved = deals.update(won, pipeline="Renewals", stage="Renewed")
    assert deals.held(moved) == deals.stage["Renewals", "Renewed"]


def test_an_unknown_pipeline_comes_with_those_there_are(deals: Deals) -> None:
    reply = deals.create(pipeline="Nope", stage="Won")
    assert reply.error == (422, "unprocessable_content", "unknown_pipeline", "fields.$pipeline")
    assert reply.body["error"]["activePipelineIds"] == list(deals.pipeline.values())


def test_an_unknown_stage_is_refused_and_null_clears_it(deals: Deals) -> None:
    assert deals.create(stage="Nope").error[2:] == ("referenced_resource_missing", "fields.$stage")
    assert deals.create(stage=["Won"]).error[2:] == ("invalid_type", "fields.$stage")
    won = deals.create(stage="Won").body["id"]
    assert deals.held(deals.update(won, stage=None)) is None
