"""What both plugins check of their settings before they ask Lightfield anything."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from lightfield_api.secrecy import setting_with_key
from lightfield_api.setting_names import unknown_settings, unread, unread_variables
from lightfield_api.setting_values import UnusableSetting, with_numbers, wrong_type


def checked(
    config: Mapping[str, Any],
    properties: Mapping[str, Any],
    prefix: str,
    log: logging.Logger,
    *,
    reads_variables: bool,
) -> dict[str, Any]:
    """Return the settings that are set, each of the type that it takes. One that is null is not set.

    A variable that names a setting and is not read is a warning.

    Args:
        config: The settings.
        properties: The JSON Schema of each setting that there is.
        prefix: What the plugin's environment variables begin with, ``TAP_LIGHTFIELD_``.
        log: Where warnings go.
        reads_variables: Whether the settings come from the environment too.

    Raises:
        UnusableSetting: There is no API key, it stands where none belongs, nobody knows a setting, or its
            value is of another type than it takes.
    """
    config = {name: value for name, value in config.items() if value is not None}
    if setting := setting_with_key(config):
        raise UnusableSetting(f"The setting {setting} holds an API key: put it into api_key only.")
    if unknown := unknown_settings(config, properties):
        raise UnusableSetting(unknown)
    ignored = () if reads_variables else unread_variables(os.environ, prefix, properties, config)
    for name in ignored:
        log.warning("%s", unread(name))
    api_key = config.get("api_key", "")
    if isinstance(api_key, str) and not api_key.strip():
        hints = [unread(name) for name in ignored if name.endswith("_API_KEY")]
        raise UnusableSetting(
            " ".join(
                [
                    "There is no API key: create one under Settings → API keys in Lightfield and set "
                    f"{prefix}API_KEY, or api_key in the configuration.",
                    *hints,
                ]
            )
        )
    config = with_numbers(config, properties)
    if wrong := wrong_type(config, properties):
        raise UnusableSetting(wrong)
    return config
