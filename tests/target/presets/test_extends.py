"""A file that extends a preset says only what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from target_lightfield.errors import TargetError
from target_lightfield.presets.column import Column
from target_lightfield.presets.merging import merged, without_nulls
from target_lightfield.presets.preset import Route, links_of, routes_of
from target_lightfield.presets.reading import read_preset
from target_lightfield.presets.yaml_tree import Node
from tests.target.presets.preset_files import BASE, built_in, read


def changed(folder: Path, text: str) -> dict[str, Any]:
    """Return the columns of deals as a file makes them of the base."""
    preset = read(folder, f"extends: acme\nstreams: {{deals: {{columns: {text}}}}}\n", acme=BASE)
    [route] = routes_of(preset, "deals")
    assert route.to == "opportunities"
    return dict(route.columns)


def test_a_file_of_its_own_is_the_preset_with_what_it_changes(tmp_path: Path) -> None:
    base = read_preset("acme", built_in(tmp_path / "built_in", acme=BASE))

    preset = read(
        tmp_path, "extends: acme\ntime_zone: Europe/Berlin\nstreams: {meetings: ignore}\n", acme=BASE
    )

    assert (preset.preset, preset.extends, preset.time_zone) == (1, "acme", "Europe/Berlin")
    assert preset.streams == {**base.streams, "meetings": "ignore"}
    assert (preset.lookups, preset.links) == (base.lookups, base.links)


def test_null_takes_away_and_in_a_map_it_is_a_value(tmp_path: Path) -> None:
    columns = changed(tmp_path, "{owner_id: null, stage: {lookup: null, map: {Lost: null}}}")

    assert columns == {
        "name": "dealname",
        "stage": Column(from_="dealstage", map={"Closed Won": "Won", "Lost": None}),
    }


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("{else: Unnamed}", Column(from_="dealname", else_="Unnamed")),
        ("{first_of: [a, b]}", Column(first_of=["a", "b"])),
        ("other", "other"),
    ],
)
def test_a_line_can_be_changed_whichever_form_it_has(tmp_path: Path, said: str, name: object) -> None:
    assert changed(tmp_path, f"{{name: {said}}}")["name"] == name


def test_a_source_takes_the_place_of_the_source_and_leaves_the_rest(tmp_path: Path) -> None:
    columns = changed(tmp_path, "{stage: {value: Won}, owner_id: own}")

    assert columns["stage"] == Column(value="Won", lookup="stages", map={"Closed Won": "Won"})
    assert columns["owner_id"] == "own"


@pytest.mark.parametrize(
    "change", ["{to: tasks, columns: {description: d}}", "[{to: tasks, columns: {description: d}}]"]
)
def test_an_entry_changes_the_route_to_the_same_stream(tmp_path: Path, change: str) -> None:
    preset = read(tmp_path, f"extends: acme\nstreams: {{meetings: {change}}}\n", acme=BASE)

    before, after = routes_of(preset, "meetings")
    assert before.columns == {"title": "subject"}
    assert after == Route(
        "tasks", when="datetime(ends) > now()", columns={"title": "subject", "description": "d"}
    )


def test_an_entry_to_another_stream_is_a_further_route(tmp_path: Path) -> None:
    preset = read(
        tmp_path, "extends: acme\nstreams: {deals: [{to: notes, columns: {title: n}}]}\n", acme=BASE
    )

    assert [route.to for route in routes_of(preset, "deals")] == ["opportunities", "notes"]


def test_of_several_routes_to_one_stream_that_with_the_same_when_is_meant(tmp_path: Path) -> None:
    base = BASE.replace("- to: meetings", "- to: tasks")
    change = "{to: tasks, when: datetime(ends) <= now(), columns: {title: t}}"

    preset = read(tmp_path, f"extends: acme\nstreams: {{meetings: {change}}}\n", acme=base)

    assert [route.columns["title"] for route in routes_of(preset, "meetings")] == ["t", "subject"]


@pytest.mark.parametrize("change", ["{skip_when: x}", "[{skip_when: x}]"])
def test_an_entry_that_could_change_several_routes_is_refused(tmp_path: Path, change: str) -> None:
    with pytest.raises(
        TargetError, match=r"my\.yml:2: streams\.meetings: the preset has 2 of these\. Say by `to`"
    ):
        read(tmp_path, f"extends: acme\nstreams: {{meetings: {change}}}\n", acme=BASE)


def test_further_links_of_a_stream_can_be_added(tmp_path: Path) -> None:
    text = """\
