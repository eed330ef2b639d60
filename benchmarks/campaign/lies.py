"""The lies that an answer of the API can be made into.

A liar tells lies of one kind only. Two of them together, such as a short page and a total to match, could
not be told from the truth; each alone can be noticed by who looks.
"""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_BOMB_BYTES = 200 << 20
_REFUSALS = frozenset({400, 403, 409, 422})


@dataclass
class Answer:
    """An answer on its way: what the sandbox said, until a lie is made of it."""

    status: int
    headers: dict[str, str]
    body: bytes
    slow: bool = False

    @property
    def page(self) -> Json | None:
        """The document, if it is a page of a list."""
        found = self.document
        return found if isinstance(found, dict) and isinstance(found.get("data"), list) else None

    @property
    def document(self) -> Any:
        """The JSON document; None where there is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def is_refusal(self) -> bool:
        """Whether it is a refusal in the API's own words: of a request, or for want of a scope."""
        found = self.document
        error = found.get("error") if isinstance(found, dict) else None
        return self.status in _REFUSALS and isinstance(error, dict) and isinstance(error.get("type"), str)

    def say(self, document: Any) -> None:
        """Replace the document."""
        self.body = json.dumps(document).encode()


@dataclass
class Teller:
    """What a lie needs to know.

    Attributes:
        key: The API key, for lies that show it.
        elsewhere: Where nothing should ever bring it.
        pages: The page before of each list.
    """

    key: str
    chance: random.Random
    elsewhere: str = ""
    pages: dict[str, Json] = field(default_factory=dict)


def _wrong_type(teller: Teller, _: str, answer: Answer) -> None:
    answer.headers["content-type"] = teller.chance.choice(
        ("text/html", "image/png", "", "application/json; charset=utf-7")
    )
    answer.body = teller.chance.choice((b"<html>no</html>", b"\x89PNG", b""))


def _truncated(teller: Teller, _: str, answer: Answer) -> None:
    answer.body = answer.body[: teller.chance.randrange(len(answer.body) or 1)]


def _wrong_shapes(teller: Teller, _: str, answer: Answer) -> None:
    """Put something of another type into one place of the document that no client can do without."""
    document = copy.deepcopy(answer.document)
    junk: Any = teller.chance.choice((None, 5, "x", [], [[]], True))
    if not isinstance(document, dict):
        return
    record = teller.chance.choice(document["data"]) if document.get("data") else document
    if not isinstance(record, dict):
        return
    places = [name for name in ("id", "fields", "createdAt", "data", "fieldDefinitions") if name in record]
    if places and teller.chance.random() < 0.8:
        name = teller.chance.choice(places)
        if teller.chance.random() < 0.4:
            del record[name]
        elif type(record[name]) is not type(junk) and not (junk is None and name == "updatedAt"):
            record[name] = junk
        answer.say(document)
    elif teller.chance.random() < 0.5:
        answer.say(junk)


def _repeated_page(teller: Teller, path: str, answer: Answer) -> None:
    if (page := answer.page) is None or "offset" not in path:
        return
    collection = path.partition("?")[0]
    if before := teller.pages.get(collection):
        answer.say(before)
    teller.pages[collection] = page


def _short_page(teller: Teller, path: str, answer: Answer) -> None:
    if (page := answer.page) and len(page["data"]) > 1 and "offset" in path:
        del page["data"][-teller.chance.randint(1, 2) :]
        answer.say(page)


def _wrong_total(teller: Teller, _: str, answer: Answer) -> None:
    if page := answer.page:
        page["totalCount"] = teller.chance.choice((0, 1, -1, 10**9, None, "many", 2.5, [], True))
        answer.say(page)


def _garbled_gzip(teller: Teller, _: str, answer: Answer) -> None:
    answer.headers["content-encoding"] = teller.chance.choice(("gzip", "deflate", "br", "zstd", "nonsense"))
    answer.body = teller.chance.choice((b"garbage", gzip.compress(answer.body)[:-6], b""))


def _bomb(_: Teller, __: str, answer: Answer) -> None:
    answer.headers["content-encoding"] = "gzip"
    answer.body = _BOMB


def _redirect(teller: Teller, path: str, answer: Answer) -> None:
    answer.status = teller.chance.choice((300, 301, 302, 303, 307, 308))
    answer.headers["location"] = teller.chance.choice(
        (
            teller.elsewhere + path,
            teller.elsewhere,
            path,
            "//127.0.0.1:1/",
            "http://[",
            "",
            "file:///etc/passwd",
            "javascript:1",
        )
    )


def _echo(teller: Teller, _: str, answer: Answer) -> None:
    said = f"Bearer {teller.key}"
    answer.status = teller.chance.choice((200, 400, 401, 403, 404, 409, 422, 500, 503))
    answer.headers |= {"x-echo": said, "retry-after": said, "x-ratelimit-reset": said, "date": said}
    answer.body = teller.chance.choice(
        (
            json.dumps({"error": {"type": said, "message": said, "code": said, "param": said}}).encode(),
            json.dumps({said: said}).encode(),
            f"<html>{said}</html>".encode(),
            json.dumps(
                {"id": said, "createdAt": said, "fields": {said: {"value": said, "valueType": said}}}
            ).encode(),
        )
    )


def _slow(_: Teller, __: str, answer: Answer) -> None:
    answer.slow = True


def _unknown_status(teller: Teller, _: str, answer: Answer) -> None:
    answer.status = teller.chance.choice(
        (202, 204, 206, 226, 299, 402, 408, 410, 418, 423, 451, 499, 501, 520, 599, 600, 999)
    )


def _retry_after(teller: Teller, _: str, answer: Answer) -> None:
    answer.status = teller.chance.choice((429, 503))
    answer.headers["retry-after"] = teller.chance.choice(
        (
            "-5",
            "soon",
            "nan",
            "1e3",
            "",
            "0",
            "0.01",
            "\u0661",
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "Wed, 99 Foo",
            "inf",
            "9" * 400,
        )
    )
    answer.headers |= {
        "x-ratelimit-limit": "-1",
        "x-ratelimit-remaining": "many",
        "x-ratelimit-reset": "1e99",
    }


LIES: dict[str, Callable[[Teller, str, Answer], None]] = {
    "wrong-type": _wrong_type,
    "truncated": _truncated,
    "wrong-shapes": _wrong_shapes,
    "repeated-page": _repeated_page,
    "short-page": _short_page,
    "wrong-total": _wrong_total,
    "garbled-gzip": _garbled_gzip,
    "bomb": _bomb,
    "redirect": _redirect,
    "echo": _echo,
    "slow": _slow,
    "unknown-status": _unknown_status,
    "retry-after": _retry_after,
}
_BOMB = gzip.compress(b'{"data": "' + b"a" * _BOMB_BYTES + b'"}')
