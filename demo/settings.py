"""Writes into the documents what the code states: the settings, the reject codes, the kinds of left-overs.

``make settings`` runs it; a test fails when a document and the code differ.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from demo import costs, hub, preset_tables
from demo.pipeline import REPOSITORY
from target_lightfield.presets.reading import built_in_names, read_preset
from target_lightfield.presets.schema import json_schema, meanings, structs, summary
from target_lightfield.reporting.left_over import LeftOverKind
from target_lightfield.reporting.rejection import RejectCode

PRESETS = "docs/presets.md"
MIGRATING = "docs/migrating.md"
QUESTIONS = "docs/questions.md"
SCHEMA = "target_lightfield/presets/preset.schema.json"
PLUGINS = ("tap-lightfield", "target-lightfield")

_OF_THE_SDK = frozenset(
    {
        "activate_version",
        "add_record_metadata",
        "batch_config",
        "batch_size_rows",
        "faker_config",
        "flattening_enabled",
        "flattening_max_depth",
        "flattening_max_key_length",
        "flattening_separator",
        "load_method",
        "process_activate_version_messages",
        "stream_map_config",
        "stream_maps",
        "validate_records",
    }
)
_LABELS = {"api_key": "API key", "api_url": "API URL", "id_map": "ID map"}
# A number is text to Meltano: of the kind `decimal` it makes a Decimal, which it then can't write as JSON for
# the plugin (4.4.1). Both plugins take a number as text.
_KINDS = {
    "integer": "integer",
    "boolean": "boolean",
    "object": "object",
    "array": "array",
}


def main() -> int:
    """Write the documents."""
    for name, text in wanted_files().items():
        (REPOSITORY / name).parent.mkdir(exist_ok=True)
        (REPOSITORY / name).write_text(text)
    return 0


def wanted_files() -> dict[str, str]:
    """Return what each document should say, by its name."""
    meltano, readme, target = "meltano.yml", "README.md", "docs/target.md"
    files = {name: (REPOSITORY / name).read_text() for name in (meltano, readme, target)}
    for plugin in PLUGINS:
        described, what = about(plugin), f"{plugin} --about says"
        files[meltano] = _with_block(files[meltano], what, _meltano_lines(described), "    # {}")
        files[hub.FILES[plugin]] = hub.text_of(plugin, described, _settings_of(described))
        table = _table_of_settings(described["settings"])
        files[readme] = _with_block(files[readme], what, table, "<!-- {} -->")
    codes, kinds = _table_of_words("code", RejectCode), _table_of_words("kind", LeftOverKind)
    files[target] = _with_block(files[target], "RejectCode says", codes, "<!-- {} -->")
    files[target] = _with_block(files[target], "LeftOverKind says", kinds, "<!-- {} -->")
    files[PRESETS] = (REPOSITORY / PRESETS).read_text()
    for name in structs():
        files[PRESETS] = _with_block(files[PRESETS], f"{name} says", _table_of_keys(name), "<!-- {} -->")
    files[MIGRATING] = (REPOSITORY / MIGRATING).read_text()
    for name in built_in_names():
        table = _table(preset_tables.COLUMNS, preset_tables.rows(read_preset(name)))
        files[MIGRATING] = _with_block(files[MIGRATING], f"the preset {name} says", table, "<!-- {} -->")
    cost = _table(costs.COLUMNS, costs.rows((REPOSITORY / "docs/benchmarks.md").read_text()))
    files[QUESTIONS] = (REPOSITORY / QUESTIONS).read_text()
    files[QUESTIONS] = _with_block(files[QUESTIONS], "80,000 contacts cost", cost, "<!-- {} -->")
    files[SCHEMA] = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    return files


def about(plugin: str) -> dict[str, Any]:
    """Return what a plugin says of itself."""
    program = Path(sys.executable).with_name(plugin)
    answer = subprocess.run([program, "--about", "--format=json"], stdout=subprocess.PIPE, check=True)
    described: dict[str, Any] = json.loads(answer.stdout)
    return described


def meltano_setting(name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    """Return a setting as Meltano describes it."""
    types = schema.get("type") or []
    json_type = next((t for t in ([types] if isinstance(types, str) else types) if t != "null"), "string")
    setting: dict[str, Any] = {"name": name, "kind": _KINDS.get(json_type, "string")}
    if schema.get("format") == "date-time":
        setting["kind"] = "date_iso8601"
    choices = [choice for choice in schema.get("enum") or [] if choice is not None]
    if choices:
        setting["kind"] = "options"
    if schema.get("default") is not None:
        setting["value"] = schema["default"]
    setting["label"] = schema.get("title") or _LABELS.get(name) or name.replace("_", " ").capitalize()
    setting["description"] = " ".join(schema.get("description", "").split())
    if required:
        setting["description"] += " Required."
    if choices:
        setting["options"] = [
            {"label": choice.replace("_", " ").capitalize(), "value": choice} for choice in choices
        ]
    if schema.get("secret"):
        setting["sensitive"] = True
    return setting


def _meltano_lines(described: dict[str, Any]) -> str:
    lines = {"capabilities": sorted(described["capabilities"]), "settings": _settings_of(described)}
    yaml, text = YAML(), io.StringIO()
    yaml.default_flow_style = False
    yaml.width = 1000
    yaml.dump(lines, text)
    return "".join(f"    {line}\n" for line in text.getvalue().splitlines())


def _settings_of(described: dict[str, Any]) -> list[dict[str, Any]]:
    settings = described["settings"]
    required = settings.get("required", [])
    return [
        meltano_setting(name, schema, required=name in required)
        for name, schema in settings["properties"].items()
    ]


def _table_of_settings(settings: dict[str, Any]) -> str:
    rows = []
    for name, schema in settings["properties"].items():
        if name in _OF_THE_SDK:
            continue
        default = schema.get("default")
        shown = (
            "**required**"
            if name in settings.get("required", [])
            else ""
            if default is None
            else f"`{_text(default)}`"
        )
        description = " ".join(schema.get("description", "").split())
        choices = " ".join(f"`{choice}`" for choice in schema.get("enum") or [] if choice is not None)
        rows.append((f"`{name}`", shown, f"{description}{f' One of {choices}.' if choices else ''}"))
    return _table(("setting", "default", "what it does"), rows)


def _table_of_words(column: str, words: type[RejectCode] | type[LeftOverKind]) -> str:
    rows = [(f"`{word}`", word.meaning, _sentence(word.advice)) for word in words]
    return _table((f"`{column}`", "what is wrong", "what to do"), rows)


def _table_of_keys(name: str) -> str:
    struct = structs()[name]
    rows = [(f"`{key}`", meaning) for key, meaning in meanings(struct, inherited=False).items()]
    return f"\n{summary(struct)}\n" + _table(("key", "what it says"), rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    said = [f"|{'|'.join(line)}|" if line[0] == "---" else f"| {' | '.join(line)} |" for line in lines]
    return "\n" + "\n".join(said) + "\n\n"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _with_block(text: str, what: str, block: str, comment: str) -> str:
    """Return a document with a new block between its two marks, which say what the block is."""
    start = comment.format(f"What {what}, by `make settings`")
    end = comment.format(f"End of what {what}")
    found = re.search(f"{re.escape(start)}\n(.*?){re.escape(end)}\n", text, re.DOTALL)
    if found is None:
        raise ValueError(f"The marks {start!r} and {end!r} are missing")
    return text[: found.start(1)] + block + text[found.end(1) :]


if __name__ == "__main__":
    sys.exit(main())
