"""Long readings of lists that change meanwhile, and what the log says of them."""

from __future__ import annotations

import itertools
import logging
import re
import threading
from collections import Counter
from typing import Any

import pytest
from lightfield import Lightfield

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.progress import reported
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import discover, only, run


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [1, 8])
def test_deletions_and_creations_during_a_sweep_lose_no_record(start_sandbox: Any, concurrency: int) -> None:
    sandbox: Sandbox = start_sandbox(accounts=1200, contacts=0, opportunities=0, latency_ms=4)
    before = [r["id"] for r in sandbox.records("account")]
    api = Lightfield(api_key=sandbox.key, base_url=sandbox.url)
    stop = threading.Event()
    deleted: set[str] = set()

    def change() -> None:
        for id_ in before[:600:3]:
            if stop.is_set():
                return
            api.account.delete(id_, body={})
            deleted.add(id_)
            if len(deleted) % 4 == 0:
                api.account.create(fields={"$name": "New"})

    catalog = only(discover(_config(sandbox)), "accounts")
    changing = threading.Thread(target=change)
    changing.start()
    try:
        rows = run(_config(sandbox, max_concurrency=concurrency), catalog=catalog).rows("accounts")
    finally:
        stop.set()
        changing.join()
    seen = Counter(row["id"] for row in rows)
    assert deleted
    assert set(before) - deleted <= seen.keys()
    assert set(seen.values()) == {1}


def test_a_deletion_between_two_pages_loses_no_record(script: Script) -> None:
    script.records["accounts"] = [record(n) for n in range(130)]
    deletions = iter([slice(0, 20), slice(3, 40), slice(0, 1)])

    def delete(collection: str, offset: int) -> None:
        if collection == "accounts" and offset and (gone := next(deletions, None)):
            del script.records["accounts"][gone]

    script.on_page = delete
    ids = run(script.config(max_concurrency=1)).ids("accounts")
    assert {r["id"] for r in script.records["accounts"]} <= ids
    assert len(script.records["accounts"]) == 130 - 20 - 37 - 1


def test_a_sweep_that_was_broken_off_starts_over_without_loss(script: Script, impatient: None) -> None:
    script.records["accounts"] = [record(n, f"2025-06-{1 + n % 28:02}T00:00:00Z") for n in range(130)]
    script.on_page = lambda collection, offset: (
        offset == 72
        and script.answers.update({"/v1/accounts": (503, {"error": {"type": "service_unavailable"}})})
    )
    config = script.config(max_concurrency=1)
    with pytest.raises(Exception, match="503") as caught:
        run(config)
    states = [m["value"] for m in caught.value.written if m["type"] == "STATE"]  # type: ignore[attr-defined]
    state = states[-1] if states else None
    script.on_page = lambda collection, offset: None
    script.answers.clear()
    assert len(run(config, state=state).ids("accounts")) == 130


def test_no_more_requests_are_under_way_than_max_concurrency(script: Script) -> None:
    script.records["emails"] = [record(n, accessLevel="FULL", objectType="email") for n in range(120)]
    under_way, most, changed = 0, 0, threading.Condition()

    def count(path: str) -> None:
        nonlocal under_way, most
        with changed:
            under_way += 1
            most = max(most, under_way)
            changed.notify_all()
            if path.startswith("/v1/emails/"):
                changed.wait_for(lambda: most >= 3, timeout=300)

    def answered(path: str) -> None:
        nonlocal under_way
        with changed:
            under_way -= 1

    script.on_request, script.on_answered = count, answered
    run(script.config(email_bodies=True, max_concurrency=3))
    assert most == 3


def test_lists_are_read_one_after_the_other(script: Script) -> None:
    for collection in ("accounts", "contacts", "notes", "emails", "lists"):
        script.records[collection] = [record(n, accessLevel="FULL") for n in range(60)]
    run(script.config())
    pages = [path for path in script.requests if path.count("/") == 2 and path != "/v1/objects"]
    assert len(list(itertools.groupby(pages))) == len(set(pages))


def test_every_few_seconds_the_log_says_how_far_a_stream_is(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("tap_lightfield.progress.INTERVAL", 0.0)
    output = run(_config(sandbox, email_bodies=True))
    lines = [r.getMessage() for r in caplog.records if "read, " in r.getMessage()]
    assert "contacts: 240 of 240 records read" in "\n".join(lines)
    form = r"[\w-]+: [\d,]+ of [\d,]+ records? read, [\d,]+ a second, (\d+ h )?(\d+ min )?(\d+ s )?left"
    uncounted = r"sequence_(enrollments|messages): [\d,]+ records? read, [\d,]+ a second"
    assert all(re.fullmatch(f"{form}|{uncounted}", line) for line in lines), lines
    assert {line.partition(":")[0] for line in lines} >= {"accounts", "emails", "files", "list_members"}
    metrics = [r.getMessage() for r in caplog.records if '"record_count"' in r.getMessage()]
    assert any('"value":240' in m and '"contacts"' in m for m in metrics)
    assert len(output.rows("contacts")) == 240


def test_a_quick_stream_says_nothing(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    run(_config(sandbox))
    assert not [r for r in caplog.records if "read, " in r.getMessage()]


class _Records:
    total: int | None = 12_000

    def __init__(self, clock: list[float]) -> None:
        self.done = 0
        self._clock = clock

    def __iter__(self) -> Any:
        for n in range(4):
            self._clock[0] += 6
            self.done += 1000
            yield {"id": str(n)}


@pytest.mark.parametrize(
    ("to_the_end", "lines"),
    [
        (True, ["a: 2,000 of 12,000 records read, 167 a second, 1 min 0 s left",
                "a: 4,000 of 12,000 records read, 167 a second, 48 s left"]),
        (False, ["a: 2,000 records read, 167 a second", "a: 4,000 records read, 167 a second"]),
    ],
)  # fmt: skip
def test_the_lines_come_every_ten_seconds_with_the_time_that_is_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, to_the_end: bool, lines: list[str]
) -> None:
    caplog.set_level(logging.INFO)
    clock = [0.0]
    monkeypatch.setattr("tap_lightfield.progress.time.monotonic", lambda: clock[0])
    assert len(list(reported(_Records(clock), "a", logging.getLogger("x"), to_the_end=to_the_end))) == 4
    assert [r.getMessage() for r in caplog.records] == lines
