"""Hostile input by grammar: values, rows and lines as no source should send them."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
Chance = random.Random

_TEXTS = (
    "", " ", "\x00", "null", "NaN", "true", "0", "-1", "1_0", "1e400", "\uff11\uff12", "12 EUR", "0x10",
    "\ufeffname", "\u202eevil", "half \ud800 pair", "e\u0301", "\U0001f9d1\u200d\U0001f680" * 40,
    "<script>alert(1)</script>", "'; DROP TABLE x; --", "{{ 7*7 }}", "%s%n%d {0} {x!r}",
    "=cmd|' /C calc'!A0", "../../etc/passwd", "..\\..\\x", "/etc/passwd", "file:///etc/passwd",
    "pipe", "link", "outside.txt", "folder", "a/b/../../..", "CON", "x" * 300, "x" * 70_000, "a\nb\r\nc",
    "9999-12-31T23:59:60Z", "0001-01-01", "2024-02-30", "2024-01-01T25:00:00Z", "-4713-01-01", "now",
    "1700000000", "javascript:alert(1)", "http://[::1", "https://" + "a." * 200, "http://user:pw@x.example",
    "@", "a@", "a@b", "a@b@c", '"a b"@x.example', "+", "+1" + "2" * 60, "acc_0000000000000000000000",
    "con_" + "A" * 22, "$name", "__proto__",
)  # fmt: skip
_NUMBERS = (
    0, -0.0, 1.5, -1, 10**15, 10**30, 10**400, 1e308, 5e-324, 123456789012345.678, float("nan"), float("inf"),
    float("-inf"), True, False,
)  # fmt: skip
_SHARED = ("facebook.com", "sites.google.com/view", "linktr.ee", "github.io", "instagram.com")


def value(chance: Chance, depth: int = 3) -> Any:
    """Any value of JSON, and some that Python's writer makes beyond it."""
    kind = chance.random()
    if kind < 0.45:
        return chance.choice(_TEXTS)
    if kind < 0.7:
        return chance.choice(_NUMBERS)
    if kind < 0.75 or not depth:
        return None
    if kind < 0.76:
        return nested(chance.choice((30, 200, 300)))
    if kind < 0.9:
        return [value(chance, depth - 1) for _ in range(chance.choice((0, 1, 2, 30)))]
    return {
        str(chance.choice(_TEXTS))[:400]: value(chance, depth - 1) for _ in range(chance.choice((0, 1, 3)))
    }


def nested(depth: int) -> Any:
    """A text that many arrays hold."""
    found: Any = "x"
    for _ in range(depth):
        found = [found]
    return found


def key(chance: Chance) -> Any:
    """A key as it should not be; big numbers of which some are told apart by their last digits alone."""
    if chance.random() < 0.4:
        return float("nan") if chance.random() < 0.3 else Raw(f"{12345678901234500 + chance.randrange(99)}.0")
    return value(chance, 1)


def as_key(found: Any) -> str:
    """What a value comes to as a key: equal numbers are one, also within it, and so is the same as text."""
    if isinstance(found, list):
        return f"[{', '.join(map(as_key, found))}]"
    if isinstance(found, dict):
        return f"{{{', '.join(f'{name}: {as_key(found[name])}' for name in sorted(found))}}}"
    if isinstance(found, str):
        return found
    if isinstance(found, Raw):
        number = Decimal(found.text)
    elif found is None or isinstance(found, bool) or (isinstance(found, float) and not math.isfinite(found)):
        return json.dumps(found)
    else:
        number = Decimal(str(found) if isinstance(found, float) else found)
    digits = f"{number:f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return digits if number else "0"


class Raw:
    """A number that stands in the feed as it is written here."""

    def __init__(self, text: str) -> None:
        self.text = text


def row(chance: Chance, valid: Mapping[str, Any]) -> Json:
    """A row with one to four things that are wrong with it."""
    found: Json = dict(valid)
    for _ in range(chance.randint(1, 4)):
        kind, name = chance.random(), chance.choice(list(found) or ["id"])
        if kind < 0.55:
            found[name] = value(chance)
        elif kind < 0.65:
            found["id"] = key(chance)
        elif kind < 0.75:
            found.pop(name, None)
        elif kind < 0.8:
            found[str(value(chance, 0))[:200]] = value(chance, 1)
        elif kind < 0.85:
            found["_sdc_deleted_at"] = value(chance, 0)
        elif kind < 0.95 and "website" in found:
            host = chance.choice(_SHARED)
            found["website"] = [
                f"https://{host}/{valid['id']}" if host != "github.io" else f"https://{valid['id']}.{host}"
            ]
        else:
            found[name] = [found.get(name)] * 2
    return found


