"""The preset of Salesforce is a valid file; all that it names is in the recorded feed or in a workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import msgspec
import pytest
import simpleeval
import yaml

from demo.pipeline import REPOSITORY
from lightfield_api.columns import column_name
from target_lightfield.presets.preset import Preset, Route, as_list, links_of, routes_of
from tests.migrations.salesforce import records
from tests.migrations.salesforce.expected_rest import NOT_CARRIED, SKIPPED
from tests.migrations.salesforce.objects import FIELDS
from tests.migrations.salesforce.tap_run import recorded

Json = dict[str, Any]

_PRESET = REPOSITORY / "target_lightfield" / "presets" / "salesforce.yml"
_EXAMPLE = REPOSITORY / "examples" / "salesforce"
_TYPES = {
    "accounts": "account", "contacts": "contact", "opportunities": "opportunity", "tasks": "task",
    "notes": "note", "meetings": "meeting", "emails": "email", "members": "member", "lists": "list",
}  # fmt: skip
_WITHOUT_DEFINITIONS: Mapping[str, set[str]] = {
    "emails": {"message_id", "in_reply_to", "references", "body_text"},
    "list_members": {"list_id", "object_type", "record_id"},
    "object_*": {"name"},
}
_NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)


@cache
def preset() -> Preset:
    return msgspec.convert(yaml.safe_load(_PRESET.read_text(encoding="utf-8")), Preset)


def _routes() -> list[tuple[str, Route]]:
    return [(stream, route) for stream in preset().streams for route in routes_of(preset(), stream)]


@cache
def _columns(stream: str) -> frozenset[str]:
    """The system columns of one of Lightfield's streams, from the definitions that the sandbox has."""
    path = REPOSITORY / "lightfield_sandbox" / "schema" / "definitions.json"
    definitions = json.loads(path.read_text(encoding="utf-8")).get(_TYPES.get(stream), {})

    def names() -> Iterator[str]:
        for field in definitions.get("fields", ()):
            if field["key"].startswith("$") and not field.get("readOnly"):
                yield column_name(field["key"])
        for one in definitions.get("relationships", ()):
            if one["key"].startswith("$") and not one.get("readOnly"):
                yield column_name(one["key"]) + ("_id" if one["cardinality"] == "HAS_ONE" else "_ids")

    return frozenset(names()) | _WITHOUT_DEFINITIONS.get(stream, set())


@pytest.mark.parametrize(("stream", "route"), _routes(), ids=lambda value: getattr(value, "to", value))
def test_each_column_is_one_of_the_system(stream: str, route: Route) -> None:
    assert {name.partition("__")[0] for name in route.columns} <= _columns(route.to)
    assert set(route.needs_any or ()) <= _columns(route.to) | set(route.custom)


def test_each_link_fills_a_system_column_or_has_a_name_that_its_route_asks_for() -> None:
    for stream, links in links_of(preset()).items():
        for link in links:
            routes = [r for r in routes_of(preset(), link.of) if link.to in (None, r.to)]
            assert routes, stream
            for route in routes:
                wanted = {link.column, link.others, link.unless_in} - {None}
                assert wanted <= _columns(route.to) | set(route.custom), (stream, route.to)
                assert link.as_ is None or link.as_ in str(msgspec.to_builtins(route.columns))
            assert (link.column is None) != (link.as_ is None), stream


def test_every_stream_of_the_feed_is_spoken_of_once() -> None:
    of = preset()
    lookups = {name for lookup in of.lookups.values() for name in as_list(lookup.stream)}
    named = {*of.streams, *of.links, *lookups}
    routed = {name for name in named if of.streams.get(name) != "ignore"}
    for stream in {message["stream"] for message in recorded() if message["type"] == "SCHEMA"}:
        patterns = [name for name in [*of.streams, *of.not_carried] if fnmatchcase(stream, name)]
        assert stream in named or len(patterns) == 1, stream
    # A pattern for what is left out is none for what is not.
    overlooked = {
        (name, pattern) for name in routed for pattern in of.not_carried if fnmatchcase(name, pattern)
    }
    assert overlooked == {("ContentVersion", "ContentVersion")}  # for a note's place, and otherwise not
    assert set(NOT_CARRIED) <= {
        stream for stream in NOT_CARRIED for name in of.not_carried if fnmatchcase(stream, name)
    }
    assert {*of.sizes} <= {*of.not_carried}
    assert all(column in FIELDS[stream] for stream, column in of.sizes.items())


def test_every_lookup_is_one_that_there_is_and_each_but_the_stages_is_asked() -> None:
    asked = set(_named("lookup", yaml.safe_load(_PRESET.read_text(encoding="utf-8"))))
    assert asked == set(preset().lookups) - {"stages"}  # which are for the plan alone


def _named(key: str, node: Any) -> Iterator[Any]:
    """Every value of a key, wherever it is in the file."""
    if isinstance(node, dict):
        if key in node:
            yield node[key]
        for member in node.values():
            yield from _named(key, member)
    elif isinstance(node, list):
        for item in node:
            yield from _named(key, item)


