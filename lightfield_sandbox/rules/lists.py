"""Rules for lists: the type of a list, its members, and the one target list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.errors import RELATIONSHIPS, against_rule
from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightfield_sandbox.rules.edits import Draft, Edit
    from lightfield_sandbox.rules.relationships import LinkChange
    from lightfield_sandbox.store.store import Store


def check_fields(store: Store, written: Mapping[str, Any], draft: Draft) -> None:
    """Spell the type as new lists do (`$account`), and refuse a target list that can't be one.

    Args:
        store: The records of the workspace.
        written: The fields that were sent.
        draft: The list, with these fields set.

    Raises:
        ApiError: 422 for a second target list, or one of opportunities.
    """
    bare = str(draft.fields.get("$objectType", "")).removeprefix("$")
    if "$objectType" in written and bare:
        draft.set_field("$objectType", f"${bare}")
    if written.get("$kind") is not None:
        if bare == "opportunity":
            message = "Only lists of accounts or contacts can be the target list."
            raise against_rule(message, "invalid_configuration", "$kind")
        if any(held.fields.get("$kind") and held.id != draft.id for held in store.records("list")):
            raise against_rule("There is a target list already.", "invalid_configuration", "$kind")


def check_members(_: Store, __: Edit, draft: Draft, changes: Sequence[LinkChange]) -> None:
    """Refuse members of another type than the list's.

    Args:
        _: Unused; all rules for links take the same.
        __: Unused.
        draft: The list.
        changes: The changes of its links.

    Raises:
        ApiError: 422.
    """
    own = members_key(draft.fields["$objectType"])
    for change in changes:
        if change.relationship.key != own:
            message = f"A list of {draft.fields['$objectType']} takes {own} only."
            raise against_rule(message, "invalid_configuration", change.relationship.key, RELATIONSHIPS)


def members_key(object_type: str) -> str:
    """The key of the relationship to the members, by the type of the list: `$account` gives `$accounts`."""
    return f"${BY_OBJECT_TYPE[object_type.removeprefix('$')].path}"
