"""The notes and activities of the account. Note 51 and activity 51 are two: each object counts for itself."""

from __future__ import annotations

from typing import Any

from tests.migrations.pipedrive.people import USERS, address, of_v2

Json = dict[str, Any]


def _type(id_: int, key: str, name: str, *, is_custom: bool = False) -> Json:
    return {
        "id": id_, "key_string": key, "name": name, "icon_key": key, "order_nr": id_, "color": "FFFFFF",
        "active_flag": True, "is_custom_flag": is_custom, "add_time": "2022-01-10 08:00:00",
        "update_time": f"2022-02-{id_:02} 08:00:00",
    }  # fmt: skip


ACTIVITY_TYPES = [
    _type(1, "call", "Call"),
    _type(2, "meeting", "Meeting"),
    _type(3, "task", "Task"),
    _type(4, "deadline", "Deadline"),
    _type(5, "email", "Email"),
    _type(6, "lunch", "Lunch"),
    _type(7, "site_visit", "Site visit", is_custom=True),
]


def _activity(id_: int, day: str, type_: str, subject: str | None, **columns: Any) -> Json:
    return of_v2(
        id_, day, None,
        **{"type": type_, "subject": subject, "owner_id": 102, "creator_user_id": 102, "done": False,
           "due_date": None, "due_time": "", "duration": "", "marked_as_done_time": None, "busy": None,
           "deal_id": None, "person_id": None, "org_id": None, "lead_id": None, "project_id": None,
           "participants": [], "attendees": None, "location": None, "note": None, "priority": None,
           "public_description": None, "conference_meeting_client": None, "conference_meeting_url": None,
           "conference_meeting_id": None, **columns},
    )  # fmt: skip


def _with(*persons: int) -> Json:
    return {
        "person_id": persons[0],
        "participants": [{"person_id": p, "primary": p == persons[0]} for p in persons],
    }


def _guest(email: str, name: str = "", person_id: int | None = None) -> Json:
    return {
        "email": email, "name": name, "status": "yes", "is_organizer": False, "person_id": person_id,
        "org_id": None, "user_id": None,
    }  # fmt: skip


_DONE = {"done": True, "marked_as_done_time": "2026-05-30T10:00:00Z"}

