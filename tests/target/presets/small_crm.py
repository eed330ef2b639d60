"""A small CRM in a feed, with what makes migrations hard, and the preset that moves it."""

from __future__ import annotations

from typing import Any

from tests.target.target_runs import Json, rows, state

PRESET = """
preset: 1
values_in: properties
separator: ";"
home_currency: USD
lookups:
  stages: {stream: pipelines, each: stages, key: stageId, value: label, within: pipelineId}
  pipelines: {stream: pipelines, key: pipelineId, value: label}
  emails: {stream: people, key: id, value: email}
links:
  person_company: {of: people, key: from_id, column: account_ids, record: companies, is: to_id, whole: true}
  deal_company: {of: deals, key: from_id, column: account_id, record: companies, is: to_id,
                 best: label == 'Primary', whole: true}
  deal_person: {of: deals, key: from_id, column: evaluator_ids, record: people, is: to_id, whole: true}
  note_company: {of: notes, key: from_id, column: account_ids, record: companies, is: to_id, whole: true}
  call_company: {of: calls, key: from_id, column: account_ids, record: companies, is: to_id, whole: true}
  meeting_person:
    {of: meetings, key: from_id, column: attendee_emails, lookup: emails, is: to_id, whole: true}
ignore: [hs_*]
streams:
  owners: {to: members, columns: {email: email}}
  companies:
    to: accounts
    also_known_as: {from: merged, split: true}
    columns: {name: name, website: domain, owner_id: {from: owner, record: owners}}
  people:
    to: contacts
    columns: {name__first_name: first, name__last_name: last, email: {from: email, split: true}}
  deals:
    to: opportunities
    columns:
      name: name
      pipeline: {from: pipeline, lookup: pipelines, map: {Sales Pipeline: New business}}
      stage: {from: stage, lookup: stages, within: pipeline, map: {Contract Sent: Proposal}}
  notes:
    to: notes
    columns:
      title: {from: body, first_line: 40}
      content: {from: body, signed: {by: author, at: at}}
  calls:
    to: notes
    columns: {title: {template: "Call: {subject}"}, content: body}
  meetings:
    - to: meetings
      when: datetime(end or start) <= now()
      columns: {title: title, start_date: start, end_date: {from: end, else: {from: start, plus: "00:30:00"}}}
    - to: tasks
      when: datetime(end or start) > now()
      columns:
        {title: title, status: {value: TODO}, due_at: start, assigned_to_id: {from: owner, record: owners}}
      when_left: {status: {value: COMPLETE}}
  leads: ignore
"""


def thing(key: str, **properties: Any) -> Json:
    return {"id": key, "properties": properties}


def pair(from_id: str, to_id: str, kind: int = 1, label: str | None = None) -> Json:
    return {"from_id": from_id, "to_id": to_id, "kind": kind, "label": label}


def streams(member: str) -> dict[str, list[Json]]:
    """The messages of each stream, in the order of the source.

    Args:
        member: The email of a member of the workspace.
    """
    pairs = ("from_id", "to_id", "kind")
    stages = [
        {"stageId": "sent", "label": "Contract Sent"},
        {"stageId": "q", "label": "Qualification"},
    ]
    return {
        "calls": rows("calls", thing("51", subject="Intro", body="<p>They <b>like</b> it</p>")),
        "call_company": rows("call_company", pair("51", "2"), key=pairs),
        "companies": rows(
            "companies",
            thing("1", name="Kestrel", domain="kestrel.example", owner="7", merged="498;499", hs_x="1"),
            thing("2", name="Harbor", domain="harbor.example", owner="8"),
            thing("3", name="Harbor North", domain="north.example", colour="red"),
        ),
        "deal_company": rows(
            "deal_company", pair("9", "2", 2), pair("9", "1", 1, "Primary"), pair("9", "1", 2), key=pairs
        ),
        "deal_person": rows("deal_person", pair("9", "501"), key=pairs),
        "deals": rows(
            "deals",
            thing("9", name="40 arms", pipeline="default", stage="sent"),
            thing("10", name="No company", pipeline="default", stage="q"),
        ),
        "leads": rows("leads", thing("1", name="Nobody")),
        "meeting_person": rows("meeting_person", pair("71", "501"), key=pairs),
        "meetings": rows(
            "meetings",
            thing("71", title="Kick-off", start="2024-05-01T10:00:00Z"),
            thing("72", title="To come", start="2099-05-01T10:00:00Z", owner="7"),
        ),
        "note_company": rows("note_company", pair("51", "499"), key=pairs),
        "notes": rows("notes", thing("51", body="<p>First</p><p>second</p>", author="Ann", at="2024-01-01")),
        "owners": rows(
            "owners", {"id": "7", "email": member.upper()}, {"id": "8", "email": "gone@x.example"}
        ),
        "people": rows(
            "people",
            thing("501", first="Maëlle", last="Le Goff", email="m@kestrel.example;maelle@x.example"),
            thing("502", first="Bo", last="Li"),
        ),
        "person_company": rows("person_company", pair("501", "1"), pair("501", "3"), key=pairs),
        "pipelines": rows(
            "pipelines",
            {"pipelineId": "default", "createdAt": None, "label": "Sales Pipeline", "stages": stages},
            key=["createdAt"],
        ),
    }


def feed(member: str) -> list[Json]:
    """The whole feed with a state at its end."""
    return [*(message for messages in streams(member).values() for message in messages), state(all="read")]
