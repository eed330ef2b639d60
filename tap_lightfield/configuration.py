"""The configuration: files and environment, each error of theirs in one sentence that never shows the key."""

from __future__ import annotations

from typing import Any, ClassVar

import click
from singer_sdk import Tap
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.plugin_base import _ConfigInput

from lightfield_api.setting_values import ENVIRONMENT, UnusableSetting, settings_in, variables
from lightfield_api.settings import checked
from tap_lightfield.errors import ConfigError
from tap_lightfield.settings import SETTINGS, prepared


class ConfiguredTap(Tap):
    """A tap with this one's settings.

    Args:
        parse_env_config: Whether the environment is read, too.
        options: The SDK's.

    Raises:
        ConfigError: The settings can't be used.
    """

    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS

    def __init__(self, *, parse_env_config: bool = False, **options: Any) -> None:
        self._reads_variables = parse_env_config
        super().__init__(parse_env_config=parse_env_config, **options)

    @classmethod
    def cb_config(
        cls,
        ctx: click.Context,  # noqa: ARG003 - click's signature
        param: click.Option,  # noqa: ARG003
        value: tuple[str, ...],
    ) -> _ConfigInput:
        """Return the configuration in the files that ``--config`` names, and whether it names ``ENV``."""
        try:
            return _ConfigInput(config=settings_in(value), parse_env=ENVIRONMENT in value)
        except UnusableSetting as e:
            raise ConfigError(str(e)) from None

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - as in the SDK
        """The settings in the environment."""
        cls.append_builtin_config(cls.config_jsonschema)
        try:
            return variables(
                cls.config_jsonschema["properties"], cls._env_var_prefix, parse_environment_config
            )
        except UnusableSetting as e:
            raise ConfigError(str(e)) from None

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings: one sentence for whatever is wrong, and never the key in it."""
        try:
            self._check_config()
        except ConfigError as e:
            if raise_errors:
                raise
            self.logger.warning("%s", e.message)
            return [e.message]
        return []

    def _check_config(self) -> None:
        self.append_builtin_config(self.config_jsonschema)
        try:
            config = checked(
                self._config,
                self.config_jsonschema["properties"],
                self._env_var_prefix,
                self.logger,
                reads_variables=self._reads_variables,
            )
        except UnusableSetting as e:
            raise ConfigError(str(e)) from None
        try:
            self._config = prepared(config)
            super()._validate_config(raise_errors=True)
        except ConfigValidationError as e:
            raise ConfigError(f"{'; '.join(e.errors)}.".replace(config["api_key"], "***")) from None
        except ConfigError as e:
            raise ConfigError(e.message.replace(config["api_key"], "***")) from None
