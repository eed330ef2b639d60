"""What stream loaders are made of: parts of the workspace and of the run, and the settings."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lightfield_api.access import Grant
from lightfield_api.client import LightfieldClient
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import Resource
from target_lightfield.errors import TargetError
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.loading.completeness import Completeness
from target_lightfield.loading.interfaces import Reader
from target_lightfield.loading.outcomes import Outcomes
from target_lightfield.loading.references import References
from target_lightfield.loading.stream_loader import Submit
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.policy import Mode


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What every stream loader is made of.

    Attributes:
        client: The API client.
        grant: What the API key may do.
        definitions: The workspace's definitions, by the name of the resource.
        id_map: What is remembered from run to run.
        references: Finds the records that references mean.
        directory_of: Returns what is known of an object's records.
        settings: The target's settings.
        options: Those of single objects, by the name of the stream.
        outcomes: Takes what becomes of rows.
        submit: Takes work to be done beside other work.
        earlier_is_under_way: Returns whether earlier work with a token is not done.
        completeness: Knows whether the feed has all rows of a stream.
        missing_members: The emails of the feed's members whom the workspace lacks, by source key.
    """

    client: LightfieldClient
    grant: Grant
    definitions: Mapping[str, ObjectDefinitions]
    id_map: IdMap
    references: References
    directory_of: Callable[[Resource], Directory]
    settings: Mapping[str, Any]
    options: Mapping[str, Any]
    outcomes: Outcomes
    submit: Submit
    earlier_is_under_way: Callable[[Hashable], bool]
    completeness: Completeness = field(default_factory=Completeness)
    missing_members: dict[str, str] = field(default_factory=dict)

    def option(self, resource: Resource, name: str) -> Any:
        """Return a setting of one object, None where it has none."""
        return (self.options.get(resource.name) or {}).get(name)

    def mode(self, resource: Resource) -> Mode:
        """Return the mode of an object."""
        mode: Mode = self.option(resource, "mode") or self.settings["mode"]
        return mode

    def require(self, resource: Resource, operations: Iterable[str], *, writing: str | None = None) -> None:
        """Check that the API key has the scopes of some operations.

        Args:
            resource: The object.
            operations: ``read``, ``create``, ``update`` or ``delete``, each.
            writing: The stream that needs them, for the error, where it is not the object's own.

        Raises:
            TargetError: The key lacks one.
        """
        for operation in operations:
            if not self.grant.allows(resource.scope(operation)):
                raise TargetError(
                    f"The API key lacks the scope {resource.scope(operation)}, which writing "
                    f"{writing or resource.name} needs: grant it, or leave the stream out."
                )

    def check_defaults(self, resource: Resource, reader: Reader, defaults: Mapping[str, Any]) -> None:
        """Check the defaults of an object's columns.

        Args:
            resource: The object.
            reader: Reads its rows.
            defaults: The default values, by column.

        Raises:
            TargetError: A default names no column.
        """
        if unknown := reader.unknown(defaults):
            raise TargetError(
                f"objects.{resource.name}: defaults name {next(iter(unknown))!r}, which is no column."
            )
