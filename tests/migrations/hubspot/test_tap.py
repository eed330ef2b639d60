"""The real tap, unchanged, still writes of the stand-in what was recorded."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.migrations.hubspot.stand_in import Portal, StandIn
from tests.migrations.hubspot.tap_run import recorded, run_tap

Json = dict[str, Any]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tap-hubspot")]


def _records(messages: list[Json], stream: str) -> list[Json]:
    return [m["record"] for m in messages if m["type"] == "RECORD" and m["stream"] == stream]


def test_the_tap_writes_what_was_recorded() -> None:
    """To record it again: ``python -m tests.migrations.hubspot.tap_run``."""
    with StandIn(Portal()) as stand_in:
        assert run_tap(stand_in) == recorded()


def test_without_a_start_date_it_lists_and_writes_the_same_records() -> None:
    with StandIn(Portal()) as stand_in:
        listed = run_tap(stand_in, start_date=None)

    def keys(messages: list[Json]) -> Counter[tuple[str, str]]:
        return Counter((m["stream"], str(m["record"])) for m in messages if m["type"] == "RECORD")

    assert keys(listed) == keys(recorded())


def test_a_second_run_brings_what_changed_the_newest_and_all_associations() -> None:
    portal = Portal()
    with StandIn(portal) as stand_in:
        first = run_tap(stand_in)
        portal.change("deals", "9001", "2026-10-01T09:00:00.000Z", amount="1")
        second = run_tap(stand_in, state=first[-1]["value"])

    assert [r["id"] for r in _records(second, "deals")] == ["9007", "9001"]
    assert [r["id"] for r in _records(second, "companies")] == ["8100006"]
    for whole in ("deal_company_associations", "owners", "deal_pipelines", "properties"):
        assert _records(second, whole) == _records(first, whole)


def test_a_portal_of_many_comes_page_by_page() -> None:
    more = 250
    with StandIn(Portal(more)) as stand_in:
        messages = run_tap(stand_in, associations={"contact": ["company"]}, custom_object_types=None)

    contacts = _records(messages, "contacts")
    assert len({r["id"] for r in contacts}) == len(contacts) == more + 5
    pairs = {(r["from_id"], r["to_id"]) for r in _records(messages, "contact_company_associations")}
    assert ("1000249", "8200024") in pairs
    assert len(pairs) == more + 5
