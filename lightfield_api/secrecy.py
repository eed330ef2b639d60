"""What keeps keys, filters and signed URLs out of errors and logs, however the logging is configured.

urllib3 logs the path of each request at DEBUG, with its query: in a filter that is somebody's address, in a
signed URL the whole permission. A filter at the logger that a record comes from works for every handler,
level and propagation, and a configuration made later leaves it in place.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_is_unspoken = ContextVar("is_unspoken", default=False)

_QUERY = re.compile(r"\?[^\s'\"]*")
_LIKE_A_KEY = re.compile(r"sk_lf_\w{8}", re.ASCII)
_SHORTEST_KEY = 8  # a shorter text is no key, and may well be a part of some other setting


def keep_urls_out_of_the_log() -> None:
    """Let urllib3 log no query of any URL, and of signed URLs nothing at all. A repeat is a no-op."""
    for module in list(sys.modules):
        if module.partition(".")[0] == "urllib3":  # its loggers have the names of its modules
            logging.getLogger(module).addFilter(_without_query)


@contextmanager
def unspoken() -> Iterator[None]:
    """Let urllib3 log nothing of what happens within: a signed URL may be secret in any of its parts."""
    token = _is_unspoken.set(True)
    try:
        yield
    finally:
        _is_unspoken.reset(token)


def _without_query(record: logging.LogRecord) -> bool:
    # It quotes malformed headers, which may repeat those of the request, with the key.
    if _is_unspoken.get() or str(record.msg).startswith("Failed to parse headers"):
        return False
    record.msg, record.args = _QUERY.sub("?…", record.getMessage()), ()
    return True


def setting_with_key(config: Mapping[str, Any]) -> str | None:
    """Return which setting holds an API key where none belongs, None if none does.

    It would go into errors, logs and file names. A key pasted into the wrong place need not be the one in
    ``api_key``, and a host's name is without capitals.

    Args:
        config: The settings, of which ``api_key`` is passed over.
    """
    api_key = str(config.get("api_key") or "").strip().lower()
    keys = [api_key] if len(api_key) >= _SHORTEST_KEY else []
    for name, value in config.items():
        if _holds(name, keys):
            return "that is called like an API key"
        if name != "api_key" and _holds(value, keys):
            return name
    return None


def _holds(value: Any, keys: list[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(part, keys) for item in value.items() for part in item)
    if isinstance(value, (list, tuple)):
        return any(_holds(item, keys) for item in value)
    text = str(value).lower()
    return bool(_LIKE_A_KEY.search(text)) or any(key in text for key in keys)
