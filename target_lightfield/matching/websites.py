"""Which websites are one company's: by their domain where it is the company's own, else by their path too.

``https://app.acme.com/login`` → ``acme.com``, as is ``www.acme.com``: the domain is Acme's own.
``https://acme.myshopify.com`` → ``acme.myshopify.com``: every name below myshopify.com is another shop's.
``https://m.facebook.com/JoesPizza/`` → ``facebook.com/joespizza``: the host is everybody's, the page is not.
``https://www.facebook.com`` → nothing: it says only whom somebody shares a host with.

What is whose comes from the Public Suffix List, as the package publicsuffixlist ships it, and from
``shared_hosts.txt`` beside this module; nothing is fetched.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from urllib.parse import SplitResult, parse_qs, urlsplit

from publicsuffixlist import PublicSuffixList

_OPERATORS = ("id", "cid")
"""The query parameters that say whose page it is: ``facebook.com/profile.php?id=…``, maps, app stores."""

_NOBODYS = frozenset(
    {
        "l.php",
        "maps",
        "maps/search",
        "profile.php",
        "search",
        "sharer.php",
        "store/apps/details",
        "url",
        "watch",
    }
)
"""Paths that without such a parameter are nobody's page."""


def website_key(value: object) -> str:
    """Return what two websites of one company share; an empty text if a website does not say whose it is.

    Args:
        value: A URL, with or without its scheme.
    """
    parts = _parts(value)
    host = _host(parts)
    if not host:
        return ""
    shared = _shared_host(host)
    if shared is None:
        return _own_domain(host)
    path = _path(parts).casefold()
    return f"{shared}/{path}" if path and path not in _NOBODYS else ""


def website_text(value: object) -> str:
    """Return a website without case, scheme, ``www.`` and closing slash: equal where two are the same."""
    text = str(value).strip().casefold()
    return text.partition("//")[2 if "//" in text else 0].removeprefix("www.").rstrip("/")


def website_filters(value: object) -> Iterator[str]:
    """Yield the texts of which every website with the same key contains at least one.

    Args:
        value: As for ``website_key``.
    """
    key, parts = website_key(value), _parts(value)
    if not key:
        return
    host, separator, _ = key.partition("/")
    for name in dict.fromkeys((host, _unicode(host))):
        if not separator:
            yield name
        elif identity := _identity(parts):
            yield identity
        else:  # the API document does not say whether filters look at case
            yield from dict.fromkeys((f"{name}/{_path(parts)}", f"{name}/{_path(parts).casefold()}"))


def _parts(value: object) -> SplitResult:
    text = str(value).strip()
    try:
        return urlsplit(text if "//" in text else f"//{text}")
    except ValueError:  # brackets that are no IPv6 address
        return urlsplit("")


def _host(parts: SplitResult) -> str:
    """Return the host in lower case, as the domain name system spells it, without ``www.``."""
    try:
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    try:
        host = host.encode("idna").decode()
    except UnicodeError:  # a label that is empty or too long: no domain, compared as it is
        host = host.casefold()
    return host.removeprefix("www.")


def _unicode(host: str) -> str:
    try:
        return host.encode().decode("idna")
    except UnicodeError:
        return host


def _path(parts: SplitResult) -> str:
    path = "/".join(part for part in parts.path.split("/") if part)
    identity = _identity(parts)
    return f"{path}?{identity}" if identity else path


def _identity(parts: SplitResult) -> str:
    """Return the part of a query that says whose page it is: ``id=42``, or an empty text."""
    query = parse_qs(parts.query)
    return next((f"{name}={query[name][0]}" for name in _OPERATORS if name in query), "")


@lru_cache(maxsize=4096)
def _shared_host(host: str) -> str | None:
    """Return ``facebook.com`` for ``m.facebook.com``, which many share; None for somebody's own host."""
    if _is_address(host):
        return None
    paths, suffixes = _table()
    suffix = suffixes.publicsuffix(host) or ""
    labels = host.split(".")
    doors = (".".join(labels[start:]) for start in range(len(labels)))
    known = next((door for door in doors if door in paths), "")
    if len(known) > len(suffix):
        return known
    return host if host == suffix else None


def _own_domain(host: str) -> str:
    if _is_address(host):
        return host
    return _table()[1].privatesuffix(host) or host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _table() -> tuple[frozenset[str], PublicSuffixList]:
    """Return the hosts on which every path is somebody's, and the suffixes below which every name is."""
    lines = files(__package__).joinpath("shared_hosts.txt").read_text(encoding="utf-8").splitlines()
    hosts = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    ours = [host.removeprefix("*.") for host in hosts if host.startswith("*.")]
    public = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text(encoding="utf-8")
    suffixes = PublicSuffixList([*public.splitlines(), *ours])
    return frozenset(host for host in hosts if not host.startswith("*.")), suffixes