def test_what_the_preset_looks_for_the_recorded_feed_has() -> None:
    """A column that is misspelled would bring nothing, and nothing would say so."""
    # In some orgs or editions only, and what customers usually call what Salesforce lacks.
    in_no_sample = {
        "MiddleName", "Suffix", "SicDesc", "NaicsCode", "DunsNumber", "YearStarted", "RecordTypeId",
        "StateCode", "TotalOpportunityQuantity", "HasOptedOutOfFax", "invited",
    }  # fmt: skip
    # Contacts and leads share their lines.
    people = {*FIELDS["Contact"], *FIELDS["Lead"]}
    for stream, route in _routes():
        there = {
            *FIELDS.get(stream, {"Name": ""}),
            *in_no_sample,
            *(people if route.to == "contacts" else ()),
        }
        for spec in [*route.columns.values(), *route.custom.values()]:
            named = {name for name in _sources(msgspec.to_builtins(spec)) if not name.endswith("__c")}
            assert named <= there, (stream, named - there)
    for lookup in preset().lookups.values():
        for stream in as_list(lookup.stream):
            names = _sources(
                lookup.value if isinstance(lookup.value, str) else msgspec.to_builtins(lookup.value)
            )
            assert {*as_list(lookup.key), *names} <= {*FIELDS[stream]}, lookup
    for stream, links in links_of(preset()).items():
        for link in links:
            assert {link.key, link.is_} <= {*FIELDS.get(stream, {"TaskId": "", "RelationId": ""})}, stream


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
        for name in ("zone", "else"):
            if isinstance(spec.get(name), dict):
                yield from _sources(spec[name])
        for end in ("by", "at"):
            yield from _sources((spec.get("signed") or {}).get(end))


def _value_of(expression: str, row: Json) -> Any:
    """What an expression comes to, by simpleeval with the functions that presets have."""
    functions: dict[str, Callable[..., Any]] = {
        "now": lambda: _NOW,
        "datetime": lambda text: datetime.fromisoformat(text.replace("Z", "+00:00")),
        "lower": lambda text: str(text or "").lower(),
        "len": lambda text: len(text or ""),
        "str": lambda value: "" if value is None else str(value),
        "int": int,
        "float": float,
        "startswith": lambda text, start: str(text or "").startswith(start),
        "contains": lambda text, part: part in (text or ""),
    }
    names = preset().choices | {name: None if value == "" else value for name, value in row.items()}

    def name_of(node: Any) -> Any:
        return names.get(node.id)

    return simpleeval.simple_eval(expression, functions=functions, names=name_of)


def _records(stream: str) -> list[Json]:
    return [m["record"] for m in recorded() if m["type"] == "RECORD" and m["stream"] == stream]


def test_every_expression_can_be_worked_out_for_every_row() -> None:
    for stream, route in _routes():
        for row in _records(stream):
            for expression in [
                *_named("expression", msgspec.to_builtins(route)),
                route.skip_when,
                route.when,
            ]:
                if expression:
                    _value_of(expression, row)
    for stream, links in links_of(preset()).items():
        for link in links:
            for row in _records(stream):
                for expression in (link.when, link.best):
                    if expression:
                        _value_of(expression, row)


@pytest.mark.parametrize("stream", ["Task", "Event", "EmailMessage"])
def test_each_row_takes_one_of_several_routes(stream: str) -> None:
    for row in _records(stream):
        taken = [r.to for r in routes_of(preset(), stream) if r.when is None or _value_of(r.when, row)]
        assert len(taken) == 1, (row["Id"], taken)


def test_what_is_skipped_is_what_must_be() -> None:
    """What else is skipped is another name of a record, or a whole stream."""
    skipped = set()
    for stream, route in _routes():
        for row in _records(stream):
            if route.skip_when and _value_of(route.skip_when, row):
                skipped.add((stream, row["Id"]))
            if row.get("IsDeleted") and stream != "CampaignMember":
                skipped.add((stream, row["Id"]))
    aliases = {("Task", records.MIRROR)}
    ignored = {key for key in SKIPPED if preset().streams.get(key[0]) == "ignore"}
    assert skipped == SKIPPED - aliases - ignored


def test_the_example_laid_over_it_is_valid() -> None:
    own = yaml.safe_load((_EXAMPLE / "my_preset.yml").read_text(encoding="utf-8"))
    assert own["extends"] == "salesforce"
    merged = msgspec.convert(_laid_over(yaml.safe_load(_PRESET.read_text(encoding="utf-8")), own), Preset)

    (route,) = routes_of(merged, "Opportunity")
    stage = msgspec.to_builtins(route.columns["stage"])
    assert stage["map"] == {"Closed Won": "Won", "Closed Lost": "Lost", "Proposal/Price Quote": "Proposal"}
    assert set(own["custom_fields"]["names"]) <= {name for f in FIELDS.values() for name in f}


def test_the_example_selects_the_streams_that_the_preset_carries() -> None:
    project = yaml.safe_load((_EXAMPLE / "meltano.yml").read_text(encoding="utf-8"))
    selected = {rule.removesuffix(".*") for rule in project["plugins"]["extractors"][0]["select"]}
    of = preset()
    lookups = {name for lookup in of.lookups.values() for name in as_list(lookup.stream)}
    carried = {*lookups, *of.links, *(name for name, route in of.streams.items() if route != "ignore")}
    assert carried - {"*__c"} <= selected


def _laid_over(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: _laid_over(below.get(key), member) for key, member in above.items()}
