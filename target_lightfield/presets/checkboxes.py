"""Check boxes: what exports of the usual programs and languages write for yes and no."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lightfield_api.definitions import FieldDefinition
from target_lightfield.presets.converted import Conventions, Converted, nothing_taken, one_of

_YES = "true yes 1 1.0 y t on x checked ✓ ✔ ☑ wahr ja vrai oui verdadero sí si vero sim sant"
_NO = "false no 0 0.0 n f off unchecked ✗ ✘ ☐ falsch nein faux non falso não nao nee nej"
_WORDS = {**dict.fromkeys(_YES.split(), True), **dict.fromkeys(_NO.split(), False)}


def checked(value: Any) -> bool | None:
    """Return whether a value says yes; None where it says neither yes nor no."""
    if isinstance(value, str):
        return _WORDS.get(value.strip().casefold())
    if isinstance(value, (int, float, Decimal)) and value in (0, 1):
        return bool(value)
    return None


def to_checkbox_field(_: FieldDefinition, value: Any, __: Conventions) -> Converted:
    """Return true or false."""
    found = checked(one_of(value))
    return nothing_taken(value, "neither yes nor no") if found is None else Converted(found)
