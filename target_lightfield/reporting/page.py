"""The report of a run as one HTML page for people: no script, and nothing that is loaded from elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from string import Template
from typing import Any

from target_lightfield.reporting.rejection import advice_on

_Json = Mapping[str, Any]

_MEANINGS = {
    "created": "new in Lightfield",
    "updated": "differed from the source",
    "unchanged": "already as in the source",
    "trashed": "moved to the trash",
    "removed": "no longer on a list",
    "rejected": "not accepted as they are",
    "waiting": "need another record, or a member, first",
    "skipped": "not to be written",
    "gone": "deleted or merged in Lightfield, and left so",
}
_SHOWN_IF_ANY = ("trashed", "removed", "skipped", "gone")
_LOADED = ("created", "updated", "unchanged")

_MOST_MEMBERS = 100
_MOST_NAMED = 500

# What can't be seen, or turns the text around it, is shown as its escape: keys are not to pass for others.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def page(report: _Json) -> str:
    """Return a report as an HTML page, which is well-formed XML as well.

    Args:
        report: The report as ``Report.as_dict`` has it.
    """
    sections = (_headline, _records, _matches, _changes, _rejects, _gone, _links, _members, _run)
    return _PAGE.substitute(
        title=_text(f"{_title(report)} {_summary(report)}".strip()),
        style=_STYLE,
        sections="\n".join(filter(None, (section(report) for section in sections))),
    )


def _headline(report: _Json) -> str:
    title, summary = _title(report), _summary(report)
    heading = f"<h1>{_text(f'{title} {summary}'.strip())}</h1>"
    if report["failure"] is not None:
        failure = _text(report["failure"], longest=1000)
        heading = f'<h1>{title}</h1>\n<p class="failure">{failure}</p>\n<p class="summary">{summary}</p>'
    when = f'<p class="quiet">target-lightfield, {_time(report["started_at"])}</p>'
    return f"<header>\n{when}\n{heading}\n</header>"


def _title(report: _Json) -> str:
    if report["failure"] is not None:
        return "The dry run failed. Nothing was written." if report["dry_run"] else "The run failed."
    return "Dry run: nothing was written." if report["dry_run"] else ""


def _summary(report: _Json) -> str:
    """Return what became of the records in one sentence: "Loaded 9 of 10 records: 1 was rejected."."""
    totals, dry_run = _totals(report), report["dry_run"]
    # Who is removed from a list is no record of the feed.
    records, loaded = totals.total() - totals["removed"], sum(totals[outcome] for outcome in _LOADED)
    share = _number(records, "record")
    if loaded < records:
        share = f"{loaded:,} of {share}" if loaded else f"none of {share}"
    said = f"{share} would be loaded" if dry_run else f"Loaded {share}"
    rest = [
        *(_passive(totals["trashed"], "moved to the trash", dry_run)),
        *(_passive(totals["removed"], "removed from lists", dry_run)),
        *(_passive(totals["rejected"], "rejected", dry_run)),
        *(_passive(totals["skipped"], "skipped", dry_run)),
        *(_passive(totals["gone"], "deleted or merged in Lightfield", dry_run=False)),
        *(_waits(totals["waiting"], "record", dry_run)),
        *(_waits(report["waiting_links"]["count"], "link", dry_run)),
    ]
    sentence = ": ".join(filter(None, [said if records else "No records came", ", ".join(rest)])) + "."
    return sentence[0].upper() + sentence[1:]


def _passive(count: int, done: str, dry_run: bool) -> list[str]:
    be = "would be" if dry_run else "was" if count == 1 else "were"
    return [f"{count:,} {be} {done}"] if count else []


def _waits(count: int, what: str, dry_run: bool) -> list[str]:
    wait = "would wait" if dry_run else "waits" if count == 1 else "wait"
    return [f"{_number(count, what)} {wait}"] if count else []


def _records(report: _Json) -> str:
    totals = _totals(report)
    if not totals.total():
        return ""
    shown = [outcome for outcome in _MEANINGS if outcome not in _SHOWN_IF_ANY or totals[outcome]]
    tiles = "\n".join(
        f'<div class="{outcome if totals[outcome] else "none"}"><dt>{outcome}</dt>'
        f'<dd>{totals[outcome]:,}</dd><dd class="quiet">{_MEANINGS[outcome]}</dd></div>'
        for outcome in shown
    )
    some = {name: counts for name, counts in report["objects"].items() if any(counts[o] for o in _MEANINGS)}
    lines = [[_text(name), *(f"{counts[o]:,}" for o in shown)] for name, counts in some.items()]
    if len(some) > 1:
        lines.append(["all", *(f"{totals[o]:,}" for o in shown)])
    return _section(
        "What would become of the records" if report["dry_run"] else "What became of the records",
        f'<dl class="tiles">\n{tiles}\n</dl>',
        _table("objects numbers", "By object", ["object", *shown], lines),
    )


def _changes(report: _Json) -> str:
    tables = [
        _table(
            "numbers",
            _text(name),
            ["field", "records"],
            [[_text(column), f"{count:,}"] for column, count in counts["changed_fields"].items()],
        )
        for name, counts in report["objects"].items()
        if counts["changed_fields"]
    ]
    if not tables:
        return ""
    heading = "Fields that would change" if report["dry_run"] else "Fields that changed"
    return _section(heading, f'<div class="columns">\n{_lines(tables)}\n</div>')


def _rejects(report: _Json) -> str:
    if not report["rejects"]:
        return ""
    if report["dry_run"]:
        return _section(
            "Records that would be rejected",
            "<p>Correct what is wrong with them before the run that writes.</p>",
            *map(_reject, report["rejects"]),
        )
    return _section(
        "Rejected records",
        "<p>Each of them is in the rejects file, with its reason. Correct the cause, then load a copy of "
        "that file:</p>",
        "<p><code>target-lightfield --config config.json &lt; copy-of-the-rejects-file</code></p>",
        *map(_reject, report["rejects"]),
    )


def _reject(group: _Json) -> str:
    where = f"column {_name(group['param'])}, " if group["param"] else ""
    lines = [[_key(e["key"]), _text(e["message"], longest=500)] for e in group["examples"]]
    columns = ["key", "reason"]
    if all(example["message"] == group["reason"] for example in group["examples"]):
        columns, lines = columns[:1], [line[:1] for line in lines]
    return _article(
        f"{_text(group['stream'])}: {_number(group['count'], 'record')}",
        f"<p>{_text(group['reason'], longest=500)}</p>",
        f"<p>What to do: {advice_on(group['code'])}</p>",
        f'<p class="quiet">{where}code {_name(group["code"])}</p>',
        _table("examples", _caption(group), columns, lines),
    )


def _matches(report: _Json) -> str:
    be = "would be" if report["dry_run"] else "were"
    return _named(
        report,
        "doubtful_matches",
        "Matches to look at",
        f"<p>These rows {be} taken for records that have another name or website. Where one is another "
        "company's or person's, restore what it said in Lightfield and change match_on.</p>",
        ["record", "key", "column", "before", "after"],
        lambda match: [
            [_record(match), _key(match["key"]), _name(d["column"]), _text(d["before"]), _text(d["after"])]
            for d in match["differences"]
        ],
    )


def _gone(report: _Json) -> str:
    return _named(
        report,
        "gone_records",
        "Deleted or merged in Lightfield",
        "<p>Somebody has deleted or merged the records of these rows, and they stay so; links to them wait, "
        "or lead to the record that they were merged into. Restore one in Lightfield, or set on_deleted to "
        "recreate.</p>",
        ["key", "record", "merged into"],
        lambda gone: [[_key(gone["key"]), _key(gone["record_id"]), _key(gone["merged_into"] or "")]],
    )


def _named(
    report: _Json,
    what: str,
    heading: str,
    explained: str,
    columns: Sequence[str],
    lines: Callable[[_Json], Sequence[Sequence[str]]],
) -> str:
    """Return the section of records that are named one by one, with a table for each object."""
    articles = [
        _article(
            f"{_text(name)}: {_number(named['count'], 'record')}",
            _table(
                "examples",
                _first(named["count"]),
                columns,
                [line for record in named["records"][:_MOST_NAMED] for line in lines(record)],
            ),
        )
        for name, counts in report["objects"].items()
        if (named := counts[what])["count"]
    ]
    return _section(heading, explained, *articles) if articles else ""


def _links(report: _Json) -> str:
    if not report["waiting_links"]["groups"]:
        return ""
    return _section(
        "Links that wait",
        "<p>What they refer to is not in Lightfield yet. A link is written by the run that brings it. Should "
        "one wait for long, see whether the source sends what it refers to.</p>",
        *map(_link, report["waiting_links"]["groups"]),
    )


def _link(group: _Json) -> str:
    return _article(
        f"{_text(group['stream'])}, {_name(group['relationship'])}: {_number(group['count'], 'link')}",
        _table(
            "examples",
            _caption(group),
            ["record", "refers to"],
            [[_key(e["key"]), _key(e["reference"])] for e in group["examples"]],
        ),
    )


def _members(report: _Json) -> str:
    members = report["missing_members"][:_MOST_MEMBERS]
    if not members:
        return ""
    more = report["missing_members_count"] - len(members)
    return _section(
        "Members who are missing",
        "<p>Records refer to these people, who are not members of the workspace. Invite them: the next run "
        "writes the links.</p>",
        _table(
            "numbers narrow",
            "",
            ["member", "records"],
            [[_key(m["member"]), f"{m['records']:,}"] for m in members],
        ),
        f'<p class="quiet">And {more:,} more.</p>' if more else "",
    )


def _run(report: _Json) -> str:
    calls, billed = report["api_calls"], report["enrichments_billed"]
    by_object = ", ".join(
        f"{_text(name)} {counts['enrichments_billed']:,}"
        for name, counts in report["objects"].items()
        if counts["enrichments_billed"]
    )
    facts = {
        "Started": _time(report["started_at"]),
        "Finished": _time(report["finished_at"]),
        "Took": _duration(report["seconds"]),
        "Calls of the API": f"{calls['read']:,} read, {calls['search']:,} search, {calls['write']:,} write",
        "Of them held back by its rate limit": f"{calls['throttled']:,}",
        "Enrichment events that would be billed" if report["dry_run"] else "Enrichment events billed": (
            f"{billed:,} ({by_object})" if billed else "0"
        ),
    }
    lines = "\n".join(f"<div><dt>{name}</dt><dd>{fact}</dd></div>" for name, fact in facts.items())
    return _section("Time and calls", f'<dl class="facts">\n{lines}\n</dl>')


def _totals(report: _Json) -> Counter[str]:
    totals: Counter[str] = Counter()
    for counts in report["objects"].values():
        totals.update({outcome: counts[outcome] for outcome in _MEANINGS})
    return totals


def _section(heading: str, *parts: str) -> str:
    return f"<section>\n<h2>{heading}</h2>\n{_lines(parts)}\n</section>"


def _article(heading: str, *parts: str) -> str:
    return f"<article>\n<h3>{heading}</h3>\n{_lines(parts)}\n</article>"


def _table(style: str, caption: str, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are HTML; the first of each line is its heading."""
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    body = "\n".join(
        f'<tr><th scope="row">{line[0]}</th>'
        + "".join(
            f'<td data-column="{column}"{_ZERO if cell == "0" else ""}>{cell}</td>'
            for column, cell in zip(columns[1:], line[1:], strict=True)
        )
        + "</tr>"
        for line in lines
    )
    title = f"<caption>{caption}</caption>\n" if caption else ""
    head = f"<thead><tr>{head}</tr></thead>"
    return f'<table class="{style}">\n{title}{head}\n<tbody>\n{body}\n</tbody>\n</table>'


