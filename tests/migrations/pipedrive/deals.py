"""The pipelines and deals of the account, and what hangs on deals that Lightfield has no place for."""

from __future__ import annotations

from typing import Any

from tests.migrations.pipedrive import fields
from tests.migrations.pipedrive.people import of_v2

Json = dict[str, Any]

PIPELINES = [
    {"id": 1, "name": "Sales Pipeline", "order_nr": 1, "is_deleted": False,
    "is_deal_probability_enabled": True,
     "add_time": "2022-01-10T08:00:00Z", "update_time": "2026-01-10T08:00:00Z"},
    {"id": 2, "name": "Renewals", "order_nr": 2, "is_deleted": False, "is_deal_probability_enabled": False,
     "add_time": "2022-01-10T08:00:00Z", "update_time": "2026-01-11T08:00:00Z"},
]  # fmt: skip


def _stage(id_: int, name: str, pipeline: int, probability: int) -> Json:
    return {
        "id": id_, "name": name, "pipeline_id": pipeline, "order_nr": id_, "is_deleted": False,
        "is_deal_rot_enabled": False, "deal_probability": probability, "days_to_rotten": None,
        "add_time": "2022-01-10T08:00:00Z", "update_time": f"2026-01-{id_ + 11:02}T08:00:00Z",
    }  # fmt: skip


# Both pipelines have a stage called Proposal Made. Won and lost are no stages.
STAGES = [
    _stage(1, "Qualified", 1, 10),
    _stage(3, "Demo Scheduled", 1, 40),
    _stage(4, "Proposal Made", 1, 80),
    _stage(6, "Proposal Made", 2, 100),
    _stage(7, "On hold", 2, 100),
]


def _deal(id_: int, day: str, title: str, custom: Json | None = None, **columns: Any) -> Json:
    return of_v2(
        id_, day, custom,
        **{"title": title, "creator_user_id": 101, "owner_id": 102, "person_id": None, "org_id": None,
           "stage_id": 4, "pipeline_id": 1, "status": "open", "value": 0, "currency": "EUR",
           "expected_close_date": None, "probability": None, "lost_reason": None, "visible_to": 3,
           "won_time": None, "lost_time": None, "close_time": None, "first_won_time": None,
           "local_won_date": None, "local_lost_date": None, "local_close_date": None,
           "stage_change_time": None, "archive_time": None, "is_archived": False, "label_ids": [],
           "channel": None, "channel_id": None, "origin": "ManuallyCreated", "origin_id": None,
           "acv": None, "arr": None, "mrr": None, "products_count": 0, "participants_count": 1,
           "next_activity_id": None, "last_activity_id": None, **columns},
    )  # fmt: skip


DEALS = [
    _deal(
        21, "07-01", "Kestrel – 40 arms",  # noqa: RUF001
        {
            fields.COMPETITORS: [31, 32, 33], fields.DISCOUNT: {"value": 500, "currency": "EUR"},
            fields.CONTRACT: "https://contracts.example/21",
            fields.PILOT: {"value": "2026-10-01", "until": "2026-10-31"},
            fields.COLOUR: 41, fields.RECORDED: 46,
        },
        org_id=1, person_id=11, value=48500.5, expected_close_date="2026-12-31", probability=80,
        label_ids=[21], channel="52", channel_id="fair-2026", stage_change_time="2026-06-30T09:00:00Z",
        products_count=1, arr=1200,
    ),
    # An amount in a currency of which nobody gave a rate.
    _deal(22, "07-02", "Sakura pilot", org_id=5, owner_id=101, stage_id=1, value=950000, currency="JPY"),
    # No organization of its own: that of its person.
    _deal(23, "07-03", "Fjord analysis", person_id=13, value=1200, currency="USD", stage_id=3, owner_id=103),
    # Of nobody; of a person who is of no organization.
    _deal(24, "07-04", "Nobody's deal", value=10),
    _deal(25, "07-05", "Björk's deal", person_id=14, value=20),
    _deal(
        26, "07-06", "Holding – audit", org_id=2, status="won", value=300.1, currency="USD",  # noqa: RUF001
        won_time="2026-03-31T22:30:00Z", close_time="2026-03-31T22:30:00Z", local_won_date="2026-04-01",
        expected_close_date="2026-06-30", first_won_time="2026-03-31T22:30:00Z", probability=100,
    ),
    _deal(
        27, "07-07", "Fjord renewal", org_id=3, status="lost", pipeline_id=2, stage_id=6, value=99,
        lost_time="2026-02-01T10:00:00Z", lost_reason="Too dear", visible_to=1,
    ),
    _deal(28, "07-08", "Mistake", org_id=1, status="deleted", is_deleted=True, value=1),
    # In the other pipeline's stage of the same name.
    _deal(29, "07-09", "Kestrel renewal", org_id=1, pipeline_id=2, stage_id=6, value=0, person_id=12),
    # A stage that the workspace lacks; the zero is in yen, and nothing in any currency.
    _deal(30, "07-10", "Granite counters", org_id=6, pipeline_id=2, stage_id=7, value=0, currency="JPY"),
]  # fmt: skip

