"""The lagging index, with a clock that the test turns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lightfield_sandbox.store.index import ACTIVE, TRASHED, SearchIndex
from lightfield_sandbox.store.records import Record

WRITES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5), st.booleans()),
    max_size=30,
)


@given(writes=WRITES, lag=st.integers(0, 10))
def test_a_list_shows_the_state_of_as_long_ago_as_the_lag(
    writes: list[tuple[int, int, bool]], lag: int
) -> None:
    now = 0.0
    index = SearchIndex(["account"], lag, clock=lambda: now)
    history: list[tuple[float, dict[str, Record]]] = [(0.0, {})]
    for wait, number, trashed in writes:
        now += wait
        record = Record("account", f"acc_{number}", number % 3, None, {}, {}, trashed=trashed)
        history.append((now, {**history[-1][1], record.id: record}))
        index.put(record)
        expected = [state for at, state in history if at <= now - lag or lag == 0]
        shown = expected[-1] if expected else {}
        for status, in_trash in ((ACTIVE, False), (TRASHED, True)):
            held = [version for version in shown.values() if version.trashed == in_trash]
            held.sort(key=lambda version: version.order, reverse=True)
            shelf = index.shelf("account", status)
            assert list(shelf.newest_first()) == held
            assert shelf.page(1, 2) == held[1:3]
            assert len(shelf) == len(held)
