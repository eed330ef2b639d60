"""HTML and plain text in fields of text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield_api.definitions import FieldDefinition
from target_lightfield.presets.conversion import Conventions, Converted, convert
from target_lightfield.presets.escapes import escape_markdown
from target_lightfield.presets.html import is_html, to_markdown, to_text

MARKDOWN, TEXT, HTML = (FieldDefinition("it", value_type) for value_type in ("MARKDOWN", "TEXT", "HTML"))
NOTE = (
    '<div style="" dir="auto" data-top-level="true">'
    "<p>Maëlle wants <strong>40 sensors</strong> &amp; a&nbsp;report:</p>"
    "<ul><li>first<ul><li>inner</li></ul></li><li>second</li></ul><p></p><p>&nbsp;</p></div>"
)
TAG = re.compile(r"(?<!\\)<[A-Za-z/!?]")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)


def test_a_note_of_hubspot_is_markdown_in_one_field_and_text_in_another() -> None:
    assert convert(MARKDOWN, NOTE, Conventions()).value == (
        "Maëlle wants **40 sensors** & a report:\n\n- first\n  - inner\n- second"
    )
    assert convert(TEXT, NOTE, Conventions()).value == (
        "Maëlle wants 40 sensors & a report:\n\n- first\n  - inner\n- second"
    )
    assert convert(HTML, NOTE, Conventions()).value == NOTE


@pytest.mark.parametrize(
    ("html", "markdown", "text"),
    [
        ("<p>one</p><p></p><p>two<br>three</p>", "one\n\ntwo  \nthree", "one\n\ntwo\nthree"),
        (
            '<p><a href="https://x.example/a b">the offer</a></p>',
            "[the offer](https://x.example/a%20b)",
            "the offer (https://x.example/a b)",
        ),
        ('<a href="mailto:a@x.example">a@x.example</a>', "[a@x.example](mailto:a@x.example)", "a@x.example"),
        ('<a href="javascript:alert(1)">here</a>', "here", "here"),
        (
            '<img src="https://app.pipedrive.com/api/v1/files/61/download">',
            "![](https://app.pipedrive.com/api/v1/files/61/download)",
            "[https://app.pipedrive.com/api/v1/files/61/download]",
        ),
        ('<p><img alt="logo" src="data:image/png;base64,AAAA"></p>', "logo", "[logo]"),
        (
            "<table><tr><th>a|b</th><th>c</th></tr><tr><td>1</td><td><code>x|y</code></td></tr></table>",
            "| a\\|b | c |\n| --- | --- |\n| 1 | `x\\|y` |",
            "a|b | c\n1 | x|y",
        ),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b", "- a\n  - b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b", "1. a\n2. b"),
        ("<h2>Plan</h2><p># 1</p>", "## Plan\n\n\\# 1", "Plan\n\n# 1"),
        (
            "<p>1 &lt; 2 &lt;b&gt; *s* snake_case</p>",
            "1 < 2 \\<b> \\*s\\* snake_case",
            "1 < 2 <b> *s* snake_case",
        ),
        ("<b>Budget</b> - 40k", "**Budget** - 40k", "Budget - 40k"),
        ("<script>x()</script><style>p{}</style><p>a<!-- b --></p>", "a", "a"),
        ("<p>a</p><?xml:namespace prefix = o /><o:p>b</o:p>", "a\n\nb", "a\n\nb"),
        ("<pre>a\n```\n&lt;b&gt;</pre>", "````\na\n```\n<b>\n````", "a\n```\n<b>"),
        ("<p>a\r\nb</p>", "a\nb", "a\nb"),
    ],
)
def test_html_keeps_what_it_says(html: str, markdown: str, text: str) -> None:
    assert convert(MARKDOWN, html, Conventions()) == Converted(markdown)
    assert convert(TEXT, html, Conventions()) == Converted(text)


@pytest.mark.parametrize(
    "text",
    [
        "Plain 1 < 2", "a <b and c> d", "Ann <ann@acme.example>", "<https://acme.example>", "if a<b then c>d",
        "# a heading *of* Markdown", "Map<String, b>", "<note>x</note>", "A &amp; B", "<", "<3",
    ],
)  # fmt: skip
def test_what_only_looks_like_html_stays_as_it_is(text: str) -> None:
    assert not is_html(text)
    for field in (MARKDOWN, TEXT):
        assert convert(field, text, Conventions()) == Converted(text)


@pytest.mark.parametrize(
    "text",
    ["a<br>b", "a<br/>b", "<p>a", "<b>a</b>", '<a href="x">y', "<P CLASS='x'>a</P>", "<!DOCTYPE html>a"],
)
def test_html_is_known_by_its_tags(text: str) -> None:
    assert is_html(text)


def test_plain_text_is_escaped_where_the_caller_says_that_it_is_plain() -> None:
    plain = Conventions(plain_text=True)

    assert convert(MARKDOWN, "Plain 1 < 2 and *stars*\n- x <b>", plain).value == (
        "Plain 1 < 2 and \\*stars\\*\n\\- x \\<b>"
    )
    assert convert(TEXT, "<p>x</p>", plain).value == "<p>x</p>"
    assert convert(HTML, "1 < 2 &amp; <p>\nb", plain).value == "1 &lt; 2 &amp;amp; &lt;p><br>b"


def test_text_in_a_field_of_html_reads_as_the_text() -> None:
    found = convert(HTML, "1 < 2\nb & c &eacute;", Conventions()).value
    assert found == "1 &lt; 2<br>b &amp; c &eacute;"
    assert convert(HTML, found, Conventions()).value == found


@pytest.mark.parametrize("html", ["<p></p>", "<p>&nbsp;</p>", "<div><br></div>", '<p style="x"> </p>'])
def test_empty_paragraphs_are_nothing(html: str) -> None:
    assert convert(MARKDOWN, html, Conventions()) == Converted(None)


def test_html_without_text_is_left_over() -> None:
    found = convert(MARKDOWN, "<script>x()</script>", Conventions())
    assert [(one.value, one.kind) for one in found.left_over] == [("<script>x()</script>", "bad_value")]


def test_nuls_are_taken_out_and_it_is_said() -> None:
    found = convert(TEXT, "a\0b\r\nc", Conventions())

    assert found.value == "ab\nc"
    assert len(found.left_over) == 1
    assert convert(TEXT, "\0", Conventions()).value is None


@pytest.mark.parametrize(
    ("value", "text"), [(87, "87"), (87.0, "87"), (0.5, "0.5"), (True, "true"), (["a"], "a")]
)
def test_a_single_value_is_text(value: object, text: str) -> None:
    assert convert(TEXT, value, Conventions()).value == text


def test_html_nested_too_deep_keeps_its_text() -> None:
    html = "<div>" * 3000 + "deep <b>*inside*</b>" + "</div>" * 3000

    assert to_text(html) == "deep\n*inside*"
    assert to_markdown(html) == "deep\n\\*inside\\*"


def test_html_that_the_parser_refuses_keeps_its_text() -> None:
    assert "kept" in to_markdown("<p>kept</p><![foo")


_INLINE = st.sampled_from(["b", "i", "a href='https://x.example'", "span", "code", "sub", "kbd", "s", "u"])
_BLOCK = st.sampled_from(
    ["p", "div", "ul", "li", "ol", "table", "tr", "td", "th", "pre", "blockquote", "h1", "dl", "dd"]
)
_WORDS = st.sampled_from(
    [
        *[
            "word",
            " ",
            "\n",
            "&lt;b&gt;",
            "&lt;/p&gt;",
            "&lt;!-- x",
            "&amp;lt;",
            "`",
            "``",
            "\\",
            "*",
            "|",
            "&nbsp;",
        ],
        *[
            "<br>",
            "1. a",
            "- ",
            "# ",
            "]",
            "[",
            "<hr>",
            "<img src='https://x.example/1'>",
            "~~~",
            "&lt;?x",
            "```",
        ],
    ]
)
_HTML = st.recursive(
    _WORDS,
    lambda inner: st.tuples(_INLINE | _BLOCK, st.lists(inner, max_size=4)).map(
        lambda tag: f"<{tag[0]}>{''.join(tag[1])}</{tag[0].split()[0]}>"
    ),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True)
@given(_HTML)
def test_no_tag_is_left_in_markdown(html: str) -> None:
    found = to_markdown(html)
    assert not TAG.search(CODE.sub("", found))


@settings(deadline=None, derandomize=True)
@given(_HTML)
def test_no_word_of_html_is_lost(html: str) -> None:
    words = html.count("word")
    assert to_markdown(html).count("word") == words
    assert to_text(html).count("word") == words


@settings(deadline=None, derandomize=True)
@given(st.text(alphabet="ab*_`[]<>#-+=~1.)|\\& \n", max_size=40))
def test_escaped_text_is_no_html_and_keeps_its_characters(text: str) -> None:
    escaped = escape_markdown(text)

    assert not TAG.search(escaped)
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped) == text
