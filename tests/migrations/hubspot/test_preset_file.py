"""The preset of HubSpot is a valid file, and all that it names is in the recorded feed or in a workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import pytest
import yaml

from demo.pipeline import REPOSITORY
from lightfield_api.columns import column_name
from target_lightfield.presets.preset import Preset, Route, as_list, links_of, routes_of
from tests.migrations.hubspot.expected_rest import NOT_CARRIED
from tests.migrations.hubspot.tap_run import EXAMPLE, recorded

Json = dict[str, Any]

_PRESET = REPOSITORY / "target_lightfield" / "presets" / "hubspot.yml"
_TYPES = {
    "accounts": "account", "contacts": "contact", "opportunities": "opportunity", "tasks": "task",
    "notes": "note", "meetings": "meeting", "emails": "email", "members": "member",
}  # fmt: skip
_OF_LOGGED_EMAILS = {"message_id", "in_reply_to", "references", "body_text"}


@cache
def preset() -> Preset:
    return msgspec.convert(yaml.safe_load(_PRESET.read_text(encoding="utf-8")), Preset)


def _routes() -> list[tuple[str, Route]]:
    return [(stream, route) for stream in preset().streams for route in routes_of(preset(), stream)]


@cache
def _columns(stream: str) -> frozenset[str]:
    """The system columns of one of Lightfield's streams, from the definitions that the sandbox has."""
    path = REPOSITORY / "lightfield_sandbox" / "schema" / "definitions.json"
    definitions = json.loads(path.read_text(encoding="utf-8"))[_TYPES[stream]]

    def names() -> Iterator[str]:
        for field in definitions["fields"]:
            if field["key"].startswith("$") and not field.get("readOnly"):
                yield column_name(field["key"])
        for one in definitions["relationships"]:
            if one["key"].startswith("$") and not one.get("readOnly"):
                yield column_name(one["key"]) + ("_id" if one["cardinality"] == "HAS_ONE" else "_ids")

    return frozenset(names()) | (_OF_LOGGED_EMAILS if stream == "emails" else frozenset())


@pytest.mark.parametrize(("stream", "route"), _routes(), ids=lambda value: getattr(value, "to", value))
def test_each_column_is_one_of_the_system(stream: str, route: Route) -> None:
    named = {name.partition("__")[0] for name in [*route.columns, *(route.needs_any or ())]}
    assert named <= _columns(route.to)


def test_each_link_fills_a_system_column_or_a_custom_field_of_its_route() -> None:
    for stream, links in links_of(preset()).items():
        for link in links:
            routes = [r for r in routes_of(preset(), link.of) if link.to in (None, r.to)]
            assert routes, stream
            for route in routes:
                wanted = {link.column, link.others, link.unless_in} - {None}
                assert wanted <= _columns(route.to) | set(route.custom), (stream, route.to)
            assert (link.column is None) != (link.as_ is None), stream


def test_every_stream_of_the_tap_is_spoken_of() -> None:
    custom = "p4242424_subscriptions"  # the customer's own object: of it only their own file can speak
    assert _unknown(preset()) == {custom, f"{custom}_company_associations"}
    assert set(NOT_CARRIED) <= set(preset().not_carried)


def _unknown(of: Preset) -> set[str]:
    lookups = {name for lookup in of.lookups.values() for name in as_list(lookup.stream)}
    streams = {message["stream"] for message in recorded() if message["type"] == "SCHEMA"}
    return streams - {*of.streams, *of.links, *of.not_carried, *lookups}


def test_every_lookup_is_one_that_there_is() -> None:
    assert set(_lookups(yaml.safe_load(_PRESET.read_text(encoding="utf-8")))) == set(preset().lookups)


def _lookups(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        fields = ("labels", "options") if "match" in node else ("lookup",)
        yield from (node[name] for name in fields if isinstance(node.get(name), str))
        for member in node.values():
            yield from _lookups(member)
    elif isinstance(node, list):
        for item in node:
            yield from _lookups(item)


def test_what_the_preset_looks_for_the_recorded_feed_has() -> None:
    """A column that is misspelled would bring nothing, and nothing would say so."""
    schemas = {m["stream"]: m["schema"]["properties"] for m in recorded() if m["type"] == "SCHEMA"}
    in_no_sample = {"hs_annual_revenue_currency_code", "hs_buying_role", "twitterhandle", "contact_names"}
    for stream, route in _routes():
        schema = schemas[stream]
        there = {*schema, *schema.get("properties", {}).get("properties", {})} | in_no_sample
        for spec in [*route.columns.values(), *route.custom.values()]:
            assert set(_sources(msgspec.to_builtins(spec))) <= there, (stream, spec)


def _sources(spec: Any) -> Iterator[str]:
    if isinstance(spec, str):
        yield spec
    elif isinstance(spec, dict):
        for name in ("from", "within", "currency", "in_home_currency"):
            if isinstance(spec.get(name), str):
                yield spec[name]
        for name in ("first_of", "all_of"):
            for item in spec.get(name) or ():
                yield from _sources(item)
        if isinstance(spec.get("else"), dict):
            yield from _sources(spec["else"])
        for end in ("by", "at"):
            yield from _sources((spec.get("signed") or {}).get(end))


def test_the_example_laid_over_it_is_valid_and_speaks_of_all_that_the_feed_has() -> None:
    own = yaml.safe_load((EXAMPLE / "my_preset.yml").read_text(encoding="utf-8"))
    built_in = yaml.safe_load(_PRESET.read_text(encoding="utf-8"))
    assert own["extends"] == "hubspot"
    merged = msgspec.convert(_laid_over(built_in, own), Preset)

    assert not _unknown(merged)
    stage = merged.streams["deals"].columns["stage"]
    assert stage.map["Closed Won"] == "Won"
    assert stage.map["Contract Sent"] == "Negotiation"


def _laid_over(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: _laid_over(below.get(key), member) for key, member in above.items()}