def _caption(group: _Json) -> str:
    shown = len(group["examples"])
    return f"The first {shown} of {group['count']:,}" if shown < group["count"] else ""


def _first(count: int) -> str:
    return f"The first {_MOST_NAMED} of {count:,}; all are in the JSON file" if count > _MOST_NAMED else ""


def _record(match: _Json) -> str:
    link = match["link"] or ""
    shown = _key(match["record_id"])
    return f'<a href="{_text(link)}">{shown}</a>' if link.startswith("https://") else shown


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _key(key: str) -> str:
    return f'<bdi class="key">{_text(key)}</bdi>' if key else '<span class="quiet">(empty)</span>'


def _name(name: str) -> str:
    return f"<code>{_text(name)}</code>"


def _text(text: str, longest: int = 200) -> str:
    """Return text of anybody's as HTML."""
    if len(text) > longest:
        text = f"{text[: longest - 1]}…"
    return escape(_UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text))


def _time(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M:%S} UTC" if moment else "not yet"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "not known yet"
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


_ZERO = ' class="zero"'

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #57606a; --rule: #d0d7de; --ground: #ffffff;
  --raised: #f6f8fa; --bad: #a40e26; --late: #7d4e00; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --quiet: #9aa4af; --rule: #3a424b; --ground: #12161b; --raised: #1b2127;
    --bad: #ff9a92; --late: #e3b341; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere; }
