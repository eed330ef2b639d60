"""Full disks and places that can't be written: one sentence, nothing lost, no state of what is not kept."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from target_lightfield.errors import TargetError
from target_lightfield.matching.record_cache import RecordStore
from target_lightfield.reporting.report import Report
from tests.target.target_runs import Setup, feed, rows, state
from tests.target.workspaces import Workspace

GOOD, BAD = {"id": "good", "name": "Good"}, {"id": "bad", "name": "Bad", "custom_arr": "a lot"}
MIB = 1 << 20


def no_file_larger_than(size: int) -> Callable[[], None]:
    """What a child process does first so that its disk is full: writes are cut short, then fail."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.fixture(
    params=["a full disk", "a folder", "below a file", "where no file can be made", "no name", "NUL"]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where nothing can be written."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    return {
        "a full disk": "/dev/full",
        "a folder": str(tmp_path / "folder"),
        "below a file": str(tmp_path / "file" / "x"),
        "where no file can be made": "/proc/x",
        "no name": "",
        "NUL": f"{tmp_path}/\0",
    }[str(request.param)]


# The rejects file


def test_rejects_that_can_not_be_written_are_one_sentence_and_no_state_and_come_again(
    target: Setup, workspace: Workspace, place: str
) -> None:
    messages = [*rows("accounts", GOOD), state(done=1), *rows("accounts", BAD), state(done=2)]

    outcome = target.load(messages, rejects_path=place)

    assert "rejects file" in outcome.error
    assert "can't be written" in outcome.error
    assert {"done": 2} not in outcome.states
    again = target.load(messages)
    assert again.state == {"done": 2}
    assert [reject["key"] for reject in target.rejects()] == ["bad"]
    assert workspace.values("accounts", "$name") == ["Good"]


def test_a_disk_that_fills_up_leaves_no_half_line(target: Setup) -> None:
    target.load(rows("accounts", BAD))
    before = target.rejects_path.read_bytes()
    before *= MIB // len(before)
    target.rejects_path.write_bytes(before)

    outcome = target.run(
        feed([rows("accounts", {**BAD, "id": "bad2"}), state(done=1)]),
        preexec_fn=no_file_larger_than(len(before) + 100),
    )

    assert "File too large" in outcome.error
    assert outcome.states == []
    assert target.rejects_path.read_bytes() == before


def test_a_half_line_that_was_left_is_cut_off_before_the_next_is_appended(target: Setup) -> None:
    target.load(rows("accounts", BAD))
    with target.rejects_path.open("ab") as file:
        file.write('{"type": "RECORD", "stream": "accounts", "record": {"name": "Zoë'.encode()[:-1])

    outcome = target.load(rows("accounts", {**BAD, "id": "bad2"}))

    assert "half a line" in outcome.log
    assert [reject["key"] for reject in target.rejects()] == ["bad", "bad2"]


def test_a_whole_line_without_its_line_break_stays(target: Setup) -> None:
    target.load(rows("accounts", BAD))
    target.rejects_path.write_text(target.rejects_path.read_text().rstrip("\n"))

    target.load(rows("accounts", {**BAD, "id": "bad2"}))

    assert [reject["key"] for reject in target.rejects()] == ["bad", "bad2"]


@pytest.fixture
def torn(target: Setup) -> Path:
    """A copy of a rejects file whose cause is gone, with a last line that breaks off within a character."""
    target.load(rows("accounts", BAD, {**BAD, "id": "bad2", "name": "Zoë"}), max_concurrency=1)
    whole = target.rejects_path.read_bytes().replace(b'"a lot"', b"5")
    copy = target.folder / "copy.jsonl"
    copy.write_bytes(whole[: whole.index("ë".encode()) + 1])
    target.rejects_path.unlink()
    return copy


@pytest.mark.parametrize("cut", [0, 1, 30], ids=["within a character", "within a text", "anywhere"])
def test_a_torn_last_line_of_rejects_is_passed_over_with_a_warning(
    target: Setup, workspace: Workspace, torn: Path, cut: int
) -> None:
    content = torn.read_bytes()
    torn.write_bytes(content[: len(content) - cut])

    outcome = target.load(source=torn)

    assert outcome.status == 0, outcome.log
    assert "Line 3, the last one of this rejects file, breaks off" in outcome.log
    assert outcome.count("accounts") == {"created": 1}
    assert workspace.values("accounts", "$name") == ["Bad"]


@pytest.mark.parametrize("cut", [0, 1], ids=["within a character", "within a text"])
def test_a_torn_last_line_of_any_other_feed_is_an_error(target: Setup, torn: Path, cut: int) -> None:
    content = torn.read_bytes()
    torn.write_bytes(feed([state(done=1)]).encode() + content[: len(content) - cut])

    outcome = target.load(source=torn)

    assert outcome.error
    assert "passed over" not in outcome.log


def test_a_torn_line_in_the_middle_of_rejects_is_an_error(target: Setup, torn: Path) -> None:
    torn.write_bytes(torn.read_bytes()[:-1] + b"\n" + feed([rows("accounts", GOOD)]).encode())

    assert "Line 3 of the input is no JSON" in target.load(source=torn).error


def test_no_state_is_emitted_of_rejects_that_the_disk_does_not_keep(
    target: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)

    outcome = target.load(rows("accounts", BAD), state(done=1))

    assert "Input/output error" in outcome.error
    assert outcome.states == []


