"""The JSON Schema of a preset's file, made of the types and their docstrings. Editors complete by it."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from target_lightfield.presets.preset import JsonSchema, Preset
from target_lightfield.presets.targets import TARGETS

_TARGET = {"anyOf": [{"enum": list(TARGETS)}, {"pattern": "^object_."}]}
_NULL = {"type": "null"}
_ENTRY = re.compile(r"^    (\w+): (.*(?:\n     .*)*)", re.MULTILINE)


def json_schema() -> JsonSchema:
    """Return the schema. In a file that extends a preset no key is required, since the preset has it."""
    _, whole = msgspec.json.schema_components([Preset])
    for name, schema in whole.items():
        _describe(schema, structs()[name])
    whole["Route"]["properties"]["to"].update(_TARGET)
    changes = {f"{name}Change": _change(schema) for name, schema in whole.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A preset of target-lightfield",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/PresetChange"},
        "else": {"$ref": "#/$defs/Preset"},
        "$defs": {**whole, **changes},
    }


def structs() -> Mapping[str, type[msgspec.Struct]]:
    """Return the types of which a preset is made, the whole first, by their names."""
    found: dict[str, type[msgspec.Struct]] = {}

    def visit(kind: Any) -> None:
        if isinstance(kind, msgspec.inspect.StructType):
            if kind.cls.__name__ in found:
                return
            found[kind.cls.__name__] = kind.cls
            for field in kind.fields:
                visit(field.type)
        for part in (*getattr(kind, "types", ()), *_items(kind)):
            visit(part)

    visit(msgspec.inspect.type_info(Preset))
    return found


def meanings(struct: type[msgspec.Struct], *, inherited: bool = True) -> Mapping[str, str]:
    """Return what each key of a type means, as its docstring says; those of its base type too if asked to."""
    said: dict[str, str] = {}
    for cls in reversed(struct.__mro__):
        if cls not in (object, msgspec.Struct):
            said |= {name: " ".join(text.split()) for name, text in _ENTRY.findall(_doc(cls))}
    left_out = () if inherited else getattr(struct.__base__, "__struct_fields__", ())
    fields = msgspec.structs.fields(struct)
    return {one.encode_name: _plain(said[one.name]) for one in fields if one.name not in left_out}


def summary(struct: type[msgspec.Struct]) -> str:
    """Return what a type is, as the first paragraphs of its docstring say."""
    return _plain(_doc(struct).partition("\nAttributes:")[0].strip())


def _items(kind: Any) -> Iterator[Any]:
    for name in ("item_type", "value_type"):
        if hasattr(kind, name):
            yield getattr(kind, name)


def _doc(cls: type) -> str:
    return inspect.cleandoc(cls.__doc__ or "")


def _plain(text: str) -> str:
    return text.replace("``", "`")


def _describe(schema: JsonSchema, struct: type[msgspec.Struct]) -> None:
    schema["title"] = _words(struct.__name__)
    schema["description"] = summary(struct)
    required = schema.get("required", [])
    for name, meaning in meanings(struct).items():
        described = _nulls(schema["properties"][name])
        if described.get("default") in (None, {}, []) or isinstance(described["default"], dict):
            described.pop("default", None)
        if name not in required:
            described = _nullable(described)
        schema["properties"][name] = {"title": _words(name), "description": meaning, **described}


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name).capitalize()


def _nulls(schema: JsonSchema) -> JsonSchema:
    """Return the schema of a value; a key that is null in a mapping is none."""
    if isinstance(values := schema.get("additionalProperties"), dict):
        return {**schema, "additionalProperties": _nullable(_nulls(values))}
    if "anyOf" in schema:
        return _compact({**schema, "anyOf": [_nulls(one) for one in schema["anyOf"]]})
    return schema


def _nullable(schema: JsonSchema) -> JsonSchema:
    if isinstance(schema.get("type"), (str, list)) and "anyOf" not in schema:
        return {**schema, "type": _types(schema, _NULL)}
    if "anyOf" in schema:
        return _compact({**schema, "anyOf": [*schema["anyOf"], _NULL]})
    default = {"default": schema["default"]} if "default" in schema else {}
    return {"anyOf": [{key: said for key, said in schema.items() if key != "default"}, _NULL], **default}


def _compact(schema: JsonSchema) -> JsonSchema:
    """Return a schema whose alternatives that are types alone are one: ``{"type": ["string", "null"]}``."""
    plain = [one for one in schema["anyOf"] if set(one) == {"type"}]
    others = [one for one in schema["anyOf"] if one not in plain]
    rest = {key: said for key, said in schema.items() if key != "anyOf"}
    if not plain:
        return schema
    types = _types(*plain)
    return {**rest, "anyOf": [{"type": types}, *others]} if others else {**rest, "type": types}


def _types(*schemas: JsonSchema) -> list[str]:
    named = (one["type"] if isinstance(one["type"], list) else [one["type"]] for one in schemas)
    return list(dict.fromkeys(name for names in named for name in names))


def _change(schema: JsonSchema) -> JsonSchema:
    change: JsonSchema = _of_changes(copy.deepcopy(schema))
    change.pop("required", None)
    change["title"] += " of a file that extends one"
    return change


def _of_changes(schema: Any) -> Any:
    """Return a schema whose parts are those of changes."""
    if isinstance(schema, list):
        return [_of_changes(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{said}Change" if key == "$ref" else said if key == "default" else _of_changes(said)
        for key, said in schema.items()
    }