main { max-width: 64rem; margin: 0 auto; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { margin: 0.25rem 0 1rem; font-size: 1.75rem; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.25rem; }
h3 { margin: 1.75rem 0 0.25rem; font-size: 1rem; }
p { margin: 0.25rem 0; max-width: 44rem; }
dl, dd { margin: 0; }
code, .key { font: 0.875em ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.key { white-space: pre-wrap; }
.quiet { color: var(--quiet); font-size: 0.875rem; }
.failure { margin-bottom: 1rem; padding-left: 0.75rem; border-left: 0.25rem solid; color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.75rem, 1fr)); gap: 0.75rem;
  margin-bottom: 1.5rem; }
.tiles > div { padding: 0.75rem; border: 1px solid var(--rule); border-radius: 0.375rem;
  background: var(--raised); break-inside: avoid; }
.tiles dd:nth-of-type(1) { font-size: 1.5rem; font-weight: 600; line-height: 1.25; }
.tiles .quiet { line-height: 1.3; }
.rejected dd:nth-of-type(1) { color: var(--bad); }
.waiting dd:nth-of-type(1) { color: var(--late); }
.facts > div { display: grid; grid-template-columns: 18rem 1fr; gap: 0 1rem; padding: 0.25rem 0;
  border-bottom: 1px solid var(--rule); }
