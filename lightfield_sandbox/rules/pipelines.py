"""Pipelines and their stages: which stage is meant, as two pipelines may have stages of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.errors import bad_request, unprocessable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightfield_sandbox.schema.definitions import FieldDefinition, ObjectDefinition, Option


def dependent_pair(definition: ObjectDefinition) -> tuple[FieldDefinition, FieldDefinition] | None:
    """The parent and the dependent field of an object type (`$pipeline`, `$stage`), where it has them."""
    for field in definition.fields.values():
        if field.parent_field_key is not None:
            return definition.fields[field.parent_field_key], field
    return None


def resolved_stage(
    definition: ObjectDefinition, parent: FieldDefinition, child: FieldDefinition, written: Mapping[str, Any]
) -> str | None:
    """The option id of the stage that a write asks for.

    A pipeline in the same write only says whose stages are meant. It is not kept.

    Args:
        definition: That of the object type.
        parent: The field of the pipeline.
        child: The field of the stage.
        written: The fields that were sent.

    Returns:
        The id, or None where the write clears the stage.

    Raises:
        ApiError: 422 `unknown_pipeline`, `ambiguous_stage_label` or `stage_unresolved_in_pipeline`;
            `invalid_configuration` for a pipeline without a stage, `referenced_resource_missing` for
            an unknown stage.
    """
    wanted = written.get(child.key)
    hint = written.get(parent.key)
    if wanted is None:
        if parent.key in written:
            message = f"{parent.key} goes with {child.key}, and is not kept by itself."
            raise unprocessable(message, "invalid_configuration", parent.key)
        return None
    if not isinstance(wanted, str):
        raise unprocessable(f"{child.key} takes an option id or label.", "invalid_type", child.key)
    pipeline = None if hint is None else _pipeline(parent, hint)
    return _stage(definition, (parent, child), wanted, pipeline).id


def _pipeline(parent: FieldDefinition, wanted: Any) -> str:
    for option in parent.options:
        if wanted in (option.id, option.label):
            return option.id
    raise unprocessable(
        f"There is no active pipeline {wanted!r}.", "unknown_pipeline", parent.key, **_active(parent)
    )


def _stage(
    definition: ObjectDefinition,
    pair: tuple[FieldDefinition, FieldDefinition],
    wanted: str,
    pipeline: str | None,
) -> Option:
    parent, child = pair
    options = _named(child, wanted)
    if not options:
        code = "stage_unresolved_in_pipeline" if pipeline else "referenced_resource_missing"
        raise unprocessable(f"{child.key} has no option {wanted!r}.", code, child.key)
    if pipeline is None and len(options) > 1 and definition.object_type == "opportunity":
        # Only for opportunities, a label without a pipeline is looked up in the default one first.
        default = parent.options[0].id
        options = [option for option in options if option.parent_id == default] or options
    if pipeline is not None:
        options = [option for option in options if option.parent_id == pipeline]
    if not options:
        raise _unresolved(child, wanted)
    if len(options) > 1:
        raise unprocessable(
            f"Several pipelines have a stage {wanted!r}.",
            "ambiguous_stage_label",
            child.key,
            candidates=_candidates(options, {option.id: option.label for option in parent.options}),
        )
    return options[0]


def _named(stage: FieldDefinition, wanted: str) -> list[Option]:
    """The stages with this id or label, compared without case and runs of blanks."""
    if wanted in stage.by_id:
        return [stage.by_id[wanted]]
    return [option for option in stage.options if _folded(option.label) == _folded(wanted)]


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


def _active(parent: FieldDefinition) -> dict[str, Any]:
    return {"activePipelineIds": [option.id for option in parent.options]}


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
    """The option id that the value of a filter on a select field means.

    Args:
        definition: That of the object type.
        field: The select field.
        value: An option's id or label; for a pipeline its id.
        terms: All filters of the query: one on the pipeline says whose stages are meant.

    Raises:
        ApiError: 400 `unknown_pipeline` for a pipeline's name, `ambiguous_stage_label`, or
            `referenced_resource_missing` for an unknown option.
    """
    if field.key in definition.hints:
        if value not in field.by_id:
            message = f"There is no active pipeline of the id {value!r}."
            raise bad_request(message, "unknown_pipeline", field.key, **_active(field))
        return value
    parent = definition.fields.get(field.parent_field_key or "")
    options = _named(field, value) if parent else [*filter(None, [field.by_id.get(value)])]
    options = options or field.labelled(value)
    if parent is not None and len(options) > 1:
        named = {text for key, text in terms if key in (parent.key, f"{parent.key}[equal]")}
        options = [option for option in options if option.parent_id in named] or options
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
