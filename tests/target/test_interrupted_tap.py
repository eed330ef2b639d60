"""The tap's feed through a real pipe, with ``relationship_mode: replace``: whole, and broken off."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Outcome, Setup, _counts
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

pytestmark = pytest.mark.slow

TAP = str(Path(sys.executable).with_name("tap-lightfield"))
MEMBERS = 80  # four pages, each sharing a record with the one before


class Pipeline:
    """A workspace with a list, and one that it is copied into, where exactly the list's members remain."""

    def __init__(self, start_sandbox: Callable[..., Sandbox], folder: Path) -> None:
        self.source = start_sandbox(seed=1, empty=True, latency_ms=20)
        self.folder = folder
        self.target = Setup(start_sandbox(seed=2, empty=True), folder / "target", relationship_mode="replace")
        self._workspace = Workspace(self.source)
        self.accounts = [self._workspace.account(f"Account {n}") for n in range(MEMBERS)]
        self._list = self._workspace.create("lists", {"$name": "Targets", "$objectType": "$account"})
        self.change("add", self.accounts)

    def change(self, operation: str, accounts: Sequence[str]) -> None:
        for start in range(0, len(accounts), 25):
            links = {"$accounts": {operation: list(accounts[start : start + 25])}}
            self._workspace.update("lists", self._list, {}, links)

    def on_the_copy(self) -> int:
        copy = Workspace(self.target.sandbox)
        [made] = copy.all("lists")
        page = copy.call("GET", "lists", made["id"], "accounts?limit=1&offset=0")
        return int(page["totalCount"])

    def tap(self) -> subprocess.Popen[str]:
        """Start the tap, which asks for one page at a time."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TAP_LIGHTFIELD_")}
        settings = self.folder / "tap.json"
        settings.write_text(
            json.dumps({"api_key": self.source.key, "api_url": self.source.url, "max_concurrency": 1})
        )
        catalog = self.folder / "catalog.json"
        if not catalog.exists():
            discovered = subprocess.run(
                [TAP, "--config", str(settings), "--discover"],
                capture_output=True, text=True, env=clean, timeout=300, check=True,
            )  # fmt: skip
            catalog.write_text(
                json.dumps(_only(json.loads(discovered.stdout), "accounts", "lists", "list_members"))
            )
            self.source.reset()
        return subprocess.Popen(
            [TAP, "--config", str(settings), "--catalog", str(catalog)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean,
        )  # fmt: skip

    def run(self, tap: subprocess.Popen[str], meanwhile: Callable[[], None] = lambda: None) -> Outcome:
        """Run the target on what the tap writes, and both to their end."""
        target = self.target.spawn("", stdin=tap.stdout)
        assert tap.stdout is not None
        tap.stdout.close()  # the target's alone, now
        meanwhile()
        stdout, log = target.communicate(timeout=300)
        return Outcome(target.returncode, stdout, log, _counts(log))


def _only(catalog: Any, *streams: str) -> Any:
    for stream in catalog["streams"]:
        [root] = [m["metadata"] for m in stream["metadata"] if m["breadcrumb"] == []]
        root["selected"] = stream["tap_stream_id"] in streams
    return catalog


@pytest.fixture
def pipeline(start_sandbox: Callable[..., Sandbox], tmp_path: Path) -> Pipeline:
    return Pipeline(start_sandbox, tmp_path)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    assert process.stderr is not None
    with process.stderr as log:
        return process.wait(300), log.read()


def test_who_has_left_a_list_is_removed_from_its_copy(pipeline: Pipeline) -> None:
    tap = pipeline.tap()
    assert pipeline.run(tap).status == ended(tap)[0] == 0
    assert pipeline.on_the_copy() == MEMBERS
    pipeline.change("remove", pipeline.accounts[:35])

    tap = pipeline.tap()
    feed = [json.dumps(json.loads(line)) for line in tap.stdout or ()]  # handed on as JSON, not as bytes
    assert ended(tap)[0] == 0
    outcome = pipeline.target.run("".join(f"{line}\n" for line in feed))

    assert outcome.status == 0, outcome.log
    assert outcome.count("list_members") == {"unchanged": MEMBERS - 35, "removed": 35}
    assert pipeline.on_the_copy() == MEMBERS - 35
    assert outcome.state is not None
    assert outcome.state["bookmarks"]["list_members"]["complete"] == {"rows": MEMBERS - 35}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_tap_that_is_ended_between_pages_of_members_has_nobody_removed(
    pipeline: Pipeline, number: signal.Signals
) -> None:
    assert pipeline.run(pipeline.tap()).status == 0
    pipeline.source.reset()
    # The pages of accounts, of lists, and some of the members'.
    pages = 4 + 1 + random.Random(number).randint(2, 3)
    tap = pipeline.tap()

    def end() -> None:
        while pipeline.source.stats()["requests"]["search"].get("200", 0) < pages:
            assert tap.poll() is None
        pipeline.source.set_faults("hang:1")  # so that it does not come to the end
        tap.send_signal(number)

    outcome = pipeline.run(tap, end)

    status, log = ended(tap)
    if number == signal.SIGKILL:
        assert status == -number
        assert outcome.status in {0, 1}  # 1 where it was killed within a line
    else:
        assert status == 1
        assert f"Interrupted by {number.name}" in log.splitlines()[-1]
        assert "Traceback" not in log
        assert outcome.status == 0, outcome.log
        assert "Nobody is removed from any list" in outcome.log
    assert pipeline.on_the_copy() == MEMBERS
    assert outcome.count("list_members").get("removed") is None
    assert all("complete" not in json.dumps(state) for state in outcome.states)