.facts dt { color: var(--quiet); }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 0.5rem 2.5rem;
  align-items: start; }
table { width: 100%; margin: 0.75rem 0; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 0.25rem; text-align: left; font-weight: 600; }
th, td { padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--rule); text-align: left;
  vertical-align: top; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-size: 0.875rem; }
tr { break-inside: avoid; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; white-space: nowrap; }
.numbers td.zero { color: var(--quiet); }
.objects tbody tr:last-child:not(:first-child) > * { font-weight: 600; }
.examples { table-layout: fixed; }
.examples caption { color: var(--quiet); font-size: 0.875rem; font-weight: 400; }
.narrow { max-width: 32rem; }
@media screen and (max-width: 40rem) {
  h1 { font-size: 1.375rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .facts > div { grid-template-columns: 1fr; }
  .objects thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .objects tr { display: block; padding: 0.4rem 0; border-bottom: 1px solid var(--rule); }
  .objects th[scope=row] { display: block; padding: 0; border: 0; font-weight: 600; }
  .objects td { display: inline-block; padding: 0 0.75rem 0 0; border: 0; }
  .objects td::after { content: " " attr(data-column); }
  .objects td.zero { display: none; }
}
@media print {
  body { padding: 0; font-size: 10pt; }
  h2, h3, article p, caption, thead { break-after: avoid; }
  .objects, .columns table, .examples { break-inside: avoid; }
}
"""

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
$sections
</main>
</body>
</html>
""")
