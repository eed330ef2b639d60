"""Past meetings are created; of one that is there, only what the API lets be changed is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NoAnswer
from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


def meeting(**columns: Any) -> Json:
    times = {"start_date": "2024-05-01T10:00:00+02:00", "end_date": "2024-05-01T11:00:00+02:00"}
    return {"id": "m1", "title": "Kick-off", **times, **columns}


def fields(workspace: Workspace) -> Json:
    [found] = workspace.all("meetings")
    return {key: entry["value"] for key, entry in found["fields"].items()}


def test_a_past_meeting_is_created_and_what_only_an_update_takes_follows(
    target: Setup, workspace: Workspace
) -> None:
    row = meeting(
        description="First call",
        meeting_url="https://meet.example/1",
        organizer_email="host@x.example",
        attendee_emails=["ann@acme.example"],
        privacy_setting="METADATA",
        meeting_prep="Read their site",
        post_meeting_summary="They want it",
    )

    with target.counting() as seen:
        outcome = target.loaded(rows("meetings", row))

    assert outcome.count("meetings") == {"created": 1}
    assert (seen["writes"]["meeting"]["create"], seen["writes"]["meeting"]["update"]) == (1, 1)
    found = fields(workspace)
    assert found["$title"] == "Kick-off"
    assert found["$startDate"].startswith("2024-05-01T08:00:00")
    assert found["$attendeeEmails"] == ["ann@acme.example"]
    assert found["$meetingPrep"] == "Read their site"
    assert found["$postMeetingSummary"] == "They want it"
    with target.counting() as again:
        assert target.loaded(rows("meetings", row)).count("meetings") == {"unchanged": 1}
    assert write_requests(again) == sum(again["requests"]["search"].values()) == 0


@pytest.mark.parametrize(
    ("columns", "param"),
    [
        ({"end_date": "2999-05-01T11:00:00Z"}, "end_date"),
        ({"start_date": "2999-05-01 10:00", "end_date": None}, None),
        ({"start_date": "2999-05-01T10:00:00+02:00", "end_date": "2999-05-01T11:00:00+02:00"}, None),
    ],
)
def test_a_meeting_to_come_is_rejected_for_that_and_never_sent(
    target: Setup, workspace: Workspace, columns: Json, param: str | None
) -> None:
    with target.counting() as seen:
        outcome = target.load(rows("meetings", meeting(**columns)))

    assert outcome.status == 1
    [reject] = target.rejects()
    if columns.get("end_date"):
        assert reject["code"] == "in_the_future"
        assert "in the future" in reject["message"]
    if param:
        assert reject["param"] == param
    assert write_requests(seen) == 0
    assert workspace.all("meetings") == []


def test_of_a_meeting_that_is_there_only_what_can_be_changed_is_written(
    target: Setup, workspace: Workspace
) -> None:
    target.loaded(rows("meetings", meeting()))

    left = target.loaded(rows("meetings", meeting(title="Renamed", description="New")))
    assert left.count("meetings") == {"unchanged": 1}
    assert "$title can't be changed" in left.log

    both = target.loaded(
        rows("meetings", meeting(title="Renamed", attendee_emails=["new@x.example"], privacy_setting="FULL"))
    )
    assert both.count("meetings") == {"updated": 1}
    found = fields(workspace)
    assert (found["$title"], found["$attendeeEmails"]) == ("Kick-off", ["new@x.example"])


def test_more_attendees_than_lightfield_takes_reject_the_meeting(target: Setup) -> None:
    crowd = [f"a{n}@x.example" for n in range(501)]

    target.load(rows("meetings", meeting(attendee_emails=crowd)))

    [reject] = target.rejects()
    assert reject["param"] == "attendee_emails"
    assert "500" in reject["message"]


@pytest.mark.parametrize(("setting", "contacts"), [(False, 0), (True, 1)])
def test_unknown_attendees_become_contacts_only_if_that_is_asked_for(
    target: Setup, workspace: Workspace, setting: bool, contacts: int
) -> None:
    target.loaded(
        rows("meetings", meeting(attendee_emails=["ann@acme.example"])), auto_create_records=setting
    )

    assert len(workspace.all("contacts")) == contacts


def test_meetings_whose_content_is_hidden_are_written_back_without_a_write(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(meetings=30)
    there = sandbox.records("meeting")
    shown = [
        {
            "id": record["id"],
            "title": record["fields"]["$title"]["value"],
            "contact_ids": record["relationships"]["$contact"]["values"],
        }
        for record in there
    ]
    for record in there[:10]:
        sandbox.set_access("meeting", record["id"], "METADATA")
    target = target_of(sandbox)

    with target.counting() as seen:
        outcome = target.loaded(rows("meetings", *shown))

    assert outcome.count("meetings") == {"unchanged": 30}
    assert write_requests(seen) == 0
    assert "'contact_ids' of stream 'meetings' can't be written" in outcome.log


@pytest.mark.parametrize("meeting_first", [True, False])
def test_a_transcript_is_linked_whichever_comes_first_and_can_be_replaced(
    target_of: Callable[..., Setup],
    empty: Sandbox,
    workspace: Workspace,
    tmp_path: Any,
    meeting_first: bool,
) -> None:
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name)
    target = target_of(empty, file_upload_dir=str(tmp_path))
    files = rows("files", {"id": "f1", "file_path": "one.txt"}, {"id": "f2", "file_path": "two.txt"})
    meetings = rows("meetings", meeting(transcript_id="f1"))

    target.loaded(*([meetings, files] if meeting_first else [files, meetings]))

    [found] = workspace.all("meetings")
    names = {file["id"]: file["filename"] for file in empty.records("file")}
    assert [names[i] for i in workspace.links("meetings", found["id"], "$transcript")] == ["one.txt"]

    target.loaded(rows("meetings", meeting(transcript_id="f2")))
    assert [names[i] for i in workspace.links("meetings", found["id"], "$transcript")] == ["two.txt"]


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own clock is ten hours behind UTC."""
    monkeypatch.setenv("TZ", "Pacific/Honolulu")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_away")