extends: acme
links:
  deal_companies:
  - {of: companies, column: partner_ids, key: to_id, record: deals, is: from_id}
  - {of: deals, column: account_id, best: x}
"""

    preset = read(tmp_path, text, acme=BASE)

    first, second = links_of(preset)["deal_companies"]
    assert (first.of, first.best, first.record) == ("deals", "x", "companies")
    assert second.of == "companies"


def test_what_is_wrong_is_said_of_the_file_that_says_it(tmp_path: Path) -> None:
    with pytest.raises(
        TargetError, match=r"/my\.yml:3: streams\.deals\.columns\.nam\.lookup: there is no lookup"
    ):
        read(
            tmp_path, "extends: acme\nstreams:\n  deals: {columns: {nam: {from: a, lookup: x}}}\n", acme=BASE
        )
    with pytest.raises(TargetError, match=r"^acme\.yml:11: streams\.companies\.to: there is no stream"):
        read(tmp_path, "extends: acme\n", acme=BASE.replace("to: accounts", "to: acounts"))


def test_a_preset_that_nobody_knows_is_said_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        TargetError, match=r"my\.yml:1: extends: there is no built-in preset 'acm'\. Nearest: 'acme'"
    ):
        read(tmp_path, "extends: acm\n", acme=BASE)


def test_a_preset_can_extend_one_that_extends_another_but_not_itself(tmp_path: Path) -> None:
    preset = read(tmp_path, "extends: b\n", a=BASE, b="extends: a\nseparator: ','\n")
    assert (preset.name, preset.separator) == ("Acme CRM", ",")

    with pytest.raises(TargetError, match=r"can't extend itself: .*my\.yml extends a extends b extends a"):
        read(tmp_path, "extends: a\n", a="extends: b\n", b="extends: a\n")


NAMES = st.sampled_from(["name", "stage", "amount"])
COLUMNS = st.one_of(
    NAMES,
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "from": st.one_of(NAMES, st.none()),
            "value": st.one_of(st.integers(0, 3), st.none()),
            "all_of": st.lists(NAMES, max_size=2),
            "map": st.dictionaries(NAMES, st.one_of(st.none(), st.booleans()), max_size=3),
            "else": st.one_of(NAMES, st.none(), st.fixed_dictionaries({"from": NAMES})),
        },
    ),
)
ROUTES = st.fixed_dictionaries(
    {"to": st.sampled_from(["notes", "tasks"]), "when": st.sampled_from(["a", "b"])},
    optional={"columns": st.one_of(st.none(), st.dictionaries(NAMES, COLUMNS, max_size=3))},
)
DISTINCT = st.lists(ROUTES, max_size=3, unique_by=lambda route: (route["to"], route["when"]))
STREAMS = st.one_of(st.none(), st.just("ignore"), ROUTES, DISTINCT)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "time_zone": st.one_of(NAMES, st.none()),
        "ignore": st.one_of(st.lists(NAMES, max_size=2), st.none()),
        "streams": st.one_of(st.none(), st.dictionaries(NAMES, STREAMS, max_size=3)),
    },
)


def node(value: Any) -> Node:
    if isinstance(value, dict):
        return Node({key: node(one) for key, one in value.items()}, "it", 1)
    return Node([node(one) for one in value] if isinstance(value, list) else value, "it", 1)


def onto(base: Any, over: Any) -> Any:
    return without_nulls(merged(node(base), node(over))).plain()


@settings(deadline=None, derandomize=True)
@given(FILES, FILES)
def test_to_change_a_preset_twice_in_the_same_way_is_to_change_it_once(base: Any, over: Any) -> None:
    once = onto(base, over)

    assert onto(once, over) == once


@settings(deadline=None, derandomize=True)
@given(FILES, FILES)
def test_what_is_null_can_be_taken_away_before_or_after(base: Any, over: Any) -> None:
    assert onto(without_nulls(node(base)).plain(), over) == onto(base, over)


@settings(deadline=None, derandomize=True)
@given(FILES)
def test_a_file_that_says_nothing_changes_nothing_and_one_onto_nothing_is_itself(file: Any) -> None:
    whole = without_nulls(node(file)).plain()

    assert onto(file, {}) == whole
    assert onto({}, file) == whole


@settings(deadline=None, derandomize=True)
@given(FILES, FILES)
def test_what_a_file_does_not_name_stays(base: Any, over: Any) -> None:
    after = onto(base, over)

    kept = {key: value for key, value in without_nulls(node(base)).plain().items() if key not in over}
    assert {key: after[key] for key in kept} == kept
