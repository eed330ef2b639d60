"""What is left over: kept in the id map from run to run, and told in a file, the log and the report."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.postgres import postgres as postgres_server
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.left_over import LOADER
from target_lightfield.id_map.migrations import VERSION
from target_lightfield.reporting.left_over import LeftOver, LeftOverKind
from tests.target.target_runs import Setup, rows, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

HOSTILE = '<script>alert("x")</script>\u2028\x85\n\u202eevil\x00\ud800 &amp; Ä\U0001f600'


@pytest.fixture
def lenient(empty: Sandbox, target_of: Callable[..., Setup]) -> Setup:
    return target_of(empty, bad_values="leave_out")


def path_of(target: Setup) -> Path:
    return Path(target.config["left_over_path"])


def account(number: int, tier: Any = None, **more: Any) -> Json:
    return {"id": number, "name": f"A{number}", "custom_tier": tier, **more}


def test_without_any_there_is_no_file(target: Setup) -> None:
    outcome = target.loaded(rows("accounts", account(1)))
    assert not path_of(target).exists()
    assert "left over" not in outcome.log


def test_each_is_in_a_private_file_until_it_is_no_more(lenient: Setup, tmp_path: Path) -> None:
    report = str(tmp_path / "report")
    outcome = lenient.loaded(
        rows("accounts", account(1, "Nope", custom_arr="x"), account(2, "Nope")), report_path=report
    )

    assert stat.S_IMODE(path_of(lenient).stat().st_mode) == 0o600
    lines = lenient.left_over()
    assert [(one["key"], one["column"], one["value"], one["kind"]) for one in lines] == [
        ("1", "custom_arr", "x", "bad_value"),
        ("1", "custom_tier", "Nope", "no_option"),
        ("2", "custom_tier", "Nope", "no_option"),
    ]
    assert list(lines[0]) == ["stream", "key", "column", "value", "why", "kind"]
    assert "no option has this id or label" in lines[1]["why"]
    said = f"custom_tier (2, no option), custom_arr (1, bad value); {path_of(lenient)} has them"
    assert f"accounts: 3 values left over: {said}" in outcome.log
    told = json.loads(Path(f"{report}.json").read_text())
    assert told["objects"]["accounts"]["left_over"] == told["left_over"]["count"] == 3
    assert told["left_over"]["groups"][0] == {
        "stream": "accounts",
        "column": "custom_tier",
        "kind": "no_option",
        "about": "Tier",
        "advice": LeftOverKind.NO_OPTION.advice,
        "count": 2,
        "examples": [{"key": key, "value": "Nope", "why": lines[1]["why"]} for key in ("1", "2")],
    }

    lenient.loaded(rows("accounts", account(1), account(2)), report_path=report)
    assert not path_of(lenient).exists()
    assert json.loads(Path(f"{report}.json").read_text())["left_over"] == {"count": 0, "groups": []}


def test_the_file_has_what_earlier_runs_left_over_too(lenient: Setup) -> None:
    lenient.loaded(rows("accounts", account(1, "Nope")))
    path_of(lenient).unlink()
    lenient.loaded(rows("accounts", account(2, "Neither")))
    assert [one["value"] for one in lenient.left_over()] == ["Nope", "Neither"]


def test_a_dry_run_says_what_would_be_and_keeps_nothing(lenient: Setup) -> None:
    lenient.loaded(rows("accounts", account(1, "Nope")), dry_run=True)
    assert [one["value"] for one in lenient.left_over()] == ["Nope"]
    lenient.loaded(rows("accounts", account(2)))
    assert lenient.left_over() == []


def test_a_run_that_fails_writes_it_too(lenient: Setup) -> None:
    outcome = lenient.load(rows("accounts", account(1, "Nope")), rows("nobodys", {"id": 1}))
    assert "nobodys" in outcome.error
    assert [one["value"] for one in lenient.left_over()] == ["Nope"]


def test_it_is_kept_before_a_state_speaks_of_its_row(lenient: Setup) -> None:
    outcome = lenient.loaded(rows("accounts", account(1, "Nope")), state(done=1))
    assert outcome.state == {"done": 1}
    assert len(lenient.table("lightfield_left_over")) == 1


@pytest.mark.parametrize("value", [HOSTILE, 10**400, 1.5, True, [None, {"a": [HOSTILE]}], {HOSTILE: None}])
def test_values_of_any_kind_come_back_as_they_were(lenient: Setup, tmp_path: Path, value: Any) -> None:
    report = tmp_path / "report"
    lenient.loaded(rows("accounts", account(1, custom_renewal_date=value)), report_path=str(report))

    [one] = lenient.left_over()
    assert one["value"] == value
    assert path_of(lenient).read_bytes().count(b"\n") == 1
    assert len(path_of(lenient).read_text(encoding="utf-8").splitlines()) == 1
    page = report.with_suffix(".html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "\u202e" not in page
    texts = "".join(ElementTree.fromstring(page.partition("\n")[2]).itertext())
    assert "What is left over" in texts
    json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))


def test_it_is_another_file_than_the_runs_others(lenient: Setup, tmp_path: Path) -> None:
    feed = rows("accounts", account(1, "Nope"))
    source = tmp_path / "feed.jsonl"
    source.write_text("".join(json.dumps(message) + "\n" for message in feed))
    for other in (
        {"left_over_path": str(lenient.rejects_path)},
        {"left_over_path": str(tmp_path / "r.json"), "report_path": str(tmp_path / "r")},
        {"left_over_path": str(tmp_path / "r.html"), "report_path": str(tmp_path / "r.json")},
        {"left_over_path": str(source)},
        {"left_over_path": str(tmp_path)},
    ):
        outcome = lenient.load(source=source, **other)
        assert str(other["left_over_path"]) in outcome.error
    assert Workspace(lenient.sandbox).all("accounts") == []


def test_a_file_of_something_else_is_left_as_it_is(lenient: Setup) -> None:
    path_of(lenient).write_text("my diary\n")
    outcome = lenient.load(rows("accounts", account(1, "Nope")))
    assert "there is something else of that name" in outcome.error
    assert path_of(lenient).read_text() == "my diary\n"


def test_where_it_can_not_be_written_the_run_fails_and_the_next_one_writes_it(
    lenient: Setup, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    outcome = lenient.load(rows("accounts", account(1, "Nope")), left_over_path=str(tmp_path / "file" / "x"))
    assert "can't be written" in outcome.error
    lenient.loaded(rows("accounts", account(1, "Nope")))
    assert len(lenient.left_over()) == 1


def test_what_becomes_of_a_row_takes_its_values_along(lenient: Setup) -> None:
    deleted = {"_sdc_deleted_at": "2026-01-01T00:00:00Z"}
    ends: list[tuple[Json, Json]] = [
        (deleted, {"delete_mode": "ignore"}),
        (deleted, {"delete_mode": "trash"}),
        ({"custom_tier": "Neither"}, {"mode": "create_only"}),
        ({"name": {"no": "text"}}, {"bad_values": "reject", "max_rejects": 9}),
    ]
    for number, (end, config) in enumerate(ends):
        row = account(number, "Nope")
        lenient.loaded(rows("accounts", row))
        assert len(lenient.left_over()) == 1
        lenient.loaded(rows("accounts", {**row, **end}), **config)
        assert lenient.left_over() == []


def test_an_id_map_of_the_release_before_goes_on(lenient: Setup) -> None:
    messages = rows("accounts", account(1))
    lenient.loaded(messages)
    with lenient.database() as database:
        database.execute("DROP TABLE lightfield_left_over")
        database.execute("UPDATE lightfield_id_map SET version = 5")

    assert lenient.loaded(messages).count("accounts") == {"unchanged": 1}
    lenient.loaded(rows("accounts", account(1, "Nope")))
    assert len(lenient.left_over()) == 1
    assert lenient.table("lightfield_id_map") == [{"version": VERSION}]


def item(stream: str, key: str, value: Any, column: str = "c", about: str | None = None) -> LeftOver:
    return LeftOver(stream, key, column, value, f"why {value!r}", LeftOverKind.BAD_VALUE, about)


def assert_it_keeps_what_it_is_told(id_map: IdMap) -> None:
    table = id_map.left_over
    keys = ["1", "10", "é", "\x00", "\ud800", "x" * 501, "_"]
    for key in keys:
        for origin in ("route 0", f"{LOADER} a", f"{LOADER} b"):
            table.replace("s", key, origin, [item("s", key, n, HOSTILE, "F") for n in range(2)])
    assert sum(1 for _ in table.values()) == len(keys) * 6
    table.replace("s", "1", "route 0", [])
    table.replace("s", "1", f"{LOADER} a", [item("s", "1", {"a": None})], at_once=True)
    table.replace("t", "1", f"{LOADER} a", [item("t", "1", n) for n in range(1200)])

    found = list(table.values())
    assert len(found) == len(keys) * 6 - 3 + 1200
    assert {one.key for one in found} == set(keys)
    assert [one.value for one in found if one.stream == "t"] == list(range(1200))
    counted = list(table.count_by())
    assert [(one.stream, one.column, one.about, one.number) for one in counted] == [
        ("t", "c", None, 1200),
        ("s", HOSTILE, "F", len(keys) * 6 - 4),
        ("s", "c", None, 1),
    ]
    assert [len(one.examples) for one in counted] == [3, 3, 1]
    assert counted[2].examples[0].value == {"a": None}


def test_it_keeps_what_it_is_told(tmp_path: Path) -> None:
    with closing(IdMap(f"sqlite:///{tmp_path / 'id_map.db'}")) as id_map:
        assert_it_keeps_what_it_is_told(id_map)
    with closing(IdMap(f"sqlite:///{tmp_path / 'id_map.db'}")) as id_map:
        assert len(list(id_map.left_over.values())) > 1200
        id_map.left_over.replace("t", "1", f"{LOADER} a", [])
        assert all(one.stream == "s" for one in id_map.left_over.values())


@pytest.fixture
def postgres() -> Iterator[str]:
    with postgres_server() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE left_over")
        yield server.sqlalchemy_url.replace("@/postgres?", "@/left_over?")


@pytest.mark.slow
def test_so_it_does_on_postgres(postgres: str) -> None:
    with closing(IdMap(postgres)) as id_map:
        assert_it_keeps_what_it_is_told(id_map)


_WRITES = st.tuples(
    st.sampled_from(["a", "b"]),
    st.sampled_from(["preset", "loader x"]),
    st.lists(st.integers(0, 3), max_size=2),
    st.booleans(),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.lists(_WRITES, max_size=12))
def test_the_last_that_was_said_of_a_row_counts(
    writes: list[tuple[str, str, list[int], bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected: dict[tuple[str, str], list[int]] = {}
    url = f"sqlite:///{tmp_path_factory.mktemp('map') / 'id_map.db'}"
    for part in (writes[: len(writes) // 2], writes[len(writes) // 2 :]):
        with closing(IdMap(url)) as id_map:
            for key, origin, found, at_once in part:
                expected[key, origin] = found
                id_map.left_over.replace(
                    "s", key, origin, [item("s", key, n) for n in found], at_once=at_once
                )
            id_map.left_over.flush()
            kept = [(one.key, one.value) for one in id_map.left_over.values()]
    every = [(key, n) for (key, _), found in expected.items() for n in found]
    assert sorted(kept) == sorted(every)
