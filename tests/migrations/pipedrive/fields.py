"""The fields of the account's objects: what it has added has a hash for a name, its options numbers."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def custom(letter: str) -> str:
    """The name of a custom field: ``custom("a1")`` is ``a1a1…``, forty characters."""
    return (letter * 20)[:40]


# Of organizations
TIER, TAGS, SCORE, RENEWAL, ARR, SHIPPING, LEGACY = (custom(f"a{n}") for n in range(1, 8))
PERIOD, OPENS, HOURS, MANAGER, MOTHER, BUYER, SUPPORT = (
    custom(two) for two in ("a8", "a9", "aa", "ab", "ac", "ad", "ae")
)
# Of persons
PERSONA, INTERESTS, SIGNED, NO_MAIL = (custom(f"b{n}") for n in range(1, 5))
# Of deals
COMPETITORS, DISCOUNT, CONTRACT, PILOT, COLOUR, RECORDED = (custom(f"c{n}") for n in range(1, 7))
# Of activities and notes nobody can add any.


def _field(id_: int, key: str, name: str, field_type: str, options: Any = None, **more: Any) -> Json:
    return {
        "id": id_, "key": key, "name": name, "field_type": field_type, "order_nr": id_ % 100,
        "json_column_flag": field_type in ("address",), "active_flag": True, "edit_flag": len(key) == 40,
        "add_time": "2022-01-10 08:00:00", "update_time": "2026-04-01 09:00:00",
        "last_updated_by_user_id": 101, "mandatory_flag": False, "searchable_flag": False,
        **({"options": [{"id": id_, "label": label} for id_, label in options.items()]} if options else {}),
        **more,
    }  # fmt: skip


_LABELS = {1: "Hot", 2: "Warm"}

ORGANIZATION_FIELDS = [
    _field(4001, "name", "Name", "varchar"),
    _field(4002, "label_ids", "Labels", "set", _LABELS),
    _field(4003, "website", "Website", "varchar"),
    _field(4004, "linkedin", "LinkedIn profile", "varchar"),
    _field(4005, "industry", "Industry", "enum", {4: "Machinery", 9: "Museums"}),
    _field(4006, "annual_revenue", "Annual revenue", "double"),
    _field(4007, "employee_count", "Number of employees", "int"),
    _field(4008, "address", "Address", "address"),
    _field(4011, TIER, "Tier", "enum", {82: "Key account", 83: "Small"}),
    _field(4012, TAGS, "Tags", "set", {91: "Growing", 93: "Event"}),
    _field(4013, SCORE, "ICP score", "double"),
    _field(4014, RENEWAL, "Renewal date", "date"),
    _field(4015, ARR, "ARR", "monetary"),
    _field(4016, SHIPPING, "Warehouse", "address"),
    _field(4017, LEGACY, "Number in the ERP", "varchar"),
    _field(4018, PERIOD, "Contract period", "daterange"),
    _field(4019, OPENS, "Opens at", "time"),
    _field(4020, HOURS, "Opening hours", "timerange"),
    _field(4021, MANAGER, "Account manager", "user"),
    _field(4022, MOTHER, "Belongs to", "org"),
    _field(4023, BUYER, "Buyer", "people"),
    _field(4024, SUPPORT, "Hotline", "phone"),
]

PERSON_FIELDS = [
    _field(5001, "name", "Name", "varchar"),
    _field(5002, "label_ids", "Labels", "set", {11: "Customer"}),
    _field(5003, "marketing_status", "Marketing status", "varchar"),
    _field(5011, PERSONA, "Role", "enum", {52: "Champion", 53: "Blocker"}),
    _field(5012, INTERESTS, "Topics", "set", {61: "Pricing", 62: "Law"}),
    _field(5013, SIGNED, "Last contract", "date"),
    _field(5014, NO_MAIL, "No mail please", "enum", {70: "Yes"}),
]

DEAL_FIELDS = [
    _field(6001, "title", "Title", "varchar"),
    _field(6002, "label_ids", "Labels", "set", {21: "Renewal", 22: "Upsell"}),
    _field(6003, "channel", "Source channel", "enum", {52: "Trade fair", 53: "Web"}),
    _field(6011, COMPETITORS, "Competitors", "set", {31: "Salesforce", 32: "Spreadsheet", 33: "None"}),
    _field(6012, DISCOUNT, "Discount", "monetary"),
    _field(6013, CONTRACT, "Contract", "varchar"),
    _field(6014, PILOT, "Pilot", "daterange"),
    _field(6015, COLOUR, "Colour of the arms", "enum", {41: "Red", 42: "Blue"}),
    _field(6016, RECORDED, "Win call recorded", "enum", {45: "Yes", 46: "No"}),
    # What comes with a field of two parts: without an id and times of its own.
    {
        "key": f"{DISCOUNT}_currency",
        "name": "Currency of Discount",
        "field_type": "varchar",
        "parent_id": 6012,
    },
]

FIELDS = {
    "organizationFields": ORGANIZATION_FIELDS,
    "personFields": PERSON_FIELDS,
    "dealFields": DEAL_FIELDS,
    "activityFields": [_field(7001, "subject", "Subject", "varchar")],
    "noteFields": [_field(8001, "content", "Content", "text")],
    "productFields": [_field(9001, "name", "Name", "varchar")],
}
