"""Why a record can't be written: what is wrong with it, and what the user is to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NewType

from lightfield_api.errors import LightfieldError
from target_lightfield.reporting.outcome import clip

ApiCode = NewType("ApiCode", str)
"""A code out of an answer of the API, such as ``conflict``: Lightfield may have any."""

_MOST_CANDIDATES = 5
_ON_A_REFUSAL = "correct what Lightfield names."


class RejectCode(str, Enum):
    """Our own reasons to reject a record, spelled as in the rejects file: ``AMBIGUOUS`` is ``ambiguous``.

    ``make settings`` writes the table of them in docs/target.md.

    Attributes:
        meaning: What is wrong with a record that has this code.
        advice: What the user is to do, as the report says it after "What to do: ".
    """

    meaning: str
    advice: str

    KEY_MISSING = (
        "key_missing",
        "A key column is missing, null or empty.",
        "give each of these records a key in the source.",
    )
    KEY_INVALID = (
        "key_invalid",
        "The key is longer than 500 characters or no valid text.",
        "give each of these records a key that is valid text of at most 500 characters.",
    )
    INVALID_RECORD = (
        "invalid_record",
        "The record breaks its stream's own schema.",
        "correct the records, or the schema that their source declares.",
    )
    EXPRESSION_FAILED = (
        "expression_failed",
        "An expression of `stream_maps` fails for the row; `param` is its column.",
        "mend the expression in stream_maps.",
    )
    PARAMETER_MISSING = (
        "parameter_missing",
        "What a record needs to be created is neither in the row nor in `defaults`.",
        "give it in the source, or as a default in the settings of the object.",
    )
    IN_THE_FUTURE = (
        "in_the_future",
        "A meeting or an email that is not over.",
        "load these records once they are over.",
    )
    INVALID_VALUE = (
        "invalid_value",
        "The field can't take the value, or it nests more than 100 levels: its JSON is in the file as text.",
        "correct the value in the source, or the field in Lightfield.",
    )
    AMBIGUOUS = (
        "ambiguous",
        "Several records match, or the one is another row's already; or a reference is a key that rows of "
        "two streams have.",
        "decide which record is meant, and merge those that are the same.",
    )
    ID_UNKNOWN = (
        "id_unknown",
        "A deleted email of which only the Message-ID is known.",
        "move these records to the trash in Lightfield.",
    )
    FILE_PATH_MISSING = (
        "file_path_missing",
        "The row of a file has no `file_path`, and the workspace lacks the file.",
        "let the tap fetch the files: set its file_download_dir.",
    )
    FILE_MISSING = (
        "file_missing",
        "There is no file at `file_path`.",
        "put the files where the records say, below file_upload_dir.",
    )
    FILE_OUTSIDE_FOLDER = (
        "file_outside_folder",
        "`file_path` leads out of `file_upload_dir`.",
        "set file_upload_dir to the folder that has the files.",
    )
    FILE_NOT_REGULAR = (
        "file_not_regular",
        "`file_path` leads to a folder, a pipe or a device.",
        "let file_path name the files themselves: only regular files are uploaded.",
    )
    FILE_UNREADABLE = (
        "file_unreadable",
        "The file can't be read; the message has the system's reason.",
        "let file_path name files that the user who runs the target may read.",
    )
    FILE_CHANGED = (
        "file_changed",
        "The file is not what its row says, or changed while it was uploaded.",
        "let the source make these rows anew, then load them.",
    )
    FILE_TOO_LARGE = (
        "file_too_large",
        "The file has more than 512 MB.",
        "make these files smaller, or leave them out: Lightfield takes none of more than 512 MB.",
    )
    OTHER = (
        "other",
        "In the report only: reasons of more kinds than it tells apart, counted together.",
        "see what each record says.",
    )

    def __new__(cls, code: str, meaning: str, advice: str) -> RejectCode:
        """Make the member of a code, which is a string like the API's own."""
        member = str.__new__(cls, code)
        member._value_, member.meaning, member.advice = code, meaning, advice
        return member

    __str__ = str.__str__


@dataclass(frozen=True)
class Candidate:
    """A record that a row may mean.

    Attributes:
        record_id: Its id.
        name: What people call it.
        link: Where they see it, or None.
    """

    record_id: str
    name: str | None
    link: str | None

    def as_dict(self) -> dict[str, str | None]:
        """Return it as JSON has it."""
        name = None if self.name is None else clip(self.name)
        return {"record_id": clip(self.record_id), "name": name, "httpLink": self.link}


class Rejection(Exception):
    """A record that can't be written, and why.

    Attributes:
        message: What is wrong and what to do, without the record's values.
        code: The API's code where it refused, else one of ours.
        param: The column, field or relationship at fault, or None.
        candidates: Where nobody knows which record is meant, the first few that may be.
    """

    def __init__(
        self,
        message: str,
        *,
        code: RejectCode | ApiCode,
        param: str | None = None,
        candidates: Sequence[Candidate] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.candidates = candidates[:_MOST_CANDIDATES]


def refused(error: LightfieldError, param: str | None) -> Rejection:
    """Return the rejection of a record that the API refuses.

    Args:
        error: The API's answer.
        param: The column at fault, or None.
    """
    code = ApiCode(error.code or error.type or str(error.status))
    return Rejection(f"Lightfield refused it: {error.message}", code=code, param=param)


def advice_on(code: str) -> str:
    """Return what the user is to do about a code: ``ambiguous`` → ``decide which record is meant, …``.

    A code of the API that is spelled as one of ours, such as ``parameter_missing``, means the same. Any other
    of the API's comes with a message in which Lightfield says what it wants.
    """
    return next((known.advice for known in RejectCode if known == code), _ON_A_REFUSAL)
