"""Values of the source that went nowhere, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class LeftOverKind(str, Enum):
    """Why a value went nowhere, spelled as in the left-over file: ``BAD_VALUE`` is ``bad_value``.

    ``make settings`` writes the table of them in docs/target.md.

    Attributes:
        meaning: What became of a value of this kind, or why nothing did.
        advice: What the user is to do, as the report says it after "What to do: ".
    """

    meaning: str
    advice: str

    NO_COLUMN = (
        "no_column",
        "Nothing names the column.",
        "name the column in the preset, or put it under `ignore` there.",
    )
    NO_FIELD = (
        "no_field",
        "The workspace has no field for it.",
        "create the field in Lightfield, then load the rows again.",
    )
    NO_OPTION = (
        "no_option",
        "The field has no option, or several, of this label.",
        "create the option in Lightfield, or map the value to one that there is.",
    )
    NO_STAGE = (
        "no_stage",
        "The pipeline has no stage, or several, of this label.",
        "create the stage in Lightfield, or map the value to one that there is.",
    )
    NO_MEMBER = (
        "no_member",
        "The workspace has no such member.",
        "invite them to the workspace, then load the rows again.",
    )
    NO_RECORD = (
        "no_record",
        "It refers to a record that there is not.",
        "see whether the source sends what it refers to.",
    )
    BAD_VALUE = (
        "bad_value",
        "The field, or Lightfield, can't take the value.",
        "correct the value in the source.",
    )
    NO_RATE = (
        "no_rate",
        "An amount in another currency, without a rate.",
        "give the rate of the currency in the preset.",
    )
    TAKEN = (
        "taken",
        "Another record has the value, which is unique.",
        "see whether the two records are the same, and merge them in the source or in Lightfield.",
    )
    OTHER_LINK = (
        "other_link",
        "A further link, where the column takes one.",
        "link the records in Lightfield by hand where it matters.",
    )
    NOT_CARRIED = (
        "not_carried",
        "Lightfield has no place for it.",
        "keep it elsewhere, if you need it.",
    )
    NOTHING_MADE = (
        "nothing_made",
        "The preset's lines for it make nothing of this value.",
        "let a line of the preset take it, or say that it is nothing: by `null` in a `map`, or by `ignore`.",
    )
    INCOMPLETE = (
        "incomplete",
        "The row has nothing by which a record of it could be known.",
        "complete the rows in the source, or leave them.",
    )

    def __new__(cls, code: str, meaning: str = "", advice: str = "") -> LeftOverKind:
        """Make the member of a code."""
        member = str.__new__(cls, code)
        member._value_, member.meaning, member.advice = code, meaning, advice
        return member

    __str__ = str.__str__

    @property
    def words(self) -> str:
        """The kind as people read it: ``bad value``."""
        return str(self).replace("_", " ")


@dataclass(frozen=True)
class LeftOver:
    """A value of the source that went nowhere.

    Attributes:
        stream: The source's stream.
        key: The row's key in it.
        column: The source's column; empty where the whole row went nowhere.
        value: The value, of any type that JSON has.
        why: Why, in a sentence.
        kind: Why, in a word.
        about: The field that would have taken it, as people call it; None where there is none.
    """

    stream: str
    key: str
    column: str
    value: Any
    why: str
    kind: LeftOverKind
    about: str | None = None
