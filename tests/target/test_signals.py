"""A signal ends the input: what is on its way is finished, and its state emitted."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.target.target_runs import Outcome, Setup, feed, rows, state

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

pytestmark = pytest.mark.slow


def notes(first: int, behind: int) -> str:
    return feed(
        [*rows("notes", *({"id": n, "title": f"Note {n}"} for n in range(first, behind))), state(at=behind)]
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_on_its_way_is_written_and_the_next_run_goes_on_from_there(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], number: signal.Signals
) -> None:
    sandbox = start_sandbox(empty=True, latency_ms=50)
    target = target_of(sandbox)
    whole = "".join(notes(n, n + 10) for n in range(0, 600, 10))
    process = target.spawn(whole)
    while len(sandbox.records("note")) < 20:
        assert process.poll() is None, process.communicate()

    process.send_signal(number)
    stdout, log = process.communicate(timeout=300)

    ended = Outcome(process.returncode, stdout, log, {})
    assert f"Interrupted by {number.name}" in ended.error
    assert ended.state is not None
    written = len(sandbox.records("note"))
    assert ended.state["at"] <= written < 600
    assert {f"Note {n}" for n in range(ended.state["at"])} <= {
        record["fields"]["$title"]["value"] for record in sandbox.records("note")
    }
    assert target.run(whole).state == {"at": 600}
    assert len(sandbox.records("note")) == 600
    assert sandbox.stats()["writes"]["note"]["create"] == 600


def test_a_signal_before_anything_came_ends_a_run_that_did_nothing(target: Setup) -> None:
    process = target.spawn("", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(feed([rows("accounts", {"id": 1, "name": "Acme"}), state(at=1)]))
    process.stdin.flush()
    while not target.sandbox.records("account"):
        assert process.poll() is None, process.communicate()

    process.send_signal(signal.SIGTERM)
    stdout, log = process.communicate(timeout=300)

    assert Outcome(process.returncode, stdout, log, {}).state == {"at": 1}
    assert "Traceback" not in log


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_run_that_is_interrupted_before_a_state_does_not_say_that_there_is_one(
    target_of: Callable[..., Setup], empty: Sandbox, dry_run: bool
) -> None:
    target = target_of(empty, dry_run=dry_run)
    process = target.spawn("", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(feed([rows("accounts", {"id": 1, "name": "Acme"})]))
    process.stdin.flush()
    while not sum(empty.stats()["requests"]["search"].values()):
        assert process.poll() is None, process.communicate()

    process.send_signal(signal.SIGTERM)
    stdout, log = process.communicate(timeout=300)

    ended = Outcome(process.returncode, stdout, log, {})
    assert stdout == ""
    said = "nothing was written, and not all rows" if dry_run else "written and known. No state was emitted"
    assert f"Interrupted by SIGTERM: {'' if dry_run else 'what was on its way is '}{said}" in ended.error


def test_a_second_signal_kills_and_the_next_run_doubles_nothing(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True, latency_ms=50)
    target = target_of(sandbox)
    whole = notes(0, 200)
    process = target.spawn(whole)
    while len(sandbox.records("note")) < 20:
        assert process.poll() is None, process.communicate()
    sandbox.set_faults("hang:1")  # so that what is on its way does not end

    process.send_signal(signal.SIGTERM)
    while _catches(process, signal.SIGTERM):
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGTERM)
    stdout, _ = process.communicate(timeout=300)

    assert process.returncode == -signal.SIGTERM
    assert stdout == ""
    sandbox.set_faults("")
    assert target.run(whole).state == {"at": 200}
    assert len(sandbox.records("note")) == 200
    assert sandbox.stats()["writes"]["note"]["create"] == 200


def _catches(process: subprocess.Popen[str], number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (number - 1) & 1)
