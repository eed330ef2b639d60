"""The real tap, unchanged, still writes of the stand-in what was recorded."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.migrations.salesforce.objects import UNASKED
from tests.migrations.salesforce.records import ARMS, LOST
from tests.migrations.salesforce.stand_in import NEXT_REFRESH_TOKEN, Org, StandIn
from tests.migrations.salesforce.tap_run import Tap, recorded, run_tap, selected

Json = dict[str, Any]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tap-salesforce")]


def _records(messages: list[Json], stream: str) -> list[Json]:
    return [m["record"] for m in messages if m["type"] == "RECORD" and m["stream"] == stream]


def test_the_tap_writes_what_was_recorded() -> None:
    """To record it again: ``python -m tests.migrations.salesforce.tap_run``."""
    assert run_tap(Org()) == recorded()


def test_in_the_order_of_its_discovery_it_writes_the_same_records(tmp_path: Path) -> None:
    """The order is that of a set of texts, which differs from process to process."""
    with StandIn(Org()) as stand_in:
        tap = Tap(stand_in, tmp_path)
        catalog = tap.discover()
        messages = tap.sync(selected(catalog))

    def rows(of: list[Json]) -> Counter[str]:
        return Counter(json.dumps(m, sort_keys=True) for m in of if m["type"] in ("RECORD", "SCHEMA"))

    assert rows(messages) == rows(recorded())
    assert not {stream["stream"] for stream in catalog["streams"]} & {*UNASKED}
    # Where the org gives another refresh token than it was asked with, the old one is worth nothing any more.
    assert json.loads(tap.config_path.read_text())["refresh_token"] == NEXT_REFRESH_TOKEN


def test_a_second_run_brings_what_changed_and_the_newest_of_each_stream() -> None:
    org = Org()
    first = run_tap(org)
    org.change("Opportunity", ARMS, "2026-10-01", Amount=1.0)
    second = run_tap(org, state=first[-1]["value"])

    assert [r["Id"] for r in _records(second, "Opportunity")] == [LOST, ARMS]
    assert [r["Amount"] for r in _records(second, "Opportunity")] == [700.0, 1.0]
    # What other streams' rows are read with: neither the changed one's owner comes again nor its record type.
    assert [r["Name"] for r in _records(second, "User")] == ["Lars Long"]
    assert [r["Name"] for r in _records(second, "RecordType")] == ["Renewal"]
