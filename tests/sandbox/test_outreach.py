"""Sequences and senders, judged by the official SDK with strict validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import lightfield
import pytest
from lightfield import Lightfield

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox


def _all(list_page: Callable[..., Any], *path: str) -> list[Any]:
    found: list[Any] = []
    total = 1
    while len(found) < total:
        page = list_page(*path, limit=25, offset=len(found))
        total = page.total_count
        found += page.data
        if not page.data:
            break
    return found


def test_every_seeded_document_is_what_the_sdk_describes(sdk: Lightfield, sandbox: Sandbox) -> None:
    sequences = _all(sdk.sequence.list)
    assert {sequence.status for sequence in sequences} == {"DRAFT", "ACTIVE", "DEACTIVATED"}
    steps = [step for sequence in sequences if sequence.definition for step in sequence.definition.steps]
    assert {step.type for step in steps} == {
        "EMAIL", "LINKEDIN_INVITE", "LINKEDIN_MESSAGE", "WAIT", "WAIT_FOR_CONNECTION"
    }  # fmt: skip
    enrollments, messages = [], []
    for sequence in sequences:
        assert sdk.sequence.retrieve(sequence.id).to_dict() == sequence.to_dict()
        enrolled = _all(sdk.sequence.list_enrollments, sequence.id)
        sent = _all(sdk.sequence.list_messages, sequence.id)
        for enrollment in enrolled[:5]:
            retrieved = sdk.sequence.retrieve_enrollment(enrollment.id, id=sequence.id)
            assert retrieved.to_dict() == enrollment.to_dict()
        for message in sent[:5]:
            assert "content" not in message.to_dict()
            whole = sdk.sequence.retrieve_message(message.id, id=sequence.id).to_dict()
            assert {key: value for key, value in whole.items() if key != "content"} == message.to_dict()
        enrollments += enrolled
        messages += sent
    assert len(enrollments) == 60
    assert {enrollment.status for enrollment in enrollments} == {
        "ACTIVE", "AWAITING_REVIEW", "NEEDS_ATTENTION", "REPLIED", "COMPLETED", "PAUSED", "CANCELLED",
        "FAILED",
    }  # fmt: skip
    assert {message.direction for message in messages} == {"OUTBOUND", "INBOUND"}
    contacts = {record["id"] for record in sandbox.records("contact")}
    assert {message.contact_id for message in messages} <= contacts
    for sender in _all(sdk.sender.list):
        assert sdk.sender.retrieve(sender.id).to_dict() == sender.to_dict()


def test_lists_are_newest_first(sandbox: Sandbox, sdk: Lightfield) -> None:
    busiest = _busiest(sandbox)
    for times in (
        [sequence.created_at for sequence in _all(sdk.sequence.list)],
        [sender.created_at for sender in _all(sdk.sender.list)],
        [enrollment.enrolled_at for enrollment in _all(sdk.sequence.list_enrollments, busiest)],
        [message.created_at for message in _all(sdk.sequence.list_messages, busiest)],
    ):
        assert times == sorted(times, reverse=True)
        assert len(times) > 1


def _busiest(sandbox: Sandbox) -> str:
    return next(s["id"] for s in sandbox.records("sequence") if s["name"] == "Warehouse outreach")


def test_the_numbers_are_those_of_the_messages(sandbox: Sandbox, sdk: Lightfield) -> None:
    sequence_id = _busiest(sandbox)
    numbers = sdk.sequence.retrieve_performance(sequence_id)
    messages = _all(sdk.sequence.list_messages, sequence_id)
    sent = [message for message in messages if getattr(message, "sent_at", None)]
    assert sum(step.sent for step in numbers.per_step if step.sequence_step_type == "EMAIL") == len(sent)
    assert numbers.by_step_type.email.sent == len(sent)
    assert numbers.by_step_type.email.reply_rate == pytest.approx(
        sum(message.replied_at is not None for message in sent)
        / (len(sent) - sum(message.bounced_at is not None for message in sent))
    )
    assert numbers.by_step_type.linkedin_invite.reply_rate is None
    draft = next(s["id"] for s in sandbox.records("sequence") if s["status"] == "DRAFT")
    assert sdk.sequence.retrieve_performance(draft).per_step == []


@pytest.mark.parametrize(
    ("path", "query", "holds"),
    [
        ("sequences", "status[equal]=ACTIVE", lambda d: d["status"] == "ACTIVE"),
        ("sequences", "channels[contains]=LINKEDIN", lambda d: "LINKEDIN" in d["channels"]),
        ("sequences", "firstActivatedAt[lessThanOrEqual]=2999-01-01T00:00:00Z", lambda d: d["definition"]),
        ("senders", "channel[equal]=EMAIL&archived[equal]=false", lambda d: d["channel"] == "EMAIL"),
        ("enrollments", "status[equal]=REPLIED", lambda d: d["status"] == "REPLIED"),
        ("enrollments", "repliedAt[greaterThanOrEqual]=2000-01-01T00:00:00Z", lambda d: d["repliedAt"]),
        ("messages", "direction=INBOUND", lambda d: d["direction"] == "INBOUND"),
        ("messages", "status=SENT", lambda d: d.get("status") == "SENT"),
        ("messages", "openedAt[greaterThan]=2000-01-01T00:00:00Z", lambda d: d.get("openedAt")),
    ],
)  # fmt: skip
def test_a_documented_filter_finds_those_that_fulfil_it(
    sandbox: Sandbox, api: Any, path: str, query: str, holds: Callable[[Any], Any]
) -> None:
    url = f"/v1/{path}" if path in ("sequences", "senders") else f"/v1/sequences/{_busiest(sandbox)}/{path}"
    kept, offset = [], 0
    everything = api.get(f"{url}?limit=25").body
    while offset < everything["totalCount"]:
        kept += [d["id"] for d in api.get(f"{url}?offset={offset}").body["data"] if holds(d)]
        offset += 25
    found = api.get(f"{url}?{quote(query, safe='=&')}").body
    assert 0 < found["totalCount"] == len(kept) < everything["totalCount"]
    assert [d["id"] for d in found["data"]] == kept[:25]


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("sequences", "name[equal]=x", "unknown_field"),
        ("sequences", "status=ACTIVE", "invalid_type"),
        ("sequences", "status[equal]=OPEN", "invalid_type"),
        ("sequences", "status[-equal]=ACTIVE", "invalid_type"),
        ("sequences", "createdAt[greaterThan]=2026-01-01T00:00:00Z", "invalid_type"),
        ("sequences", "createdAt[greaterThanOrEqual]=2026-01-01T00:00:00", "invalid_type"),
        ("messages", "statusChangedAt[greaterThanOrEqual]=2026-01-01T00:00:00Z", "unknown_field"),
        ("enrollments", "completedAt[greaterThanOrEqual]=2026-01-01T00:00:00Z", "unknown_field"),
        ("senders", "createdAt[greaterThanOrEqual]=2026-01-01T00:00:00Z", "unknown_field"),
    ],
)
def test_what_no_document_names_is_refused(
    sandbox: Sandbox, api: Any, path: str, query: str, code: str
) -> None:
    url = f"/v1/{path}" if path in ("sequences", "senders") else f"/v1/sequences/{_busiest(sandbox)}/{path}"
    assert api.get(f"{url}?{quote(query, safe='=&')}").error[::2] == (400, code)


def test_sequences_and_senders_have_scopes_of_their_own(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    sandbox = start_sandbox(keys={"seq": ["sequences:read"], "snd": ["senders:read"]})
    sequence = f"/v1/sequences/{_busiest(sandbox)}"
    for key, allowed in (("seq", "sequence"), ("snd", "sender")):
        api = connect(sandbox, sandbox.keys[key])
        assert api.get("/v1/senders").status == (200 if allowed == "sender" else 403)
        for path in (
            "/v1/sequences",
            sequence,
            *(f"{sequence}/{p}" for p in ("enrollments", "messages", "performance")),
        ):
            assert api.get(path).status == (200 if allowed == "sequence" else 403)


def test_what_is_not_there_is_not_found(sandbox: Sandbox, sdk: Lightfield) -> None:
    one, other = (sequence["id"] for sequence in sandbox.records("sequence")[:2])
    for ask in (
        lambda: sdk.sequence.retrieve("seq_none"),
        lambda: sdk.sequence.list_messages("seq_none"),
        lambda: sdk.sequence.retrieve_performance("seq_none"),
        lambda: sdk.sender.retrieve("snd_none"),
    ):
        with pytest.raises(lightfield.NotFoundError):
            ask()
    message = next(iter(_all(sdk.sequence.list_messages, _busiest(sandbox)))).id
    for sequence_id in {one, other} - {_busiest(sandbox)}:
        with pytest.raises(lightfield.NotFoundError):
            sdk.sequence.retrieve_message(message, id=sequence_id)


def test_nothing_of_theirs_can_be_written(sandbox: Sandbox, api: Any) -> None:
    for path in ("sequences", f"sequences/{_busiest(sandbox)}/activate", "senders/snd_x/mark_healthy"):
        assert api.post(f"/v1/{path}").status == 404


def test_a_lagging_list_shows_a_change_later_than_the_document_itself(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    for lag, listed in ((3600, "Warehouse outreach"), (0, "Renamed")):
        sandbox = start_sandbox(index_lag=lag)
        api, sequence_id = connect(sandbox), _busiest(sandbox)
        changed = {"kind": "sequence", "set": {"id": sequence_id, "name": "Renamed"}}
        assert api.post("/_sandbox/outreach", changed).body["status"] == "ACTIVE"
        assert api.get(f"/v1/sequences/{sequence_id}").body["name"] == "Renamed"
        page = api.get("/v1/sequences").body["data"]
        assert [sequence["name"] for sequence in page if sequence["id"] == sequence_id] == [listed]


def test_a_change_without_what_it_needs_is_refused(sandbox: Sandbox, api: Any) -> None:
    for body in (
        {},
        {"kind": "draft", "set": {"id": "x"}},
        {"kind": "sequence", "set": {"id": "seq_new"}},
        {"kind": "sequence", "set": {"id": _busiest(sandbox), "createdAt": "2026-01-01T00:00:00Z"}},
        {"kind": "enrollment", "set": {"id": "enl_new", "enrolledAt": "2026-01-01T00:00:00Z"}},
    ):
        assert api.post("/_sandbox/outreach", body).status == 400


def test_a_file_keeps_sequences_and_what_has_changed(
    start_sandbox: Callable[..., Sandbox], tmp_path: Any
) -> None:
    first = start_sandbox(data=tmp_path / "kept.db")
    sequence_id = _busiest(first)
    first.set_outreach("enrollment", {**first.records("enrollment")[0], "id": "enl_new"}, sequence_id)
    kept = {kind: first.records(kind) for kind in ("sequence", "sender", "enrollment", "sequence_message")}
    first.stop()
    again = start_sandbox(data=tmp_path / "kept.db", seed=9)
    assert {kind: again.records(kind) for kind in kept} == kept
    assert len(kept["enrollment"]) == 61
