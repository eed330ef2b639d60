"""What a run says while it runs: a line every ten seconds, and on a terminal a bar."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import struct
import subprocess
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from target_lightfield.run.how_far import HowFar, Part, StreamSoFar
from target_lightfield.run.progress import Progress
from tests.target.target_runs import COMMAND, Setup, feed, rows, state

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

COUNTS = r"[\d,]+ created, [\d,]+ updated, [\d,]+ unchanged, [\d,]+ rejected, [\d,]+ waiting"
LINE = rf"notes: [\d,]+ rows? done, [\d,]+ a second \({COUNTS}\)(; [\d,]+ under way)?"
LEFT = r"(, (\d+ h )?(\d+ min ?)?(\d+ s )?(left|until all is read))?"
ON_ITS_WAY = 0.05
"""Seconds between two lines, much less than a run takes of 40 rows that each wait 20 ms."""


class Watched:
    """A run in the hands of a test, and its clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.far = HowFar({})
        self.progress = Progress(lambda: self.far, clock=lambda: self.now)

    def lines_after(
        self, seconds: float, part: Part | None = None, under_way: int = 0, **streams: StreamSoFar
    ) -> None:
        self.now += seconds
        self.far = HowFar(streams, under_way, part)
        self.progress.tick()


def so_far(done: int, **counts: int) -> StreamSoFar:
    return StreamSoFar(done, counts=counts or {"created": done})


def read(done: int) -> Part:
    return Part(done, 1000, "{percent}% of the input read")


def translated(done: int) -> Part:
    return Part(done, 1200, "{done} of {total} rows through the preset")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the log has said since the last call."""
    caplog.set_level(logging.INFO)

    def said() -> list[str]:
        lines = [r.getMessage() for r in caplog.records if "a second" in r.getMessage()]
        caplog.clear()
        return lines

    return said


def test_a_line_comes_every_ten_seconds_for_each_stream_that_moved(said: Callable[[], list[str]]) -> None:
    run = Watched()
    run.lines_after(9, accounts=so_far(90))
    assert said() == []
    run.lines_after(1, accounts=so_far(1, created=1, rejected=0))
    assert said() == ["accounts: 1 row done, 0 a second (1 created, 0 rejected)"]
    run.lines_after(10, accounts=so_far(1001), contacts=so_far(500), under_way=12)
    assert said() == [
        "accounts: 1,001 rows done, 100 a second (1,001 created); 12 under way",
        "contacts: 500 rows done, 50 a second (500 created); 12 under way",
    ]
    run.lines_after(20, accounts=so_far(1001), contacts=so_far(1500))
    assert said() == ["contacts: 1,500 rows done, 50 a second (1,500 created)"]


def test_a_run_that_stands_still_says_so(said: Callable[[], list[str]]) -> None:
    run = Watched()
    run.lines_after(10, accounts=so_far(100), under_way=40)
    run.lines_after(10, accounts=so_far(100), under_way=40)
    assert said()[1:] == ["accounts: 100 rows done, 0 a second (100 created); 40 under way"]


def test_the_time_left_is_of_the_part_whose_size_is_known(said: Callable[[], list[str]]) -> None:
    run = Watched()
    run.lines_after(10, read(100), deals=so_far(10))
    run.lines_after(40, read(500), deals=so_far(500))
    run.lines_after(10, read(1000), deals=so_far(600))
    assert [line.partition("; ")[2] for line in said()] == [
        "10% of the input read, 1 min 30 s left",
        "50% of the input read, 50 s left",
        "100% of the input read",
    ]
    # Of what begins then, the time before it says nothing.
    run.lines_after(10, translated(200), deals=so_far(700))
    run.lines_after(10, translated(400), deals=so_far(800))
    assert [line.partition("; ")[2] for line in said()] == [
        "200 of 1,200 rows through the preset",
        "400 of 1,200 rows through the preset, 40 s left",
    ]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("target_lightfield.run.progress.INTERVAL", ON_ITS_WAY)


def _notes(number: int) -> list[dict[str, Any]]:
    return [*rows("notes", *({"id": n, "title": f"Note {n}"} for n in range(number))), state(at=number)]


@pytest.fixture
def slow(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A workspace of which each answer takes a while."""
    return start_sandbox(empty=True, latency_ms=20)


@pytest.mark.usefixtures("often")
def test_a_load_says_how_far_it_is_until_the_last_row_is_settled(
    slow: Sandbox, target_of: Callable[..., Setup], tmp_path: Path
) -> None:
    target = target_of(slow, max_concurrency=1)
    source = tmp_path / "feed.jsonl"
    source.write_text(feed(_notes(40)))

    outcome = target.loaded(source=source)
    lines = _lines(outcome.log)
    assert lines
    assert set(outcome.counts) == {"notes"}  # who looks for the lines of the end finds none of these
    assert all(re.fullmatch(rf"{LINE}; \d+% of the input read{LEFT}", line) for line in lines), lines
    # All is read at once: these are of the rows that were under way then.
    assert int(lines[-1].split()[1]) > 0

    piped = _lines(target.loaded(_notes(30)[:1], _notes(30)[1:]).log)
    assert all(re.fullmatch(LINE, line) for line in piped), piped  # nobody knows how much will come


