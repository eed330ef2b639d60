"""Reading the file of a preset."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import yaml

from target_lightfield.errors import TargetError
from target_lightfield.presets.preset import Preset


def read_preset(name_or_path: str) -> Preset:
    """Return a preset."""
    content = _read(name_or_path)
    try:
        return msgspec.convert(content, Preset)
    except msgspec.ValidationError as e:
        raise TargetError(f"{name_or_path}: {e}") from e


def _read(name_or_path: str) -> dict[str, Any]:
    built_in = resources.files("target_lightfield.presets") / f"{name_or_path}.yml"
    text = built_in.read_text() if built_in.is_file() else Path(name_or_path).read_text()
    content: dict[str, Any] = yaml.safe_load(text)
    return _merged(_read(content["extends"]), content) if content.get("extends") else content


def _merged(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    merged = {**base, **{name: _merged(base.get(name), value) for name, value in over.items()}}
    return {name: value for name, value in merged.items() if value is not None}
