r"""Plain text that is to be read as it is, as Markdown and as HTML.

``# 1 *now*`` is ``\# 1 \*now\*`` in Markdown; ``1 < 2`` is ``1 &lt; 2`` in HTML.
"""

from __future__ import annotations

import re

_ENTITY = r"#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};"
_BARE = re.compile(rf"&(?!{_ENTITY})|<")
_READ_BY_MARKDOWN = (
    r"\\(?=[!-/:-@\[-`{-~]|$)",  # what would escape, or break the line
    r"[*`\[\]]",
    r"(?<![^\W_])_|_(?![^\W_])",  # within a word it is a character like any other
    r"~(?=~)|(?<=~)~",
    r"<(?=[A-Za-z/!?])",
    rf"&(?={_ENTITY})",
)
_MARKDOWN = re.compile("|".join(_READ_BY_MARKDOWN), re.MULTILINE)
_LINE_START = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?P<number>[0-9]{1,9})(?P<dot>[.)])(?=\s|$)"
    r"|(?P<mark>[-+](?=\s|$)|\#{1,6}(?=\s|$)|>|=+(?=[ \t]*$)|-{2,}(?=[ \t]*$)|~{3}))",
    re.MULTILINE,
)


def escape_markdown(text: str, *, begins_line: bool = True) -> str:
    """Return Markdown that reads as the plain text: ``*`` is a star, ``# 1`` no heading.

    Args:
        text: The plain text.
        begins_line: Whether the text stands at the beginning of a line.
    """
    text = _MARKDOWN.sub(lambda match: f"\\{match[0]}", text)
    first, break_, rest = ("", "", text) if begins_line else text.partition("\n")
    return first + break_ + _LINE_START.sub(_escaped_start, rest)


def escape_html(text: str) -> str:
    """Return HTML that reads as the text: ``1 < 2`` as ``1 &lt; 2``; entities in it stay what they are."""
    escaped = _BARE.sub(lambda match: "&lt;" if match[0] == "<" else "&amp;", text)
    return escaped.replace("\n", "<br>")


def _escaped_start(match: re.Match[str]) -> str:
    if match["number"]:
        return f"{match['indent']}{match['number']}\\{match['dot']}"
    return f"{match['indent']}\\{match['mark']}"
