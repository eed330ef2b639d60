"""The field decides: a source's value into what a field of the workspace takes, by its valueType.

``"87"`` for a NUMBER is 87, ``"true"`` for a CHECKBOX true, ``"a;b"`` for a MULTI_SELECT the ids of two
options, HTML for MARKDOWN is Markdown. A new valueType is a row in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightfield_api.definitions import FieldDefinition
from target_lightfield.presets.addresses import to_address_field
from target_lightfield.presets.checkboxes import to_checkbox_field
from target_lightfield.presets.contact_points import (
    to_email_field,
    to_social_handle_field,
    to_telephone_field,
    to_url_field,
)
from target_lightfield.presets.converted import (
    NOTHING,
    Conventions,
    Conversion,
    Converted,
    Untaken,
    accepted,
    is_blank,
)
from target_lightfield.presets.money import to_currency_field, to_number_field
from target_lightfield.presets.names import to_full_name_field
from target_lightfield.presets.selects import to_multi_select_field, to_single_select_field
from target_lightfield.presets.texts import to_html_field, to_markdown_field, to_text_field
from target_lightfield.presets.times import to_datetime_field

__all__ = ["Conventions", "Converted", "Untaken", "convert"]


def _as_it_is(_: FieldDefinition, value: Any, __: Conventions) -> Converted:
    return Converted(value)


CONVERSIONS: Mapping[str, Conversion] = {
    "TEXT": to_text_field,
    "MARKDOWN": to_markdown_field,
    "HTML": to_html_field,
    "READONLY_MARKDOWN": _as_it_is,
    "SOCIAL_HANDLE": to_social_handle_field,
    "NUMBER": to_number_field,
    "CURRENCY": to_currency_field,
    "CHECKBOX": to_checkbox_field,
    "DATETIME": to_datetime_field,
    "EMAIL": to_email_field,
    "TELEPHONE": to_telephone_field,
    "URL": to_url_field,
    "ADDRESS": to_address_field,
    "FULL_NAME": to_full_name_field,
    "SINGLE_SELECT": to_single_select_field,
    "MULTI_SELECT": to_multi_select_field,
}
"""By valueType; a value for one that is not in it is taken as it is."""


def convert(field: FieldDefinition, value: Any, conventions: Conventions) -> Converted:
    """Return what becomes of a source's value in a field; nothing of it vanishes.

    What comes out, ``write_value`` takes; but a stage's label may be that of several pipelines, and the row
    says which is meant. Null, blanks, empty lists and objects, HTML of empty paragraphs and Salesforce's
    ``[not provided]`` for a name are nothing.

    Args:
        field: The field.
        value: Any JSON value, as the source has it. One of the wrong kind is left over.
        conventions: How the source writes values. In a time zone that there is not, a date
            is left over.
    """
    if is_blank(value):
        return NOTHING
    return accepted(field, value, CONVERSIONS.get(field.value_type, _as_it_is)(field, value, conventions))
