"""Notes, calls, tasks, meetings, emails and everything else of the portal."""

from __future__ import annotations

from tests.migrations.hubspot.people import Json, record

# Note 51 and call 51: ids are unique for one kind of object only.
NOTES = [
    record(
        51, "07-01",
        hs_timestamp="2026-01-10T08:30:00Z", hubspot_owner_id="70010002",
        hs_attachment_ids="24332474034;24332474044",
        hs_note_body='<div style="" dir="auto"><p>Maëlle wants <strong>40 sensors</strong> &amp; a&nbsp;'
        "report:</p><ul><li>by <em>May</em></li><li>under € 50k</li></ul></div>",
    ),
    record(
        52, "07-02",
        hs_timestamp="2026-02-10T08:30:00Z", hubspot_owner_id="70010099",
        hs_note_body="<p>Prices</p><table><tbody><tr><th>Item</th><th>Price</th></tr><tr><td>Arm | left</td>"
        "<td>€ 1,200</td></tr></tbody></table><script>alert('no')</script><style>p {color: red}</style>",
    ),
    record(53, "07-03", hs_timestamp="2026-03-10T08:30:00Z", hs_note_body="Plain 1 < 2\nand *no* tags"),
    record(54, "07-04", hs_timestamp="2026-03-11T08:30:00Z", hs_note_body="<p></p>"),
]  # fmt: skip

CALLS = [
    record(
        51, "07-05",
        hs_timestamp="2026-01-12T10:00:00Z", hubspot_owner_id="70010001", hs_call_title="Call with Maëlle",
        hs_call_body="<p>Budget is <b>approved</b>.</p>", hs_call_direction="OUTBOUND",
        hs_call_duration="754000",
        hs_call_disposition="f240bbac-87c9-4f6e-bf70-924b57d47db7", hs_call_status="COMPLETED",
        hs_call_from_number="+4930901820", hs_call_to_number="+33297000001",
        hs_call_recording_url="https://recordings.example/51",
    ),
    record(
        55, "07-06",
        hs_timestamp="2026-01-13T10:00:00Z", hs_call_direction="OUTBOUND", hs_call_duration="754000",
        hs_call_body="No answer",
    ),
]  # fmt: skip

COMMUNICATIONS = [
    record(
        61, "07-07",
        hs_timestamp="2026-01-14T10:00:00Z", hs_communication_channel_type="WHATS_APP",
        hs_communication_body="<p>Runs late</p>", hs_communication_logged_from="CRM",
    ),
]  # fmt: skip
POSTAL_MAIL = [
    record(62, "07-08", hs_timestamp="2026-01-15T10:00:00Z", hs_postal_mail_body="<p>Contract, signed</p>")
]

TASKS = [
    record(
        71, "07-11",
        hs_timestamp="2026-12-01T08:00:00Z", hs_task_subject="Send the pilot agreement",
        hs_task_body="<p>With the <b>DPA</b></p>", hs_task_status="NOT_STARTED", hs_task_priority="HIGH",
        hs_task_type="EMAIL", hubspot_owner_id="70010002",
    ),
    # Whose task it is nobody says.
    record(
        72, "07-12",
        hs_timestamp="2026-01-20T08:00:00Z", hs_task_subject="Call back", hs_task_status="COMPLETED",
        hs_task_completion_date="2026-01-21T09:15:00Z",
    ),
    # Two companies, where a task has one.
    record(
        73, "07-13",
        hs_timestamp="2026-02-01T08:00:00Z", hs_task_subject="Compare offers", hs_task_status="DEFERRED",
        hubspot_owner_id="70010001",
    ),
    # Of somebody who is no member.
    record(
        74, "07-14",
        hs_timestamp="2026-02-02T08:00:00Z", hs_task_subject="Old promise", hs_task_status="WAITING",
        hubspot_owner_id="70010003",
    ),
]  # fmt: skip

MEETINGS = [
    record(
        81, "07-15",
        hs_timestamp="2026-03-02T13:00:00Z", hs_meeting_title="Demo at Kestrel",
        hs_meeting_body="<p>Shown: <b>arms</b></p>", hs_internal_meeting_notes="<p>They <i>liked</i> it.</p>",
        hs_meeting_start_time="2026-03-02T13:00:00Z", hs_meeting_end_time="2026-03-02T14:00:00Z",
        hs_meeting_outcome="COMPLETED", hs_meeting_location="Berlin, room 4",
        hs_meeting_external_url="https://meet.example/81", hubspot_owner_id="70010001",
        hs_attendee_owner_ids="70010001;70010002",
    ),
    record(
        82, "07-16",
        hs_timestamp="2099-01-15T10:00:00Z", hs_meeting_title="Kick-off",
        hs_meeting_body="<p>Agenda follows</p>",
        hs_meeting_start_time="2099-01-15T10:00:00Z", hs_meeting_end_time="2099-01-15T11:00:00Z",
        hs_meeting_outcome="SCHEDULED", hubspot_owner_id="70010002",
    ),
    record(
        83, "07-17",
        hs_timestamp="2026-03-03T13:00:00Z", hs_meeting_title="Open end", hs_meeting_outcome="COMPLETED",
        hs_meeting_start_time="2026-03-03T13:00:00Z", hubspot_owner_id="70010002",
    ),
    record(
        84, "07-18",
        hs_timestamp="2026-03-04T13:00:00Z", hs_meeting_title="Called off", hs_meeting_outcome="CANCELED",
        hs_meeting_start_time="2026-03-04T13:00:00Z", hs_meeting_end_time="2026-03-04T14:00:00Z",
        hubspot_owner_id="70010002",
    ),
]  # fmt: skip

