"""The id map: what survives a crash, who may use it, and what is known of creates without an answer."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import sqlalchemy as sa

from demo.postgres import Postgres
from demo.postgres import postgres as postgres_server
from target_lightfield.errors import TargetError
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Link, Mapped, Source, StartedUpload, State
from tests.target.target_runs import Setup, feed, rows, state, write_requests
from tests.target.undo_runs import runs, undone
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


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
    first.communicate(timeout=300)

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


def test_a_database_that_no_run_can_have_for_itself_is_refused(target: Setup) -> None:
    outcome = target.load(rows("accounts", {"id": "1", "name": "A"}), id_map="mysql+pymysql://u:p@h/x")
    assert "it has to be an SQLite file or a Postgres database" in outcome.error


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
            id_map.waiting.keep(Source(stream, key, ("id",)), {"id": key})

    for stream in (None, "contacts"):
        seen = []
        for number, (source, row) in enumerate(id_map.waiting.rows(stream)):
            seen.append((source.stream, source.key))
            assert (source.key, source.key_properties) == (row["id"], ("id",))
            if stream:
                what = number % 3
                if what == 0:
                    id_map.release(source)
                elif what == 1:
                    id_map.waiting.keep(source, {**row, "again": True})
                else:
                    mapped = Mapped(source.key, State.ADOPTED, created=True)
                    id_map.settle(source, "contact", mapped, [Link("$x", "y")])
        streams = [stream] if stream else ["contacts", "Tasks"]
        assert len(seen) == len(keys) * len(streams)
        assert set(seen) == {(name, key) for name in streams for key in keys}

    assert id_map.waiting.count() == len(keys) + len(keys) // 3
    links = list(id_map.waiting.links())
    assert len(links) == len(set(links)) == len(keys) // 3


def test_what_waits_is_read_once_whatever_becomes_of_it_meanwhile(tmp_path: Path) -> None:
    with closing(IdMap(f"sqlite:///{tmp_path / 'id_map.db'}")) as id_map:
        assert_what_waits_is_read_once_whatever_becomes_of_it(id_map)


def test_what_waits_as_it_did_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "id_map.db"
    with closing(IdMap(f"sqlite:///{path}")) as id_map:
        source = Source("contacts", "1", ("id",))
        id_map.waiting.keep(source, {"id": 1})
        before = Path(f"{path}-wal").stat().st_size

        id_map.waiting.keep(source, {"id": 1})
        assert Path(f"{path}-wal").stat().st_size == before
        id_map.waiting.keep(source, {"id": 1, "name": "new"})
        assert [row for _, row in id_map.waiting.rows()] == [{"id": 1, "name": "new"}]


_OF_VERSION_2 = (Path(__file__).parent / "id_map_of_version_2.sql").read_text()
"""The statements of an id map that has one of everything, as releases before states wrote it."""


def assert_it_means_the_same(id_map: IdMap) -> None:
    """Hold what is known of each row of that id map against what it was written for."""

    def mapped(stream: str, key: str) -> tuple[str, State, bool, str]:
        found = id_map.get(Source(stream, key))
        assert found is not None
        return found.record_id, found.state, found.created, found.payload_hash

    assert id_map.belongs_to({"account.$name": "ad_1"})
    assert mapped("contacts", "written") == ("con_written", State.WRITTEN, True, "1f" * 32)
    assert mapped("contacts", "adopted") == ("con_adopted", State.ADOPTED, False, "")
    assert mapped("contacts", "unfinished") == ("con_unfinished", State.UNFINISHED, True, "")
    assert mapped("contacts", "trashed") == ("con_trashed", State.TRASHED, True, "")
    assert mapped("contacts", "gone") == ("con_gone", State.GONE, False, "")
    assert mapped("contacts", "merged") == ("con_merged", State.MERGED, False, "")
    assert mapped("contacts", "merged and gone") == ("con_merged_and_gone", State.MERGED_AND_GONE, True, "")
    assert mapped("list_members", "member") == ("lst_1/con_member", State.ON, False, "")
    assert mapped("list_members", "leaver") == ("lst_1/con_leaver", State.LEAVING, False, "")
    assert mapped("list_members", "left") == ("lst_1/con_left", State.OFF, False, "")
    assert mapped("emails", "mail") == ("<1@mail.example>", State.WRITTEN, False, "2e" * 32)
    assert mapped("files", "old") == ("fil_1", State.WRITTEN, True, "3d" * 32)
    begun = id_map.begun.started_create(Source("accounts", "begun"))
    assert begun is not None
    assert (begun.idempotency_key, begun.body) == ("4c" * 32, {"fields": {"$name": "Begun"}})
    assert begun.started_at == datetime(2026, 11, 20, 8, 30, tzinfo=timezone.utc)
    assert id_map.begun.started_create(Source("files", "begun")) is None
    assert id_map.begun.started_upload(Source("files", "begun")) == StartedUpload("fil_2", "5b" * 32)
    assert list(id_map.waiting.links()) == [(Source("contacts", "linking"), Link("$account", "later"))]
    assert list(id_map.waiting.rows()) == [
        (Source("opportunities", "held"), {"id": "held", "account_id": "later"})
    ]
    assert [id_map.find("contact", key) for key in ("written", "merged", "trashed", "gone")] == [
        "con_written", "con_merged", None, None,
    ]  # fmt: skip
    assert id_map.find_gone("contact", "merged and gone") == "con_merged_and_gone"
    assert id_map.journal.runs() == []


def test_an_id_map_of_earlier_releases_means_the_same(tmp_path: Path) -> None:
    path = tmp_path / "id_map.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_OF_VERSION_2)

    with closing(IdMap(f"sqlite:///{path}", dry_run=True)) as id_map:
        assert_it_means_the_same(id_map)
    with closing(sqlite3.connect(path)) as database:  # of which a dry run keeps nothing
        assert "\n".join(database.iterdump()).strip() == _OF_VERSION_2.strip()
    for _ in range(2):
        with closing(IdMap(f"sqlite:///{path}")) as id_map:
            assert_it_means_the_same(id_map)


def test_a_row_that_the_source_has_deleted_stays_so_whatever_becomes_of_its_record(tmp_path: Path) -> None:
    deleted, merged = Source("contacts", "deleted"), Source("contacts", "merged")
    with closing(IdMap(f"sqlite:///{tmp_path / 'id_map.db'}")) as id_map:
        id_map.settle(deleted, "contact", Mapped("con_1", State.TRASHED, created=True))
        id_map.settle(merged, "contact", Mapped("con_1", State.MERGED, created=False))

        id_map.restate("contact", ["con_1"], State.GONE)

        assert id_map.get(deleted) == Mapped("con_1", State.TRASHED, created=True)
        assert id_map.get(merged) == Mapped("con_1", State.MERGED_AND_GONE, created=False)


def test_an_id_map_of_a_later_release_is_left_alone(target: Setup) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "A"}))
    with closing(sqlite3.connect(target.id_map_path)) as database, database:
        database.execute("UPDATE lightfield_id_map SET version = 99")

    outcome = target.load(rows("accounts", {"id": "1", "name": "B"}))

    assert "a later release of target-lightfield has written it; update this one" in outcome.error


def test_a_run_goes_on_from_an_id_map_of_earlier_releases(target: Setup, workspace: Workspace) -> None:
    feed_ = [
        rows("accounts", {"id": "a", "name": "A"}, {"id": "b", "name": "B"}),
        rows("contacts", {"id": "c", "email": ["c@x.example"], "account_ids": ["a"]}),
    ]
    target.loaded(*feed_)
    with closing(sqlite3.connect(target.id_map_path)) as database, database:
        database.execute("ALTER TABLE lightfield_records DROP COLUMN state")
        database.execute("DROP TABLE lightfield_id_map")

    with target.counting() as seen:
        outcome = target.loaded(*feed_)

    assert write_requests(seen) == 0
    assert (outcome.count("accounts"), outcome.count("contacts")) == ({"unchanged": 2}, {"unchanged": 1})
    assert sorted(workspace.values("accounts", "$name")) == ["A", "B"]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server() as server:  # which waits longer than the package's own start, on a busy machine
        yield server


class TestOnPostgres:
    @pytest.fixture
    def postgres(
        self, server: Postgres, empty: Sandbox, target_of: Callable[..., Setup], tmp_path: Path
    ) -> Setup:
        name = f"map_{abs(hash(tmp_path))}"
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return target_of(empty, id_map=server.sqlalchemy_url.replace("@/postgres?", f"@/{name}?"))

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
    def test_a_load_is_undone_by_its_journal(self, postgres: Setup, workspace: Workspace) -> None:
        contact = workspace.contact("c@x.example")
        postgres.loaded(
            rows("accounts", {"id": "a", "name": "\u00e9"}),
            rows("contacts", {"id": "c", "email": "c@x.example", "title": "CEO", "account_ids": ["a"]}),
        )

        undone(postgres)

        assert workspace.all("accounts") == []
        assert workspace.value("contacts", contact, "$title") is None
        assert [(run["kind"], run["writes"]) for run in runs(postgres)] == [("undo", 2), ("load", 2)]

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

    @pytest.mark.slow
    def test_an_id_map_of_earlier_releases_means_the_same(self, postgres: Setup) -> None:
        engine = sa.create_engine(postgres.config["id_map"])
        of_postgres = _OF_VERSION_2.replace("DATETIME", "TIMESTAMPTZ")
        of_postgres = re.sub(r",([01])\);", lambda found: f",{bool(int(found[1]))});", of_postgres)
        of_postgres = of_postgres.replace("08:30:00.000000'", "08:30:00+00'")
        with engine.begin() as connection:
            for statement in of_postgres.split(";\n")[1:-1]:
                connection.exec_driver_sql(statement)
        engine.dispose()

        for _ in range(2):
            with closing(IdMap(postgres.config["id_map"])) as id_map:
                assert_it_means_the_same(id_map)

    @pytest.mark.slow
    def test_who_has_lost_the_connection_gets_no_new_one_without_the_lock(
        self, postgres: Setup, server: Postgres
    ) -> None:
        url = postgres.config["id_map"]
        with closing(IdMap(url)) as id_map:
            assert id_map.journal.runs() == []
            with psycopg.connect(server.url, autocommit=True) as connection:
                name = url.partition("@/")[2].partition("?")[0]
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                assert connection.execute(ended, [name]).fetchall() == [(True,)]
            for _ in range(2):
                with pytest.raises(TargetError, match="run it again"):
                    id_map.journal.runs()
            with closing(IdMap(url)) as another:
                assert another.journal.runs() == []
