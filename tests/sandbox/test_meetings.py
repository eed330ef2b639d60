"""Meetings lie in the past, follow their attendees, and may be private."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

PAST = {"$title": "Demo", "$startDate": "2025-01-01T10:00:00Z", "$endDate": "2025-01-01T11:00:00Z"}


def test_a_meeting_of_the_future_is_refused(steady: Any) -> None:
    later = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
    for key in ("$startDate", "$endDate"):
        assert steady.post("/v1/meetings", {"fields": {**PAST, key: later}}).error[0::3] == (
            422,
            f"fields.{key[1:]}",
        )
    backwards = {**PAST, "$endDate": "2025-01-01T09:00:00Z"}
    assert steady.post("/v1/meetings", {"fields": backwards}).error[0::3] == (422, "fields.endDate")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"$organizerEmail": ["a@x.example"]}, "fields.$organizerEmail"),
        ({"$attendeeEmails": "a@x.example"}, "fields.$attendeeEmails"),
        ({"$attendeeEmails": [f"a{n}@x.example" for n in range(501)]}, "fields.attendeeEmails"),
        ({"$privacySetting": "SECRET"}, "fields.$privacySetting"),
        ({"$meetingPrep": "x"}, "fields.$meetingPrep"),
        ({"$manuallyAddedAttendeeEmails": []}, "fields.$manuallyAddedAttendeeEmails"),
    ],
)
def test_a_create_takes_only_what_is_documented(steady: Any, fields: dict[str, Any], param: str) -> None:
    assert steady.post("/v1/meetings", {"fields": {**PAST, **fields}}).error[0::3] == (
        400 if "$" in param else 422,
        param,
    )


def test_an_update_takes_only_privacy_attendees_prep_and_summary(api: Any) -> None:
    meeting = api.create("/v1/meetings", PAST)["id"]
    for key, value in (("$title", "x"), ("$startDate", PAST["$startDate"]), ("$description", "x")):
        assert api.update(f"/v1/meetings/{meeting}", {key: value}).error[2:] == (
            "invalid_configuration",
            f"fields.{key}",
        )
    changes = {"$privacySetting": "METADATA", "$meetingPrep": "# Prep", "$postMeetingSummary": "# Summary"}
    changed = api.update(f"/v1/meetings/{meeting}", changes).body["fields"]
    assert {key: changed[key]["value"] for key in changes} == changes


def test_relationships_of_a_meeting_are_not_written(steady: Any) -> None:
    contact = steady.get("/v1/contacts?limit=1").body["data"][0]["id"]
    for key in ("$contact", "$account", "$opportunity", "$note", "$transcripts"):
        reply = steady.post("/v1/meetings", {"fields": PAST, "relationships": {key: contact}})
        assert reply.error == (400, "bad_request", "invalid_configuration", f"relationships.{key}")
    reply = steady.post("/v1/meetings", {"fields": PAST, "relationships": {"$transcript": "fil_none"}})
    assert reply.error == (400, "bad_request", "relationship_entity_missing", "relationships.$transcript")


def test_contacts_accounts_and_opportunities_follow_from_the_attendees(api: Any) -> None:
    account = api.create("/v1/accounts", {"$name": "Acme"})["id"]
    deal = api.create("/v1/opportunities", {"$name": "Deal"}, _account=account)["id"]
    ann = api.create("/v1/contacts", {"$email": ["ann@acme.example"]}, _account=account)["id"]
    bob = api.create("/v1/contacts", {"$email": ["bob@other.example"]})["id"]
    meeting = api.create(
        "/v1/meetings", {**PAST, "$attendeeEmails": ["Ann@acme.example", "new@acme.example"]}
    )
    assert _linked(meeting) == {"$contact": [ann], "$account": [account], "$opportunity": [deal]}
    assert api.get(f"/v1/accounts/{account}").body["relationships"]["$meeting"]["values"] == [meeting["id"]]
    changed = api.update(f"/v1/meetings/{meeting['id']}", {"$attendeeEmails": ["bob@other.example"]}).body
    assert _linked(changed) == {"$contact": [bob], "$account": [], "$opportunity": []}
    assert changed["fields"]["$manuallyAddedAttendeeEmails"]["value"] == ["bob@other.example"]
    removed = changed["fields"]["$manuallyRemovedAttendeeEmails"]["value"]
    assert removed == ["Ann@acme.example", "new@acme.example"]
    assert api.get(f"/v1/accounts/{account}").body["relationships"]["$meeting"]["values"] == []


def test_records_for_unknown_attendees_are_made_only_on_demand(sandbox: Sandbox, api: Any) -> None:
    inside = api.get("/v1/members?limit=1").body["data"][0]["fields"]["$email"]["value"]
    attendees = {"$attendeeEmails": [inside, "one@fresh.example", "two@fresh.example"]}
    api.create("/v1/meetings", {**PAST, **attendees})
    before = sandbox.stats()["records"]
    reply = api.post("/v1/meetings", {"fields": {**PAST, **attendees}, "autoCreateRecords": True})
    after = sandbox.stats()["records"]
    assert (after["contact"] - before["contact"], after["account"] - before["account"]) == (2, 1)
    links = _linked(reply.body)
    assert (len(links["$contact"]), len(links["$account"])) == (2, 1)
    assert (
        api.get(f"/v1/accounts/{links['$account'][0]}").body["relationships"]["$contact"]["values"]
        == links["$contact"]
    )


def test_a_private_meeting_shows_no_content(sandbox: Sandbox) -> None:
    meetings = sandbox.records("meeting")
    private = [record for record in meetings if record["accessLevel"] == "METADATA"]
    assert private
    assert len(private) < len(meetings)
    for record in private:
        for key in ("$description", "$meetingPrep", "$postMeetingSummary"):
            assert record["fields"][key]["value"] is None
    assert {record["objectType"] for record in meetings} == {"meeting"}


def _linked(meeting: dict[str, Any]) -> dict[str, list[str]]:
    return {key: meeting["relationships"][key]["values"] for key in ("$contact", "$account", "$opportunity")}
