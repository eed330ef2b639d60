"""What other CRMs call Lightfield's streams and columns: the table is ``synonyms.yml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml

_TABLE: dict[str, Any] = yaml.safe_load(
    (files("target_lightfield.migration") / "synonyms.yml").read_text(encoding="utf-8")
)


def _split(table: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    return {name: words.split() for name, words in table.items()}


STREAMS = _split(_TABLE["streams"])
"""Of Lightfield's streams the names that mean them; others are custom objects, or unknown."""

AROUND = frozenset(_TABLE["around"].split())
"""Words around the name of a stream that say nothing."""

COLUMNS = {stream: _split(columns) for stream, columns in _TABLE["columns"].items()}
"""By stream, of a column beside its own name; ``custom_objects`` has those of each of these."""

RELATIONSHIPS: Mapping[str, Sequence[str]] = {
    "account": STREAMS["accounts"],
    "contact": STREAMS["contacts"],
    "evaluator": STREAMS["contacts"],
    "opportunity": STREAMS["opportunities"],
    **_split(_TABLE["relationships"]),
}
"""What columns that refer to another record are called, by the name of Lightfield's relationship."""

CUSTOM: Mapping[str, Mapping[str, tuple[str, Sequence[str]]]] = {
    stream: {label: (said["type"], said["names"].split()) for label, said in labels.items()}
    for stream, labels in _TABLE["custom"].items()
}
"""Usual custom fields of a stream: the label, with the type and what others call it."""

NAMES = frozenset(_TABLE["names"].split())
"""Columns by whose values records may be referred to, instead of by their keys."""

CURRENCIES: Sequence[str] = _TABLE["currencies"].split()
"""Columns with the currency of the amount beside them."""

BOOKKEEPING = frozenset(_TABLE["bookkeeping"].split())
"""Columns with which a source keeps its books: nobody misses them."""

STAGES = _split(_TABLE["stages"])
"""What values of stages and states are called otherwise."""
