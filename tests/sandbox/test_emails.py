"""Emails: privacy, the body apart, and the rules of logging; nothing is ever sent."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import lightfield
import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield import Lightfield

    from lightfield_sandbox.http.server import Sandbox

INSIDE = "ada.okafor@lightfield-demo.example"
LOGGED = {"$from": INSIDE, "$to": ["ann@fresh.example"], "$sentAt": "2020-05-01T10:00:00+02:00"}


def test_a_list_leaves_the_body_out_and_the_email_itself_has_it(sandbox: Sandbox, sdk: Lightfield) -> None:
    listed = sdk.email.list().data
    assert not any("$body" in email.fields for email in listed)
    seeded = {record["id"]: record for record in sandbox.records("email")}
    for email in listed:
        whole = sdk.email.retrieve(email.id).to_dict(mode="json")
        assert whole == seeded[email.id]
        if email.access_level == "FULL":
            assert "<" in whole["fields"]["$body"]["value"]


def test_a_private_email_hides_subject_and_body_by_null_or_by_absence(
    start_sandbox: Callable[..., Sandbox],
) -> None:
    emails = start_sandbox(emails=200).records("email")
    private = [email for email in emails if email["accessLevel"] == "METADATA"]
    assert 0 < len(private) < len(emails)
    assert {"$subject" in email["fields"] for email in private} == {True, False}
    for email in private:
        assert email["updatedAt"] > email["createdAt"]
        assert email["fields"].get("$subject", {"value": None})["value"] is None
        assert email["fields"].get("$body", {"value": None})["value"] is None
        assert email["fields"]["$from"]["value"]
        assert email["relationships"]["$attachment"]["values"] == []


def test_an_email_that_is_made_private_later_moves_on_and_loses_its_subject(
    sandbox: Sandbox, api: Any
) -> None:
    email = next(held for held in sandbox.records("email") if held["accessLevel"] == "FULL")
    asked = {"objectType": "email", "id": email["id"], "accessLevel": "METADATA"}
    assert requests.post(f"{sandbox.url}/_sandbox/access", json=asked, timeout=300).json() == asked
    asked["id"] = "eml_none"
    assert requests.post(f"{sandbox.url}/_sandbox/access", json=asked, timeout=300).status_code == 404
    seen = api.get(f"/v1/emails/{email['id']}").body
    assert seen["accessLevel"] == "METADATA"
    assert seen["updatedAt"] > (email["updatedAt"] or email["createdAt"])
    assert seen["fields"].get("$subject", {"value": None})["value"] is None


def test_a_logged_email_is_kept_and_not_sent(sandbox: Sandbox, sdk: Lightfield) -> None:
    made = sdk.email.log(
        fields={
            "from_": INSIDE,
            "sent_at": "2020-05-01T10:00:00+02:00",
            "to": ["ann@fresh.example"],
            "cc": ["bob@fresh.example"],
            "subject": "Old times",
            "body": {"html": "<p>Hi</p>", "text": "Hi"},
            "privacy_setting": "METADATA",
        },
        headers={"message-id": "<one@fresh.example>"},
    )
    assert made.access_level == "FULL"
    assert made.fields["$sentAt"].value == "2020-05-01T08:00:00.000Z"
    assert made.fields["$body"].value == "<p>Hi</p>"
    assert made.fields["$privacySetting"].value == "METADATA"
    assert sdk.email.retrieve(made.id).to_dict() == made.to_dict()
    assert sdk.email.list(limit=1).data[0].id == made.id
    stats = sandbox.stats()
    assert (stats["emails_sent"], stats["emails_drafted"]) == (0, 0)
    assert stats["writes"] == {"email": {"create": 1, "update": 0, "delete": 0, "restore": 0}}


def test_an_email_with_a_message_id_that_is_there_is_a_conflict_and_writes_nothing(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    # Whatever the status for other unique values is.
    sandbox = start_sandbox(unique_status=422)
    api = connect(sandbox)
    body = {"fields": LOGGED, "headers": {"MESSAGE-ID": "<one@fresh.example>"}, "autoCreateRecords": True}
    assert api.post("/v1/emails/log", body).status == 200
    before = sandbox.stats()
    body["fields"] = {**LOGGED, "$to": ["new@other.example"]}
    refused = api.post("/v1/emails/log", body)
    assert refused.error == (409, "conflict", None, None)
    after = sandbox.stats()
    assert (after["writes"], after["records"]) == (before["writes"], before["records"])


@pytest.mark.parametrize(
    ("changes", "status", "code", "param"),
    [
        ({"$sentAt": None}, 422, None, "fields.sentAt"),
        ({"$from": None}, 422, None, "fields.from"),
        ({"$to": None}, 422, None, "fields.to"),
        ({"$to": []}, 422, None, "fields.to"),
        ({"$from": ["a@x.example"]}, 400, "invalid_type", "fields.$from"),
        ({"$to": "a@x.example"}, 400, "invalid_type", "fields.$to"),
        ({"$to": ["nobody"]}, 400, "invalid_type", "fields.$to"),
        ({"$sentAt": "2020-05-01"}, 400, "invalid_type", "fields.$sentAt"),
        ({"$from": "bob@x.example"}, 422, None, None),
        ({"$to": [INSIDE]}, 422, None, None),
        ({"$body": "<p>Hi</p>"}, 400, "invalid_type", "fields.$body"),
        ({"$body": {"md": "Hi"}}, 400, "unknown_field", "fields.$body.md"),
        ({"$privacySetting": "SECRET"}, 400, "invalid_type", "fields.$privacySetting"),
        ({"messageId": "x"}, 400, "unknown_field", "fields.messageId"),
        ({"$attachment": "x"}, 400, "unknown_field", "fields.$attachment"),
    ],
)
def test_an_email_that_can_not_be_logged_says_why(
    steady: Any, changes: dict[str, Any], status: int, code: str | None, param: str | None
) -> None:
    refused = steady.post("/v1/emails/log", {"fields": {**LOGGED, **changes}})
    assert refused.error == (status, "bad_request" if code else "unprocessable_content", code, param)


def test_an_email_of_the_future_is_refused(steady: Any) -> None:
    later = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
    refused = steady.post("/v1/emails/log", {"fields": {**LOGGED, "$sentAt": later}})
    assert refused.error[2:] == (None, "fields.sentAt")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "parameter_missing", "fields"),
        ({"fields": LOGGED, "headers": {"Message-ID": 5}}, "invalid_type", "headers"),
        ({"fields": LOGGED, "headers": {"x": "y" * 70_000}}, "invalid_type", "headers"),
        ({"fields": LOGGED, "autoCreateRecords": 1}, "invalid_type", "autoCreateRecords"),
        ({"fields": LOGGED, "relationships": {}}, "unknown_field", "relationships"),
    ],
)
def test_a_malformed_log_is_a_bad_request(steady: Any, body: Any, code: str, param: str) -> None:
    assert steady.post("/v1/emails/log", body).error == (400, "bad_request", code, param)


def test_an_answer_joins_the_thread_that_its_headers_or_the_thread_id_name(api: Any) -> None:
    def log(fields: dict[str, Any] | None = None, **headers: str) -> str:
        sent = {"fields": {**LOGGED, **(fields or {})}, "headers": headers}
        thread: str = api.post("/v1/emails/log", sent).body["fields"]["$threadId"]["value"]
        return thread

    first = log(**{"Message-ID": "<one@x.example>"})
    assert log(**{"Message-ID": "<two@x.example>", "In-Reply-To": "<one@x.example>"}) == first
    assert log(References="<zero@x.example> <two@x.example>") == first
    assert log({"$threadId": "mine"}, **{"In-Reply-To": "<one@x.example>"}) == "mine"
    assert log() not in (first, log())


def test_records_for_unknown_people_are_made_only_on_demand(sandbox: Sandbox, api: Any) -> None:
    fields = {**LOGGED, "$to": ["one@fresh.example", "two@fresh.example"], "$cc": [INSIDE]}
    before = sandbox.stats()["records"]
    api.post("/v1/emails/log", {"fields": fields})
    assert sandbox.stats()["records"] == {**before, "email": before["email"] + 1}
    api.post("/v1/emails/log", {"fields": fields, "autoCreateRecords": True})
    after = sandbox.stats()["records"]
    assert (after["contact"] - before["contact"], after["account"] - before["account"]) == (2, 1)


def test_an_idempotency_key_logs_once(sandbox: Sandbox, api: Any) -> None:
    first = api.post("/v1/emails/log", {"fields": LOGGED}, Idempotency_Key="k").body
    assert api.post("/v1/emails/log", {"fields": LOGGED}, Idempotency_Key="k").body == first
    assert len(sandbox.records("email")) == 61


def test_only_logged_emails_go_to_the_trash_and_come_back(sdk: Lightfield, api: Any) -> None:
    made = api.post("/v1/emails/log", {"fields": LOGGED}).body["id"]
    assert sdk.email.delete(made).id == made
    assert sdk.email.delete(made).id == made
    with pytest.raises(lightfield.NotFoundError):
        sdk.email.retrieve(made)
    assert sdk.email.restore(made).id == made
    assert sdk.email.retrieve(made).id == made
    replies = [api.call("DELETE", f"/v1/emails/{email.id}") for email in sdk.email.list(offset=1).data]
    assert {reply.status for reply in replies} == {200, 422}
    refused = next(reply for reply in replies if reply.status == 422)
    assert refused.error == (422, "unprocessable_content", None, None)


def test_sending_and_drafting_are_only_counted(sandbox: Sandbox, sdk: Lightfield) -> None:
    body: Any = {"content": "<p>Hi</p>"}
    attachment = sdk.file.list().data[0].id
    sent = sdk.email.send(
        from_=INSIDE.upper(), to=["a@x.example"], subject="Hi", message_body=body, attachments=[attachment]
    )
    assert sent.sent_at
    assert sdk.email.draft(from_=INSIDE, subject="Hi").drafted_at
    for refused in (
        lambda: sdk.email.draft(from_=INSIDE),
        lambda: sdk.email.send(from_=INSIDE, to=[], subject="Hi", message_body=body),
        lambda: sdk.email.draft(from_=INSIDE, subject="Hi", attachments=["x"] * 6),
    ):
        with pytest.raises(lightfield.BadRequestError):
            refused()
    with pytest.raises(lightfield.UnprocessableEntityError):
        sdk.email.send(from_="a@x.example", to=["a@x.example"], subject="Hi", message_body=body)
    stats = sandbox.stats()
    assert (stats["emails_sent"], stats["emails_drafted"], stats["writes"]) == (1, 1, {})


def test_addresses_come_as_arrays_and_an_empty_one_is_one(sdk: Lightfield, api: Any) -> None:
    made = api.post("/v1/emails/log", {"fields": LOGGED}).body["fields"]
    assert {key: made[key]["value"] for key in ("$from", "$to", "$cc", "$bcc")} == {
        "$from": [INSIDE],
        "$to": ["ann@fresh.example"],
        "$cc": [],
        "$bcc": [],
    }
    assert sdk.email.list(limit=1).data[0].fields["$from"].value == [INSIDE]


def test_the_privacy_is_the_most_permissive_of_the_participants_mailboxes(api: Any) -> None:
    members = [
        member["fields"]["$email"]["value"] for member in reversed(api.get("/v1/members").body["data"])
    ]
    open_one, reserved, without = members[:3]
    for inside, expected in (
        ([open_one], "FULL"),
        ([reserved], "METADATA"),
        ([without], "METADATA"),
        ([without, reserved], "METADATA"),
        ([reserved, open_one], "FULL"),
    ):
        fields = {**LOGGED, "$from": inside[0], "$cc": inside[1:]}
        made = api.post("/v1/emails/log", {"fields": fields}).body["fields"]
        assert made["$privacySetting"]["value"] == expected
