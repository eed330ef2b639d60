"""The plugins in the format of Meltano Hub: what ``meltano add --from-ref`` takes, and the Hub itself.

Everything comes from what the plugins say of themselves (``--about``), from the commands of
``lightfield-migration``, and from ``pyproject.toml``.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from demo.pipeline import REPOSITORY
from target_lightfield.migration.cli import main as migration

FILES = {"tap-lightfield": "hub/tap-lightfield.yml", "target-lightfield": "hub/target-lightfield.yml"}
"""Where each plugin's definition is."""

DESCRIPTIONS = {
    "tap-lightfield": "Reads a Lightfield CRM workspace: records, custom objects, emails, meetings, lists",
    "target-lightfield": "Writes to a Lightfield CRM workspace, and moves another CRM's records into it",
}
_DISTRIBUTION = "singer-lightfield"
_HEADING = """\
# Written by `make settings`. Add it to a Meltano project with
#   meltano add {name} --from-ref {repository}/raw/main/{file}
"""
_NEXT_STEPS = (
    "Fields come and go in a workspace. Let Meltano ask for them in every run:\n\n"
    "    meltano config set tap-lightfield _use_cached_catalog false\n"
)


def definition(plugin: str, about: Mapping[str, Any], settings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a plugin as Meltano Hub describes it.

    Args:
        plugin: Its name.
        about: What it says of itself.
        settings: Its settings as Meltano describes them.
    """
    is_tap = plugin.startswith("tap-")
    repository = repository_url()
    own: dict[str, Any] = (
        {"select": ["*.*"], "next_steps": _NEXT_STEPS, "settings": settings}
        if is_tap
        else {"commands": commands(), "settings": settings}
    )
    return {
        "name": plugin,
        "variant": _DISTRIBUTION,
        "namespace": plugin.replace("-", "_"),
        "label": "Lightfield",
        "description": DESCRIPTIONS[plugin],
        "pip_url": _DISTRIBUTION,
        "executable": plugin,
        "repo": repository,
        "docs": f"{repository}/blob/main/docs/{'tap' if is_tap else 'target'}.md",
        "domain_url": "https://lightfield.app",
        "maintenance_status": "active",
        "keywords": ["meltano_sdk", "crm"],
        "capabilities": sorted(about["capabilities"]),
        "settings_group_validation": [about["settings"].get("required", [])],
        **own,
    }


def text_of(plugin: str, about: Mapping[str, Any], settings: list[dict[str, Any]]) -> str:
    """Return the file of a plugin's definition. The arguments are those of ``definition``."""
    yaml, text = YAML(), io.StringIO()
    yaml.default_flow_style = False
    yaml.width = 1000
    yaml.dump(definition(plugin, about, settings), text)
    heading = _HEADING.format(name=plugin, repository=repository_url(), file=FILES[plugin])
    return heading + text.getvalue()


def commands() -> dict[str, dict[str, str]]:
    """Return the commands of the target's plugin: those of lightfield-migration that take its settings."""
    return {
        name: {
            "executable": "lightfield-migration",
            "args": f"{name} --config=ENV",
            "description": (command.help or "").partition("\n\n")[0].replace("\n", " ").rstrip("."),
        }
        for name, command in sorted(migration.commands.items())
        if any(parameter.name == "config" for parameter in command.params)
    }


def repository_url() -> str:
    """Return where the repository is, as ``pyproject.toml`` says."""
    for line in (REPOSITORY / "pyproject.toml").read_text().splitlines():
        if line.startswith("Repository = "):
            return line.split('"')[1]
    raise ValueError("pyproject.toml names no Repository under [project.urls]")
