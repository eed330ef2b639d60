"""README.md and docs/target.md say what the target has, no more and no less."""

from __future__ import annotations

import json
import re
from pathlib import Path

from singer_sdk import Target

from target_lightfield.matching.websites import website_key
from target_lightfield.objects.registry import REGISTRY
from target_lightfield.reporting.rejection import RejectCode
from target_lightfield.target import TargetLightfield

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "target.md").read_text(encoding="utf-8")
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_table_of_settings_has_every_setting_with_its_default() -> None:
    own = {
        name: f"`{_text(schema['default'])}`" if "default" in schema else ""
        for name, schema in TargetLightfield.config_jsonschema["properties"].items()
        if name not in _of_the_sdk()
    } | {"api_key": "**required**"}

    table = README.partition("## Settings of target-lightfield")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (\S*) \|", table, re.MULTILINE))

    assert told == own
    assert "| setting |" not in PAGE  # there is one table of them


def test_the_table_of_codes_has_every_code_with_its_advice() -> None:
    table = PAGE.partition("| `code` |")[2].partition("\n\n")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", table, re.MULTILINE))

    assert {code: advice.lower() for code, advice in told.items()} == {
        code.value: code.advice.lower() for code in RejectCode
    }


def test_the_table_of_matches_has_what_the_code_has() -> None:
    table = PAGE.partition("| stream | `match_on` |")[2].partition("\n\n")[0]
    told = {
        stream: tuple(re.findall(r"`(\w+)`", columns))
        for streams, columns in re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", table, re.MULTILINE)
        for stream in re.findall(r"`(\w+)`", streams)
    }

    taken_up = {"members", "list_members"}  # which are not matched to be written
    assert told == {name: tuple(row.match_on) for name, row in REGISTRY.items() if name not in taken_up}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _of_the_sdk() -> set[str]:
    schema: dict[str, dict[str, object]] = {"properties": {}}
    Target.append_builtin_config(schema)
    return set(schema["properties"])


def test_the_websites_in_the_table_are_known_as_it_says() -> None:
    table = PAGE.partition("| website | is known as |")[2].partition("\n\n")[0]
    told = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]

    assert len(told) > 5
    for websites, meaning in told:
        key = meaning.split("`")[1] if meaning.startswith("`") else ""
        assert {website_key(website) for website in re.findall("`([^`]+)`", websites)} == {key}
