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
    """Return what is found on lists, looking again until they show all that was written until a moment.

    Args:
        client: The API client, whose clock and retry policy say how long lists may lag behind.
        since: The moment, by the server's clock.
        look: Looks at the lists; its argument says whether it is the last look.

    Returns:
        What was found; None if the lists don't show it even then.

    Raises:
        LightfieldError: As ``look`` does.
    """
    until = since + timedelta(seconds=client.retry_policy.listed_after)
    wait = _FIRST_WAIT
    while True:
        left = (until - client.server_time()).total_seconds()
        if (found := look(left <= 0)) is not None:
            return found
        if left <= 0:
            return None
        client.turns.give_up()
        time.sleep(min(wait, left))
        wait *= 2
