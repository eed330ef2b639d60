"""How the command ends when it is interrupted, or when nobody reads what it writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tap.scripted import Script, record
from tests.tap.tap_runs import cli, discover, one_error, only, spawn

BUSY = {"error": {"type": "too_many_requests", "message": "slow down"}}


class Gate:
    """Holds back the answer to the request for a path that comes as the given one of its kind."""

    def __init__(self, script: Script, path: str, number: int = 1) -> None:
        self._path, self._left = path, number
        self.reached, self._open = threading.Event(), threading.Event()
        script.on_request = self._hold

    def _hold(self, path: str) -> None:
        if path == self._path:
            self._left -= 1
            if self._left <= 0:
                self.reached.set()
                self._open.wait(300)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gates(script: Script) -> Iterator[list[Gate]]:
    made: list[Gate] = []
    yield made
    for gate in made:
        gate.open()


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """What a process wrote that has to end by itself, while the server still holds its answer back."""
    out, log = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, out, log)


def messages(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The messages, of which none may be half."""
    assert result.stdout == "" or result.stdout.endswith("\n")
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("path", ["/v1/auth/validate", "/v1/contacts/definitions", "/v1/contacts"])
def test_a_signal_ends_the_command_though_an_answer_never_comes(
    script: Script, gates: list[Gate], tmp_path: Path, number: signal.Signals, path: str
) -> None:
    script.records["accounts"] = [record(1)]
    script.records["contacts"] = [record(n) for n in range(80)]
    gates.append(Gate(script, path, 3 if path == "/v1/contacts" else 1))
    process = spawn(config=script.config(), tmp_path=tmp_path)
    assert gates[0].reached.wait(300)

    process.send_signal(number)
    result = ended(process)

    assert f"Interrupted by {number.name}" in one_error(result)
    states = [m["value"]["bookmarks"] for m in messages(result) if m["type"] == "STATE"]
    if path == "/v1/contacts":
        assert "replication_key_value" in states[-1]["accounts"]
        assert "replication_key_value" not in states[-1].get("contacts", {})
    else:
        assert states == []


def test_a_signal_ends_the_command_while_it_waits_for_the_rate_limit(script: Script, tmp_path: Path) -> None:
    script.records["accounts"] = [record(1)]
    script.answers["/v1/contacts"] = (429, BUSY)
    script.retry_after = "200"
    answered = threading.Event()
    script.on_answered = lambda path: answered.set() if path == "/v1/contacts" else None
    process = spawn(config=script.config(), tmp_path=tmp_path)
    assert answered.wait(300)

    process.send_signal(signal.SIGTERM)
    assert "Interrupted by SIGTERM" in one_error(ended(process))


def test_a_signal_in_the_midst_of_a_write_waits_for_the_line_to_be_whole(
    script: Script, tmp_path: Path
) -> None:
    script.records["accounts"] = [record(n, externalId="x" * 2000) for n in range(200)]
    script.records["contacts"] = []
    catalog = only(discover(script.config()), "accounts", "contacts")
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    process = spawn("--catalog", "catalog.json", config=script.config(), tmp_path=tmp_path)
    while not _is_blocked_in_a_write(process.pid):  # nobody reads, and the pipe is full
        assert process.poll() is None, process.communicate()

    process.send_signal(signal.SIGTERM)
    while not _has_no_handler(process.pid, signal.SIGTERM):
        assert process.poll() is None, process.communicate()
    result = ended(process)

    assert "Interrupted by SIGTERM" in one_error(result)
    rows = [m for m in messages(result) if m["type"] == "RECORD"]
    assert 0 < len(rows) < 200
    assert script.pages("contacts") == 0


def test_a_second_signal_kills(script: Script, tmp_path: Path) -> None:
    script.records["accounts"] = [record(n, externalId="x" * 2000) for n in range(200)]
    process = spawn(config=script.config(), tmp_path=tmp_path)
    while not _is_blocked_in_a_write(process.pid):
        assert process.poll() is None, process.communicate()

    process.send_signal(signal.SIGTERM)
    while not _has_no_handler(process.pid, signal.SIGTERM):
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGTERM)

    assert process.wait(300) == -signal.SIGTERM
    process.communicate()


def test_a_program_that_uses_the_tap_keeps_its_own_handlers(script: Script) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    discover(script.config())
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_reader_that_has_gone_is_said_in_one_sentence(
    script: Script, gates: list[Gate], tmp_path: Path
) -> None:
    script.records["accounts"] = [record(n, externalId="x" * 2000) for n in range(300)]
    gates.append(Gate(script, "/v1/accounts", 3))  # whose answer it does not wait for
    process = spawn(config=script.config(max_concurrency=2), tmp_path=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["type"] == "SCHEMA"
    process.stdout.close()

    with process.stderr as log:
        result = subprocess.CompletedProcess(process.args, process.wait(300), "", log.read())

    assert "Standard output can't be written to: Broken pipe" in one_error(result)


@pytest.mark.parametrize("arguments", [[], ["--discover"], ["--about"]], ids=str)
def test_a_full_disk_is_said_in_one_sentence(script: Script, tmp_path: Path, arguments: list[str]) -> None:
    script.records["accounts"] = [record(1)]
    with Path("/dev/full").open("w") as full:
        result = cli(*arguments, config=script.config(), tmp_path=tmp_path, stdout=full)
    assert "Standard output can't be written to: No space left on device" in one_error(result)


def test_a_closed_standard_output_is_said_in_one_sentence(script: Script, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(script.config()))
    command = f"{Path(sys.executable).with_name('tap-lightfield')} --config config.json >&-"
    result = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert "Standard output can't be written to" in one_error(result)


def _is_blocked_in_a_write(pid: int) -> bool:
    """Whether the main thread of a process waits in the system call `write`."""
    try:
        call = Path(f"/proc/{pid}/task/{pid}/syscall").read_text().split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return call == str({"x86_64": 1, "aarch64": 64}[os.uname().machine])


def _has_no_handler(pid: int, number: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return not int(caught, 16) >> (number - 1) & 1
