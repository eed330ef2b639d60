"""Dependent selects: which stage is meant, where two pipelines may have stages of one name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.errors import bad_request, unprocessable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightfield_sandbox.definitions import FieldDefinition, ObjectDefinition, Option


def dependent_pair(definition: ObjectDefinition) -> tuple[FieldDefinition, FieldDefinition] | None:
    """The parent and the dependent field of an object type (`$pipeline`, `$stage`), where it has them."""
    for field in definition.fields.values():
        if field.parent_field_key is not None:
            return definition.fields[field.parent_field_key], field
    return None


def resolve_pair(
    parent: FieldDefinition, child: FieldDefinition, written: Mapping[str, Any], held: Mapping[str, Any]
) -> dict[str, str | None]:
    """The option ids to keep in both fields after a write.

    A stage alone brings its pipeline along; a label alone is sought first in the record's own pipeline.

    Raises:
        ApiError: 422 `unknown_pipeline`, `ambiguous_stage_label`, `stage_unresolved_in_pipeline` or
            `referenced_resource_missing`.
    """
    if parent.key not in written and child.key not in written:
        return {}
    pipeline = _pipeline(parent, written[parent.key]) if parent.key in written else None
    if child.key not in written:
        return _moved(parent, child, pipeline, held.get(child.key))
    wanted = written[child.key]
    if wanted is None:
        return {child.key: None, **({parent.key: pipeline} if parent.key in written else {})}
    if not isinstance(wanted, str):
        raise unprocessable(f"{child.key} takes an option id or label.", "invalid_type", child.key)
    stage = _stage(parent, child, wanted, pipeline, held.get(parent.key))
    return {parent.key: stage.parent_id, child.key: stage.id}


def _moved(
    parent: FieldDefinition, child: FieldDefinition, pipeline: str | None, held_stage: str | None
) -> dict[str, str | None]:
    if held_stage is not None and child.by_id[held_stage].parent_id != pipeline:
        raise _unresolved(child, child.by_id[held_stage].label)
    return {parent.key: pipeline}


def _pipeline(parent: FieldDefinition, wanted: Any) -> str | None:
    if wanted is None:
        return None
    for option in parent.options:
        if wanted in (option.id, option.label):
            return option.id
    raise unprocessable(
        f"There is no active pipeline {wanted!r}.",
        "unknown_pipeline",
        parent.key,
        activePipelineIds=[option.id for option in parent.options],
    )


def _stage(
    parent: FieldDefinition,
    child: FieldDefinition,
    wanted: str,
    pipeline: str | None,
    held_pipeline: str | None,
) -> Option:
    options = [child.by_id[wanted]] if wanted in child.by_id else child.labelled(wanted)
    if not options:
        code = "stage_unresolved_in_pipeline" if pipeline else "referenced_resource_missing"
        raise unprocessable(f"{child.key} has no option {wanted!r}.", code, child.key)
    if pipeline is not None:
        options = [option for option in options if option.parent_id == pipeline]
        if not options:
            raise _unresolved(child, wanted)
        return options[0]
    here = [option for option in options if option.parent_id == held_pipeline]
    if here:
        return here[0]
    if len(options) > 1:
        raise unprocessable(
            f"Several pipelines have a stage {wanted!r}.",
            "ambiguous_stage_label",
            child.key,
            candidates=_candidates(options, {option.id: option.label for option in parent.options}),
        )
    return options[0]


def _unresolved(child: FieldDefinition, wanted: str) -> Exception:
    message = f"The pipeline has no stage {wanted!r}."
    return unprocessable(message, "stage_unresolved_in_pipeline", child.key)


def _candidates(options: Sequence[Option], pipelines: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "stageOptionId": option.id,
            "stageLabel": option.label,
            "pipelineId": option.parent_id,
            "pipelineName": pipelines.get(option.parent_id or ""),
        }
        for option in options
    ]


def narrowed_option(
    definition: ObjectDefinition, field: FieldDefinition, value: str, terms: Sequence[tuple[str, str]]
) -> str:
    """The option id that a filter's value means; a filter on the parent field narrows labels down.

    Raises:
        ApiError: 400 `ambiguous_stage_label`, or `referenced_resource_missing` for an unknown option.
    """
    if value in field.by_id:
        return value
    options = field.labelled(value)
    parent = definition.fields.get(field.parent_field_key or "")
    if parent is not None and len(options) > 1:
        named = {text for key, text in terms if key in (parent.key, f"{parent.key}[equal]")}
        ids = {option.id for option in parent.options if named & {option.id, option.label}}
        options = [option for option in options if option.parent_id in ids] or options
    if not options:
        raise bad_request(f"{field.key} has no option {value!r}.", "referenced_resource_missing", field.key)
    if len(options) > 1:
        names = {option.id: option.label for option in parent.options} if parent else {}
        raise bad_request(
            f"Several pipelines have a stage {value!r}.",
            "ambiguous_stage_label",
            field.key,
            candidates=_candidates(options, names),
        )
    return options[0].id
