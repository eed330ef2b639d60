"""Pages that are shorter than they should be, and counts that are wrong: the end is proven, not assumed."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.paging import PAGE_SIZE, Sweep
from lightfield_api.retries import RetryPolicy
from lightfield_api.words import count
from tests.lightfield_api.test_paging import AnyOrder, ChangingList

Ids = list[str]


class Server:
    """A list at rest, and a server that answers a page of it as the test says.

    Args:
        size: How many records the list has.
        shown: What is shown of the ids of a page, given its offset.
        total: What is counted.
    """

    retry_policy = RetryPolicy(short_page_waits=(0.0, 0.0, 0.0))

    def __init__(
        self,
        size: int,
        shown: Callable[[int, Ids], Ids] = lambda _, ids: ids,
        total: Callable[[int], Any] = lambda size: size,
    ) -> None:
        self.ids = [f"r{n}" for n in range(size)]
        self.reads: list[int] = []
        self._shown = shown
        self._total = total

    def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
        assert params["limit"] == PAGE_SIZE
        offset = params["offset"]
        self.reads.append(offset)
        ids = self._shown(offset, self.ids[offset : offset + PAGE_SIZE])
        return {
            "data": [{"id": id_, "createdAt": _time(len(self.ids) - int(id_[1:]))} for id_ in ids],
            "totalCount": self._total(len(self.ids)),
        }


def _time(seconds: int) -> str:
    return f"2026-01-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


def swept(server: Any, **options: Any) -> tuple[Sweep, Ids]:
    sweep = Sweep(server, ("accounts",), **options)
    return sweep, [record["id"] for record in sweep]


sizes = st.integers(0, 260)
options = st.fixed_dictionaries({"concurrency": st.integers(1, 8), "eager": st.booleans()})


def once(damage: Callable[[Ids], Ids], at: int) -> Callable[[int, Ids], Ids]:
    """Damage the answer with this number, and no other."""
    answers = iter(range(10**9))
    return lambda _, ids: damage(ids) if next(answers) == at else ids


@given(
    size=sizes,
    at=st.integers(0, 12),
    lacking=st.integers(1, PAGE_SIZE),
    first=st.integers(0, 24),
    how=options,
)
@settings(max_examples=100, deadline=None)
def test_a_page_that_lacks_records_once_loses_none(
    size: int, at: int, lacking: int, first: int, how: dict[str, Any]
) -> None:
    server = Server(size, once(lambda ids: ids[:first] + ids[first + lacking :], at))
    sweep, seen = swept(server, **how)
    assert seen == server.ids
    assert sweep.is_whole
    assert len(server.reads) <= max(1, math.ceil(size / 24)) + 1


@given(size=sizes, at=st.integers(0, 12), how=options)
@settings(max_examples=50, deadline=None)
def test_a_page_that_repeats_another_one_once_loses_none(size: int, at: int, how: dict[str, Any]) -> None:
    server = Server(size)
    server._shown = once(lambda _: server.ids[:PAGE_SIZE], at)
    assert swept(server, **how)[1] == server.ids


@given(data=st.data(), size=sizes, how=options)
@settings(max_examples=100, deadline=None)
def test_records_that_are_withheld_now_and_then_all_come(
    data: st.DataObject, size: int, how: dict[str, Any]
) -> None:
    withheld: Counter[str] = Counter()

    def shown(_: int, ids: Ids) -> Ids:
        left = [id_ for id_ in ids if withheld[id_] < 2]
        if not left or not data.draw(st.booleans()):
            return ids
        lacking = data.draw(st.sampled_from(left))
        withheld[lacking] += 1
        return [id_ for id_ in ids if id_ != lacking]

    server = Server(size, shown)
    try:
        sweep, seen = swept(server, executor=AnyOrder(data.draw), **how)
    except UnexpectedAnswer as e:  # the draws may be as unkind as to never show the same page twice
        if "lacks others each time" not in str(e):
            raise
    else:
        assert set(seen) == set(server.ids)
        assert len(seen) == size
        assert sweep.is_whole


@given(size=sizes, real=st.integers(2, PAGE_SIZE - 1), how=options)
@settings(max_examples=100, deadline=None)
def test_smaller_pages_than_documented_are_read_on_by_what_comes(
    size: int, real: int, how: dict[str, Any]
) -> None:
    server = Server(size, lambda _, ids: ids[:real])
    sweep, seen = swept(server, **how)
    assert seen == server.ids
    assert sweep.is_whole
    assert len(server.reads) <= math.ceil(size / (real - 1)) + 8  # the first two are asked for again


@given(size=sizes, lengths=st.lists(st.integers(1, PAGE_SIZE), min_size=1, max_size=20), how=options)
@settings(max_examples=100, deadline=None)
def test_pages_cut_off_anywhere_are_read_on_by_what_comes(
    size: int, lengths: Sequence[int], how: dict[str, Any]
) -> None:
    server = Server(size, lambda offset, ids: ids[: lengths[offset % len(lengths)]])
    assert set(swept(server, **how)[1]) == set(server.ids)


hidden_places = st.lists(st.tuples(st.integers(0, 250), st.integers(1, 90)), max_size=6)


@given(size=sizes, hidden=hidden_places, how=options)
@example(size=26, hidden=[(1, 23)], how={"concurrency": 1, "eager": False})
@settings(max_examples=100, deadline=None)
def test_of_a_list_that_counts_what_it_hides_all_that_it_shows_comes(
    size: int, hidden: Sequence[tuple[int, int]], how: dict[str, Any]
) -> None:
    is_hidden = {f"r{n}" for start, length in hidden for n in range(start, start + length)}
    server = Server(size, lambda _, ids: [id_ for id_ in ids if id_ not in is_hidden])
    visible = [id_ for id_ in server.ids if id_ not in is_hidden]
    sweep, seen = swept(server, **how)
    assert seen == visible
    assert sweep.is_whole == (visible == server.ids)


@pytest.mark.parametrize("size", [0, 1, 24, 25, 48, 60, 100])
@pytest.mark.parametrize("counted", [0, 1, 7, 24, 25, 48, 49, 60, 90, 100, 150, 400, None, "60"])
def test_a_wrong_count_neither_ends_a_list_nor_keeps_it_from_ending(
    size: int, counted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(size, total=lambda _: counted)
    sweep, seen = swept(server, concurrency=4)
    assert seen == server.ids
    assert sweep.is_whole == (counted == size)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    if isinstance(counted, int) and counted != size:
        assert len(warnings) == 1
        assert f"The list accounts counts {count('record', counted)}" in warnings[0]
        assert f"found {size}." in warnings[0]
    else:
        assert not warnings


@given(data=st.data(), size=sizes, how=options)
@settings(max_examples=50, deadline=None)
def test_a_count_that_moves_without_reason_loses_none(
    data: st.DataObject, size: int, how: dict[str, Any]
) -> None:
    server = Server(size, total=lambda size: max(size + data.draw(st.integers(-2, 2)), 0))
    assert swept(server, executor=AnyOrder(data.draw), **how)[1] == server.ids


class ChangingHiding(ChangingList):
    """A list that changes, and of each page shows only some, always the same, or the first few."""

    hidden: frozenset[int] = frozenset()
    real = PAGE_SIZE

    def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
        answer = super().search(*path, params=params)
        shown = [record for record in answer["data"] if self.shows(record["id"])]
        return {**answer, "data": shown[: self.real]}

    def shows(self, id_: str) -> bool:
        return int(id_[1:]) % 11 not in self.hidden


@settings(max_examples=100, deadline=None)
@given(
    data=st.data(),
    size=st.integers(0, 200),
    hidden=st.frozensets(st.integers(0, 10), max_size=9),
    real=st.sampled_from([10, 20, 25, 25]),
    how=options,
)
def test_what_a_changing_list_shows_throughout_comes_once_however_short_its_pages(
    data: st.DataObject, size: int, hidden: frozenset[int], real: int, how: dict[str, Any]
) -> None:
    changing = ChangingHiding(size, data.draw, same_time=False, churn=1)
    changing.hidden, changing.real = hidden if real == PAGE_SIZE else frozenset(), real
    before = set(changing.ids)
    sweep = Sweep(changing, ("accounts",), executor=AnyOrder(data.draw), **how)  # type: ignore[arg-type]
    seen = []
    try:
        seen += [record["id"] for record in sweep]
    except UnexpectedAnswer as e:  # it may change before each and every answer
        if "changes faster" not in str(e) and "lacks others each time" not in str(e):
            raise
    else:
        assert {id_ for id_ in before & set(changing.ids) if changing.shows(id_)} <= set(seen)
    assert len(seen) == len(set(seen))


def test_a_page_that_never_stays_the_same_is_an_error_that_says_what_to_do() -> None:
    answers = iter(range(10**9))

    def shown(_: int, ids: Ids) -> Ids:
        lacking = next(answers) % 7 * 3
        return ids[:lacking] + ids[lacking + 1 :]

    with pytest.raises(UnexpectedAnswer, match=r"list accounts .* counts 60 records.*run it again later"):
        swept(Server(60, shown))


def test_a_count_that_grows_for_ever_is_an_error() -> None:
    answers = iter(range(10**9))
    with pytest.raises(UnexpectedAnswer, match="does not end"):
        swept(Server(100, total=lambda _: 1000 + next(answers) * 1000), concurrency=1)
