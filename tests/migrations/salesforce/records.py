"""How records of the org are written down: a row with its ids, its times, and null for what it lacks."""

from __future__ import annotations

from typing import Any

from tests.migrations.salesforce.objects import FIELDS

Json = dict[str, Any]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def id_of(short: str) -> str:
    """Return the 18 characters of an id of 15: three more say which of its letters are capitals."""
    assert len(short) == 15, short
    parts = [short[start : start + 5] for start in (0, 5, 10)]
    return short + "".join(
        _LETTERS[sum(1 << place for place, letter in enumerate(part) if letter.isupper())] for part in parts
    )


def row(sobject: str, short: str, day: str, **values: Any) -> Json:
    """A record that was last changed on this day of 2026, ``05-01``.

    Args:
        sobject: What it is of.
        short: Its id of 15 characters.
        day: The day.
        values: Its fields. Of the others a boolean is false, anything else null.
    """
    kinds = FIELDS[sobject]
    made: Json = {name: False if kind == "boolean" else None for name, kind in kinds.items()}
    times = {
        "CreatedDate": "2023-03-01T09:00:00.000+0000",
        "LastModifiedDate": f"2026-{day}T09:00:00.000+0000",
        "SystemModstamp": f"2026-{day}T09:00:00.000+0000",
    }
    made |= {name: time for name, time in times.items() if name in kinds}
    made |= {name: ADA for name in ("CreatedById", "LastModifiedById") if name in kinds}
    assert values.keys() <= kinds.keys(), values.keys() - kinds.keys()
    return made | values | {"Id": id_of(short)}


def address(**parts: str) -> Json:
    """What Salesforce shows of an address beside its fields."""
    names = ("city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state", "street")
    return {name: parts.get(name) for name in names}


# Users
ADA, CHLOE, LARS, QUEUE = (
    id_of(short) for short in ("0055g00000AdaOk", "0055g00000Chloe", "0055g00000LarsL", "00G5g00000Queue")
)
# Accounts; only the case of letters tells the first from the third.
KESTREL, HOLDING, BERLIN, FJORD, SAKURA, MERGED_ACCOUNT, GONE_ACCOUNT = (
    id_of(f"0015g00000{name}") for name in ("KESTR", "ZHOLD", "Kestr", "FJORD", "SAKUR", "Merge", "Gone0")
)
# Contacts
MAELLE, JONAS, INGRID, TOMAS, MERGED_CONTACT = (
    id_of(f"0035g00000{name}") for name in ("MAELL", "JONAS", "INGRI", "TOMAS", "Merge")
)
# Leads
CONVERTED, NEW, KNOWN, NOTHING, NAMELESS = (
    id_of(f"00Q5g00000{name}") for name in ("Conve", "NewLd", "Known", "Nothi", "Namel")
)
ARMS, PILOT, RENEWAL, NOBODYS, LOST = (
    id_of(f"0065g00000{name}") for name in ("ARMS0", "PILOT", "RENEW", "NOBOD", "LOST0")
)
NEW_BUSINESS, RENEWALS = id_of("0125g00000NewBu"), id_of("0125g00000Renew")
CALL, MIRROR, TOLD, UNTITLED, SIGN, DEFERRED = (
    id_of(f"00T5g00000{name}") for name in ("Call0", "Mirro", "Told0", "Untit", "Sign0", "Defer")
)
DEMO, FAIR, KICK_OFF, CHILD, CONVERTED_DEMO = (
    id_of(f"00U5g00000{name}") for name in ("Demo0", "Fair0", "KickO", "Child", "CvDem")
)
SPRING = id_of("7015g00000Sprin")
CUT_NOTE, SHORT_NOTE = id_of("0695g00000CutNo"), id_of("0695g00000Short")
