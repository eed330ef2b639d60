"""Which URLs the key may be sent to, how a path is put together, and what is never called."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import quote, unquote, urlsplit

from lightfield_api.errors import NotFound

_HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*\.?|[0-9a-f.]*:[0-9a-f:.]*", re.ASCII)


def checked_url(api_url: str) -> str:
    """Return the URL without a slash at its end, put together of the parts that were checked.

    Raises:
        ValueError: It is neither https nor http on a loopback host, or is more than scheme, host
            and path. The URL is not in the message: it may be a key in the wrong place.
    """
    try:
        parts = urlsplit(api_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("api_url is no URL; it must be like https://api.lightfield.app") from None
    netloc = (f"[{host}]" if ":" in host else host) + ("" if port is None else f":{port}")
    url = f"{parts.scheme}://{netloc}{parts.path}"
    if url.lower() != api_url.lower() or not _HOST.fullmatch(host):
        raise ValueError("api_url must be scheme, host and path, like https://api.lightfield.app")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise ValueError("api_url must begin with https://; http:// is for this machine only")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def quoted_segment(part: str) -> str:
    """Quote one path segment, so that an id from a record can't name another path.

    Raises:
        NotFound: The segment is empty, ``.`` or ``..``, which no id is.
    """
    if part in ("", ".", ".."):
        raise NotFound(f"{part!r} is no id", status=404, type="not_found")
    return quote(part, safe=":$", errors="surrogatepass")


_OF_EMAILS = frozenset({"log", "send", "draft", "drafts"})
_OUTREACH = frozenset({"sequences", "senders"})


def refuse_sending(method: str, path: Sequence[str]) -> None:
    """Refuse a request that could send or prepare a message, or that a server could take for one.

    Of emails only ``log`` is posted, and what takes one out of the trash. Sequences and senders are read and
    never written: creating, activating, enrolling, publishing and testing all end in mail. A segment that
    becomes a path when it is decoded, even repeatedly, is refused anywhere: it could lead to one of these.

    Raises:
        NotFound: It is such a request; no record has such an id.
    """
    if method == "GET":
        return
    collection = _decoded(path[0]).casefold()
    sends = collection in _OUTREACH or (
        method == "POST" and collection == "emails" and not _is_of_history(tuple(path))
    )
    part = path[-1] if sends else next((part for part in path if _is_path(part)), None)
    if part is not None:
        raise NotFound(f"{part!r} is no id, and nothing is sent to anybody", status=404, type="not_found")


def _is_of_history(path: tuple[str, ...]) -> bool:
    """Whether a path logs an email, or takes a logged one out of the trash."""
    is_restore = len(path) == 3 and path[::2] == ("emails", "restore")
    return path == ("emails", "log") or (is_restore and _decoded(path[1]).casefold() not in _OF_EMAILS)


def _is_path(part: str) -> bool:
    part = _decoded(part)
    return part in (".", "..") or "/" in part or "\\" in part


def _decoded(part: str) -> str:
    while (decoded := unquote(part)) != part:
        part = decoded
    return part
