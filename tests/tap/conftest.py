from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.tap.scripted import Script, serving


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(Script()) as script:
        yield script


@pytest.fixture
def impatient(retry_policy: Callable[..., None]) -> None:
    """Retries without the waits between them."""
    retry_policy(max_tries=2, first_wait=0.0, longest_wait=0.0)
