"""Whatever breaks off, a list ends up as the feed has it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.errors import NoAnswer
from target_lightfield.objects.list_contents import Change, ListContents
from tests.target.lists.feeds import (
    REPLACE,
    Json,
    a_list,
    accounts,
    complete,
    complete_state,
    ids,
    lists,
    member,
    members,
    on_list,
)
from tests.target.target_runs import Outcome, Setup, feed, rows, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


class TestSafety:
    def messages(self) -> list[Json]:
        made = lists(a_list(1, "A"), a_list(2, "B"))
        return [*accounts(*range(60)), *made, *on_list(*(member(n, 1 + n % 2) for n in range(60)))]

    def check(self, target: Setup, workspace: Workspace) -> None:
        made = target.ids("lists")
        assert len(workspace.all("lists")) == 2
        assert members(workspace, made["1"]) == ids(target, range(0, 60, 2))
        assert members(workspace, made["2"]) == ids(target, range(1, 60, 2))

    def test_answers_that_are_lost_leave_every_member_on_its_list_once(
        self, target: Setup, empty: Sandbox, workspace: Workspace, retry_policy: Callable[..., None]
    ) -> None:
        retry_policy(first_wait=0.0, longest_wait=0.0)
        empty.set_faults("reset-after:0.2,500:0.1")

        target.loaded(self.messages())

        empty.set_faults("")
        self.check(target, workspace)

    def test_a_run_that_ends_on_an_error_anywhere_is_finished_by_the_next(
        self, target: Setup, empty: Sandbox, workspace: Workspace, retry_policy: Callable[..., None]
    ) -> None:
        retry_policy(max_tries=1)
        empty.set_faults("reset-after:0.03,500:0.02")
        runs = 0
        while (outcome := target.load(self.messages(), state(done=1))).status != 0:
            assert outcome.states == []
            runs += 1
            assert runs < 100
        empty.set_faults("")

        assert runs > 0
        assert outcome.state == {"done": 1}
        self.check(target, workspace)
        assert target.table("lightfield_waiting_records") == []

    @pytest.mark.parametrize("fault", ["reset-after", "reset-before"])
    def test_who_comes_back_after_a_removal_whose_answer_was_lost_is_on_the_list(
        self,
        target: Setup,
        empty: Sandbox,
        workspace: Workspace,
        monkeypatch: pytest.MonkeyPatch,
        impatient: None,
        fault: str,
    ) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))
        write = ListContents.write

        def lost(self: ListContents, changes: Sequence[Change]) -> Any:
            empty.set_faults(f"{fault}:1")
            return write(self, changes)

        with monkeypatch.context() as patched:
            patched.setattr(ListContents, "write", lost)
            assert target.load(complete(on_list(1)), **REPLACE).status == 1
        empty.set_faults("")

        target.loaded(on_list(1, 2))

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_a_state_passes_rows_once_they_are_rejected(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists())
        wrong = [on_list(member(key, object_type="contact")) for key in (1, 2)]
        messages = [*wrong[0], state(at=1), *wrong[1], state(at=2)]

        outcome = target.load(messages)

        assert [reject["record"]["record_id"] for reject in target.rejects()] == [1, 2]
        assert outcome.state == {"at": 2}

    def test_no_state_passes_rows_that_could_not_be_written(
        self, target: Setup, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target.loaded(accounts(1), lists())

        def lost(self: ListContents, changes: Sequence[Change]) -> Any:
            raise NoAnswer("Lost")

        monkeypatch.setattr(ListContents, "write", lost)
        outcome = target.load(on_list(1), state(at=1), accounts(1), state(at=2))

        assert outcome.error
        assert outcome.states == []

    @pytest.mark.slow
    def test_a_run_that_is_told_to_stop_writes_what_it_has_taken_and_removes_nobody(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(2, 3))
        list_id, expected = target.ids("lists")["L"], ids(target, [1, 2, 3])
        target.config.update(REPLACE)
        process = target.spawn("", stdin=subprocess.PIPE)
        assert process.stdin is not None
        # The contact is in the workspace only after the state before it has been read.
        later = rows("contacts", {"id": "c", "email": "c@x.example"})
        process.stdin.write(feed([complete(on_list(1, 2)), later]))
        process.stdin.flush()
        while not workspace.all("contacts"):
            assert process.poll() is None, process.communicate()

        process.send_signal(signal.SIGTERM)
        stdout, log = process.communicate(timeout=300)

        ended = Outcome(process.returncode, stdout, log, {})
        assert "Interrupted by SIGTERM" in ended.error
        assert ended.state == complete_state(2)["value"]
        assert members(workspace, list_id) == expected