ACTIVITIES = [
    _activity(
        31, "08-01", "task", "Send the pilot agreement", due_date="2026-12-01", due_time="08:00:00",
        note="<p>With the <b>DPA</b></p>", org_id=1, deal_id=21, priority="101", **_with(11, 12),
    ),
    _activity(32, "08-02", "deadline", "Offer ends", due_date="2026-01-20", org_id=3, owner_id=101, **_DONE),
    # Over, with guests, one of whom is no person of the account.
    _activity(
        33, "08-03", "meeting", "Kick-off with Kestrel", due_date="2026-02-03", due_time="13:00:00",
        duration="01:00:00", deal_id=21, org_id=1, **_with(11, 12),
        attendees=[_guest("maelle.legoff@kestrel-robotics.example", "Maëlle Le Goff", 11),
                   _guest("counsel@law.example", "Counsel")],
        conference_meeting_url="https://meet.example/33", conference_meeting_client="zoom",
        location=address("Berlin, room 4"), public_description="<p>Agenda: <i>arms</i></p>",
        note="<p>Went <b>well</b></p>", **_DONE,
    ),
    # To come.
    _activity(
        34, "08-04", "meeting", "Demo", due_date="2099-01-15", due_time="10:00:00", duration="00:30:00",
        deal_id=21, org_id=1, note="<p>Agenda follows</p>", conference_meeting_url="https://meet.example/34",
        **_with(12),
    ),
    _activity(
        35, "08-05", "call", "Budget", due_date="2026-01-12", due_time="10:00:00", duration="00:12:00",
        org_id=1, deal_id=21, note="<p>Budget is <b>approved</b>.</p>", owner_id=101, **_with(11, 12),
        **_DONE,
    ),
    # Nothing is known of it but that it was.
    _activity(36, "08-06", "email", "Sent the DPA", due_date="2026-01-13", org_id=1, **_with(11), **_DONE),
    _activity(
        37, "08-07", "lunch", "Lunch at the fair", due_date="2026-01-14", due_time="11:00:00", org_id=3,
        location=address("Canteen"), owner_id=104, **_DONE,
    ),
    _activity(38, "08-08", "site_visit", "Hall 3", due_date="2026-01-15", org_id=6, note="<p>Dusty</p>",
    **_DONE),
    # How long it took nobody said.
    _activity(
        39, "08-09", "meeting", "Open end", due_date="2026-03-03", due_time="13:00:00", **_with(13), **_DONE,
    ),
    # Nor when it was.
    _activity(40, "08-10", "meeting", "Some time in May", due_date="2026-05-04", org_id=6, **_DONE),
    # Said to be done, and still to come; one that took place, though nobody said so.
    _activity(
        41, "08-11", "meeting", "Done in advance", due_date="2099-02-01", due_time="09:00:00", org_id=3,
        **_DONE
    ),
    _activity(42, "08-12", "meeting", "Was it held?", due_date="2026-03-05", due_time="09:00:00", org_id=3),
    _activity(43, "08-13", "call", "Call back", due_date="2026-11-20", due_time="00:00:00", org_id=6),
    # Of a lead, which the tap does not bring; of somebody who is no member.
    _activity(44, "08-14", "task", "Qualify", lead_id="adf21080-0e10-11eb-879b-05d71fb426ec", owner_id=101),
    _activity(45, "08-15", "task", "Old promise", due_date="2026-02-02", owner_id=103),
    # Whose person has no address that could be invited.
    _activity(
        46, "08-16", "meeting", "Sound check", due_date="2026-03-06", due_time="09:00:00",
        duration="00:00:00",
        **_with(14), **_DONE,
    ),
    _activity(
        51, "08-17", "call", "Second call", due_date="2026-01-16", org_id=3, note="No answer", **_DONE
    ),
]  # fmt: skip


def _note(id_: int, day: str, content: str, user: int, **columns: Any) -> Json:
    by = next(user_ for user_ in USERS if user_["id"] == user)
    return {
        "id": id_, "user_id": user, "content": content, "deal_id": None, "person_id": None, "org_id": None,
        "lead_id": None, "add_time": f"2026-01-{id_ - 41:02} 08:30:00", "update_time": f"2026-{day} 09:00:00",
        "active_flag": True, "pinned_to_deal_flag": False, "pinned_to_person_flag": False,
        "pinned_to_organization_flag": False, "last_update_user_id": None, "organization": None,
        "person": None, "deal": None,
        "user": {"email": by["email"], "name": by["name"], "icon_url": None, "is_you": user == 101},
        **columns,
    }  # fmt: skip


NOTES = [
    _note(
        51, "08-21",
        "<p>Maëlle wants <b>40 sensors</b> &amp; a&nbsp;report:</p><ul><li>by <i>May</i></li>"
        "<li>under € 50k</li></ul><img src=\"https://app.pipedrive.com/api/v1/files/61/download\">",
        102, deal_id=21, person_id=11, org_id=1, organization={"name": "Kestrel Robotics GmbH"},
        person={"name": "Maëlle Le Goff"}, deal={"title": "Kestrel – 40 arms"},  # noqa: RUF001
        pinned_to_deal_flag=True,
    ),
    # By somebody who has left; with what no note should bring.
    _note(
        52, "08-22",
        "<table><tbody><tr><th>Item</th><th>Price</th></tr><tr><td>Arm | left</td><td>€ 1,200</td></tr>"
        "</tbody></table><script>alert('no')</script>",
        103, org_id=3, organization={"name": "Fjord Analytics AS"},
    ),
    _note(53, "08-23", "<p>To be deleted</p>", 101, org_id=1, active_flag=False),
    _note(54, "08-24", "Plain 1 &lt; 2<br>and *no* tags", 101, person_id=14, person={"name": "Björk"}),
]  # fmt: skip
