"""The JSON Schema of presets and docs/presets.md say what the code has, no more and no less."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from target_lightfield.presets.merging import child_of, item_of, mapping_of
from target_lightfield.presets.preset import Preset
from target_lightfield.presets.reading import built_in_names, built_in_text, read_preset
from target_lightfield.presets.schema import json_schema, meanings, structs
from tests.target.presets.preset_files import BASE, built_in
from tests.target.presets.wrong_presets import UNDEFINED, WRONG

PAGE = (Path(__file__).parents[3] / "docs" / "presets.md").read_text(encoding="utf-8")
EXAMPLES = [
    text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if not text.startswith("# yaml-lang")
]
SCHEMA = jsonschema.Draft202012Validator(json_schema())


def test_the_schema_that_ships_is_that_of_the_code() -> None:
    shipped = files("target_lightfield.presets") / "preset.schema.json"

    assert json.loads(shipped.read_text(encoding="utf-8")) == json_schema(), "run `make settings`"
    SCHEMA.check_schema(SCHEMA.schema)


@pytest.mark.parametrize("text", [BASE, *EXAMPLES, *(text for text, _ in UNDEFINED)])
def test_the_schema_accepts_what_has_the_right_form(text: str) -> None:
    SCHEMA.validate(yaml.safe_load(text))


@pytest.mark.parametrize("text", [text for text, _ in WRONG])
def test_the_schema_refuses_what_has_a_wrong_form(text: str) -> None:
    assert not SCHEMA.is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        (
            "{extends: acme, streams: {deals: {columns: {name: null, stage: {map: {a: b}}}}, calls: null}}",
            True,
        ),
        ("{extends: acme, streams: {deals: {colums: {}}}}", False),
        ("{extends: acme, streams: {deals: [{when: x}]}, ignore: null}", True),
        ("{streams: {deals: [{when: x}]}}", False),
        ("{extends: acme, links: {deals: {best: x, others: 1}}}", False),
    ],
)
def test_the_schema_asks_nothing_of_a_file_that_extends_one_but_what_it_says(
    text: str, *, is_valid: bool
) -> None:
    assert SCHEMA.is_valid(yaml.safe_load(text)) is is_valid


def test_every_built_in_preset_is_one() -> None:
    for name in built_in_names():
        read_preset(name)
        SCHEMA.validate(yaml.safe_load(built_in_text(name)))


def test_everything_in_the_schema_has_a_title_and_a_description() -> None:
    for schema in json_schema()["$defs"].values():
        assert schema["title"]
        assert schema["description"]
        assert all(one["title"] and one["description"] for one in schema["properties"].values())


def test_the_tables_of_keys_have_every_key() -> None:
    for name, struct in structs().items():
        table = PAGE.partition(f"<!-- What {name} says")[2].partition("<!-- End")[0]
        told = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
        assert told == list(meanings(struct, inherited=False)), f"{name}: run `make settings`"


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_preset(tmp_path: Path, text: str) -> None:
    (tmp_path / "example.yml").write_text(text, encoding="utf-8")

    read_preset(str(tmp_path / "example.yml"), built_in(tmp_path / "built_in", hubspot=BASE))


def test_every_key_has_an_example() -> None:
    used: set[tuple[str, str]] = set()

    def visit(value: Any, kind: msgspec.inspect.Type | None) -> None:
        if isinstance(value, dict):
            mapping = mapping_of(kind)
            for key, one in value.items():
                if isinstance(mapping, msgspec.inspect.StructType):
                    used.add((mapping.cls.__name__, key))
                visit(one, child_of(mapping, key))
        elif isinstance(value, list):
            for one in value:
                visit(one, item_of(kind))

    for text in EXAMPLES:
        visit(yaml.safe_load(text), msgspec.inspect.type_info(Preset))

    keys = {(name, key) for name, one in structs().items() for key in meanings(one, inherited=False)}
    assert keys - used == set()
