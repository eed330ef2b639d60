"""A preset's YAML as a tree that knows in which line each thing stands.

Read as YAML 1.2 reads it, without the surprises of 1.1: ``no``, ``2024-01-01``, ``10:30`` and ``001`` are the
texts that stand there, and so is every key. Only ``true`` and ``false`` are booleans.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import yaml

from target_lightfield.errors import TargetError

Path: TypeAlias = tuple[str | int, ...]
"""The keys and places from the top of a file to a thing in it."""

DEEPEST = 50
MOST_NODES = 200_000  # with what aliases stand for: ten times the largest preset

_TAG = "tag:yaml.org,2002:"
_MERGE = _TAG + "merge"


@dataclass(frozen=True)
class Node:
    """A thing in a file.

    Attributes:
        value: The scalar, or the nodes in a mapping or list.
        file: The file, as messages call it.
        line: Counted from 1; of a thing with a key the key's.
        size: How many nodes it is, itself included.
        depth: How many levels.
    """

    value: str | float | bool | dict[str, Node] | list[Node] | None
    file: str
    line: int
    size: int = 1
    depth: int = 1

    def plain(self) -> Any:
        """Return the values alone."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value

    def nearest(self, path: Path) -> Node:
        """Return what is at a path, or the last thing on the way there."""
        node = self
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                break
        return node


def fault(node: Node, path: Path, what: str) -> TargetError:
    """Return the error for something in a file: ``my.yml:12: streams.deals.to: …``.

    Args:
        node: What is wrong, or the nearest thing to what is missing: its file and line are said.
        path: Where it stands: keys, and numbers of items from 0.
        what: What is wrong with it, in a sentence.
    """
    return TargetError(f"{node.file}:{node.line}: {spelled(path)}{': ' if path else ''}{what}")


def spelled(path: Path) -> str:
    """Return a path as text: ``streams.deals[1].columns.name``."""
    steps = (
        f"[{step}]"
        if isinstance(step, int)
        else f".{step}"
        if re.fullmatch(r"[\w-]+", step)
        else f"[{step!r}]"
        for step in path
    )
    return "".join(steps).lstrip(".")


def read_tree(text: str, file: str) -> Node:
    """Return what is in a YAML file.

    Args:
        text: The file's text.
        file: What messages call it.

    Raises:
        TargetError: It is no YAML, empty, no mapping, has a key twice, or becomes too much.
    """
    try:
        root = _Loader(text).get_single_node()
        if root is None:
            raise TargetError(f"{file} is empty: a preset begins with `preset: 1`.")
        if not isinstance(root, yaml.MappingNode):
            raise TargetError(f"{file}:{_line(root)}: a preset is a mapping of keys, such as `preset: 1`.")
        return _Builder(file).node(root, ())
    except yaml.reader.ReaderError as e:
        line = text.count("\n", 0, e.position) + 1
        raise TargetError(f"{file}:{line}: {e.reason}, as U+{int(e.character):04X} is one.") from None
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        said = ", ".join(part for part in (e.context, e.problem) if part)
        raise TargetError(f"{file}:{mark.line + 1 if mark else 1}: this is no YAML: {said}.") from None
    except RecursionError:
        raise TargetError(f"{file} is nested more deeply than any preset.") from None


class _Loader(yaml.SafeLoader):
    """The scalars of YAML 1.2; numbers as they are commonly written, so that ``001`` keeps its noughts."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as in PyYAML


for _kind, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(f"^(?:{_pattern})$"), list(_first))


class _Builder:
    """Makes nodes of PyYAML's.

    Args:
        file: What messages call the file.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._made: dict[int, Node | None] = {}  # None while it is made

    def node(self, source: yaml.Node, path: Path) -> Node:
        """Return the node; what an alias stands for is made once."""
        if id(source) in self._made:
            made = self._made[id(source)]
            if made is None:
                raise self._error(source, path, "this alias stands for something that it is itself in.")
            return made
        self._made[id(source)] = None
        if isinstance(source, yaml.MappingNode):
            self._check_tag(source, path, "map")
            mapping = self._mapping(source, path)
            node = self._of(source, path, mapping, list(mapping.values()))
        elif isinstance(source, yaml.SequenceNode):
            self._check_tag(source, path, "seq")
            items = [self.node(item, (*path, place)) for place, item in enumerate(source.value)]
            items = [replace(item, line=_line(one)) for item, one in zip(items, source.value, strict=True)]
            node = self._of(source, path, items, items)
        else:
            assert isinstance(source, yaml.ScalarNode)  # noqa: S101 - there is no other kind
            node = self._of(source, path, self._scalar(source, path), ())
        self._made[id(source)] = node
        return node

    def _of(self, source: yaml.Node, path: Path, value: Any, parts: Sequence[Node]) -> Node:
        size = 1 + sum(part.size for part in parts)
        depth = 1 + max((part.depth for part in parts), default=0)
        if size > MOST_NODES or depth > DEEPEST:
            raise self._error(source, path, "with what its aliases stand for, this is more than any preset.")
        return Node(value, self._file, _line(source), size, depth)

    def _mapping(self, source: yaml.MappingNode, path: Path) -> dict[str, Node]:
        own: dict[str, Node] = {}
        inherited: dict[str, Node] = {}
        for key, value in source.value:
            if key.tag == _MERGE:
                inherited = {**self._inherited(value, path), **inherited}
                continue
            if not isinstance(key, yaml.ScalarNode) or key.tag == _TAG + "null":
                raise self._error(key, path, "a key has to be a text.")
            name = str(key.value)
            if name in own:
                raise self._error(
                    key,
                    (*path, name),
                    f"this key is in line {own[name].line} already. Take one of the two out.",
                )
            own[name] = replace(self.node(value, (*path, name)), line=_line(key))
        return {**inherited, **own}

    def _inherited(self, source: yaml.Node, path: Path) -> dict[str, Node]:
        """Return what ``<<`` brings; of several mappings the first that has a key."""
        merged: dict[str, Node] = {}
        for one in source.value if isinstance(source, yaml.SequenceNode) else [source]:
            node = self.node(one, path)
            if not isinstance(node.value, dict):
                raise self._error(source, path, "`<<` takes a mapping, or a list of them.")
            merged = {**node.value, **merged}
        return merged

    def _scalar(self, source: yaml.ScalarNode, path: Path) -> str | float | bool | None:
        text = str(source.value)
        if source.tag == _TAG + "str":
            return text
        if source.tag == _TAG + "null":
            return None
        try:
            if source.tag == _TAG + "bool":
                return {"true": True, "false": False}[text.lower()]
            if source.tag == _TAG + "int":
                return int(text)
            if source.tag == _TAG + "float":
                return float(text)
        except (KeyError, ValueError):
            raise self._error(source, path, "this is no value that can be read; put it in quotes.") from None
        raise self._tag_error(source, path)

    def _check_tag(self, source: yaml.Node, path: Path, kind: str) -> None:
        if source.tag != _TAG + kind:
            raise self._tag_error(source, path)

    def _tag_error(self, source: yaml.Node, path: Path) -> TargetError:
        tag = source.tag.replace(_TAG, "!!")
        return self._error(source, path, f"the tag {tag!r} means nothing in a preset. Take it out.")

    def _error(self, source: yaml.Node, path: Path, what: str) -> TargetError:
        return fault(Node(None, self._file, _line(source)), path, what)


def _line(source: yaml.Node) -> int:
    return int(source.start_mark.line) + 1
