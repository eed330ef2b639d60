"""Profiles on social networks. API page: "Fields and relationships", SOCIAL_HANDLE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class _Service:
    """A social network.

    Attributes:
        name: What people call it.
        hosts: Its hosts, each with the one to which the service redirects it. The first is its main one.
        bare: A profile without its host: a handle, or the URL's path where that says enough.
        advice: What the error adds where a value is refused.
    """

    name: str
    hosts: Mapping[str, str]
    bare: re.Pattern[str]
    advice: str = ""


_SERVICES = {
    "TWITTER": _Service(
        "X (Twitter)",
        {"x.com": "x.com", "twitter.com": "twitter.com"},
        re.compile(r"@?[A-Za-z0-9_]{1,20}"),
    ),
    "LINKEDIN": _Service(
        "LinkedIn",
        {"linkedin.com": "www.linkedin.com"},
        re.compile(r"/?(?:in|pub|company|school|showcase)/[^\s?#/]+/?"),
        "; a handle alone may be a person's (/in/) or a company's (/company/)",
    ),
    "FACEBOOK": _Service(
        "Facebook",
        {"facebook.com": "www.facebook.com", "fb.com": "www.facebook.com"},
        re.compile(r"@?(?!www\.)[A-Za-z0-9.-]{1,100}"),
    ),
    "INSTAGRAM": _Service(
        "Instagram",
        {"instagram.com": "www.instagram.com"},
        re.compile(r"@?(?!www\.)[A-Za-z0-9._]{1,30}"),
    ),
}
_URL = re.compile(
    r"(?:(?:https?:)?//)?(?P<host>[a-z0-9.-]+)(?::[0-9]+)?(?P<path>/[^\s?#]*)?(?:\?(?P<query>[^\s#]*))?(?:#\S*)?",
    re.IGNORECASE,
)
_SAME_SITE = re.compile(r"(?:www|m|mobile|mbasic|touch|web|[a-z]{2}(?:-[a-z]{2})?)\.")  # m., uk., de-de.
# Pages of Facebook and LinkedIn whose query says whose they are.
_NAMED_BY_ID = {"profile.php", "profile/view"}


def profile_url(service: str, text: str) -> str:
    """Return the clean ``https`` URL of a profile, from its URL in any spelling or from its handle.

    Args:
        service: The ``handleService`` of the field; text for an unknown one comes back as it is.
        text: The URL or the handle.

    Raises:
        ValueError: It names no profile of the service. The text is not in the message.
    """
    known = _SERVICES.get(service)
    if known is None:
        return text
    text = text.strip().replace("/#!/", "/")
    if known.bare.fullmatch(text) and not _service_at(text.lower()):
        text = f"{next(iter(known.hosts))}/{text.lstrip('@/')}"
    url = _URL.fullmatch(text)
    host = url["host"].lower() if url else ""
    found = _service_at(host)
    path = _profile_path(url["path"] or "", url["query"] or "") if url and found is known else None
    if path is None:
        instead = f", not on {found.name}" if found and found is not known else ""
        raise ValueError(f"it takes the URL of a profile on {known.name}{instead}{known.advice}")
    return f"https://{_written_host(known, host)}/{path}"


def _service_at(host: str) -> _Service | None:
    for service in _SERVICES.values():
        if host.endswith(tuple(f".{known}" for known in service.hosts)) or host in service.hosts:
            return service
    return None


def _written_host(service: _Service, host: str) -> str:
    """Return the one host of a service's www., mobile and country sites; another site keeps its own."""
    known = next(known for known in service.hosts if host == known or host.endswith(f".{known}"))
    site = host.removesuffix(known)
    return service.hosts[known] if not site or _SAME_SITE.fullmatch(site) else host


def _profile_path(path: str, query: str) -> str | None:
    """Return what names a profile in a URL, None where nothing does."""
    kept = "/".join(part for part in path.lstrip("/@").split("/") if part)
    if kept in _NAMED_BY_ID:
        id_ = re.search(r"(?:^|&)(id=[A-Za-z0-9_-]+)", query)
        return f"{kept}?{id_[1]}" if id_ else None
    return kept or None
