"""Values of the source that went nowhere, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class LeftOverKind(str, Enum):
    """Why a value went nowhere."""

    NO_COLUMN = "no_column"
    NO_FIELD = "no_field"
    NO_OPTION = "no_option"
    NO_STAGE = "no_stage"
    NO_MEMBER = "no_member"
    NO_RECORD = "no_record"
    BAD_VALUE = "bad_value"
    NO_RATE = "no_rate"
    TAKEN = "taken"
    OTHER_LINK = "other_link"
    NOT_CARRIED = "not_carried"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class LeftOver:
    """A value of the source that went nowhere."""

    stream: str
    key: str
    column: str
    value: Any
    why: str
    kind: LeftOverKind
    about: str | None = None
