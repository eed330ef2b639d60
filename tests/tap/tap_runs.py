"""Running the tap as its users do, and what it wrote."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tap_lightfield.tap import TapLightfield

Json = dict[str, Any]


@dataclass(frozen=True)
class Output:
    """The messages of one run."""

    messages: list[Json]

    def rows(self, stream: str) -> list[Json]:
        return [m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream]

    def ids(self, stream: str) -> set[str]:
        return {row["id"] for row in self.rows(stream)}

    def schema(self, stream: str) -> Json:
        return next(m["schema"] for m in self.messages if m["type"] == "SCHEMA" and m["stream"] == stream)

    @property
    def streams(self) -> set[str]:
        return {m["stream"] for m in self.messages if m["type"] == "SCHEMA"}

    @property
    def state(self) -> Json:
        return next(m["value"] for m in reversed(self.messages) if m["type"] == "STATE")

    def bookmark(self, stream: str) -> str:
        return self.state["bookmarks"][stream]["replication_key_value"]


def run(config: Json, *, catalog: Json | None = None, state: Json | None = None) -> Output:
    """Run the tap in this process; what it wrote before an error is on the error as ``written``."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        try:
            TapLightfield(
                config=config,
                catalog=json.loads(json.dumps(catalog)) if catalog else None,
                state=json.loads(json.dumps(state)) if state else None,
            ).sync_all()
        except Exception as e:
            e.written = _messages(out)  # type: ignore[attr-defined]
            raise
    return Output(_messages(out))


def _messages(out: io.TextIOWrapper) -> list[Json]:
    out.seek(0)
    return [json.loads(line) for line in out.read().splitlines()]


def discover(config: Json) -> Json:
    return json.loads(json.dumps(TapLightfield(config=config).catalog_dict))


def entry(catalog: Json, stream: str) -> Json:
    return next(e for e in catalog["streams"] if e["tap_stream_id"] == stream)


def metadata(catalog: Json, stream: str, *breadcrumb: str) -> Json:
    return next(
        m["metadata"] for m in entry(catalog, stream)["metadata"] if m["breadcrumb"] == list(breadcrumb)
    )


def only(catalog: Json, *streams: str) -> Json:
    """The catalog with just these streams selected."""
    for stream in catalog["streams"]:
        metadata(catalog, stream["tap_stream_id"])["selected"] = stream["tap_stream_id"] in streams
    return catalog


def cli(
    *args: str,
    config: Json | None = None,
    tmp_path: Path,
    env: Mapping[str, str] | None = None,
    stdout: IO[str] | int = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    process = spawn(*args, config=config, tmp_path=tmp_path, env=env, stdout=stdout)
    out, log = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, out, log)


def command(*args: str, config: Json, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, with its own way of ending on errors: the quick way."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    out, log, root = io.StringIO(), io.StringIO(), logging.getLogger()
    before = root.level, list(root.handlers)
    with redirect_stdout(out), redirect_stderr(log):
        try:
            TapLightfield.cli.main(["--config", str(path), *args])
            status = 0
        except SystemExit as e:
            status = int(e.code or 0)
        finally:
            root.setLevel(before[0])
            root.handlers[:] = before[1]
    return subprocess.CompletedProcess(args, status, out.getvalue(), log.getvalue())


def spawn(
    *args: str,
    config: Json | None = None,
    tmp_path: Path,
    env: Mapping[str, str] | None = None,
    stdout: IO[str] | int = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Start the installed command in a process of its own."""
    arguments = list(args)
    if config is not None:
        path = tmp_path / "config.json"
        path.write_text(json.dumps(config))
        arguments += ["--config", str(path)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TAP_LIGHTFIELD_")}
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("tap-lightfield")), *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**clean, **(env or {})},
    )


def one_error(result: subprocess.CompletedProcess[str]) -> str:
    """The only ERROR line of a command that failed as it should."""
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr, result.stderr
    errors = [line for line in result.stderr.splitlines() if "ERROR" in line]
    assert len(errors) == 1, result.stderr
    assert result.stderr.splitlines()[-1] == errors[0]
    return errors[0]
