"""A write with its entry in the journal: kept before it is sent, marked once it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lightfield_api.errors import LightfieldError
from lightfield_api.refusals import is_refusal
from target_lightfield.id_map.journal import Journal
from target_lightfield.id_map.journal_entries import Write


@dataclass
class Sent:
    """Whether a part of a write is done: then a refusal of the rest does not mean that nothing is."""

    in_part: bool = False


@contextmanager
def in_journal(journal: Journal, write: Write) -> Iterator[Sent]:
    """Keep a write, which the block sends. One that is refused is forgotten again.

    Args:
        journal: The journal.
        write: The write, to a record whose id is known.

    Raises:
        TargetError: It can't be kept; then nothing is sent.
    """
    number, sent = journal.start(write), Sent()
    try:
        yield sent
    except LightfieldError as e:
        if is_refusal(e) and not sent.in_part:
            journal.withdraw(number)
        raise
    journal.answer(number, str(write.record_id))
