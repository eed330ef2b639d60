"""markdownify, made to keep what a note says: pipes in tables, links, images, nested lists, code.

It is imported with the first HTML of a run only: markdownify and Beautiful Soup take a quarter of a second.
"""
# ruff: noqa: ARG002 - markdownify calls the method of every tag alike

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PageElement, PreformattedString, Tag
from bs4.exceptions import ParserRejectedMarkup
from markdownify import ATX, MarkdownConverter

from target_lightfield.presets.escapes import escape_markdown

_DROPPED = ("script", "style", "title", "template", "meta", "link", "base")
_INLINE_NAMES = (
    "a abbr b bdo big cite code del dfn em font i ins kbd label mark q s samp small span strike strong sub "
    "sup time tt u var"
)
_INLINE = frozenset(_INLINE_NAMES.split())
_MANY_BREAKS = re.compile(r"\n{3,}")
_BLANK_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)
_END_OF_LINE = re.compile(r"[ \t]+$", re.MULTILINE)
_UNSAFE_IN_URL = {ord(mark): f"%{ord(mark):02X}" for mark in " <>()\\"}
_NO_TARGET = re.compile(r"\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


class _Markdown(MarkdownConverter):
    """HTML to Markdown."""

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        """Return the text of a node, with blanks for no-break spaces."""
        self._begins_line = _begins_line(el)
        if "\u00a0" in el:
            spaced = NavigableString(el.replace("\u00a0", " "))
            el.replace_with(spaced)
            el = spaced
        return str(super().process_text(el, parent_tags=parent_tags))  # type: ignore[misc]

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Return the text with what Markdown would read otherwise escaped."""
        return escape_markdown(text, begins_line=self._begins_line)

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a link; one to nowhere, or to a script, is its text."""
        target = _target(el.get("href"))
        name = " ".join(text.split())
        if not target or "_noformat" in parent_tags or target.startswith("#"):
            return text
        before, after = text[:1].isspace(), text[-1:].isspace()
        return f"{' ' * before}[{name or target}]({target}){' ' * after}"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return an image by its address, in tables and headings too; one inside the HTML is its name."""
        name = " ".join(str(el.get("alt") or "").split())
        target = _target(el.get("src"))
        if "_noformat" in parent_tags:
            return name
        escaped = escape_markdown(name, begins_line=False)
        return f"![{escaped}]({target})" if target else escaped or "(image)"

    def convert_iframe(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return what is shown in a frame as a link."""
        target = _target(el.get("src"))
        return f"[{target}]({target})" if target else ""

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return code of one line: a blank line would end it."""
        inside = "_noformat" in parent_tags
        line = text if inside else " ".join(text.split())
        return str(super().convert_code(el, line, parent_tags))  # type: ignore[misc]

    convert_kbd = convert_samp = convert_code

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a block of code in a fence that the code does not close."""
        if "_inline" in parent_tags or "_noformat" in parent_tags:
            return self.convert_code(el, text, parent_tags - {"_noformat"})
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"\n\n{fence}\n{text.strip(chr(10))}\n{fence}\n\n" if text.strip() else ""

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a cell; a pipe in it does not end it."""
        escaped = re.sub(r"(?<!\\)\|", r"\\|", text)
        return str(super().convert_td(el, escaped, parent_tags))  # type: ignore[misc]

    convert_th = convert_td


class _Plain(_Markdown):
    """HTML to plain text."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Return the text as it is."""
        return text

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a link's text with its target after it, where they differ."""
        target = str(el.get("href") or "").strip()
        address = target.removeprefix("mailto:").removeprefix("tel:")
        if not target or _NO_TARGET.match(target) or target.startswith("#") or address in text:
            return text
        return f"{text} ({address})" if text.strip() else address

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return an image's name and address."""
        source = str(el.get("src") or "")
        named = [str(el.get("alt") or "").strip(), "" if _NO_TARGET.match(source) else source.strip()]
        return f"[{' '.join(part for part in named if part) or 'image'}]"

    def convert_iframe(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return the address of what is shown in a frame."""
        return str(el.get("src") or "")

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a line's end."""
        return "\n"

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return code as it is."""
        return text

    convert_kbd = convert_samp = convert_del = convert_s = convert_code

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a block of code as it is."""
        return f"\n\n{text}\n\n"

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: N802
        """Return a heading as a line."""
        return f"\n\n{text.strip()}\n\n"

    convert_blockquote = convert_pre

    def convert_hr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return the gap that a rule is."""
        return "\n\n"

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a row as a line, with bars between its cells."""
        return f"{text.strip().removesuffix('|').rstrip()}\n"

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a cell."""
        return f" {' '.join(text.split())} |"

    convert_th = convert_td


MARKDOWN = _Markdown(heading_style=ATX, bullets="-", autolinks=False)
PLAIN = _Plain(heading_style=ATX, bullets="-", strong_em_symbol="", autolinks=False)


def converted(html: str, converter: _Markdown) -> str:
    """Return what a converter makes of HTML, without blank ends and needless blank lines.

    Raises:
        RecursionError: The HTML is nested deeper than Python follows.
    """
    soup = _soup(html)
    if soup is None:
        bare = bare_text(html)
        return bare if converter is PLAIN else escape_markdown(bare)
    text = _BLANK_LINE.sub("", converter.convert_soup(soup))
    if converter is PLAIN:
        text = _END_OF_LINE.sub("", text)
    return _MANY_BREAKS.sub("\n\n", text).strip()


def bare_text(html: str) -> str:
    """Return the text of HTML that can't be followed, line by line."""
    soup = _soup(html)
    text = _TAG.sub(" ", html) if soup is None else soup.get_text("\n", strip=True)
    return text.replace("\u00a0", " ").strip()


def _soup(html: str) -> BeautifulSoup | None:
    """Return the tree without what is no text; None where the parser refuses the HTML."""
    try:
        soup = BeautifulSoup(html, "html.parser")
    except ParserRejectedMarkup:
        return None
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    for note in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        if isinstance(note, CData):
            note.replace_with(NavigableString(str(note)))
        else:
            note.extract()
    for inner in soup.find_all(
        ["ul", "ol"]
    ):  # Outlook and Word put a list beside the item that it belongs to
        item = inner.find_previous_sibling("li")
        if item and inner.parent and inner.parent.name in ("ul", "ol"):
            item.append(inner)
    return soup


def _begins_line(node: PageElement) -> bool:
    """Whether a text stands where a line begins, as far as the tags say."""
    before = node.previous_sibling
    parent = node.parent
    while before is None and parent is not None and parent.name in _INLINE:
        before, parent = parent.previous_sibling, parent.parent
    return before is None or (isinstance(before, Tag) and before.name not in _INLINE)


def _target(address: Any) -> str:
    """Return an address as it stands in a link, nothing for one that leads nowhere."""
    text = "".join(str(address or "").split("\n")).strip()
    return "" if _NO_TARGET.match(text) else text.translate(_UNSAFE_IN_URL).replace("\t", "")
