"""The table of exit statuses in docs/operations.md: every row is run, and the code has no other."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import pytest

from demo.pipeline import REPOSITORY
from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.command import _FAILED
from tap_lightfield.errors import TapError
from target_lightfield.errors import TargetError
from tests.end_to_end.operations.machines import SECONDS, Machine, inherited
from tests.end_to_end.operations.page import table
from tests.target.target_runs import feed, rows, state

_PROGRAMS = Path(sys.executable).parent
_PACKAGES = ("lightfield_api", "tap_lightfield", "target_lightfield")

_ROWS = [(cells[0].strip("`"), int(cells[1])) for cells in table("| program | status |")]
_GOOD_RUN = ("meltano run", 0)  # which each test of a schedule has
_LOAD = ("--environment", "acme", "run")
_GOOD = feed([rows("accounts", {"id": "1", "name": "A"})])
_REJECTED = feed([rows("accounts", {"id": "1", "name": "A", "headcount": "about forty"}), state(done=1)])


class Programs:
    """The programs with a sandbox and a folder of their own."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox, self._folder = sandbox, folder
        self.stdout = ""

    def status(self, *command: str, text: str = "", key: str | None = None) -> int:
        """Run a command to its end and return its status, as a shell has it."""
        process = self.started(*command, key=key)
        self.stdout = process.communicate(text, timeout=SECONDS)[0]
        return _as_in_a_shell(process.returncode)

    def started(self, *command: str, key: str | None = None) -> subprocess.Popen[str]:
        settings = {"API_URL": self._sandbox.url, "API_KEY": key or self._sandbox.key}
        env = {
            f"{plugin}_LIGHTFIELD_{name}": v for plugin in ("TAP", "TARGET") for name, v in settings.items()
        }
        program, *arguments = command
        return subprocess.Popen(
            [_PROGRAMS / program, *arguments], cwd=self._folder, env={**inherited(), **env},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip


@pytest.fixture
def programs(start_sandbox: Callable[..., Sandbox], tmp_path: Path) -> Programs:
    return Programs(start_sandbox(empty=True, accounts=1, trashed=0), tmp_path)


def test_the_table_has_the_rows_that_are_tested() -> None:
    assert sorted(_ROWS) == sorted([*_OF_PROGRAMS, *_OF_MELTANO, _GOOD_RUN])


@pytest.mark.parametrize(("program", "status"), [row for row in _ROWS if row[0] != "meltano run"])
def test_a_row(program: str, status: int, programs: Programs) -> None:
    assert _OF_PROGRAMS[program, status](programs) == status


@pytest.mark.slow
@pytest.mark.xdist_group("operations")
@pytest.mark.parametrize("status", [1, 2, 143])
def test_a_row_of_meltano(
    status: int, machine: Callable[..., Machine], start_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    assert _OF_MELTANO["meltano run", status](machine, start_sandbox, tmp_path) == status


def test_rejected_records_are_filed_and_the_state_passes_them(programs: Programs) -> None:
    assert programs.status("target-lightfield", "--config=ENV", text=_REJECTED) == 1
    # Where a run takes its time, a state is passed on as soon as it is true, and at the end once more.
    assert {*programs.stdout.splitlines()} == {json.dumps({"done": 1})}


def test_no_code_ends_a_program_in_another_way() -> None:
    assert {error.exit_code for error in _with_subclasses(click.ClickException) if _is_ours(error)} == {1}
    ends = {
        f"{path.relative_to(REPOSITORY)}: {said}"
        for package in _PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (said := _way_to_end(node))
    }
    assert ends == {"tap_lightfield/command.py: os._exit(_FAILED)"}
    assert _FAILED == 1


def _way_to_end(node: ast.AST) -> str:
    """Return what a piece of code says if it ends the process or sets a status, else an empty text."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("exit", "abort", "SystemExit")):
        return ast.unparse(node)
    sets = isinstance(node, (ast.Assign, ast.AnnAssign)) and "exit_code" in ast.unparse(node)
    return ast.unparse(node) if sets else ""


def _killed(programs: Programs) -> int:
    process = programs.started("target-lightfield", "--config=ENV")
    process.kill()  # it waits for its input, whatever it has done until now
    process.communicate(timeout=SECONDS)
    return _as_in_a_shell(process.returncode)


_OF_PROGRAMS: dict[tuple[str, int], Callable[[Programs], int]] = {
    ("tap-lightfield", 0): lambda run: run.status("tap-lightfield", "--config=ENV"),
    ("tap-lightfield", 1): lambda run: run.status("tap-lightfield", "--config=ENV", key="sk_lf_wrong"),
    ("tap-lightfield", 2): lambda run: run.status("tap-lightfield", "--nonsense"),
    ("target-lightfield", 0): lambda run: run.status("target-lightfield", "--config=ENV", text=_GOOD),
    ("target-lightfield", 1): lambda run: run.status("target-lightfield", "--config=ENV", text=_REJECTED),
    ("target-lightfield", 2): lambda run: run.status("target-lightfield", "--nonsense"),
    ("lightfield-migration", 0): lambda run: run.status("lightfield-migration", "presets"),
    ("lightfield-migration", 1): lambda run: run.status("lightfield-migration", "show", "nonsense"),
    ("lightfield-migration", 2): lambda run: run.status("lightfield-migration", "nonsense"),
    ("any", 137): _killed,
}


def _meltano(*arguments: str, **settings: str) -> Callable[..., int]:
    return lambda machine, *_: machine(**settings).meltano(*arguments).returncode


def _terminated(machine: Callable[..., Machine], start_sandbox: Callable[..., Sandbox], folder: Path) -> int:
    """End Meltano alone in the middle of a load, as Kubernetes does: its plugins have ended when it ends."""
    source = start_sandbox(empty=True, contacts=150, trashed=0)
    workspace = start_sandbox(empty=True, seed=2, rate_limit=25)
    lightfield = machine(source=source, workspace=workspace, ACME_ID_MAP=f"sqlite:///{folder}/id_map.db")
    process = lightfield.start(*_LOAD, "load", log=folder / "log")
    while not workspace.records("contact"):
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    status = process.wait(SECONDS)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    assert "what was on its way is written" in (folder / "log").read_text()
    return status


_OF_MELTANO: dict[tuple[str, int], Callable[..., int]] = {
    ("meltano run", 1): _meltano(*_LOAD, "load", TAP_SOURCE_API_KEY="sk_lf_wrong"),
    ("meltano run", 2): _meltano("run", "--nonsense"),
    ("meltano run", 143): _terminated,
}


def _as_in_a_shell(code: int) -> int:
    return code if code >= 0 else 128 - code


def _with_subclasses(error: type[click.ClickException]) -> Sequence[type[click.ClickException]]:
    return [error, *(each for child in error.__subclasses__() for each in _with_subclasses(child))]


def _is_ours(error: type[click.ClickException]) -> bool:
    return issubclass(error, (TapError, TargetError)) or error.__module__.startswith(_PACKAGES)
