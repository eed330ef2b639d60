"""The real tap, unchanged, still writes of the stand-in what was recorded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.migrations.pipedrive.stand_in import Account, StandIn
from tests.migrations.pipedrive.tap_run import recorded, run_tap

Json = dict[str, Any]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tap-pipedrive")]


def _records(messages: list[Json], stream: str) -> list[Json]:
    return [m["record"] for m in messages if m["type"] == "RECORD" and m["stream"] == stream]


def test_the_tap_writes_what_was_recorded() -> None:
    """To record it again: ``python -m tests.migrations.pipedrive.tap_run``."""
    with StandIn(Account()) as stand_in:
        assert run_tap(stand_in) == recorded()


def test_a_second_run_brings_what_changed_and_no_names_of_what_did_not() -> None:
    account = Account()
    with StandIn(account) as stand_in:
        first = run_tap(stand_in)
        account.change("deals", 21, "2026-09-01T09:00:00Z", value=1, status="deleted", is_deleted=True)
        second = run_tap(stand_in, state=first[-1]["value"])

    assert [(r["id"], r["status"]) for r in _records(second, "deals")] == [(21, "deleted")]
    for names in ("users", "stages", "pipelines", "activity_types", "deal_fields"):
        assert _records(first, names), names
        assert not _records(second, names), names


def test_what_comes_late_in_the_feed() -> None:
    """Deals, notes and activities before what they refer to, labels last of all."""
    streams = list(dict.fromkeys(m["stream"] for m in recorded() if m["type"] == "SCHEMA"))
    assert streams.index("notes") < streams.index("deals") < streams.index("organizations")
    assert streams[-1] == "deal_fields"
