"""Reading the file of a preset."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import msgspec
import yaml

from target_lightfield.errors import TargetError
from target_lightfield.presets.preset import Preset


def read_preset(name_or_path: str) -> Preset:
    """Return a preset."""
    built_in = resources.files("target_lightfield.presets") / f"{name_or_path}.yml"
    text = built_in.read_text() if built_in.is_file() else Path(name_or_path).read_text()
    try:
        return msgspec.convert(yaml.safe_load(text), Preset)
    except msgspec.ValidationError as e:
        raise TargetError(f"{name_or_path}: {e}") from e
