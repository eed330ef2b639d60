"""Merges, workflow runs and enrichment runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightfield
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield import Lightfield

    from lightfield_sandbox.http.server import Sandbox


def test_a_merge_keeps_the_primary_fills_its_gaps_and_moves_the_links(
    sandbox: Sandbox, sdk: Lightfield
) -> None:
    contact = sdk.contact.create(fields={"$title": "CEO"}).id
    one = sdk.account.create(fields={"$name": "One", "tags": ["At risk"], "tier": "SMB"}).id
    two = sdk.account.create(
        fields={
            "$name": "Two",
            "tags": ["Expansion"],
            "arr": 5,
            "$website": ["two.example"],
            "tier": "Enterprise",
        },
        relationships={"$contact": contact},
    ).id
    deal = sdk.opportunity.create(fields={"$name": "Deal"}, relationships={"$account": two}).id
    merged = sdk.merge.merge_accounts(
        primary_id=one,
        duplicate_id=two,
        field_resolutions={"tier": "duplicate"},
        options={"multi_select_union": True},
    )
    fields = {key: field.value for key, field in merged.primary.fields.items()}
    assert (fields["$name"], fields["arr"], fields["$website"]) == ("One", 5, ["two.example"])
    assert len(fields["tags"]) == 2  # type: ignore[arg-type]
    assert merged.primary.relationships["$contact"].values == [contact]
    assert merged.summary.sync_repointed_count == 2
    assert sdk.opportunity.retrieve(deal).relationships["$account"].values == [one]
    with pytest.raises(lightfield.NotFoundError):
        sdk.account.retrieve(two)
    kept = sdk.merge.get_merge(merged.merge.id)
    assert (kept.primary_id, kept.duplicate_id, kept.entity_type, kept.status) == (
        one,
        two,
        "account",
        "done",
    )
    assert sandbox.stats()["writes"]["account"]["delete"] == 1


def test_a_merge_moves_links_that_only_the_other_end_knows(sandbox: Sandbox, sdk: Lightfield) -> None:
    deal = next(
        held for held in sandbox.records("opportunity") if held["relationships"]["$champion"]["values"]
    )
    champion = deal["relationships"]["$champion"]["values"][0]
    new = sdk.contact.create(fields={}).id
    sdk.merge.merge_contacts(primary_id=new, duplicate_id=champion)
    assert sdk.opportunity.retrieve(deal["id"]).relationships["$champion"].values == [new]


def test_a_merge_that_makes_no_sense_is_refused(sandbox: Sandbox, sdk: Lightfield, api: Any) -> None:
    account = sandbox.records("account")[0]["id"]
    deals = [sdk.opportunity.create(fields={"$name": "A"}, relationships={"$account": held["id"]}).id
             for held in sandbox.records("account")[:2]]  # fmt: skip
    for refused in (
        lambda: sdk.merge.merge_accounts(primary_id=account, duplicate_id=account),
        lambda: sdk.merge.merge_opportunities(primary_id=deals[0], duplicate_id=deals[1]),
    ):
        with pytest.raises(lightfield.UnprocessableEntityError):
            refused()
    for missing in (
        lambda: sdk.merge.merge_accounts(primary_id=account, duplicate_id="acc_none"),
        lambda: sdk.merge.merge_object_values("subscription", primary_id=account, duplicate_id=account),
        lambda: sdk.merge.get_merge("mrg_none"),
    ):
        with pytest.raises(lightfield.NotFoundError):
            missing()
    assert api.post("/v1/accounts/merge", {"primaryId": account}).error[2:] == (
        "parameter_missing",
        "duplicateId",
    )


def test_a_merge_needs_to_update_and_to_delete(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    sandbox = start_sandbox(keys={"half": ["accounts:update"]})
    assert connect(sandbox, sandbox.keys["half"]).post("/v1/accounts/merge", {}).status == 403


def test_workflow_runs_are_known_by_their_id(sandbox: Sandbox, sdk: Lightfield) -> None:
    runs = sandbox.workflow_runs()
    assert {sdk.workflow_run.status(run).status for run in runs} == {"completed", "running", "failed"}
    with pytest.raises(lightfield.NotFoundError):
        sdk.workflow_run.status("wfr_none")


def test_an_enrichment_is_counted_and_can_be_looked_up(sandbox: Sandbox, sdk: Lightfield) -> None:
    account = sandbox.records("account")[0]["id"]
    started = sdk.enrichment_run.enrich(account, entity_slug="accounts")
    assert started.enrichment_run is not None
    assert sdk.enrichment_run.get_enrichment_run(started.enrichment_run.id).entity_id == account
    assert sandbox.stats()["enrichments"] == 1
    with pytest.raises(lightfield.NotFoundError):
        sdk.enrichment_run.enrich(account, entity_slug="contacts")
