from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_sandbox.schema.errors import REFUSALS
from tests.target.target_runs import Setup
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


@pytest.fixture(params=REFUSALS)
def refusals(request: pytest.FixtureRequest) -> str:
    """A shape of refusals: a test that asks for it runs in a workspace of each."""
    return str(request.param)


@pytest.fixture
def empty(start_sandbox: Callable[..., Sandbox], request: pytest.FixtureRequest) -> Sandbox:
    """A workspace with members and definitions only."""
    shape = "refusals"
    chosen = {shape: request.getfixturevalue(shape)} if shape in request.fixturenames else {}
    return start_sandbox(empty=True, **chosen)


@pytest.fixture
def workspace(empty: Sandbox) -> Workspace:
    """The empty workspace in the hands of a user."""
    return Workspace(empty)


@pytest.fixture
def target(empty: Sandbox, tmp_path: Path) -> Setup:
    """A target of the empty workspace."""
    return Setup(empty, tmp_path / "target")


@pytest.fixture
def target_of(tmp_path: Path) -> Callable[..., Setup]:
    """Make a target of a sandbox; each name has its own id map and rejects file."""

    def make(sandbox: Sandbox, name: str = "target", **config: Any) -> Setup:
        return Setup(sandbox, tmp_path / name, **config)

    return make


@pytest.fixture
def impatient(retry_policy: Callable[..., None]) -> None:
    """Retries without the waits between them."""
    retry_policy(max_tries=2, first_wait=0.0, longest_wait=0.0)
