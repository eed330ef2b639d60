"""The command, as a process of its own, and the file that outlives it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from lightfield_sandbox.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightfield_sandbox.http.server import Sandbox


DOCUMENT = Path(__file__).parents[2] / "docs" / "sandbox.md"


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str, dict[str, str]]]:
    command = [sys.executable, "-m", "lightfield_sandbox", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[-1]
            expected = 2 + options.count("--key")
            lines = [process.stdout.readline().split(maxsplit=3) for _ in range(expected)]
            yield process, url, {name: key for _, name, key, _ in lines}
        finally:
            process.kill()


def _get(url: str, key: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}", "Lightfield-Version": "2026-03-01"}
    return requests.get(url, headers=headers, timeout=300)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_url_and_keys_and_a_signal_ends_it_quietly(number: signal.Signals) -> None:
    with serving("--empty", "--members", "3", "--key", "mine=members:read,tasks:read") as (
        process,
        url,
        keys,
    ):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert list(keys) == ["full_access", "read_only", "mine"]
        assert all(re.fullmatch(r"sk_lf_[A-Za-z0-9]{20,}", key) for key in keys.values())
        assert _get(f"{url}/v1/members", keys["mine"]).json()["totalCount"] == 3
        assert _get(f"{url}/v1/accounts", keys["mine"]).status_code == 403
        assert _get(f"{url}/v1/accounts", keys["read_only"]).headers["X-RateLimit-Limit"] == "25"
        process.send_signal(number)
        _, errors = process.communicate(timeout=300)
        assert (process.returncode, errors) == (0, "")
        with pytest.raises(requests.ConnectionError):
            _get(url, keys["mine"])


@pytest.mark.parametrize(
    "options",
    [
        ["--fault", "418:1"], ["--key", "name"], ["--key", "=a:read"], ["--accounts", "-1"],
        ["--unique-status", "418"], ["--index-lag", "-1"], ["--refusals", "vague"], ["--links-move", "none"],
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(options: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", *options])
    assert ended.value.code == 2


def test_every_option_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    documented = set(re.findall(r"--[a-z-]+", DOCUMENT.read_text(encoding="utf-8")))
    assert options
    assert options <= documented


def test_a_taken_port_is_said_so(sandbox: Sandbox) -> None:
    command = [
        sys.executable,
        "-m",
        "lightfield_sandbox",
        "serve",
        "--empty",
        "--port",
        sandbox.url.rpartition(":")[2],
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 1
    assert "in use" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
@pytest.mark.parametrize("start", ["lightfield_sandbox", "lightfield_sandbox.cli"])
def test_without_its_extra_it_says_what_to_install(missing: str, start: str) -> None:
    # None in sys.modules makes an import fail as that of a package that is not there does.
    program = (
        f"import runpy, sys; sys.modules[{missing!r}] = None; sys.argv[1:] = ['serve', '--port', '0']; "
        f"runpy.run_module({start!r}, run_name='__main__')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        f"lightfield-sandbox: {missing} is not installed; it comes with the extra: "
        "pip install 'singer-lightfield[sandbox]'\n"
    )


def test_a_file_that_is_no_workspace_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database " * 100)
    command = [sys.executable, "-m", "lightfield_sandbox", "serve", "--port", "0", "--data", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("lightfield-sandbox: ")
    assert "Traceback" not in ended.stderr


def test_a_workspace_in_a_file_goes_on_after_a_restart(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "workspace.db"
    first = start_sandbox(data=file, seed=3, accounts=5, trashed=0)
    api = connect(first)
    contact = first.records("contact")[0]["id"]
    made = api.post(
        "/v1/accounts",
        {"fields": {"$name": "Kept"}, "relationships": {"$contact": contact}},
        Idempotency_Key="k",
    ).body
    gone = first.records("account")[1]["id"]
    api.call("DELETE", f"/v1/accounts/{gone}")
    kept = {object_type: first.records(object_type) for object_type in first.stats()["records"]}
    first.stop()
    # The file knows its seed: another one at the start does not make another workspace of it.
    second = start_sandbox(data=file, seed=99)
    assert second.keys == first.keys
    assert {object_type: second.records(object_type) for object_type in kept} == kept
    again = connect(second)
    assert [record["id"] for record in again.get("/v1/accounts?status=trashed").body["data"]] == [gone]
    assert again.post("/v1/accounts", {"fields": {"$name": "Other"}}, Idempotency_Key="k").body == made
    new = again.create("/v1/accounts", {"$name": "New"})
    assert new["id"] not in {record["id"] for records in kept.values() for record in records}
    second.reset(data=True)
    assert len(second.records("contact")) == len(kept["contact"])
    assert made["id"] not in {record["id"] for record in second.records("account")}
