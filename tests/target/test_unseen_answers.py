"""Creates whose answer was not seen: each is in the id map before it is sent, and sent again as it was."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NoAnswer
from lightfield_sandbox.limits.idempotency import IdempotencyKeys
from lightfield_sandbox.schema.errors import ApiError
from tests.target.target_runs import Outcome, Setup, rows, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


@contextmanager
def faults_from_the_first_create(
    sandbox: Sandbox, faults: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Within the block, requests fail from the first create on."""
    write = LightfieldClient.write

    def failing(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        sandbox.set_faults(faults)
        return write(self, *path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", failing)
        yield
    sandbox.set_faults("")


def test_a_database_that_fails_in_mid_run_ends_it_in_one_sentence_and_a_rerun_doubles_nothing(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [*rows("notes", {"id": "1", "title": "confidential"}), state(done=1)]
    write = LightfieldClient.write

    def breaking(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        answer = write(self, *path, **options)
        for connection in [o for o in gc.get_objects() if isinstance(o, sqlite3.Connection)]:
            with suppress(sqlite3.ProgrammingError):  # it is closed
                file = connection.execute("PRAGMA database_list").fetchone()[2]
                if file == str(target.id_map_path):
                    connection.execute("PRAGMA query_only = 1")  # as when the disk is full
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", breaking)
        outcome = target.load(messages)

    assert "The id map failed" in outcome.error
    assert "confidential" not in outcome.log
    assert outcome.states == []
    target.loaded(messages)
    assert workspace.values("notes", "$title") == ["confidential"]


class TestACreateWhoseAnswerWasNotSeen:
    """The run before ended between the create and its answer: it is in the id map, sent again as it was."""

    @pytest.fixture
    def interrupted(
        self, target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch, impatient: None
    ) -> Callable[..., Outcome]:
        def interrupt(*messages: Any, faults: str = "reset-after:1") -> Outcome:
            with faults_from_the_first_create(empty, faults, monkeypatch):
                outcome = target.load(*messages, state(done=1))
            assert outcome.error
            assert outcome.states == []
            return outcome

        return interrupt

    @pytest.mark.parametrize("faults", ["reset-after:1", "reset-before:1", "500:1", "429:1"])
    def test_a_rerun_creates_it_once(
        self, target: Setup, workspace: Workspace, interrupted: Callable[..., Outcome], faults: str
    ) -> None:
        messages = rows("notes", {"id": "1", "title": "A"}, {"id": "2", "title": "B"})
        interrupted(messages, faults=faults)

        assert target.loaded(messages).count("notes") == {"created": 2}
        assert sorted(workspace.values("notes", "$title")) == ["A", "B"]
        assert target.table("lightfield_creates") == []

    def test_a_changed_row_is_created_once_and_as_it_is_now(
        self, target: Setup, workspace: Workspace, interrupted: Callable[..., Outcome]
    ) -> None:
        interrupted(rows("notes", {"id": "1", "title": "A"}))

        target.loaded(rows("notes", {"id": "1", "title": "B"}))

        assert workspace.values("notes", "$title") == ["B"]

    @pytest.mark.parametrize("age", [timedelta(), timedelta(hours=25)], ids=["fresh", "of yesterday"])
    @pytest.mark.parametrize("stream", ["accounts", "object_subscription"])
    def test_a_row_that_changed_and_a_rerun_that_broke_off_after_its_update_double_nothing(
        self,
        target: Setup,
        empty: Sandbox,
        monkeypatch: pytest.MonkeyPatch,
        impatient: None,
        retry_policy: Callable[..., None],
        stream: str,
        age: timedelta,
    ) -> None:
        retry_policy(listed_after=0.0)
        kind, match_on = stream.removeprefix("object_").removesuffix("s"), {stream: {"match_on": []}}

        def broken_off(name: str, method: str) -> None:
            """Run until a request of that method has been done, but not answered."""
            send = getattr(LightfieldClient, method)

            def ending(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
                send(self, *path, **options)
                raise NoAnswer("The connection is gone")

            with monkeypatch.context() as patch:
                patch.setattr(LightfieldClient, method, ending)
                retry_policy(patch=patch, max_tries=1)
                if method == "write_once":
                    patch.setattr(
                        "target_lightfield.writing.lost_creates.UnseenCreates.find", lambda *_: None
                    )
                assert target.load(rows(stream, {"id": "1", "name": name}), objects=match_on).error

        broken_off("A", "write_once" if stream.startswith("object_") else "write")
        if age:
            empty._workspace.idempotency.clear()
            with sqlite3.connect(target.id_map_path) as database:
                before = str(datetime.now(timezone.utc) - age)[:26]
                database.execute("UPDATE lightfield_creates SET started_at = ?", (before,))
            database.close()
        broken_off("B", "write")

        target.loaded(rows(stream, {"id": "1", "name": "C"}), objects=match_on)

        assert [r["fields"]["$name"]["value"] for r in empty.records(kind)] == ["C"]

    @pytest.mark.parametrize("mode", ["upsert", "create_only"])
    def test_one_that_broke_off_before_what_follows_it_is_finished_in_every_mode(
        self, target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch, mode: str
    ) -> None:
        meeting = {
            "id": 1,
            "title": "M",
            "start_date": "2024-05-01T10:00:00Z",
            "end_date": "2024-05-01T11:00:00Z",
            "post_meeting_summary": "We agreed",
        }

        def ending(*_: Any, **__: Any) -> Any:
            raise NoAnswer("The connection is gone")

        with monkeypatch.context() as patch:
            patch.setattr("target_lightfield.writing.writer.Writer.update", ending)
            assert target.load(rows("meetings", meeting), mode=mode).error

        outcome = target.loaded(rows("meetings", meeting), mode=mode)

        [made] = empty.records("meeting")
        assert made["fields"]["$postMeetingSummary"]["value"] == "We agreed"
        assert outcome.count("meetings") == {"created": 1}

    def test_one_that_is_refused_by_now_takes_the_ordinary_way(
        self, target: Setup, workspace: Workspace, interrupted: Callable[..., Outcome]
    ) -> None:
        messages = rows("accounts", {"id": "1", "name": "A", "custom_legacy_id": "L"})
        interrupted(messages, faults="reset-before:1")
        holder = workspace.create("accounts", {"$name": "Elsewhere", "legacyId": "L"})

        target.loaded(messages)

        assert target.ids("accounts") == {"1": holder}
        assert workspace.values("accounts", "$name") == ["A"]

    def test_one_that_a_user_changed_since_is_compared_as_it_is(
        self, target: Setup, workspace: Workspace, interrupted: Callable[..., Outcome]
    ) -> None:
        messages = rows("notes", {"id": "1", "title": "A"})
        interrupted(messages)
        [note] = workspace.all("notes")
        workspace.update("notes", note["id"], {"$title": "B"})

        target.loaded(messages)

        assert workspace.values("notes", "$title") == ["A"]

    @pytest.mark.parametrize(("on_deleted", "counted"), [("leave", "gone"), ("recreate", "created")])
    def test_one_that_a_user_deleted_since_is_created_anew_if_the_settings_say_so(
        self,
        target: Setup,
        workspace: Workspace,
        interrupted: Callable[..., Outcome],
        monkeypatch: pytest.MonkeyPatch,
        on_deleted: str,
        counted: str,
    ) -> None:
        messages = rows("notes", {"id": "1", "title": "A"})
        long_ago = int(datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp() * 1000)
        with monkeypatch.context() as patch:
            patch.setattr("lightfield_sandbox.store.store.now_ms", lambda: long_ago)
            interrupted(messages)
        [note] = workspace.all("notes")
        workspace.delete("notes", note["id"])

        outcome = target.loaded(messages, on_deleted=on_deleted)

        assert outcome.count("notes") == {counted: 1}
        assert len(workspace.all("notes")) == (counted == "created")

    def test_one_from_yesterday_is_found_by_what_it_matches(
        self, target: Setup, workspace: Workspace, empty: Sandbox, interrupted: Callable[..., Outcome]
    ) -> None:
        messages = rows("accounts", {"id": "1", "name": "A"})
        interrupted(messages)
        # The API forgets its answers after a day.
        empty._workspace.idempotency.clear()
        yesterday = datetime.now(timezone.utc) - timedelta(hours=25)
        with sqlite3.connect(target.id_map_path) as database:
            database.execute("UPDATE lightfield_creates SET started_at = ?", (str(yesterday)[:26],))
        database.close()

        target.loaded(messages)

        assert workspace.values("accounts", "$name") == ["A"]
        assert target.table("lightfield_creates") == []

    def test_one_that_is_still_under_way_is_not_given_up(
        self,
        target: Setup,
        workspace: Workspace,
        interrupted: Callable[..., Outcome],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        messages = rows("notes", {"id": "1", "title": "A"})
        interrupted(messages)

        def under_way(*_: Any) -> None:
            raise ApiError(409, "Running.", code="idempotency_conflict", error_type="idempotency_conflict")

        with monkeypatch.context() as patch:
            patch.setattr(IdempotencyKeys, "begin", under_way)
            outcome = target.load(messages, state(done=1))
        assert outcome.error
        assert outcome.states == []
        assert target.rejects() == []

        target.loaded(messages)
        assert workspace.values("notes", "$title") == ["A"]


def test_the_idempotency_key_is_made_of_object_source_key_and_payload(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    write = LightfieldClient.write

    def noting(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        sent.append(options["idempotency_key"])
        return write(self, *path, **options)

    monkeypatch.setattr(LightfieldClient, "write", noting)
    feeds = [
        rows("notes", {"id": "1", "title": "A"}),
        rows("notes", {"id": "1", "title": "A"}),
        rows("notes", {"id": "1", "title": "B"}),
        rows("notes", {"id": "2", "title": "A"}),
        rows("accounts", {"id": "1", "name": "A"}),
    ]
    for number, messages in enumerate(feeds):  # each into a workspace of its own, by an id map of its own
        target_of(start_sandbox(empty=True), f"run{number}").loaded(messages)

    assert sent[0] == sent[1]
    assert len(set(sent)) == 4
    assert max(map(len, sent)) <= 255
