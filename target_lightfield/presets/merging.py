"""``extends``: a file that says only what differs from a built-in preset, put onto it.

Mappings merge key by key and everything else is replaced, lists too; ``null`` takes a key away, but for a
``map``, in which it is a value. Three rules let a line be changed whichever form it has:

- a mapping onto the name of a column is one onto ``{from: name}``;
- a source (``from``, ``first_of`` …) takes the place of the source that was there;
- where there can be several routes or links, an entry changes the one to the same place, or is a further one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from msgspec import inspect

from target_lightfield.presets.column import Column
from target_lightfield.presets.preset import Links, Preset, Route
from target_lightfield.presets.yaml_tree import Node, Path, fault

SOURCES = ("from", "first_of", "all_of", "value", "template", "expression")
"""The keys of a column that say where its value comes from; it has one of them."""

PRESET = inspect.type_info(Preset)

_TOLD_APART_BY = {Route: ("to", "as"), Links: ("of", "to", "column", "as")}


def merged(base: Node, over: Node, kind: inspect.Type | None = PRESET, path: Path = ()) -> Node:
    """Return one thing with what another says of it.

    Args:
        base: What the preset says.
        over: What the file says.
        kind: What it has to be.
        path: Where it is.

    Raises:
        TargetError: It is not clear which of several routes or links the file means.
    """
    entry = _entry(kind)
    if entry and any(isinstance(node.value, list) for node in (base, over)) and _may_be_entries(base, over):
        return replace(over, value=_merged_entries(base, over, entry, path))
    if isinstance(over.value, dict):
        base = _long_form(base, kind)
        if isinstance(base.value, dict):
            return replace(over, value=_merged_mapping(base.value, over.value, mapping_of(kind), path))
    return over


def without_nulls(node: Node, kind: inspect.Type | None = PRESET) -> Node:
    """Return a thing without the keys that are null, where null is no value."""
    if isinstance(node.value, dict):
        mapping = mapping_of(kind)
        kept = {
            key: without_nulls(value, child_of(mapping, key))
            for key, value in node.value.items()
            if not _is_absent(value, mapping, key)
        }
        return replace(node, value=kept)
    if isinstance(node.value, list):
        item = item_of(kind)
        return replace(node, value=[without_nulls(one, item) for one in node.value])
    return node


def options_of(kind: inspect.Type | None) -> tuple[inspect.Type, ...]:
    """Return the types of which a value may have one."""
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,) if kind else ()


def mapping_of(kind: inspect.Type | None) -> inspect.StructType | inspect.DictType | None:
    """Return the type that a mapping has here."""
    mappings = (inspect.StructType, inspect.DictType)
    return next((one for one in options_of(kind) if isinstance(one, mappings)), None)


def item_of(kind: inspect.Type | None) -> inspect.Type | None:
    """Return the type of the items of a list here."""
    return next((one.item_type for one in options_of(kind) if isinstance(one, inspect.ListType)), None)


def child_of(kind: inspect.StructType | inspect.DictType | None, key: str) -> inspect.Type | None:
    """Return the type that a key's value has in a mapping; None for a key that there is not."""
    if isinstance(kind, inspect.StructType):
        return next((field.type for field in kind.fields if field.encode_name == key), None)
    return kind.value_type if kind else None


def _is_absent(node: Node, kind: inspect.StructType | inspect.DictType | None, key: str) -> bool:
    child = child_of(kind, key)
    if node.value is not None or child is None:
        return False
    return isinstance(kind, inspect.StructType) or not any(
        isinstance(one, inspect.NoneType) for one in options_of(child)
    )


def _merged_mapping(
    base: dict[str, Node],
    over: dict[str, Node],
    kind: inspect.StructType | inspect.DictType | None,
    path: Path,
) -> dict[str, Node]:
    values = dict(base)
    if _is_column(kind) and any(node.value is not None for key, node in over.items() if key in SOURCES):
        values = {key: node for key, node in base.items() if key not in SOURCES or key in over}
    for key, node in over.items():
        if _is_absent(node, kind, key):
            values.pop(key, None)
        elif key in values:
            values[key] = merged(values[key], node, child_of(kind, key), (*path, key))
        else:
            values[key] = node
    return values


def _is_column(kind: inspect.Type | None) -> bool:
    return isinstance(kind, inspect.StructType) and issubclass(kind.cls, Column)


def _long_form(node: Node, kind: inspect.Type | None) -> Node:
    """Return ``{from: name}`` for a text that names a column."""
    if not isinstance(node.value, str) or not _is_column(mapping_of(kind)):
        return node
    if any(isinstance(one, inspect.BoolType) for one in options_of(kind)):
        return node  # of `else`, where a text is a constant
    return replace(node, value={"from": node})


def _entry(kind: inspect.Type | None) -> inspect.StructType | None:
    """Return the type of an entry where there may be one or several."""
    item = item_of(kind)
    return item if isinstance(item, inspect.StructType) and item.cls in _TOLD_APART_BY else None


def _may_be_entries(base: Node, over: Node) -> bool:
    return all(
        isinstance(node.value, dict)
        or (isinstance(node.value, list) and all(isinstance(one.value, dict) for one in node.value))
        for node in (base, over)
    )


def _merged_entries(base: Node, over: Node, kind: inspect.StructType, path: Path) -> list[Node]:
    entries = _as_list(base)
    added = []
    changes = _as_list(over)
    for change in changes:
        alike = [one for one in changes if _names_of(one, kind) == _names_of(change, kind)]
        place = _place(_as_list(base), change, kind, path, by_when=len(alike) > 1)
        if place is None:
            added.append(change)
        else:
            entries[place] = merged(entries[place], change, kind, (*path, place))
    return entries + added


def _place(
    entries: list[Node], change: Node, kind: inspect.StructType, path: Path, *, by_when: bool
) -> int | None:
    """Return which of a preset's entries a file's entry changes; None for a further one."""
    names = _names_of(change, kind)
    found = [
        place
        for place, entry in enumerate(entries)
        if all(_text(entry, key) == name for key, name in names.items())
    ]
    if len(found) > 1 or by_when:
        if (when := _text(change, "when")) is None and found:
            told = " or ".join(f"`{key}`" for key in (*_TOLD_APART_BY[kind.cls], "when"))
            raise fault(
                change, path, f"the preset has {len(found)} of these. Say by {told} which one is meant."
            )
        found = [place for place in found if _text(entries[place], "when") == when]
    if len(found) > 1:
        raise fault(change, path, "the preset has several that are called so: leave them as they are.")
    return found[0] if found else None


def _names_of(entry: Node, kind: inspect.StructType) -> dict[str, Any]:
    return {key: name for key in _TOLD_APART_BY[kind.cls] if (name := _text(entry, key)) is not None}


def _text(entry: Node, key: str) -> Any:
    node = entry.value.get(key) if isinstance(entry.value, dict) else None
    return node.value if node and not isinstance(node.value, (dict, list)) else None


def _as_list(node: Node) -> list[Node]:
    return list(node.value) if isinstance(node.value, list) else [node]