# The id map


def test_an_id_map_that_can_not_be_opened_is_one_sentence(target: Setup, place: str) -> None:
    outcome = target.load(rows("accounts", GOOD), state(done=1), id_map=f"sqlite:///{place or '/'}")

    assert "id map" in outcome.error
    assert outcome.states == []
    assert target.sandbox.records("account") == []


def test_an_id_map_that_may_only_be_read_is_one_sentence(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target.loaded(rows("accounts", GOOD))
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///file:{target.id_map_path}?mode=ro&uri=true"

    outcome = target.load(rows("accounts", {"id": "2", "name": "Second"}), state(done=1), id_map=url)

    assert "id map" in outcome.error
    assert outcome.states == []
    assert workspace.values("accounts", "$name") == ["Good"]
    assert not (tmp_path / "file:").exists()


@pytest.mark.slow
@pytest.mark.parametrize("room", [100_000, 300_000])
def test_an_id_map_whose_disk_fills_up_loses_and_doubles_nothing(
    target: Setup, workspace: Workspace, room: int
) -> None:
    accounts = [{"id": n, "name": f"Account {n}"} for n in range(100)]
    messages = []
    for n in range(0, 100, 10):
        messages += [*rows("accounts", *accounts[n : n + 10]), state(done=n + 10)]

    full = target.run(feed(messages), preexec_fn=no_file_larger_than(room))

    assert "id map" in full.error
    done = full.state["done"] if full.state else 0
    assert done < 100
    left = [m for m in messages if m["type"] != "STATE"]
    target.loaded([m for m in left if m["type"] == "SCHEMA" or m["record"]["id"] >= done], state(done=100))
    assert sorted(workspace.values("accounts", "$name")) == sorted(a["name"] for a in accounts)


# The report


@pytest.mark.parametrize("where", ["below a file", "a folder in its place", "NUL"])
def test_a_report_that_can_not_be_written_withholds_no_state(
    target: Setup, tmp_path: Path, where: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "taken.html").mkdir()
    path = {"below a file": "file/report", "a folder in its place": "taken", "NUL": "\0"}[where]

    outcome = target.load(rows("accounts", GOOD), state(done=1), report_path=str(tmp_path / path))

    assert "Only the report is missing" in outcome.error
    assert outcome.state == {"done": 1}


def test_a_report_that_can_not_be_written_hides_no_other_failure(target: Setup, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    outcome = target.load(rows("accounts", BAD), state(done=1), report_path=str(tmp_path / "file" / "x"))

    assert "1 record was rejected" in outcome.error
    assert "Only the report is missing" in outcome.error
    assert outcome.state == {"done": 1}


def test_a_full_disk_leaves_the_report_that_was_there(tmp_path: Path) -> None:
    paths = Report().write(str(tmp_path / "report"))
    before = [path.read_text() for path in paths]
    room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, room[1]))
    try:
        with pytest.raises(TargetError, match="File too large"):
            Report().write(str(tmp_path / "report"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, room)

    assert [path.read_text() for path in paths] == before
    assert sorted(tmp_path.iterdir()) == sorted(paths)


# Standard output


@contextmanager
def nobody_reads() -> Iterator[int]:
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@contextmanager
def full_disk() -> Iterator[int]:
    with Path("/dev/full").open("wb") as file:
        yield file.fileno()


def close_stdout() -> None:
    os.close(1)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["full", "nobody reads", "closed"])
@pytest.mark.parametrize("early", [True, False], ids=["within the feed", "at its end"])
def test_a_state_that_can_not_be_passed_on_is_one_sentence(
    target: Setup, workspace: Workspace, how: str, early: bool
) -> None:
    messages = [*rows("accounts", GOOD), *([state(done=1), *rows("notes", {"id": 1, "title": "N"})] * early)]
    report = target.folder / "report.json"
    target.config["report_path"] = str(report)
    text = feed([messages, state(done=2)])

    if how == "closed":
        outcome = target.run(text, stdout=subprocess.DEVNULL, preexec_fn=close_stdout)
    else:
        with (full_disk if how == "full" else nobody_reads)() as stdout:
            outcome = target.run(text, stdout=stdout)

    assert "state can't be passed on" in outcome.error
    assert "Exception ignored" not in outcome.log
    assert "state can't be passed on" in json.loads(report.read_text())["failure"]
    again = target.loaded(messages, state(done=2))
    assert again.state == {"done": 2}
    assert [len(workspace.all(stream)) for stream in ("accounts", "notes")] == [1, int(early)]


# Other files


def test_an_input_that_can_not_be_read_is_one_sentence(target: Setup) -> None:
    outcome = target.load(options=["--input", "/proc/self/mem"])  # opens, and fails when it is read

    assert "input can't be read" in outcome.error


def test_records_for_which_there_is_no_room_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("target_lightfield.matching.record_cache._CACHE_KIB", 100)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    store = RecordStore()

    def put_much() -> None:
        for n in range(10_000):
            store.put(str(n), {"id": str(n), "text": "x" * 1000}, [])

    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, before[1]))
    try:
        with pytest.raises(TargetError, match="temporary database failed") as failed:
            put_much()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        store.close()
    assert "\n" not in failed.value.message
