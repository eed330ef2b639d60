"""Which records of the portal belong together, with the types of each pair as HubSpot numbers them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Pairs = dict[tuple[str, str], list[tuple[int, int, str | None]]]

_PRIMARY = {"contact": 1, "deal": 5}
# The type of a pair without a label, by what it is from and to.
_ANY = {
    ("contact", "company"): 279, ("deal", "company"): 341, ("deal", "contact"): 3,
    ("company", "company"): 450,
    ("note", "company"): 190, ("note", "contact"): 202, ("note", "deal"): 214,
    ("task", "company"): 192, ("task", "contact"): 204, ("task", "deal"): 216,
    ("meeting", "company"): 188, ("meeting", "contact"): 200, ("meeting", "deal"): 212,
    ("call", "company"): 182, ("call", "contact"): 194, ("call", "deal"): 206,
    ("email", "company"): 186, ("email", "contact"): 198, ("email", "deal"): 210,
    ("communication", "company"): 87, ("communication", "contact"): 81, ("communication", "deal"): 85,
    ("postal_mail", "company"): 459, ("postal_mail", "contact"): 453, ("postal_mail", "deal"): 457,
    ("lead", "contact"): 608, ("p4242424_subscriptions", "company"): 31,
}  # fmt: skip

# from, to, and the pairs in the order in which HubSpot answers. A primary company has two types.
PAIRS: Pairs = {
    ("contact", "company"): [
        (501, 8100003, None), (501, 8100001, "Primary"), (501, 8100002, None),
        (502, 8100001, "Primary"), (503, 8100003, "Primary"),
    ],
    # The primary company is the second.
    ("deal", "company"): [
        (9001, 8100003, None), (9001, 8100001, "Primary"), (9002, 8100005, "Primary"),
        (9003, 8100003, "Primary"),
        (9005, 8100006, "Primary"), (9006, 8100001, None), (9007, 8100002, "Primary"),
    ],
    ("deal", "contact"): [(9001, 502, None), (9001, 501, "Champion"), (9003, 503, None)],
    ("company", "company"): [(8100001, 8100002, "Parent Company"), (8100004, 8100002, "Parent Company")],
    # 499 was merged into 501.
    ("note", "contact"): [(51, 501, None), (52, 499, None)],
    ("note", "company"): [(51, 8100001, None), (52, 8100001, None), (53, 8100003, None)],
    ("note", "deal"): [(51, 9001, None)],
    ("call", "contact"): [(51, 501, None)],
    ("call", "company"): [(51, 8100001, None), (55, 8100006, None)],
    ("call", "deal"): [(51, 9001, None)],
    ("communication", "contact"): [(61, 502, None)],
    ("communication", "company"): [(61, 8100001, None)],
    ("communication", "deal"): [],
    ("postal_mail", "company"): [(62, 8100005, None)],
    ("postal_mail", "contact"): [],
    ("postal_mail", "deal"): [(62, 9002, None)],
    ("task", "company"): [(71, 8100001, None), (73, 8100003, None), (73, 8100001, None)],
    ("task", "contact"): [(71, 501, None), (71, 502, None)],
    ("task", "deal"): [(71, 9001, None)],
    ("meeting", "contact"): [(81, 501, None), (81, 502, None), (83, 503, None)],
    ("meeting", "company"): [(81, 8100001, None), (82, 8100001, None)],
    ("meeting", "deal"): [(81, 9001, None), (82, 9001, None)],
    ("email", "contact"): [(91, 501, None), (92, 501, None), (93, 503, None)],
    ("email", "company"): [(91, 8100001, None), (93, 8100003, None)],
    ("email", "deal"): [(93, 9003, None)],
    ("lead", "contact"): [(41, 501, None)],
    ("p4242424_subscriptions", "company"): [(6001, 8100001, None), (6002, 8100003, None)],
}  # fmt: skip


def _types(pair: tuple[str, str], label: str | None) -> Iterator[Json]:
    any_ = {"category": "HUBSPOT_DEFINED", "typeId": _ANY[pair], "label": None}
    if label == "Primary":
        yield {"category": "HUBSPOT_DEFINED", "typeId": _PRIMARY[pair[0]], "label": "Primary"}
    elif label == "Parent Company":
        yield {"category": "HUBSPOT_DEFINED", "typeId": 14, "label": label}
        return
    elif label is not None:
        yield {"category": "USER_DEFINED", "typeId": 36, "label": label}
    yield any_


def associated(pairs: Pairs, from_type: str, to_type: str, id_: str, more: int = 0) -> list[Json]:
    """Return what a record is associated with, as ``to`` of the v4 answer.

    Args:
        pairs: All pairs of the portal.
        from_type: The object type of the record, in the singular.
        to_type: The other object type.
        id_: The record's id.
        more: How many further contacts there are, see ``Portal``: ten at each further company.
    """
    kind = (from_type, to_type)
    found = [(to, label) for number, to, label in pairs[kind] if str(number) == id_]
    number = int(id_) - MORE_CONTACTS
    if kind == ("contact", "company") and 0 <= number < more:
        found = [(MORE_COMPANIES + number // 10, "Primary")]
    return [{"toObjectId": to, "associationTypes": list(_types(kind, label))} for to, label in found]


MORE_CONTACTS, MORE_COMPANIES = 1_000_000, 8_200_000
