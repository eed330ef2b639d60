"""The sweep against a model of a list: whatever is created and deleted meanwhile, nothing is missed."""

from __future__ import annotations

import math
import threading
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.paging import PAGE_SIZE, Sweep
from lightfield_api.retries import RetryPolicy


class ChangingList:
    """A list that answers pages and, before each, lets happen what the draws say."""

    retry_policy = RetryPolicy(short_page_waits=(0.0, 0.0, 0.0))

    def __init__(self, size: int, draw: Any, *, same_time: bool, churn: int) -> None:
        self.ids = [f"r{n}" for n in range(size)]  # newest first
        self.reads = 0
        self._created_at = {id_: 0 if same_time else size - n for n, id_ in enumerate(self.ids)}
        self._draw = draw
        self._same_time = same_time
        self._churn = churn

    def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
        assert params["limit"] == PAGE_SIZE
        self.reads += 1
        for _ in range(self._draw(st.integers(0, self._churn))):
            self._change()
        start = params["offset"]
        return {
            "data": [
                {"id": id_, "createdAt": self._time(id_)} for id_ in self.ids[start : start + PAGE_SIZE]
            ],
            "totalCount": len(self.ids),
        }

    def _change(self) -> None:
        burst = self._draw(st.sampled_from([1, 1, 1, 3, 30, 80]))
        if self._draw(st.booleans()) and self.ids:
            at = self._draw(st.integers(0, len(self.ids) - 1))
            del self.ids[at : at + burst]
        else:
            for _ in range(burst):
                id_ = f"n{len(self._created_at)}"
                self._created_at[id_] = 0 if self._same_time else len(self._created_at) + 1
                self.ids.insert(0, id_)

    def _time(self, id_: str) -> str:
        seconds = self._created_at[id_]
        return f"2026-01-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


class AnyOrder(Executor):
    """Reads what is in flight in any order, one after the other."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw
        self._waiting: list[tuple[Future[Any], Any, Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = _Lazy(self)
        self._waiting.append((future, fn, args))
        return future

    def run_until(self, wanted: Future[Any]) -> None:
        while not wanted.done():
            future, fn, args = self._waiting.pop(self._draw(st.integers(0, len(self._waiting) - 1)))
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args))
                except BaseException as e:  # noqa: BLE001 - what a thread pool does
                    future.set_exception(e)


class _Lazy(Future[Any]):
    def __init__(self, executor: AnyOrder) -> None:
        super().__init__()
        self._executor = executor

    def result(self, timeout: float | None = None) -> Any:
        self._executor.run_until(self)
        return super().result(timeout)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), size=st.integers(0, 260), concurrency=st.integers(1, 8), eager=st.booleans())
def test_whatever_is_created_and_deleted_meanwhile_each_record_that_stays_comes_once(
    data: st.DataObject, size: int, concurrency: int, eager: bool
) -> None:
    changing = ChangingList(size, data.draw, same_time=False, churn=2)
    before = set(changing.ids)
    sweep = Sweep(changing, ("x",), concurrency=concurrency, eager=eager, executor=AnyOrder(data.draw))  # type: ignore[arg-type]
    seen = [record["id"] for record in sweep]
    assert len(seen) == len(set(seen))
    assert before & set(changing.ids) <= set(seen)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), size=st.integers(0, 200), concurrency=st.integers(1, 8))
def test_records_imported_in_the_same_moment_are_told_apart(
    data: st.DataObject, size: int, concurrency: int
) -> None:
    changing = ChangingList(size, data.draw, same_time=True, churn=1)
    before = set(changing.ids)
    sweep = Sweep(changing, ("x",), concurrency=concurrency, executor=AnyOrder(data.draw))  # type: ignore[arg-type]
    seen = [record["id"] for record in sweep]
    assert len(seen) == len(set(seen))
    assert before & set(changing.ids) <= set(seen)


class Still:
    """A list in which nothing happens; counts what is asked of it."""

    retry_policy = RetryPolicy(short_page_waits=(0.0, 0.0, 0.0))

    def __init__(self, size: int) -> None:
        self.size = size
        self.reads = 0

    def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
        self.reads += 1
        there = range(params["offset"], min(params["offset"] + PAGE_SIZE, self.size))
        return {"data": [{"id": f"r{n}", "createdAt": _ago(n)} for n in there], "totalCount": self.size}


class Endless(Still):
    """A list of which each answer holds other records, older than all before."""

    def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
        self.reads += 1
        there = range(self.reads * PAGE_SIZE, (self.reads + 1) * PAGE_SIZE)
        return {"data": [{"id": f"r{n}", "createdAt": _ago(n)} for n in there], "totalCount": self.size}


def _ago(seconds: int) -> str:
    return (datetime(2026, 1, 1, tzinfo=timezone.utc) - timedelta(seconds=seconds)).isoformat()


@given(size=st.integers(0, 2000), concurrency=st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_a_list_at_rest_costs_a_call_for_24_records(size: int, concurrency: int) -> None:
    still = Still(size)
    assert len(list(Sweep(still, ("x",), concurrency=concurrency))) == size  # type: ignore[arg-type]
    assert still.reads == max(1, math.ceil(size / 24))


@given(wanted=st.integers(1, 1500))
@settings(max_examples=40, deadline=None)
def test_a_sweep_that_is_given_up_has_asked_for_at_most_twice_what_it_took(wanted: int) -> None:
    still = Still(5000)
    sweep = iter(Sweep(still, ("x",), concurrency=32, eager=False))  # type: ignore[arg-type]
    taken = [next(sweep) for _ in range(wanted)]
    sweep.close()  # type: ignore[attr-defined]
    assert len(taken) == wanted
    assert still.reads <= 2 * (wanted // 24 + 1) + 1


def test_a_list_that_never_ends_is_an_error() -> None:
    with pytest.raises(UnexpectedAnswer, match="does not end"):
        list(Sweep(Endless(1000), ("x",), concurrency=4))  # type: ignore[arg-type]


def test_no_more_pages_are_in_flight_than_allowed() -> None:
    in_flight = threading.Semaphore(5)

    class Watched(Still):
        def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
            assert in_flight.acquire(blocking=False)
            try:
                return super().search(*path, params=params)
            finally:
                in_flight.release()

    assert len(list(Sweep(Watched(3000), ("x",), concurrency=5))) == 3000  # type: ignore[arg-type]
