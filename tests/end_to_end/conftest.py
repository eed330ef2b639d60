"""Real Meltano, real Postgres: what the tests of this folder share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from demo.pipeline import Project, install, new_project
from demo.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def installed_plugins(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The plugins as `meltano install` installs them, in the environments that the demo uses too."""
    install(tmp_path_factory.mktemp("install"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One Postgres server for all tests of a worker; each test has a schema of its own in it."""
    with postgres() as server:
        yield server


@pytest.fixture
def meltano_project(installed_plugins: None, tmp_path: Path) -> Callable[[Mapping[str, str]], Project]:
    """Make a Meltano project with these settings, in which nothing has run yet."""

    def make(settings: Mapping[str, str]) -> Project:
        return new_project(tmp_path / "project", settings)

    return make


@pytest.fixture
def scratch() -> Iterator[Path]:
    """An empty folder directly in /tmp: pytest's own can't be entered by the user that Postgres runs as."""
    folder = Path(tempfile.mkdtemp(prefix="lf-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
