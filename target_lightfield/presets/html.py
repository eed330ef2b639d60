"""HTML in texts: what is some, and what it says as Markdown and as plain text.

``<p>Prefers <b>email</b>&nbsp;in <i>French</i>.</p>`` is ``Prefers **email** in *French*.``
"""

from __future__ import annotations

import re

from target_lightfield.presets.escapes import escape_markdown

_NAMES = (
    "a|abbr|address|area|article|aside|b|base|bdo|big|blockquote|body|button|caption|center|cite|code|col|colgroup|"
    "dd|del|details|dfn|div|dl|dt|em|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|html|i|iframe|"
    "ins|kbd|label|li|link|main|map|mark|meta|nav|ol|option|p|pre|q|s|samp|script|section|select|small|span|strike|"
    "strong|style|sub|summary|sup|table|tbody|td|tfoot|th|thead|time|title|tr|tt|u|ul|var|video"
)
_ATTRIBUTES = r"""(?:\s+[\w:.-]{1,64}\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'=<>`]+))"""
_HTML = re.compile(
    rf"<!doctype\s+html|<(?:br|hr|wbr)\s*/?>|<(?:br|hr|img|wbr|input|{_NAMES}){_ATTRIBUTES}+\s*/?>"
    rf"|</(?:{_NAMES})\s*>|\A\s*<(?:p|div|ul|ol|li|table|h[1-6])>",
    re.IGNORECASE,
)
_LAYOUT = re.compile(
    rf"</?(?:p|div|br|span|b|i|u|em|strong|ul|ol|li|font|a|h[1-6]){_ATTRIBUTES}*\s*/?>", re.IGNORECASE
)
_BLANK_ENTITY = re.compile(r"&(?:nbsp|#160|#xa0|zwnj|#8203);?", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether a text is HTML: it has tags that HTML knows, and in HTML's form.

    ``Plain 1 < 2``, ``a <b and c> d`` and ``Ann <ann@acme.example>`` are plain text.
    """
    return "<" in text and _HTML.search(text) is not None


def is_blank_html(text: str) -> bool:
    """Whether a text is HTML of nothing but empty paragraphs: ``<p>&nbsp;</p>``."""
    return not _BLANK_ENTITY.sub("", _LAYOUT.sub("", text)).strip("\u200b \t\r\n\u00a0")


def to_markdown(text: str) -> str:
    """Return HTML as Markdown, without scripts, styles and comments; no tag is left in it.

    Where the HTML is nested deeper than can be followed, it is its text alone.
    """
    from target_lightfield.presets.markdown import MARKDOWN, converted  # noqa: PLC0415 - slow to import

    try:
        return converted(text, MARKDOWN)
    except RecursionError:
        return escape_markdown(to_text(text))


def to_text(text: str) -> str:
    """Return the text of HTML, a line for each paragraph and item; a link's target stands after it."""
    from target_lightfield.presets.markdown import PLAIN, bare_text, converted  # noqa: PLC0415 - slow to import

    try:
        return converted(text, PLAIN)
    except RecursionError:
        return bare_text(text)
