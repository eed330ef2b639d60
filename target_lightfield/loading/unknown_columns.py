"""Columns that nobody knows, and what they may have been meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence

from lightfield_api.columns import OPTIONAL_ENVELOPE, Columns, Role
from lightfield_api.value_types import type_of

FLATTENED = "__"
"""The SDK's separator for flattening."""


def nearest_columns(names: Iterable[str], known: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Return the columns that are not known, each with the nearest of those that are.

    Args:
        names: The columns of a stream.
        known: What columns there are beside the SDK's own.
    """
    return {
        name: difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        for name in names
        if name not in known and not name.startswith("_sdc_")
    }


def columns_known(columns: Columns) -> Collection[str]:
    """Return the names of the columns that a row may have, those that are flattened too."""
    flattened = {
        column.name + FLATTENED + member
        for column in columns
        if column.role is Role.FIELD and column.field
        for member in type_of(column.field).members
    }
    return {*columns.by_name, *OPTIONAL_ENVELOPE, *flattened}
