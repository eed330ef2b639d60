"""Past meetings are created; of one that is there, only what the API lets be changed is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from target_runs import Setup, rows, write_requests
from workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def workspace(empty: Sandbox) -> Workspace:
    return Workspace(empty)


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
    assert "'contact_ids' can't be written" in outcome.log


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
