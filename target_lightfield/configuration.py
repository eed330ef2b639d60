"""The configuration: files and environment, each error of theirs in one sentence that never shows the key."""

from __future__ import annotations

from typing import Any

import click
from singer_sdk import Target
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import ConfigValidationError, MappingError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.plugin_base import _ConfigInput

from lightfield_api.setting_values import ENVIRONMENT, UnusableSetting, settings_in, variables
from lightfield_api.settings import checked
from target_lightfield.errors import TargetError
from target_lightfield.files_of_runs import in_their_places
from target_lightfield.run.findings import CONFIG_FILES
from target_lightfield.run.own_files import check_own_files
from target_lightfield.settings import SETTINGS
from target_lightfield.stream_maps import MapSettings


class ConfiguredTarget(Target):
    """A target with this one's settings.

    Args:
        parse_env_config: Whether the environment is read, too.
        options: The SDK's.

    Raises:
        TargetError: The settings can't be used.
    """

    config_jsonschema = SETTINGS

    def __init__(self, *, parse_env_config: bool = False, **options: Any) -> None:
        self._reads_variables = parse_env_config
        super().__init__(parse_env_config=parse_env_config, **options)

    @classmethod
    def cb_config(
        cls,
        ctx: click.Context,
        param: click.Option,  # noqa: ARG003
        value: tuple[str, ...],
    ) -> _ConfigInput:
        """Return the configuration in the files that ``--config`` names, and whether it names ``ENV``."""
        ctx.meta[CONFIG_FILES] = tuple(map(str, value))
        try:
            return _ConfigInput(config=settings_in(value), parse_env=ENVIRONMENT in value)
        except UnusableSetting as e:
            raise TargetError(str(e)) from None

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - as in the SDK
        """The settings in the environment."""
        cls.append_builtin_config(cls.config_jsonschema)
        try:
            return variables(
                cls.config_jsonschema["properties"], cls._env_var_prefix, parse_environment_config
            )
        except UnusableSetting as e:
            raise TargetError(str(e)) from None

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings: one sentence for whatever is wrong, and never the key in it."""
        self.append_builtin_config(self.config_jsonschema)
        try:
            self._config = checked(
                self._config,
                self.config_jsonschema["properties"],
                self._env_var_prefix,
                self.logger,
                reads_variables=self._reads_variables,
            )
            if self._config.get("verify"):  # which writes as little
                self._config["dry_run"] = True
            MapSettings(self._config.get("stream_maps")).check()
            said_of_all = super()._validate_config(raise_errors=True)
            self._config = in_their_places(self._config, self.logger)
            check_own_files(self._config)
            return said_of_all
        except (ConfigValidationError, MappingError, UnusableSetting) as e:
            said = str(e)
            if isinstance(e, ConfigValidationError):
                said = f"{'; '.join(e.errors)}."
            elif isinstance(e, MappingError):
                said = f"stream_maps can't be used: {e}"
            if raise_errors:
                raise TargetError(said) from None
            self.logger.warning("%s", said)
            return [said]
