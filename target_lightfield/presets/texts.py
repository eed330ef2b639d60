"""Texts as their fields take them: HTML as Markdown, as plain text, or as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lightfield_api.definitions import FieldDefinition
from target_lightfield.presets.converted import (
    NOTHING,
    Conventions,
    Conversion,
    Converted,
    clean,
    nothing_taken,
    one_of,
    text_of,
)
from target_lightfield.presets.escapes import escape_html, escape_markdown
from target_lightfield.presets.html import is_blank_html, is_html, to_markdown, to_text


def _text(
    of_html: Callable[[str], str], of_plain: Callable[[str], str], of_other: Callable[[str], str] = str
) -> Conversion:
    """Return the conversion of a text.

    Args:
        of_html: What HTML becomes.
        of_plain: What a text becomes of which the source says that it is plain.
        of_other: What any other text becomes.
    """

    def convert(_: FieldDefinition, value: Any, conventions: Conventions) -> Converted:
        try:
            text, left_over = clean(text_of(one_of(value)))
        except ValueError as e:
            return nothing_taken(value, str(e))
        if conventions.plain_text:
            return Converted(of_plain(text) or None, left_over)
        if not is_html(text):
            return Converted(of_other(text) or None, left_over)
        if is_blank_html(text):
            return NOTHING
        found = of_html(text)
        return Converted(found, left_over) if found else nothing_taken(value, "HTML in which no text stands")

    return convert


to_text_field = _text(to_text, str)
to_markdown_field = _text(to_markdown, escape_markdown)
to_html_field = _text(str, lambda text: escape_html(text.replace("&", "&amp;")), escape_html)
