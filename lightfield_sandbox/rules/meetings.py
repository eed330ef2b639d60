"""Rules for meetings: they lie in the past, and some of their relationships follow from the attendees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.rules import participants
from lightfield_sandbox.schema.errors import RELATIONSHIPS, against_rule, unprocessable
from lightfield_sandbox.schema.timestamps import now_ms, parse_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lightfield_sandbox.rules.edits import Draft, Edit
    from lightfield_sandbox.rules.relationships import LinkChange
    from lightfield_sandbox.schema.ids import IdSource
    from lightfield_sandbox.store.store import Store

ATTENDEE_LIMIT = 500
_ADDED, _REMOVED = "$manuallyAddedAttendeeEmails", "$manuallyRemovedAttendeeEmails"


def check_fields(_: Store, written: Mapping[str, Any], draft: Draft) -> None:
    """Refuse new meetings in the future, an end before the start, and attendees that can't be changed.

    Args:
        _: Unused; all rules for fields take the same.
        written: The fields that were sent.
        draft: The meeting, with these fields set.

    Raises:
        ApiError: 422.
    """
    now = now_ms()
    starts, ends = (draft.fields.get(key) for key in ("$startDate", "$endDate"))
    for key, at in (("$startDate", starts), ("$endDate", ends)):
        if draft.is_new and at is not None and parse_ms(at) > now:
            raise against_rule(f"{key} is in the future.", "invalid_configuration", key)
    if starts is not None and ends is not None and parse_ms(ends) < parse_ms(starts):
        raise against_rule("The meeting ends before it starts.", "invalid_configuration", "$endDate")
    if "$attendeeEmails" not in written:
        return
    if written["$attendeeEmails"] is None:
        raise unprocessable("$attendeeEmails takes an array of strings.", "invalid_type", "$attendeeEmails")
    if ends is not None and parse_ms(ends) > now:
        message = "Attendees can be changed only once the meeting has ended."
        raise against_rule(message, "invalid_configuration", "$attendeeEmails")
    if len(draft.fields.get("$attendeeEmails", ())) > ATTENDEE_LIMIT:
        message = f"A meeting has at most {ATTENDEE_LIMIT} attendees."
        raise against_rule(message, "invalid_configuration", "$attendeeEmails")


def attach_transcript(store: Store, edit: Edit, draft: Draft, changes: Sequence[LinkChange]) -> None:
    """Add the file that becomes `$transcript` to `$transcripts`, too; an update can only replace it.

    Args:
        store: The records of the workspace.
        edit: The write.
        draft: The meeting.
        changes: The changes of its links.

    Raises:
        ApiError: 422 for an update that would leave the meeting without one.
    """
    for change in changes:
        if not draft.is_new and not (change.replaces and change.add):
            message = "The transcript of a meeting can only be replaced by another one."
            raise against_rule(message, "invalid_configuration", change.relationship.key, RELATIONSHIPS)
        for file_id in change.add:
            edit.link(draft, store.definitions["meeting"].slots["$transcripts"], file_id)


def note_manual_changes(draft: Draft) -> None:
    """Note in the meeting which attendees updates have added and removed."""
    before = set(draft.origin.fields.get("$attendeeEmails", ()))
    after = set(draft.fields.get("$attendeeEmails", ()))
    added = (set(draft.fields.get(_ADDED, ())) | (after - before)) & after
    removed = (set(draft.fields.get(_REMOVED, ())) | (before - after)) - after
    draft.set_field(_ADDED, sorted(added))
    draft.set_field(_REMOVED, sorted(removed))


def attach_attendees(store: Store, edit: Edit, draft: Draft, ids: IdSource | None) -> list[str]:
    """Set `$contact`, `$account` and `$opportunity` to what follows from the attendees.

    Args:
        store: The records of the workspace.
        edit: The write.
        draft: The meeting.
        ids: Ids for new contacts and accounts, made for external attendees that have none; None to make none.

    Returns:
        The types of the records made.
    """
    addresses = [*draft.fields.get("$attendeeEmails", ()), draft.fields.get("$organizerEmail")]
    contacts, made = participants.contacts_of(store, edit, participants.external(store, addresses), ids)
    accounts = _linked(store, edit, "contact", contacts, "$account")
    opportunities = _linked(store, edit, "account", accounts, "$opportunity")
    for key, wanted in (("$contact", contacts), ("$account", accounts), ("$opportunity", opportunities)):
        slot = store.definitions["meeting"].slots[key]
        for old in draft.links.get(key, ()):
            if old not in wanted:
                edit.unlink(draft, slot, old)
        for record_id in wanted:
            edit.link(draft, slot, record_id)
    return made


def _linked(store: Store, edit: Edit, object_type: str, ids: Iterable[str], key: str) -> list[str]:
    found: dict[str, None] = {}
    for record_id in ids:
        record = store.get(object_type, record_id)
        links = edit.open(record).links if record is not None else edit.drafted(record_id).links
        found.update(dict.fromkeys(links.get(key, ())))
    return list(found)
