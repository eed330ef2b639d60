"""A feed of another CRM through a preset: what arrives, whatever the order, and what becomes of the rest."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightfield_api.client import LightfieldClient
from lightfield_sandbox.http.server import Sandbox
from target_lightfield.presets import operations
from target_lightfield.presets.gathering import Gathering
from target_lightfield.presets.routing import Routing
from target_lightfield.presets.spool import Spool
from tests.end_to_end.workspaces import differences
from tests.target.presets.small_crm import PRESET, feed, pair, streams, thing
from tests.target.target_runs import Json, Setup, rows, state, writes

COMPARED = {
    "members": "member",
    "accounts": "account",
    "contacts": "contact",
    "opportunities": "opportunity",
    "tasks": "task",
    "notes": "note",
    "meetings": "meeting",
}
# What Lightfield makes of the attendees depends on whom it has when the meeting is created.
DERIVED = frozenset(
    {
        *(f"meeting.${other}" for other in ("contact", "account", "opportunity")),
        *(f"{other}.$meeting" for other in ("contact", "account", "opportunity")),
    }
)


@pytest.fixture
def preset(tmp_path: Path) -> str:
    path = tmp_path / "preset.yml"
    path.write_text(PRESET)
    return str(path)


@pytest.fixture
def member(empty: Sandbox) -> str:
    email: str = empty.records("member")[0]["fields"]["$email"]["value"]
    return email


def names(sandbox: Sandbox, ids: Sequence[str]) -> list[Any]:
    """The names of linked records."""
    shown = {
        record["id"]: record["fields"].get("$name", record["fields"].get("$email"))["value"]
        for kind in ("account", "contact", "member")
        for record in sandbox.records(kind)
    }
    return sorted(shown[id_] if isinstance(shown[id_], str) else shown[id_]["firstName"] for id_ in ids)


def arrived(sandbox: Sandbox, kind: str, *keys: str) -> list[list[Any]]:
    """The values, and the names behind the links, of each record of a kind."""
    found = []
    for record in sandbox.records(kind):
        shown: list[Any] = []
        for key in keys:
            if key in record["fields"]:
                shown.append(record["fields"][key]["value"])
            else:
                shown.append(names(sandbox, record["relationships"][key]["values"]))
        found.append(shown)
    return sorted(found, key=str)


def test_every_value_and_link_arrives(target: Setup, empty: Sandbox, preset: str, member: str) -> None:
    outcome = target.loaded(feed(member), preset=preset)

    assert arrived(empty, "account", "$name", "$website", "$owner", "$contact") == [
        ["Harbor North", ["https://north.example"], [], ["Maëlle"]],
        ["Harbor", ["https://harbor.example"], [], []],
        ["Kestrel", ["https://kestrel.example"], names(empty, [_member_id(empty, member)]), ["Maëlle"]],
    ]
    assert arrived(empty, "contact", "$name", "$email", "$account") == [
        [{"firstName": "Bo", "lastName": "Li"}, None, []],
        [
            {"firstName": "Maëlle", "lastName": "Le Goff"},
            ["m@kestrel.example", "maelle@x.example"],
            ["Harbor North", "Kestrel"],
        ],
    ]
    assert arrived(empty, "opportunity", "$name", "$account", "$evaluator") == [
        ["40 arms", ["Kestrel"], ["Maëlle"]]
    ]
    assert arrived(empty, "note", "$title", "$content", "$account") == [
        ["Call: Intro", "They **like** it", ["Harbor"]],
        ["First", "First\n\nsecond\n\n— Ann, 2024-01-01", ["Kestrel"]],  # by a name of a merged company
    ]
    assert arrived(empty, "meeting", "$title", "$endDate", "$attendeeEmails") == [
        ["Kick-off", "2024-05-01T10:30:00.000Z", ["m@kestrel.example", "maelle@x.example"]]
    ]
    assert arrived(empty, "task", "$title", "$dueAt") == [["To come", "2099-05-01T10:00:00.000Z"]]
    assert outcome.count("opportunities") == {"created": 1, "waiting": 1}  # one has no company
    assert outcome.count("leads") == {"skipped": 1}
    assert outcome.state == {"all": "read"}
    assert target.rejects() == []


def _member_id(sandbox: Sandbox, email: str) -> str:
    [found] = [r["id"] for r in sandbox.records("member") if r["fields"]["$email"]["value"] == email]
    return str(found)


def test_the_same_feed_again_costs_no_write(target: Setup, empty: Sandbox, preset: str, member: str) -> None:
    target.loaded(feed(member), preset=preset)
    with target.counting() as seen:
        outcome = target.loaded(feed(member), preset=preset)
    assert writes(seen) == 0
    assert outcome.count("accounts") == {"unchanged": 3}


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 15))
def test_no_order_of_streams_and_no_split_into_two_runs_changes_the_end(
    start_sandbox: Callable[..., Sandbox], tmp_path_factory: pytest.TempPathFactory, seed: int, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("order")
    (folder / "preset.yml").write_text(PRESET)
    whole, other = start_sandbox(empty=True), start_sandbox(empty=True)
    member = whole.records("member")[0]["fields"]["$email"]["value"]
    parts = list(streams(member).items())
    Setup(whole, folder / "whole", preset=str(folder / "preset.yml")).loaded(feed(member))

    random.Random(seed).shuffle(parts)
    target = Setup(other, folder / "other", preset=str(folder / "preset.yml"))
    for run in (parts[:cut], parts[cut:]):
        target.loaded([*(m for _, messages in run for m in messages), state(run=len(run))])

    found = differences(whole, other, COMPARED, DERIVED)
    assert found == {}, ([name for name, _ in parts], cut)


def test_a_deal_is_written_when_a_later_run_brings_its_company(
    target: Setup, empty: Sandbox, preset: str, member: str
) -> None:
    target.loaded(feed(member), preset=preset)
    brought = rows("deal_company", pair("10", "2"), key=("from_id", "to_id", "kind"))
    outcome = target.loaded(brought, preset=preset)
    assert outcome.count("opportunities") == {"created": 1}
    assert ["No company", ["Harbor"]] in arrived(empty, "opportunity", "$name", "$account")
    with target.counting() as seen:
        target.loaded(brought, preset=preset)
    assert writes(seen) == 0


def test_a_link_row_alone_updates_a_record_and_costs_nothing_when_it_comes_again(
    target: Setup, empty: Sandbox, preset: str, member: str
) -> None:
    target.loaded(feed(member), preset=preset)
    more = rows("note_company", pair("51", "499"), pair("51", "3"), key=("from_id", "to_id", "kind"))
    assert target.loaded(more, preset=preset).count("notes") == {"updated": 1}
    assert ["First", ["Harbor North", "Kestrel"]] in arrived(empty, "note", "$title", "$account")
    with target.counting() as seen:
        target.loaded(more, preset=preset)
    assert writes(seen) == 0


def test_a_planned_meeting_that_took_place_is_a_meeting_and_its_task_is_done(
    target: Setup, empty: Sandbox, preset: str, member: str
) -> None:
    target.loaded(feed(member), preset=preset)
    over = rows("meetings", thing("72", title="To come", start="2024-06-01T10:00:00Z", owner="7"))
    outcome = target.loaded(over, preset=preset)
    assert outcome.count("meetings") == {"created": 1}
    assert outcome.count("tasks") == {"updated": 1}
    [task] = empty.records("task")
    options = {o["id"]: o["label"] for o in _options(empty, "tasks", "$status")}
    assert options[task["fields"]["$status"]["value"]].upper().startswith("COMPLETE")


def _options(sandbox: Sandbox, stream: str, key: str) -> list[Json]:
    with LightfieldClient(sandbox.key, api_url=sandbox.url) as client:
        found: list[Json] = client.read(stream, "definitions")["fieldDefinitions"][key]["typeConfiguration"][
            "options"
        ]
        return found


def _write(number: int) -> tuple[Any, str, int]:
    return LightfieldClient, "write", number


AT_A_WRITE = [_write(number) for number in range(0, 10, 2)]
ANYWHERE = [
    _write(1),
    _write(9),  # the last one
    (Spool, "add", 7),  # while the feed comes
    (Gathering, "end", 0),  # between the two phases
    (Routing, "load", 5),  # while rows are translated
]


@pytest.mark.parametrize("is_changed", [False, True], ids=["the same feed", "a changed feed"])
def test_a_run_that_dies_anywhere_ends_the_same_when_it_is_run_again(
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    preset: str,
    monkeypatch: pytest.MonkeyPatch,
    is_changed: bool,
) -> None:
    whole = start_sandbox(empty=True)
    member = whole.records("member")[0]["fields"]["$email"]["value"]
    again = changed(feed(member)) if is_changed else feed(member)
    unkilled = target_of(whole, "whole", preset=preset)
    for messages in (feed(member), again):
        unkilled.loaded(messages)
    for place, (owner, name, number) in enumerate(ANYWHERE if is_changed else AT_A_WRITE):
        sandbox = start_sandbox(empty=True)
        target = target_of(sandbox, f"killed_{place}", preset=preset)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, dying(getattr(owner, name), number))
            with suppress(KeyboardInterrupt):
                assert target.load(feed(member)).status != 0, f"{name} number {number} was none"
        target.loaded(again)
        assert differences(whole, sandbox, COMPARED, DERIVED) == {}, (name, number)
        assert left_over(target) == left_over(unkilled), (name, number)


def dying(method: Any, number: int) -> Any:
    """A method that does what it does, and at the call of this number, from 0, ends the program after it."""
    left = iter(range(number))

    def dies(*arguments: Any, **options: Any) -> Any:
        answer = method(*arguments, **options)
        if next(left, None) is None:
            raise KeyboardInterrupt
        return answer

    return dies


def changed(messages: Sequence[Json]) -> list[Json]:
    """The feed as it is when it is read again: a company is called otherwise, a person has lost an email."""
    text = json.dumps(messages).replace("Harbor North", "Harbor South").replace(";maelle@x.example", "")
    found: list[Json] = json.loads(text)
    return found


def left_over(target: Setup) -> list[str]:
    return sorted(json.dumps(line, sort_keys=True) for line in target.left_over())


def test_a_dry_run_foresees_the_counts(target: Setup, empty: Sandbox, preset: str, member: str) -> None:
    with target.counting() as seen:
        foreseen = target.loaded(feed(member), preset=preset, dry_run=True)
    assert writes(seen) == 0
    assert foreseen.states == []
    outcome = target.loaded(feed(member), preset=preset)
    assert foreseen.counts == outcome.counts


def test_a_stream_that_the_preset_does_not_name_ends_the_run_and_says_what_to_do(
    target: Setup, preset: str
) -> None:
    outcome = target.load(rows("compnies", thing("1", name="A")), preset=preset)
    assert "compnies" in outcome.error
    assert "companies" in outcome.error
    assert "preset" in outcome.error
    assert outcome.states == []
    ignored = target.loaded(rows("compnies", thing("1")), preset=preset, unknown_streams="ignore")
    assert ignored.count("compnies") == {"skipped": 1}


def test_columns_that_are_found_by_their_label_take_no_memory_with_each_row(
    target: Setup, empty: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "own.yml"
    path.write_text(
        "preset: 1\ncustom_fields: {match: label}\nstreams: {firms: {to: accounts, columns: {name: name}}}\n"
    )

    def known_for(number: int) -> int:
        before = len(operations._KNOWN)
        firms = ({"id": str(n), "name": f"Firm {n}", "account_plan": f"Plan {n}"} for n in range(number))
        target.loaded(rows("firms", *firms), preset=str(path))
        return len(operations._KNOWN) - before

    few = known_for(2)
    assert known_for(20) <= few
    plans = [one["fields"]["account-plan"]["value"] for one in empty.records("account")]
    assert sorted(plans) == sorted(f"Plan {n}" for n in range(20))
