"""The example's project, installed once as docs/operations.md says, and what its machines talk to."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest

from demo.pipeline import REPOSITORY
from demo.postgres import Postgres
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings
from tests.end_to_end.operations.machines import SECONDS, Machine, inherited
from tests.end_to_end.operations.page import PROJECT, commands, placed

DATABASES = ("meltano", "lightfield_acme", "lightfield_globex")

_COUNTS = {"account": 5, "contact": 15}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the page's first commands make, typed in a checkout of the repository."""
    folder = tmp_path_factory.mktemp("installed") / "lightfield"
    setup, _ = commands("Set up")
    env = {**inherited(), "PATH": _path(inherited())}
    done = subprocess.run(
        ["bash", "-euc", placed(setup, {PROJECT: folder})], cwd=REPOSITORY, env=env, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="session")
def databases(postgres_server: Postgres) -> Mapping[str, str]:
    """The databases that the page's SQL makes, by name, and a warehouse."""
    (statements,) = commands("Set up", "sql")
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        for line in [*statements.splitlines(), "CREATE DATABASE warehouse;"]:
            connection.execute(line.encode())
    return {name: url_of(postgres_server, name) for name in (*DATABASES, "warehouse")}


def url_of(server: Postgres, database: str) -> str:
    return server.sqlalchemy_url.replace("@/postgres?", f"@/{database}?")


@pytest.fixture(scope="session")
def workspaces() -> Iterator[Mapping[str, Sandbox]]:
    """What the example reads and writes: a source, and a workspace with the same records.

    Acme and globex are both that workspace: the example has one address for all, which is Lightfield's.
    """
    with (
        Sandbox(Settings(empty=True, counts=_COUNTS, trashed=0)) as source,
        Sandbox(Settings(empty=True, counts=_COUNTS, trashed=0)) as workspace,
    ):
        yield {"source": source, "workspace": workspace}


@pytest.fixture
def alerts() -> Iterator[Alerts]:
    """A webhook of this machine, and what was posted to it."""
    with Alerts() as webhook:
        yield webhook


@pytest.fixture
def machine(
    installed: Path,
    databases: Mapping[str, str],
    workspaces: Mapping[str, Sandbox],
    alerts: Alerts,
    tmp_path: Path,
) -> Callable[..., Machine]:
    """Make a machine; ``ready=False`` makes one on which nothing is installed."""

    def make(
        name: str = "machine",
        *,
        ready: bool = True,
        source: Sandbox | None = None,
        workspace: Sandbox | None = None,
        **settings: str,
    ) -> Machine:
        source = source or workspaces["source"]
        workspace = workspace or workspaces["workspace"]
        values = {
            "MELTANO_DATABASE_URI": databases["meltano"],
            "ACME_ID_MAP": databases["lightfield_acme"],
            "GLOBEX_ID_MAP": databases["lightfield_globex"],
            "TARGET_POSTGRES_SQLALCHEMY_URL": databases["warehouse"],
            "ACME_API_KEY": workspace.key,
            "GLOBEX_API_KEY": workspace.key,
            "TAP_SOURCE_API_KEY": source.key,
            "ALERT_URL": alerts.url,
            **settings,
        }
        addresses = {
            "TAP_SOURCE_API_URL": source.url,
            "TAP_LIGHTFIELD_API_URL": workspace.url,
            "TARGET_LIGHTFIELD_API_URL": workspace.url,
        }
        return Machine(tmp_path / name, values, addresses, installed if ready else None)

    return make


class Alerts:
    """A server that takes what is posted to it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        texts = self.texts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                texts.append(json.loads(self.rfile.read(length))["text"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Alerts:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _path(env: Mapping[str, str]) -> str:
    return f"{Path(sys.executable).parent}:{env['PATH']}"