@pytest.mark.parametrize(
    ("offset", "is_over"),
    [(None, True), (None, False), (12, True), (12, False), (-11, True), (-11, False)],
)
def test_whether_a_meeting_is_over_is_told_by_the_instant_and_without_offset_by_utc(
    target: Setup, workspace: Workspace, offset: int | None, is_over: bool
) -> None:
    end = datetime.now(timezone.utc) + timedelta(hours=-1 if is_over else 1)
    if offset is None:
        text = end.replace(tzinfo=None).isoformat()
    else:
        text = end.astimezone(timezone(timedelta(hours=offset))).isoformat()

    outcome = target.load(rows("meetings", meeting(end_date=text)))

    assert outcome.count("meetings") == ({"created": 1} if is_over else {"rejected": 1})
    assert [reject["code"] for reject in target.rejects()] == ([] if is_over else ["in_the_future"])
    assert len(workspace.all("meetings")) == is_over


def test_a_rejected_meeting_is_written_once_it_is_over(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=1)
    feed = rows("meetings", meeting(end_date=tomorrow.isoformat()))
    assert target.load(feed).count("meetings") == {"rejected": 1}

    later = tomorrow + timedelta(hours=1)
    for module in ("rules.meetings", "store.store"):
        monkeypatch.setattr(f"lightfield_sandbox.{module}.now_ms", lambda: int(later.timestamp() * 1000))
    monkeypatch.setattr(LightfieldClient, "server_time", lambda _: later)

    assert target.loaded(feed).count("meetings") == {"created": 1}
    assert len(workspace.all("meetings")) == 1


def test_what_can_not_be_changed_is_said_once_a_field_and_run(target: Setup) -> None:
    meetings = [meeting(id=n) for n in range(5)]
    target.loaded(rows("meetings", *meetings))

    outcome = target.loaded(
        rows("meetings", *({**m, "title": "Renamed", "organizer_email": "x@x.example"} for m in meetings))
    )

    assert outcome.count("meetings") == {"unchanged": 5}
    assert outcome.log.count("can't be changed any more") == 2


