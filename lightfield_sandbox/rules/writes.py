"""Create, update, delete and restore, checked against the definitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.rules import emails, lists, meetings, relationships
from lightfield_sandbox.rules.bodies import refuse_unknown
from lightfield_sandbox.rules.edits import Draft, Edit
from lightfield_sandbox.rules.pipelines import dependent_pair, resolved_stage
from lightfield_sandbox.schema.errors import (
    FIELDS,
    RELATIONSHIPS,
    against_rule,
    bad_request,
    not_found,
    taken,
    unprocessable,
)
from lightfield_sandbox.schema.values import check_value, unique_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lightfield_sandbox.limits.stats import Stats
    from lightfield_sandbox.schema.definitions import ObjectDefinition
    from lightfield_sandbox.schema.ids import IdSource
    from lightfield_sandbox.schema.resources import Collection
    from lightfield_sandbox.store.records import Record
    from lightfield_sandbox.store.store import Store

CREATE, UPDATE = "create", "update"
# Rules that only some types have: for fields, for links, and before a delete or a restore.
_FIELD_RULES: dict[str, Callable[[Store, Mapping[str, Any], Draft], None]] = {
    "meeting": meetings.check_fields,
    "list": lists.check_fields,
}
_LINK_RULES: dict[str, Callable[[Store, Edit, Draft, Sequence[relationships.LinkChange]], None]] = {
    "meeting": meetings.attach_transcript,
    "list": lists.check_members,
}
_TRASH_RULES: dict[str, Callable[[Record], None]] = {"email": emails.check_logged}


@dataclass
class Writer:
    """Carries out the writes of a workspace."""

    store: Store
    ids: IdSource
    stats: Stats
    unique_status: int = 409
    _flags: dict[str, frozenset[str]] = field(
        default_factory=lambda: {
            "account": frozenset(("skipEnrichment",)),
            "contact": frozenset(("skipEnrichment",)),
            "meeting": frozenset(("autoCreateRecords",)),
        }
    )

    def create(self, collection: Collection, body: dict[str, Any]) -> Record:
        """Create a record in the collection, and return it.

        Raises:
            ApiError: 400 or 422 for what the definitions refuse, 409 or 422 for a taken unique value.
        """
        flags = self._flags.get(collection.object_type, frozenset())
        fields, links = _sections(body, flags)
        if "fields" not in body:
            raise bad_request("The body needs fields.", "parameter_missing", "fields")
        for flag in flags & body.keys():
            if not isinstance(body[flag], bool):
                raise bad_request(f"{flag} is true or false.", "invalid_type", flag)
        definition = self.store.definitions[collection.object_type]
        changes = relationships.read_creation(definition, links)
        edit = Edit(self.store)
        draft = edit.create(collection.object_type, self.ids.new(collection.prefix))
        self._write(edit, draft, definition, fields, changes)
        self._apply_defaults(edit, draft, definition)
        if collection.object_type == "meeting":
            made = meetings.attach_attendees(
                self.store, edit, draft, self.ids if body.get("autoCreateRecords") else None
            )
            for object_type in made:
                self.stats.wrote(object_type, CREATE)
        edit.commit()
        self.stats.wrote(collection.object_type, CREATE)
        if collection.enriched and not body.get("skipEnrichment", False):
            self.stats.enrichments += 1
        return self.stored(draft)

    def update(self, collection: Collection, record_id: str, body: dict[str, Any]) -> Record:
        """Change a record, and return it.

        Args:
            collection: The collection that it is in.
            record_id: Its id.
            body: `fields` and `relationships` to change.

        Raises:
            ApiError: 404 where there is no active record of that id; else as `create`.
        """
        fields, links = _sections(body, frozenset())
        definition = self.store.definitions[collection.object_type]
        record = self._found(collection, record_id)
        if record.trashed:
            raise not_found(record_id)
        changes = relationships.read_update(definition, links)
        edit = Edit(self.store)
        draft = edit.open(record)
        self._write(edit, draft, definition, fields, changes)
        if collection.object_type == "meeting" and "$attendeeEmails" in fields:
            meetings.note_manual_changes(draft)
            meetings.attach_attendees(self.store, edit, draft, None)
        edit.commit()
        self.stats.wrote(collection.object_type, UPDATE)
        return self.stored(draft)

    def delete(self, collection: Collection, record_id: str) -> Record:
        """Move a record to the trash, and return it. If it is there already, nothing changes.

        Raises:
            ApiError: 404 where there is no such record, or it is a meeting and in the trash already.
        """
        record = self._found(collection, record_id)
        self._check_trash(record)
        if record.trashed and not collection.delete_repeats:
            raise not_found(record_id)
        return self._set_trashed(record, "delete", trashed=True)

    def restore(self, collection: Collection, record_id: str) -> Record:
        """Take a record out of the trash, and return it. If it is not there, nothing changes."""
        record = self._found(collection, record_id)
        self._check_trash(record)
        if record.trashed:
            self._check_unique(
                Draft(record, is_new=False), self.store.definitions[record.object_type].unique_keys
            )
        return self._set_trashed(record, "restore", trashed=False)

    def _set_trashed(self, record: Record, operation: str, *, trashed: bool) -> Record:
        if record.trashed == trashed:
            return record
        edit = Edit(self.store)
        draft = edit.open(record)
        draft.trashed = trashed
        edit.commit()
        self.stats.wrote(record.object_type, operation)
        return self.stored(draft)

    def _write(
        self,
        edit: Edit,
        draft: Draft,
        definition: ObjectDefinition,
        fields: dict[str, Any],
        changes: list[relationships.LinkChange],
    ) -> None:
        relationships.check_limit(changes)
        self._write_fields(draft, definition, fields)
        relationships.check_targets(self.store, changes)
        relationships.apply(edit, draft, changes)
        rule = _LINK_RULES.get(definition.object_type)
        if rule is not None:
            rule(self.store, edit, draft, changes)
        relationships.check_required(definition, draft)

    def _write_fields(self, draft: Draft, definition: ObjectDefinition, fields: dict[str, Any]) -> None:
        operation = CREATE if draft.is_new else UPDATE
        pair = dependent_pair(definition)
        dependent = {field.key for field in pair} if pair else set()
        for key, value in fields.items():
            spec = definition.fields.get(key)
            if spec is None:
                raise unprocessable(f"{definition.object_type} has no field {key!r}.", "unknown_field", key)
            if operation not in spec.writable:
                raise unprocessable(
                    f"The field {key} can't be set on {operation}.", "invalid_configuration", key
                )
            if key not in dependent:
                draft.set_field(key, check_value(spec, value))
        if pair is not None and dependent & fields.keys():
            draft.set_field(pair[1].key, resolved_stage(definition, *pair, fields))
        check = _FIELD_RULES.get(definition.object_type)
        if check is not None:
            check(self.store, fields, draft)
        for key, spec in definition.fields.items():
            if spec.required and draft.fields.get(key) in (None, ""):
                raise against_rule(
                    f"A {definition.object_type} needs the field {key}.", "parameter_missing", key
                )
        self._check_unique(draft, [key for key in definition.unique_keys if key in fields])

    def _check_unique(self, draft: Draft, keys: Any) -> None:
        definition = self.store.definitions[draft.object_type]
        for key in keys:
            for token in unique_tokens(definition.fields[key], draft.fields.get(key)):
                holder = self.store.holder(draft.object_type, key, token)
                if holder is not None and holder != draft.id:
                    message = f"Another {draft.object_type} has this {key}."
                    raise taken(self.unique_status, message, key)

    def _apply_defaults(self, edit: Edit, draft: Draft, definition: ObjectDefinition) -> None:
        for key, relationship in definition.relationships.items():
            if relationship.default == "key_owner" and not draft.links.get(key):
                owner = self._key_owner()
                if owner is not None:
                    edit.link(draft, relationship.slots[0], owner)

    def _key_owner(self) -> str | None:
        """The member who owns the API keys: the workspace's oldest."""
        members = self.store.all_records("member")
        return min(members, key=lambda member: member.order).id if members else None

    def _found(self, collection: Collection, record_id: str) -> Record:
        record = self.store.get(collection.object_type, record_id)
        if record is None:
            raise not_found(record_id)
        return record

    def _check_trash(self, record: Record) -> None:
        rule = _TRASH_RULES.get(record.object_type)
        if rule is not None:
            rule(record)

    def stored(self, draft: Draft) -> Record:
        """The stored record of a draft that has been committed."""
        record = self.store.get(draft.object_type, draft.id)
        if record is None:
            raise LookupError(draft.id)
        return record


def _sections(body: dict[str, Any], flags: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The `fields` and `relationships` of a body."""
    refuse_unknown(body, {FIELDS, RELATIONSHIPS, *flags})
    for key in (FIELDS, RELATIONSHIPS):
        if not isinstance(body.get(key, {}), dict):
            raise bad_request(f"{key} is an object.", "invalid_type", key)
    return body.get(FIELDS, {}), body.get(RELATIONSHIPS, {})
