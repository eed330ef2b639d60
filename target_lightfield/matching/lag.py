"""Lists lag behind what is written: a look that finds nothing is repeated. API page: "List endpoints"."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from lightfield_api.client import LightfieldClient

_FIRST_WAIT = 0.5

_Found = TypeVar("_Found")


def once_listed(
    client: LightfieldClient, since: datetime, look: Callable[[bool], _Found | None]
) -> _Found | None:
    """Return what a look at the lists finds, looking again until they show all that was written till then.

    Args:
        client: Whose clock, and whose policy, says when lists show it.
        since: The moment until which something may have been written.
        look: Looks at the lists, and is told whether that is the last time.

    Returns:
        What was found; None if the lists don't show it even then.
    """
    until = since + timedelta(seconds=client.retry_policy.listed_after)
    wait = _FIRST_WAIT
    while True:
        left = (until - client.server_time()).total_seconds()
        if (found := look(left <= 0)) is not None:
            return found
        if left <= 0:
            return None
        time.sleep(min(wait, left))
        wait *= 2
