"""Reads a preset: a built-in one by its name, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from target_lightfield.errors import TargetError, reason_of
from target_lightfield.presets.checks import faults
from target_lightfield.presets.merging import merged, without_nulls
from target_lightfield.presets.preset import Preset
from target_lightfield.presets.typed import nearest, typed
from target_lightfield.presets.yaml_tree import Node, fault, read_tree

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # from Python 3.11 on

LARGEST = 1_000_000
"""Bytes of a file."""

BUILT_IN: Traversable = files("target_lightfield.presets")
"""The folder of the built-in presets."""

_ENDING = ".yml"


def read_preset(name_or_path: str, folder: Traversable = BUILT_IN) -> Preset:
    """Return a preset.

    Args:
        name_or_path: The name of a built-in one, or the path of a YAML file.
        folder: Where the built-in ones are.

    Raises:
        TargetError: There is none, or it is not as a preset has to be; says where, and the nearest names.
    """
    tree = without_nulls(_tree(name_or_path, folder, ()))
    preset = typed(tree)
    for found in faults(preset):
        raise fault(tree.nearest(found.path), found.path, found.what)
    return preset


def built_in_names(folder: Traversable = BUILT_IN) -> Sequence[str]:
    """Return the names of the built-in presets."""
    return sorted(
        entry.name.removesuffix(_ENDING) for entry in folder.iterdir() if entry.name.endswith(_ENDING)
    )


def built_in_text(name: str, folder: Traversable = BUILT_IN) -> str:
    """Return the file of a built-in preset.

    Raises:
        TargetError: There is none of that name.
    """
    names = built_in_names(folder)
    if name not in names:
        raise TargetError(f"There is no built-in preset {name!r}.{nearest(name, names)}")
    return (folder / f"{name}{_ENDING}").read_text(encoding="utf-8")


def _tree(name_or_path: str, folder: Traversable, chain: tuple[str, ...]) -> Node:
    """Return what a preset says, with what it extends below it."""
    names = built_in_names(folder)
    if name_or_path in names:
        tree = read_tree(built_in_text(name_or_path, folder), f"{name_or_path}{_ENDING}")
    else:
        tree = read_tree(_text_of(name_or_path, names), name_or_path)
    assert isinstance(tree.value, dict)  # noqa: S101 - which read_tree makes sure of
    extends = tree.value.get("extends")
    if extends is None or extends.value is None:
        return tree
    base = extends.value
    if not isinstance(base, str):
        raise fault(extends, ("extends",), "this has to be the name of one built-in preset.")
    if base not in names:
        raise fault(
            extends, ("extends",), f"there is no built-in preset {base!r}.{nearest(str(base), names)}"
        )
    chain = (*chain, name_or_path)
    if base in chain:
        raise fault(
            extends, ("extends",), f"a preset can't extend itself: {' extends '.join((*chain, base))}."
        )
    return merged(_tree(base, folder, chain), tree)


def _text_of(path: str, names: Sequence[str]) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise TargetError(
            f"The preset {path!r} is neither built in nor a file.{nearest(path, names)}"
        ) from None
    except (OSError, ValueError) as e:
        raise TargetError(f"The preset {path!r} can't be read: {reason_of(e)}.") from None
    if len(content) > LARGEST:
        raise TargetError(f"{path} is no preset: it has more than {LARGEST:,} bytes.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = content.count(b"\n", 0, e.start) + 1
        raise TargetError(f"{path}:{line}: this is not UTF-8. Save the file as UTF-8.") from None
