"""The real tap, unchanged, still writes of the files what was recorded."""

from __future__ import annotations

import json

import pytest

from tests.migrations.csv.tap_run import RECORDED, feed_of, run_tap

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tap-spreadsheets")]


@pytest.mark.parametrize("product", RECORDED)
def test_the_tap_writes_what_was_recorded(product: str) -> None:
    """To record it again: ``python -m tests.migrations.csv.tap_run``."""
    recorded = [json.loads(line) for line in feed_of(product).read_text(encoding="utf-8").splitlines()]
    assert run_tap(product) == recorded