def record(stream: str, row_: Json) -> str:
    """The line of a row."""
    text = json.dumps(
        {"type": "RECORD", "stream": stream, "record": row_}, default=lambda raw: f"@@{raw.text}@@"
    )
    return re.sub(r'"@@([\d.]+)@@"', r"\1", text)


def _message(kind: Any, **parts: Any) -> str:
    return json.dumps({"type": kind, "stream": "accounts", **parts})


def _schema(properties: Any, keys: Any = ("id",), *, then_a_record: bool = False, **more: Any) -> str:
    said = _message("SCHEMA", schema={"properties": properties, **more}, key_properties=keys)
    return f"{said}\n{_SOUND}" if then_a_record else said


_SOUND = _message("RECORD", record={"id": "aaa", "name": "a" * 40 + "!"})
_REFS = ("#/definitions/none", "http://127.0.0.1:1/x", "file:///etc/passwd", "#", "nowhere.json")
_PATTERNS = (r"^(a+)+$", r"^(a|a)*$", r"(", r"^(\w+\s?)*$")
_KEYWORDS = ("allOf", "not", "required", "$defs", "$id", "additionalProperties")

_LINES: tuple[Callable[[Chance], str | bytes], ...] = (
    lambda c: _SOUND[: c.randrange(1, 70)],
    lambda _: f"\ufeff{_SOUND}",
    lambda c: c.choice(("", " ", "\t", "\x00", "\x1e")),
    lambda c: _SOUND.encode() + c.choice((b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\r")),
    lambda c: json.dumps(value(c)),
    lambda c: "[" * c.choice((900, 980, 1_000, 100_000)),
    lambda c: _SOUND.replace('"aaa"', "[" * c.choice((900, 980)) + "]" * 980),
    lambda c: _message(value(c, 0), record={}),
    lambda c: _message("RECORD", stream=value(c, 1), record={"id": "1"}),
    lambda c: _message("RECORD", record=value(c, 1)),
    lambda c: _message("RECORD", record={"id": "1"}, version=value(c, 0), time_extracted=value(c, 0)),
    lambda c: _message("STATE", value=value(c)),
    lambda c: _message("ACTIVATE_VERSION", version=value(c, 0)),
    lambda c: _message("BATCH", encoding={"format": value(c, 0)}, manifest=value(c, 1)),
    lambda c: _schema({"name": {"$ref": c.choice(_REFS)}}),
    lambda c: _schema({"id": {}, "name": {"pattern": c.choice(_PATTERNS)}}, then_a_record=True),
    lambda c: _schema({"id": {}} | {f"column_{n}": {} for n in range(c.choice((100, 5_000)))}),
    lambda c: _schema({"id": {}, "name": value(c, 2)}),
    lambda c: _schema({"id": {}, "name": {"type": value(c, 1), "enum": value(c, 1)}}, then_a_record=True),
    lambda c: _schema({"id": {}, "name": {"format": value(c, 0)}}, then_a_record=True),
    lambda c: _schema({"id": {}}, value(c, 1)),
    lambda _: _schema({"id": {}}, ["no_such_column"], then_a_record=True),
    lambda c: _schema(value(c, 2)),
    lambda _: _schema({"id": {"type": "integer"}, "name": {"type": "integer"}}, then_a_record=True),
    lambda c: _schema({"id": {}, "name": {}}, then_a_record=True, **{c.choice(_KEYWORDS): value(c, 1)}),
    lambda _: f'{{"type": "SCHEMA", {_SOUND[1:-1]}, "record": {{"id": 2}}}}',
)


def line(chance: Chance) -> bytes:
    """One line, or two that belong together, of which one is no line of a sound feed."""
    found = chance.choice(_LINES)(chance)
    return (found if isinstance(found, bytes) else found.encode(errors="surrogatepass")) + b"\n"


def document(chance: Chance, valid: Any) -> Any:
    """A JSON document with one place in it changed: a file of settings, a state, a catalog."""
    if chance.random() < 0.1:
        return value(chance)
    if isinstance(valid, dict) and valid:
        name = chance.choice(list(valid))
        if chance.random() < 0.1:
            return {k: v for k, v in valid.items() if k != name}
        if chance.random() < 0.05:
            return {**valid, str(value(chance, 0))[:200]: value(chance)}
        return {**valid, name: document(chance, valid[name])}
    if isinstance(valid, list) and valid:
        at = chance.randrange(len(valid))
        return [*valid[:at], document(chance, valid[at]), *valid[at + 1 :]]
    return value(chance)