PRODUCTS = [
    of_v2(41, "03-01", None, name="Robot arm R2", code="R2", description="Six axes", unit="piece", tax=19,
          category=None, is_linkable=True, visible_to=3, owner_id=101, prices=[]),
]  # fmt: skip
DEAL_PRODUCTS = {
    21: [
        {"id": 81, "deal_id": 21, "product_id": 41, "order_nr": 1, "product_variation_id": None,
         "item_price": 1212.51, "discount_percentage": 0, "duration": 1, "sum_no_discount": 48500.4,
         "sum": 48500.4, "currency": "EUR", "enabled_flag": True, "add_time": "2026-06-30 09:00:00",
         "last_edit": "2026-06-30 09:00:00", "comments": "", "active_flag": True, "name": "Robot arm R2",
         "sum_formatted": "€48,500.40", "quantity_formatted": "40", "quantity": 40},
    ],
}  # fmt: skip
FLOW = {
    21: [
        {"object": "dealChange", "timestamp": "2026-06-30 09:00:00", "data": {
            "id": 91, "item_id": 21, "user_id": 102, "field_key": "stage_id", "old_value": "3",
            "new_value": "4", "is_bulk_update_flag": None, "log_time": "2026-06-30 09:00:00",
            "change_source": "app", "additional_data": None}},
        {"object": "activity", "timestamp": "2026-06-29 09:00:00", "data": {"id": 33}},
    ],
}  # fmt: skip
CURRENCIES = [
    {"id": 1, "code": "EUR", "name": "Euro", "symbol": "€", "decimal_points": 2, "active_flag": True,
     "is_custom_flag": False},
    {"id": 2, "code": "JPY", "name": "Japanese Yen", "symbol": "¥", "decimal_points": 0, "active_flag": True,
     "is_custom_flag": False},
]  # fmt: skip
FILTERS = [
    {"id": 71, "name": "My open deals", "active_flag": True, "type": "deals", "temporary_flag": None,
     "user_id": 101, "add_time": "2022-01-10 08:00:00", "update_time": "2022-01-10 08:00:00",
     "visible_to": "1", "custom_view_id": 1},
]  # fmt: skip
FILES = [
    {"id": 61, "user_id": 102, "deal_id": 21, "person_id": 11, "org_id": 1, "product_id": None,
     "activity_id": None, "note_id": 51, "log_id": None, "add_time": "2026-01-10 08:31:00",
     "update_time": "2026-01-10 08:31:00", "file_name": "d3adb33f.pdf", "file_type": "pdf",
     "file_size": 12345, "active_flag": True, "inline_flag": False, "remote_location": "s3",
     "remote_id": "company/1/d3adb33f.pdf", "cid": "", "s3_bucket": "app-pipedrive-files",
     "mail_message_id": None, "deal_name": "Kestrel – 40 arms", "person_name": "Maëlle Le Goff",  # noqa: RUF001
     "org_name": "Kestrel Robotics GmbH", "product_name": None,
     "url": "https://app.pipedrive.com/api/v1/files/61/download", "name": "Offer März.pdf",
     "description": ""},
]  # fmt: skip
