"""The preset of Pipedrive is valid, and all that it names is in the recorded feed or in a workspace."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import pytest
import yaml

from target_lightfield.presets.preset import Preset, Route
from tests.migrations.pipedrive.expected_rest import LEFT_OVER, NOT_CARRIED
from tests.migrations.pipedrive.tap_run import EXAMPLE, recorded
from tests.migrations.preset_files import (
    all_routes,
    built_in,
    columns_of_route,
    content_of,
    laid_over,
    sources_of,
    specs_of,
    system_columns,
)

PRESET = built_in("pipedrive")
ROUTES = all_routes(PRESET)


@cache
def _schemas() -> dict[str, Any]:
    return {m["stream"]: m["schema"]["properties"] for m in recorded() if m["type"] == "SCHEMA"}


@pytest.mark.parametrize(("stream", "route"), ROUTES, ids=lambda value: getattr(value, "to", value))
def test_each_column_is_one_of_the_system(stream: str, route: Route) -> None:
    assert columns_of_route(route) <= system_columns(route.to)


@pytest.mark.parametrize(("stream", "route"), ROUTES, ids=lambda value: getattr(value, "to", value))
def test_what_the_preset_looks_for_the_recorded_feed_has(stream: str, route: Route) -> None:
    """A column that is misspelled would bring nothing, and nothing would say so."""
    for spec in specs_of(route):
        assert sources_of(spec) <= {*_schemas()[stream]}, spec


def test_every_stream_of_the_tap_is_spoken_of() -> None:
    assert set(_schemas()) <= set(PRESET.all_streams())
    assert set(NOT_CARRIED) <= set(PRESET.not_carried)


def test_every_lookup_is_one_that_there_is() -> None:
    used = {spec.lookup for _, route in ROUTES for spec in specs_of(route) if spec.lookup}
    of_fields = {"labels", "options"}
    assert used | of_fields == set(PRESET.lookups)


def test_what_is_told_of_is_of_records_in_the_feed() -> None:
    told = {(stream, key) for stream, key, *_ in LEFT_OVER}
    keys = {(m["stream"], str(m["record"]["id"])) for m in recorded() if m["type"] == "RECORD"}
    assert told <= keys


def test_the_example_laid_over_it_is_valid_and_keeps_what_is_built_in() -> None:
    own = yaml.safe_load((EXAMPLE / "my_preset.yml").read_text(encoding="utf-8"))
    assert own["extends"] == "pipedrive"
    merged = msgspec.convert(laid_over(content_of("pipedrive"), own), Preset)

    deals, organizations = merged.streams["deals"], merged.streams["organizations"]
    assert isinstance(deals, Route)
    assert isinstance(organizations, Route)
    assert deals.columns["stage"].map["Proposal Made"] == "Proposal"  # type: ignore[union-attr,index]
    assert deals.columns["stage"].first_of  # type: ignore[union-attr]
    assert organizations.columns["industry"].from_ == "industry"  # type: ignore[union-attr]
