"""Records are written several at once, and it ends as if they had been written one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NoAnswer
from lightfield_api.exchange import Answer, Exchange, Request
from lightfield_api.turns import Turns
from lightfield_sandbox.http.server import Sandbox
from target_lightfield.loading.interfaces import TooEarly
from target_lightfield.run.scheduler import Scheduler
from tests.target.target_runs import Setup, rows, state
from tests.target.workspaces import Workspace

WRITE = LightfieldClient.write
SEND = Exchange.send


def test_two_records_that_have_nothing_in_common_are_written_at_the_same_time(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_are_here = threading.Barrier(2, timeout=300)

    def together(self: Exchange, request: Request) -> Answer:
        if request.method == "POST":
            both_are_here.wait()  # a single writer would break it
        return SEND(self, request)

    monkeypatch.setattr(Exchange, "send", together)
    target.loaded(rows("notes", {"id": "1", "title": "A"}, {"id": "2", "title": "B"}))
    assert sorted(workspace.values("notes", "$title")) == ["A", "B"]


def test_no_state_is_emitted_while_a_record_before_it_is_not_settled(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    later_is_written = threading.Event()

    def first_fails_last(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        self.turns.give_up()
        if options["body"]["fields"].get("$title") == "first":
            assert later_is_written.wait(300)
            raise NoAnswer("No answer")
        answer = WRITE(self, *path, **options)
        later_is_written.set()
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", first_fails_last)
        outcome = target.load(
            rows("notes", {"id": "1", "title": "first"}),
            state(read=1),
            rows("notes", {"id": "2", "title": "second"}),
            state(read=2),
        )
    assert outcome.status == 1
    assert outcome.states == []

    target.loaded(rows("notes", {"id": "1", "title": "first"}, {"id": "2", "title": "second"}))
    assert sorted(workspace.values("notes", "$title")) == ["first", "second"]


def test_a_record_waits_for_the_one_it_refers_to_and_is_written_with_the_link(
    target: Setup, empty: Sandbox
) -> None:
    target.loaded(
        rows("accounts", *({"id": f"a{n}", "name": f"Account {n}"} for n in range(20))),
        rows("notes", *({"id": f"n{n}", "title": "N", "account_ids": [f"a{n}"]} for n in range(20))),
    )
    writes = empty.stats()["writes"]
    assert writes["note"] == {"create": 20, "update": 0, "delete": 0, "restore": 0}
    assert writes["account"]["update"] == 0


@pytest.mark.parametrize("stream", ["meetings", "emails"])
def test_a_meeting_or_an_email_is_written_after_the_contacts_that_it_addresses(
    target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    """Lightfield links it to those whom it has when that is created, or makes them."""
    member = empty.records("member")[0]["fields"]["$email"]["value"]
    at, to = "2024-05-01T10:00:00Z", ["Ann@X.example"]
    message = {"id": "m1", "title": "Kick-off", "start_date": at, "end_date": at, "attendee_emails": to}
    if stream == "emails":
        message = {"id": "m1", "subject": "Hello", "from": member, "sent_at": at, "to": to}
    later_is_written, written = threading.Event(), []

    def contact_is_slow(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        self.turns.give_up()
        if path[0] == "contacts":
            assert later_is_written.wait(300)
        answer = WRITE(self, *path, **options)
        written.append(path[0])
        if path[0] == "notes":
            later_is_written.set()
        return answer

    monkeypatch.setattr(LightfieldClient, "write", contact_is_slow)
    target.loaded(
        rows("contacts", {"id": "c1", "email": ["ann@x.example"]}),
        rows(stream, message),
        rows("notes", {"id": "n1", "title": "Later"}),
        max_concurrency=2,  # one writer waits: the other one takes what may be written, in its order
    )
    assert written == ["notes", "contacts", stream]
    if stream == "meetings":
        [meeting] = empty.records("meeting")
        assert meeting["relationships"]["$contact"]["values"] == [empty.records("contact")[0]["id"]]


def test_the_limit_is_kept_with_many_writers(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True, rate_limit=25)
    target_of(sandbox).loaded(rows("notes", *({"id": n, "title": "N"} for n in range(60))))
    # A busy machine may bunch two requests at the edge of a second; each is tried again.
    assert sandbox.stats()["requests"]["write"].get("429", 0) <= 2
    assert sandbox.stats()["writes"]["note"]["create"] == 60


@pytest.mark.parametrize("known", [[], [{"id": "2", "email": ["bo@x.example"]}]], ids=["new", "known"])
def test_a_row_takes_the_unique_value_that_an_earlier_row_on_its_way_lets_go_of(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, known: list[dict[str, Any]]
) -> None:
    """Nothing but the workspace tells that the two have to do with each other."""
    target.loaded(rows("contacts", {"id": "1", "email": ["ann@x.example"]}, *known))
    later_is_written = threading.Event()

    def ann_is_slow(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        self.turns.give_up()
        if "ann@new.example" in str(options["body"]):
            assert later_is_written.wait(300)
        answer = WRITE(self, *path, **options)
        if "cy@x.example" in str(options["body"]):
            later_is_written.set()
        return answer

    monkeypatch.setattr(LightfieldClient, "write", ann_is_slow)
    outcome = target.loaded(
        rows(
            "contacts",
            {"id": "1", "email": ["ann@new.example"]},
            {"id": "2", "email": ["ann@x.example"]},
            {"id": "3", "email": ["cy@x.example"]},
        )
    )
    assert outcome.count("contacts") == {"updated": 1 + len(known), "created": 2 - len(known)}
    assert sorted(workspace.values("contacts", "$email")) == [
        ["ann@new.example"],
        ["ann@x.example"],
        ["cy@x.example"],
    ]


def test_it_is_looked_for_once_more_where_the_earlier_row_ended_between_two_questions(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bo = {"id": "1", "email": ["ann@x.example"]}, {"id": "2", "email": ["bo@x.example"]}
    target.loaded(rows("contacts", ann, bo))
    is_asked, under_way = threading.Event(), Scheduler.earlier_is_under_way

    def ann_is_slow(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        self.turns.give_up()
        if "ann@new.example" in str(options["body"]):
            assert is_asked.wait(300)
        return WRITE(self, *path, **options)

    def it_has_ended(self: Scheduler, token: Hashable) -> bool:
        is_asked.set()
        while under_way(self, token):
            time.sleep(0.01)
        return False

    monkeypatch.setattr(LightfieldClient, "write", ann_is_slow)
    monkeypatch.setattr(Scheduler, "earlier_is_under_way", it_has_ended)
    moved = rows("contacts", {**ann, "email": ["ann@new.example"]}, {**bo, "email": ["ann@x.example"]})
    assert target.loaded(moved).count("contacts") == {"updated": 2}


@settings(max_examples=60, deadline=None)
@given(
    tasks=st.lists(st.tuples(st.sets(st.integers(0, 4), max_size=2), st.integers(0, 4))),
    workers=st.integers(1, 4),
)
def test_work_that_was_too_early_is_done_once_more_after_all_that_came_before_it(
    tasks: list[tuple[set[int], int]], workers: int
) -> None:
    scheduler, done, lock = Scheduler(workers, Turns()), [], threading.Lock()
    put_off: set[int] = set()

    def work(number: int, needs: int) -> None:
        if scheduler.earlier_is_under_way(needs):
            put_off.add(number)
            raise TooEarly
        with lock:
            if number in put_off:
                assert set(range(number)) <= set(done)
            done.append(number)

    for number, (holds, needs) in enumerate(tasks):
        scheduler.submit(lambda number=number, needs=needs: work(number, needs), tokens=holds)  # type: ignore[misc]
    scheduler.wait()
    scheduler.close()
    assert sorted(done) == list(range(len(tasks)))


@settings(max_examples=60, deadline=None)
@given(
    tasks=st.lists(st.tuples(st.sets(st.integers(0, 4), max_size=2), st.sets(st.integers(0, 4), max_size=2))),
    workers=st.integers(1, 4),
)
def test_work_comes_after_all_earlier_work_that_holds_what_it_needs(
    tasks: list[tuple[set[int], set[int]]], workers: int
) -> None:
    scheduler, begun, ended = Scheduler(workers, Turns()), {}, {}
    clock = iter(range(10**6))
    tick = threading.Lock()

    def work(number: int) -> None:
        with tick:
            begun[number] = next(clock)
        with tick:
            ended[number] = next(clock)

    for number, (holds, after) in enumerate(tasks):
        scheduler.submit(lambda number=number: work(number), tokens=holds, after=after)  # type: ignore[misc]
    scheduler.wait()
    assert scheduler.settled == len(tasks)
    scheduler.close()
    for later, (holds, after) in enumerate(tasks):
        for earlier in range(later):
            if tasks[earlier][0] & (holds | after):
                assert ended[earlier] < begun[later]


def test_an_error_ends_all_that_has_not_begun() -> None:
    scheduler, done = Scheduler(1, Turns()), []
    scheduler.submit(lambda: 1 / 0, tokens=["x"])
    with pytest.raises(ZeroDivisionError):
        scheduler.wait()
    with pytest.raises(ZeroDivisionError):
        scheduler.submit(lambda: done.append(1), tokens=[])
    scheduler.close()
    assert done == []
    assert scheduler.settled == 0


def test_the_summary_has_the_streams_in_the_order_in_which_they_came(
    target: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_is_written = threading.Event()

    def accounts_last(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        self.turns.give_up()
        if path == ("accounts",):
            assert note_is_written.wait(300)
        answer = WRITE(self, *path, **options)
        note_is_written.set()
        return answer

    monkeypatch.setattr(LightfieldClient, "write", accounts_last)
    outcome = target.loaded(
        rows("accounts", {"id": "a", "name": "A"}), rows("notes", {"id": "n", "title": "N"})
    )
    assert outcome.log.index("accounts: 1 created") < outcome.log.index("notes: 1 created")
