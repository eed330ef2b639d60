"""Streams of records: what most objects have in common."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from lightfield_api.resources import Resource
from target_lightfield.errors import TargetError
from target_lightfield.loading.checks import Checks
from target_lightfield.loading.comparison import Comparison
from target_lightfield.loading.creation import Creation
from target_lightfield.loading.deletion import Deletion
from target_lightfield.loading.history import FieldHistory
from target_lightfield.loading.interfaces import RecordLoader
from target_lightfield.loading.late_links import LateLinks
from target_lightfield.loading.leaving_out import LeavingOut
from target_lightfield.loading.loader import Loader
from target_lightfield.loading.refusals import Refusals
from target_lightfield.loading.rows import RowReader
from target_lightfield.loading.stream_loader import RecordStream
from target_lightfield.loading.telling import Telling
from target_lightfield.loading.verifier import Verifier
from target_lightfield.matching.finder import Finder
from target_lightfield.matching.policy import Policy
from target_lightfield.objects.setup import Setup
from target_lightfield.writing.lost_creates import UnseenCreates
from target_lightfield.writing.writer import Writer

_OPERATIONS = {
    "upsert": ("create", "update"),
    "create_only": ("create",),
    "update_only": ("update",),
}


def record_stream(
    setup: Setup,
    resource: Resource,
    *,
    reader: type[RowReader] = RowReader,
    finder: type[Finder] = Finder,
    writer: type[Writer] = Writer,
    assignee: str | None = None,
) -> RecordStream:
    """Return the stream loader of an object, with its parts put together.

    Args:
        setup: The run's parts and settings.
        resource: The object.
        reader: The class that reads a row.
        finder: The class that finds the record which the row means.
        writer: The class that writes the record.
        assignee: The column that the setting ``default_assignee`` is for.

    Raises:
        TargetError: The API key lacks a scope for it, or the settings of the object are wrong.
    """
    _check_scopes(setup, resource)
    with_preset = bool(setup.settings.get("preset"))
    policy = Policy(
        setup.mode(resource),
        setup.settings["on_ambiguous"],
        exact_links=setup.settings["relationship_mode"] == "replace",
        on_deleted=setup.settings["on_deleted"],
        bad_values=setup.settings.get("bad_values") or ("leave_out" if with_preset else "reject"),
        taken=setup.settings.get("taken") or ("without" if with_preset else "reject"),
    )
    definitions, directory = setup.definitions[resource.name], setup.directory_of(resource)
    defaults = _defaults(setup, resource, assignee)
    rows = reader(
        resource,
        definitions,
        defaults,
        null_unlinks=policy.exact_links,
        leaves_out=policy.leaves_out,
    )
    setup.check_defaults(resource, rows, defaults)
    writes = writer(
        setup.client,
        setup.id_map,
        UnseenCreates(setup.client, setup.id_map, directory, resource, definitions),
        resource,
        definitions,
        _create_options(setup, resource),
    )
    finds = finder(resource, definitions, directory, setup.id_map, policy)
    refusals = Refusals(definitions, rows.columns, setup.references, writes)
    report = setup.outcomes.report
    telling = Telling(resource.name, definitions, refusals.column_name, setup.id_map, report.tells)
    creation = Creation(
        id_map=setup.id_map,
        finder=finds,
        directory=directory,
        writer=writes,
        checks=Checks(resource, writes, refusals.column_name),
        refusals=refusals,
    )
    deletion = Deletion(
        object_type=resource.object_type,
        id_map=setup.id_map,
        finder=finds,
        directory=directory,
        creation=creation,
        writer=writes,
        refusals=refusals,
        telling=telling,
    )
    loads = Loader(
        resource=resource,
        reader=rows,
        finder=finds,
        directory=directory,
        creation=creation,
        deletion=deletion,
        late_links=LateLinks(definitions, finds, directory, writes, refusals, setup.id_map, telling),
        writer=writes,
        refusals=refusals,
        leaving_out=LeavingOut(
            policy, refusals, finds.unique, partial(setup.outcomes.leave_out, resource.name)
        ),
        id_map=setup.id_map,
        policy=policy,
        telling=telling,
        earlier_is_under_way=setup.earlier_is_under_way,
    )
    loader: RecordLoader = loads
    if report.verification:
        history = FieldHistory(setup.client, resource, definitions)
        comparison = Comparison(loads, setup.references, history)
        loader = Verifier(loads, comparison, report.verification)
    return RecordStream(
        resource, loader, setup.outcomes, setup.submit, trashes=setup.settings["delete_mode"] == "trash"
    )


def _check_scopes(setup: Setup, resource: Resource) -> None:
    operations = ["read", *_OPERATIONS[setup.mode(resource)]]
    if setup.settings["delete_mode"] == "trash":
        operations.append("delete")
    can_not = {"update"} if resource.updatable == frozenset() else set()  # then there is no such scope
    setup.require(resource, [operation for operation in operations if operation not in can_not])


def _create_options(setup: Setup, resource: Resource) -> Mapping[str, Any]:
    """Return what a create sends beside its fields."""
    if resource.enrichable:
        return {"skipEnrichment": setup.settings["skip_enrichment"]}
    if resource.auto_creates and setup.settings["auto_create_records"]:
        return {"autoCreateRecords": True}
    return {}


def _defaults(setup: Setup, resource: Resource, assignee: str | None) -> Mapping[str, Any]:
    defaults = dict(setup.option(resource, "defaults") or {})
    email = setup.settings.get("default_assignee")
    if assignee and email:
        if setup.references.find("member", email) is None:
            raise TargetError(f"default_assignee {email!r} is no member of the workspace.")
        defaults.setdefault(assignee, email)
    return defaults
