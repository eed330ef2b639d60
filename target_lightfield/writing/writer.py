"""Writing one record: what has changed, in how many requests, and each request at most once.

API pages: "Fields and relationships" (at most 25 links in one request), "Idempotency".
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import (
    LightfieldError,
    NoAnswer,
    ServerError,
    UnexpectedAnswer,
)
from lightfield_api.records import Record, field_value, is_record
from lightfield_api.refusals import is_refusal, key_at_fault
from lightfield_api.resources import Resource
from lightfield_api.values import same_value
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.journal_entries import Write, WriteKind
from target_lightfield.id_map.source import Source, StartedCreate
from target_lightfield.writing.changes import Changes, first_links, links_of
from target_lightfield.writing.idempotency import idempotency_key_of, was_created_before
from target_lightfield.writing.lost_creates import UnseenCreates
from target_lightfield.writing.trash import Trash

_REPLAYED_FOR = timedelta(hours=23)  # the API keeps a stored answer for 24; an hour is for its clock

_log = logging.getLogger("target-lightfield")


class Writer(Trash):
    """Writes the records of one object type.

    Args:
        client: The API client.
        id_map: Where a create is remembered before it is sent.
        unseen: Finds what creates without an Idempotency-Key made.
        resource: The object's entry in the table of resources.
        definitions: The workspace's definitions of it.
        options: What a create sends beside fields and relationships.

    Attributes:
        required: The field and relationship keys without which the API is known to create no record. No
            definition names those of custom objects: they are learned from refusals.
        enriches: Whether a create starts the enrichment that Lightfield bills.
    """

    def __init__(
        self,
        client: LightfieldClient,
        id_map: IdMap,
        unseen: UnseenCreates,
        resource: Resource,
        definitions: ObjectDefinitions,
        options: Mapping[str, Any],
    ) -> None:
        super().__init__(client, id_map.journal, resource)
        self._id_map = id_map
        self._unseen = unseen
        self._definitions = definitions
        self._options = options
        self._left_as_they_are: set[str] = set()
        self.required = set(resource.required)
        self.enriches = options.get("skipEnrichment") is False

    def changes(
        self,
        record: Record,
        fields: Mapping[str, Any],
        links: Mapping[str, Sequence[str]],
        *,
        exactly: bool = False,
    ) -> Changes:
        """Return what differs between a record and what is wanted of it, as far as it can be changed.

        Args:
            record: The record as it is.
            fields: API values by field key.
            links: Ids by relationship key.
            exactly: Whether links beyond the wanted ones are removed; else they stay.
        """
        changes = self.differences(record, fields, links, exactly=exactly)
        changes.fields = {
            key: [] if value is None and key in self._resource.never_null else value
            for key, value in changes.fields.items()
            if self._is_updatable(key)
        }
        hints = self._definitions.hints
        changes.hints = {
            key: fields[key]
            for key, meant in hints.items()
            if fields.get(key) is not None and changes.fields.get(meant) is not None
        }
        return changes

    def differences(
        self,
        record: Record,
        fields: Mapping[str, Any],
        links: Mapping[str, Sequence[str]],
        *,
        exactly: bool = False,
    ) -> Changes:
        """Return what differs between a record and what is wanted of it. Args as in ``changes``."""
        definitions, hints = self._definitions.fields, self._definitions.hints
        differences = Changes(
            {
                key: value
                for key, value in fields.items()
                if key not in hints and not same_value(definitions[key], value, field_value(record, key))
            }
        )
        differences.link(self._definitions, record, links, exactly=exactly)
        return differences

    def create(
        self,
        source: Source,
        fields: Mapping[str, Any],
        links: Mapping[str, Sequence[str]],
        *,
        instead_of: str | None = None,
    ) -> tuple[Record, bool]:
        """Create a record, with as many of its links as one request takes: the required ones first.

        Args:
            source: The source record.
            fields: API values by field key.
            links: Ids by relationship key.
            instead_of: The id of the deleted record that it takes the place of, so that the API does
                not answer with that one's create again.

        Returns:
            The record, and whether the answer is the stored one to a create of an earlier run.

        Raises:
            LightfieldError: The API refused, or did not answer: then the create stays in the id map.
        """
        wanted = {
            key: value
            for key, value in fields.items()
            if value is not None and key not in self._resource.only_updatable
        }
        body = {**self._create_body(source, wanted), **self._options}
        if first := first_links(self._definitions, links, self.required):
            body["relationships"] = first
        key = idempotency_key_of("create", self._resource, source, body, instead_of)
        asked_at = self._client.server_time()
        write = Write(WriteKind.CREATED, self._resource.lasting_name, None, source, links_of(first))
        number = self._id_map.begun.start_create(source, StartedCreate(key, body, asked_at), write)
        record = self._send_create(source, key, body)
        stored = was_created_before(asked_at, record)
        if stored:  # by an earlier run: taking this one back must not take that away
            self._journal.withdraw(number)
        else:
            self._journal.answer_create(number, record["id"])
        return record, stored

    def resume(self, source: Source, started: StartedCreate) -> Record | None:
        """Finish a create whose answer was not seen: sent again, the API answers as it did the first time.

        Returns:
            The record. None if the API refuses the create, as it then did the first time too; None also
            if a create that can't be sent again has made none.
        """
        too_old = self._client.server_time() - started.started_at > _REPLAYED_FOR
        if too_old or not self._resource.repeatable:
            record = self._unseen.find(started)
            if record is None:
                self._id_map.begun.drop_create(source)
            return record
        try:
            return self._send_create(source, started.idempotency_key, started.body)
        except LightfieldError as e:
            if not is_refusal(e):
                raise
            return None

    def update(
        self, source: Source | None, record: Record, changes: Changes, *, adopted: bool = False
    ) -> Record:
        """Write the changes of a record, and return it as it is then.

        Args:
            source: The source record.
            record: The record as it was when the changes were found.
            changes: What is to be written.
            adopted: Whether the row was matched with the record just then: no earlier run knew it.

        Raises:
            LightfieldError: The API refused, or did not answer as it should.
        """
        with self._in_journal(
            WriteKind.CHANGED, record["id"], source, changes.before(record), adopted=adopted
        ) as sent:
            for body in changes.bodies():
                # The time of the last change is in the key: the same change made again, after somebody
                # took it back, is another one, and must not get the first one's stored answer.
                since = f"{record['id']} {record.get('updatedAt')}"
                key = idempotency_key_of("update", self._resource, source, body, since)
                answer = self._client.write(
                    *self._resource.record_path,
                    record["id"],
                    body=body,
                    # Lists have no updatedAt: each call has a key of its own.
                    idempotency_key=key if record.get("updatedAt") else None,
                )
                if answer.get("id") != record["id"]:
                    raise UnexpectedAnswer(f"An update of {record['id']} was not answered with that record")
                record, sent.in_part = answer, True
        return record

    def key_at_fault(self, param: str | None) -> str | None:
        """Return the key of the field or relationship that a refusal's ``param`` means; None if none."""
        return key_at_fault(param, self._definitions.fields, self._definitions.relationships)

    def server_time(self) -> datetime:
        """Return the time by the server's clock."""
        return self._client.server_time()

    def _is_updatable(self, key: str) -> bool:
        updatable = self._resource.updatable
        if updatable is None or key in updatable:
            return True
        if key not in self._left_as_they_are:
            self._left_as_they_are.add(key)
            _log.info("%s: %s can't be changed any more: left as it is", self._resource.name, key)
        return False

    def _create_body(self, source: Source, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        return {"fields": fields}

    def _send_create(self, source: Source, key: str, body: Mapping[str, Any]) -> Record:
        try:
            record = self._post(key, body)
            if not is_record(record):
                raise UnexpectedAnswer(f"The answer to a write of {self._resource.name} holds no record")
            return record
        except LightfieldError as e:
            if is_refusal(e):
                self._id_map.begun.drop_create(source)
            raise

    def _post(self, key: str, body: Mapping[str, Any]) -> Record:
        path = self._resource.create_path or self._resource.record_path
        if self._resource.repeatable:
            return self._client.write(*path, body=body, idempotency_key=key)
        for left in reversed(range(self._client.retry_policy.max_tries)):
            asked_at = self._client.server_time()
            try:
                return self._client.write_once(*path, body=body)
            except (NoAnswer, ServerError):
                if record := self._unseen.find(StartedCreate(key, body, asked_at)):
                    return record
                if not left:
                    raise
        raise AssertionError  # the last try returns or raises