EMAILS = [
    record(
        91, "07-21",
        hs_timestamp="2026-04-01T07:00:00Z", hs_email_subject="The DPA", hs_email_direction="EMAIL",
        hs_email_status="SENT", hs_email_html="<p>Hi Maëlle,</p><p>here it is.</p>",
        hs_email_text="Hi Maëlle",
        hs_email_from_email="chloe.dubois@lightfield-demo.example",
        hs_email_to_email="maelle.legoff@kestrel-robotics.example;jonas.weber@kestrel-robotics.example",
        hs_email_cc_email="ada.okafor@lightfield-demo.example",
        hs_email_message_id="<dpa-1@lightfield-demo.example>",
        hs_email_headers='{"from": {"email": "chloe.dubois@lightfield-demo.example"}}',
        hs_email_thread_id="thread-7", hubspot_owner_id="70010002", hs_attachment_ids="24332474055",
    ),
    record(
        92, "07-22",
        hs_timestamp="2026-04-02T07:00:00Z", hs_email_subject="Re: The DPA",
        hs_email_direction="INCOMING_EMAIL",
        hs_email_text="Thanks < a lot", hs_email_from_email="maelle.legoff@kestrel-robotics.example",
        hs_email_to_email="chloe.dubois@lightfield-demo.example", hs_email_thread_id="thread-7",
        hs_email_message_id="<dpa-2@kestrel-robotics.example>",
    ),
    # Logged by hand: nobody wrote it to nobody.
    record(
        93, "07-23",
        hs_timestamp="2026-04-03T07:00:00Z", hs_email_subject="Forwarded offer", hs_email_direction="EMAIL",
        hs_email_html="<p>See <a href='https://offers.example/9'>the offer</a></p>",
        hubspot_owner_id="70010001",
    ),
    record(
        94, "07-24",
        hs_timestamp="2026-04-04T07:00:00Z", hs_email_subject="Bounced", hs_email_status="BOUNCED",
        hs_email_from_email="ada.okafor@lightfield-demo.example", hs_email_to_email="gone@nowhere.example",
    ),
]  # fmt: skip

LEADS = [record(41, "07-25", hs_lead_name="Maëlle Le Goff", hs_lead_label="HOT", hubspot_owner_id="70010002")]
SUBSCRIPTIONS = [
    record(6001, "07-26", subscription_name="Kestrel #1", seats="40", plan="team", auto_renew="true"),
    record(6002, "07-27", subscription_name="Fjord #1", seats="5", plan="gold"),
]
WITHOUT_A_PLACE = {
    "line_items": [
        record(31, "08-01", name="Arm", quantity="40", price="1200", hs_product_id="21"),
        record(32, "08-02", name="Setup", quantity="1", price="500.50"),
    ],
    "goal_targets": [record(13, "08-03", hs_goal_name="Q4", hs_target_amount="100000")],
    "products": [record(21, "08-04", name="Arm", price="1200", hs_sku="ARM-1")],
    "tickets": [record(11, "08-05", subject="Arm 7 drifts", hs_pipeline="0", hs_pipeline_stage="1")],
    "quotes": [record(12, "08-06", hs_title="40 arms", hs_quote_amount="48500.50", hs_status="DRAFT")],
    "feedback_submissions": [record(14, "08-07", name="NPS 9")],
}
USERS: list[Json] = [
    {"id": "9001", "email": "ada.okafor@lightfield-demo.example", "roleIds": [], "primaryteamid": "1"}
]
TEAMS: list[Json] = [{"id": "1", "name": "Sales", "userIds": ["9001"], "secondaryUserIds": []}]
EMAIL_SUBSCRIPTIONS: list[Json] = [
    {"id": 7001, "portalId": 4242424, "name": "Newsletter", "active": True, "internal": False}
]
TICKET_PIPELINES: list[Json] = [
    {
        "pipelineId": "0", "label": "Support Pipeline", "createdAt": None, "updatedAt": None, "default": True,
        "objectType": "TICKET", "objectTypeId": "0-5", "displayOrder": 0, "active": True, "stages": [],
    }
]  # fmt: skip
