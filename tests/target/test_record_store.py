"""The store of known records: found by id and by key, whatever these are, and nothing left on the disk."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield_api.errors import UnexpectedAnswer
from target_lightfield.matching.record_cache import RecordStore

TEXT = st.text(st.characters(), max_size=5) | st.just("\ud800") | st.just("nul\0")


@given(st.lists(st.tuples(TEXT, TEXT, st.booleans()), max_size=20))
def test_it_is_a_dictionary_with_an_index(steps: list[tuple[str, str, bool]]) -> None:
    store = RecordStore()
    known: dict[str, dict[str, Any]] = {}
    keys: dict[str, set[str]] = {}
    for record_id, key, removed in steps:
        if removed:
            known.pop(record_id, None)
            store.remove(record_id)
        else:
            known[record_id] = {"id": record_id, "key": key}
            keys.setdefault(key, set()).add(record_id)
            store.put(record_id, known[record_id], [("field", key)])
    for record_id in {step[0] for step in steps}:
        assert store.get(record_id) == known.get(record_id)
    for key, ids in keys.items():
        expected = {record_id for record_id in ids if record_id in known}
        assert {record["id"] for record in store.find("field", [key])} == expected
        assert store.find("another", [key]) == []
    store.close()


def test_a_record_that_nests_without_end_is_no_record() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    store = RecordStore()
    with pytest.raises(UnexpectedAnswer, match="nests deeper"):
        store.put("r", {"id": "r", "nested": nested}, [])
    store.close()


def test_it_can_be_used_from_several_threads() -> None:
    store = RecordStore()

    def put(n: int) -> None:
        store.put(f"r{n}", {"id": f"r{n}"}, [("field", f"k{n % 10}")])

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(put, range(1000)))

    assert len(store.find("field", [f"k{n}" for n in range(10)])) == 1000
    store.close()


def test_what_does_not_fit_into_memory_leaves_no_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    store = RecordStore()
    for n in range(200):
        store.put(f"r{n}", {"id": f"r{n}", "text": os.urandom(100_000).hex()}, [])

    assert list(tmp_path.iterdir()) == []
    record = store.get("r0")
    assert record is not None
    assert len(record["text"]) == 200_000
    store.close()
