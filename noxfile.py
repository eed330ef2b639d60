"""The suite on every supported Python, each in an environment of what uv.lock names: ``nox``."""

from __future__ import annotations

import os

import nox

os.environ.setdefault("UV_PYTHON_DOWNLOADS", "never")  # what the machine has, and no other
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # for the same reason as in the Makefile
nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.error_on_missing_interpreters = False  # as far as the machine has them


@nox.session(python=["3.10", "3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Run every test, or what is named after ``--``; a skipped one counts as failed."""
    session.run_install(
        "uv", "sync", "--quiet", "--locked", "--all-extras", f"--python={session.virtualenv.location}",
        env={"UV_PROJECT_ENVIRONMENT": session.virtualenv.location},
    )  # fmt: skip
    session.run(
        "python", "-m", "pytest", "-n", "3", "--dist", "loadgroup", "-p", "tests.end_to_end.no_skips",
        *session.posargs,
    )  # fmt: skip
