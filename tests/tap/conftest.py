from __future__ import annotations

from collections.abc import Iterator

import pytest
from scripted import Script, serving


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(Script()) as script:
        yield script


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without the waits between them."""
    monkeypatch.setattr("lightfield_api.retries.MAX_TRIES", 2)
    monkeypatch.setattr("lightfield_api.retries._FIRST_WAIT", 0.0)
    monkeypatch.setattr("lightfield_api.retries._LONGEST_WAIT", 0.0)