def test_a_create_whose_answer_was_lost_is_not_made_twice(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True)
    target = target_of(sandbox)
    sandbox.set_faults("reset-after:0.3")

    target.loaded(rows("meetings", *(meeting(id=n, post_meeting_summary=f"No. {n}") for n in range(10))))

    assert len(sandbox.records("meeting")) == 10
    summaries = {record["fields"]["$postMeetingSummary"]["value"] for record in sandbox.records("meeting")}
    assert summaries == {f"No. {n}" for n in range(10)}


@pytest.mark.parametrize("arrived", [True, False])
def test_a_run_that_ended_after_the_create_is_finished_by_the_next(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    feed = rows("meetings", meeting(post_meeting_summary="They want it"))
    write = LightfieldClient.write

    def ending(self: LightfieldClient, *path: str, **options: Any) -> Json:
        if len(path) == 1 or arrived:
            answer = write(self, *path, **options)
        if len(path) == 1:
            return answer
        raise NoAnswer("The connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", ending)
        assert target.load(feed).error
    assert len(workspace.all("meetings")) == 1

    target.loaded(feed)

    assert fields(workspace)["$postMeetingSummary"] == "They want it"
    assert target.table("lightfield_creates") == []


def test_a_transcript_may_be_a_file_of_the_workspace_and_null_asks_for_nothing(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True, files=12)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    one, two = [file["id"] for file in sandbox.records("file") if file["status"] == "COMPLETED"][:2]
    target.loaded(rows("meetings", meeting(transcript_id=one)))
    there = target.ids("meetings")["m1"]
    assert workspace.links("meetings", there, "$transcript") == {one}

    target.loaded(rows("meetings", meeting(transcript_id=two)))
    assert workspace.links("meetings", there, "$transcript") == {two}

    target.loaded(rows("meetings", meeting(transcript_id=None)))
    assert workspace.links("meetings", there, "$transcript") == {two}


def test_a_transcript_that_would_have_to_go_is_a_rejection_with_lightfields_reason(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True, files=12)
    target = target_of(sandbox, relationship_mode="replace")
    [one, *_] = [file["id"] for file in sandbox.records("file") if file["status"] == "COMPLETED"]
    target.loaded(rows("meetings", meeting(transcript_id=one)))

    target.load(rows("meetings", meeting(transcript_id=None)))

    [reject] = target.rejects()
    assert reject["param"] == "transcript_id"
    assert "only be replaced" in reject["message"]
    assert Workspace(sandbox).links("meetings", target.ids("meetings")["m1"], "$transcript") == {one}


def test_hidden_content_can_be_written_and_a_rerun_writes_nothing(target: Setup, empty: Sandbox) -> None:
    target.loaded(rows("meetings", meeting(description="First call")))
    empty.set_access("meeting", target.ids("meetings")["m1"], "METADATA")
    row = meeting(description="Changed", post_meeting_summary="They want it", attendee_emails=["a@x.example"])

    assert target.loaded(rows("meetings", row)).count("meetings") == {"updated": 1}

    with target.counting() as seen:
        assert target.loaded(rows("meetings", row)).count("meetings") == {"unchanged": 1}
    assert write_requests(seen) == 0
    empty.set_access("meeting", target.ids("meetings")["m1"], "FULL")
    [found] = empty.records("meeting")
    assert found["fields"]["$postMeetingSummary"]["value"] == "They want it"
    assert found["fields"]["$description"]["value"] == "First call"


@pytest.mark.parametrize("nobody", [None, []])
def test_attendees_who_are_no_more_are_taken_away(
    target: Setup, workspace: Workspace, nobody: list[str] | None
) -> None:
    target.loaded(rows("meetings", meeting(attendee_emails=["a@x.example"])))

    outcome = target.loaded(rows("meetings", meeting(attendee_emails=nobody)))

    assert outcome.count("meetings") == {"updated": 1}
    assert not fields(workspace)["$attendeeEmails"]