@pytest.mark.usefixtures("often")
def test_a_preset_says_how_many_of_its_rows_have_been_through_it(
    slow: Sandbox, target_of: Callable[..., Setup], tmp_path: Path
) -> None:
    preset = tmp_path / "preset.yml"
    preset.write_text("preset: 1\nstreams:\n  remarks: {to: notes, columns: {title: subject}}\n")
    target = target_of(slow, max_concurrency=1, preset=str(preset))
    remarks = rows("remarks", *({"id": n, "subject": f"Note {n}"} for n in range(40)))

    lines = _lines(target.loaded(remarks).log)
    assert any(re.fullmatch(rf"{LINE}; [\d]+ of 40 rows through the preset{LEFT}", line) for line in lines), (
        lines
    )


def test_a_quick_run_says_nothing(target: Setup) -> None:
    assert _lines(target.loaded(_notes(3)).log) == []


def _lines(log: str) -> list[str]:
    return [line.rpartition(" | ")[2].strip() for line in log.splitlines() if " a second" in line]


# On a terminal


class Terminal:
    """A terminal of 100 columns, and what was written to it."""

    def __init__(self) -> None:
        self._master, self.end = os.openpty()
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

    def read(self) -> str:
        """Return all that was written, once the program has ended."""
        os.close(self.end)
        pieces = []
        while True:
            try:
                piece = os.read(self._master, 65536)
            except OSError:  # nobody holds the other end any more
                break
            if not piece:
                break
            pieces.append(piece)
        os.close(self._master)
        return b"".join(pieces).decode()


@pytest.fixture
def shown(start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]) -> Callable[..., str]:
    """Run the command with 20 rows and one that is rejected, and return what comes to its terminal."""

    def shown(*, errors_to_terminal: bool = True, **environment: str) -> str:
        target = target_of(start_sandbox(empty=True, latency_ms=100), max_concurrency=1, max_rejects=1)
        settings, source = target.folder / "config.json", target.folder / "feed.jsonl"
        settings.write_text(json.dumps(target.config))
        messages = [rows("notes", {"id": "bad", "title": ["no", "text"]}), _notes(20)]
        source.write_text(feed([m for part in messages for m in part]))
        terminal = Terminal()
        with source.open() as stdin, (target.folder / "log").open("w") as log:
            process = subprocess.Popen(
                [COMMAND, "--config", str(settings)],
                stdin=stdin,
                stdout=terminal.end,
                stderr=terminal.end if errors_to_terminal else log,
                env={**os.environ, **environment},
            )
        written = terminal.read()
        assert process.wait(timeout=300) == 0, written
        return written if errors_to_terminal else written + (target.folder / "log").read_text()

    return shown


def test_on_a_terminal_a_bar_shows_how_far_it_is_and_garbles_nothing(shown: Callable[..., str]) -> None:
    written = shown()

    assert re.search(r"\r *\d+%\|.{20}\| notes: \d+ rows?, \d+ a second: \d+ created, 1 rejected", written)
    assert all(len(bar) <= 100 for bar in _bars(written))
    lines = list(_screen(written))
    log = re.compile(r"[\d-]+ [\d:,]+ \| (INFO|WARNING) +\| [\w.-]+ +\| \S.*")
    rest = [line for line in lines if line and not log.fullmatch(line)]
    assert rest == ['{"at": 20}']  # the state, whole and on a line of its own
    assert any("Rejected notes 'bad'" in line for line in lines)
    assert any("notes: 20 created" in line for line in lines)
    assert not any(" a second" in line for line in lines)  # the bar is gone, and was instead of lines


@pytest.mark.parametrize("where", ["elsewhere", "under Meltano"])
def test_no_bar_is_shown(shown: Callable[..., str], where: str) -> None:
    elsewhere = where == "elsewhere"
    written = shown(errors_to_terminal=not elsewhere, **({} if elsewhere else {"MELTANO_PROJECT_ROOT": "/x"}))

    assert "notes: 20 created" in written
    assert not re.search("%\\||\x1b", written)
    assert "\r" not in written.replace("\r\n", "\n")


def _bars(written: str) -> list[str]:
    return [part for part in re.split("[\r\n]", written) if "%|" in part]


def _screen(written: str) -> Iterator[str]:
    """Yield the lines as they stay on a terminal: a return to the line's beginning writes over it."""
    for line in written.replace("\r\n", "\n").split("\n"):
        shown: list[str] = []
        for part in line.split("\r"):
            shown[: len(part)] = part
        yield "".join(shown).rstrip()
