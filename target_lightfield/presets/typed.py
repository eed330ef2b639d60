"""A preset's tree as the typed preset, or the first thing in it that has no such type.

msgspec knows the types, but for where it says ``$.streams[...].columns[...]``. Here each key is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from target_lightfield.presets.column import Column
from target_lightfield.presets.merging import PRESET, child_of, item_of, mapping_of, options_of
from target_lightfield.presets.preset import Preset
from target_lightfield.presets.yaml_tree import Node, Path, fault


class Fault(NamedTuple):
    """What is wrong where."""

    path: Path
    what: str


def typed(tree: Node) -> Preset:
    """Return the preset.

    Raises:
        TargetError: There is something else than a preset has.
    """
    for found in _faults(tree, PRESET, ()):
        raise fault(tree.nearest(found.path), found.path, found.what)
    try:
        return msgspec.convert(tree.plain(), Preset)
    except msgspec.ValidationError as e:
        raise fault(tree, (), f"{e}.") from None


def unknown(name: str, known: Collection[str], what: str) -> str:
    """Return that there is no such thing: ``there is no key 'tpo'. Nearest: 'to'.``.

    Args:
        name: What the preset says.
        known: The names that there are.
        what: What they are names of, such as ``key`` or ``stream``.
    """
    return f"there is no {what} {name!r}.{nearest(name, known)}"


def nearest(name: str, known: Collection[str]) -> str:
    """Return a sentence with the nearest names, or with all if none is near and they are few."""
    by_fold = {one.casefold(): one for one in known}
    near = [by_fold[one] for one in get_close_matches(name.casefold(), by_fold, n=2)]
    if near:
        return f" Nearest: {' and '.join(map(repr, near))}."
    return (
        f" There {'are' if len(known) > 1 else 'is'} {', '.join(map(repr, known))}."
        if 0 < len(known) < 12
        else ""
    )


def _faults(node: Node, kind: inspect.Type, path: Path) -> Iterator[Fault]:
    value = node.value
    options = options_of(kind)
    if isinstance(value, dict) and (mapping := mapping_of(kind)):
        yield from _faults_of_mapping(value, mapping, path)
    elif isinstance(value, list) and (item := item_of(kind)):
        for place, one in enumerate(value):
            yield from _faults(one, item, (*path, place))
    elif not any(_fits(value, one) for one in options):
        yield Fault(path, _misfit(value, options))


def _faults_of_mapping(
    values: dict[str, Node], kind: inspect.StructType | inspect.DictType, path: Path
) -> Iterator[Fault]:
    fields = kind.fields if isinstance(kind, inspect.StructType) else ()
    known = [field.encode_name for field in fields]
    for key, node in values.items():
        child = child_of(kind, key)
        if child is None:
            yield Fault((*path, key), _SAID_OTHERWISE.get(key) or unknown(key, known, "key"))
        else:
            yield from _faults(node, child, (*path, key))
    for field in fields:
        if field.required and field.encode_name not in values:
            yield Fault(path, f"the key {field.encode_name!r} is missing.")


_SAID_OTHERWISE = {
    "without_account": "there is no such key: say it under `columns` of the route, as "
    "`account_id: {else: …}` with the key or the id of the account that is taken where there is no other.",
}
"""What people look for, and how it is said."""

_WORDS: dict[type[inspect.Type], tuple[type | tuple[type, ...], str]] = {
    inspect.StrType: (str, "a text"),
    inspect.BoolType: (bool, "true or false"),
    inspect.IntType: (int, "a whole number"),
    inspect.FloatType: ((int, float), "a number"),
    inspect.NoneType: (type(None), ""),
    inspect.ListType: ((), "a list"),
    inspect.StructType: ((), "a mapping"),
    inspect.DictType: ((), "a mapping"),
}


def _fits(value: Any, kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.LiteralType):
        return any(type(value) is type(one) and value == one for one in kind.values)
    takes, _ = _WORDS[type(kind)]
    return isinstance(value, takes) and (isinstance(kind, inspect.BoolType) or not isinstance(value, bool))


def _misfit(value: Any, options: tuple[inspect.Type, ...]) -> str:
    kinds = {type(one) for one in options}
    words = [word for kind, (_, word) in _WORDS.items() if kind in kinds and word]
    literals = [literal for one in options if isinstance(one, inspect.LiteralType) for literal in one.values]
    wanted = " or ".join(dict.fromkeys([*words, *map(repr, literals)]))
    if isinstance(value, (dict, list)):
        return f"this has to be {wanted}, and no {'mapping' if isinstance(value, dict) else 'list'}."
    if isinstance(value, str):
        return f"this has to be {wanted}, and not {value!r}.{nearest(value, [str(one) for one in literals])}"
    if value is None:
        return f"this has to be {wanted}, and there is nothing."
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    said = f"this has to be {wanted}, and {shown} is none"
    if not any(isinstance(one, inspect.StrType) for one in options):
        return f"{said}."
    if any(isinstance(one, inspect.StructType) and issubclass(one.cls, Column) for one in options):
        return f"{said}: put a column's name in quotes; a constant is {{value: {shown}}}."
    return f"{said}: put it in quotes."
