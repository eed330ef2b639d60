"""The report of a run: what was counted, as JSON for programs and as one page for people."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from target_lightfield.errors import TargetError
from target_lightfield.reporting.outcome import Calls, Outcome, WaitingLink
from target_lightfield.reporting.rejection import RejectCode, Rejection
from target_lightfield.reporting.report import Report
from target_lightfield.run.findings import replay_commands

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title><link rel=stylesheet href=//evil.example>",
    "<!--",
    "]]>&lt;&#x3C;b&gt;",
    "$sections ${title} {0} %s {{ 7*7 }} {% raw %} {# #}",
    "\ud800 half, \x00 nul, \u202e turned\n",
]

TAGS = {
    *("a", "b", "i", "ul", "ol", "li"),
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "article"),
    *("h1", "h2", "h3", "p", "div", "dl", "dt", "dd", "span", "bdi", "code"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "scope", "data-column"),
    *("id", "href", "style", "aria-hidden"),
}


def end(report: Report, **known: Any) -> Report:
    """End a run of which nothing is known but this."""
    nothing = {"calls": Calls(), "links": (), "missing_members": {}, "failure": None}
    report.close(**{**nothing, **known})
    return report


def count(report: Report, stream: str, **outcomes: int) -> None:
    for outcome, number in outcomes.items():
        for _ in range(number):
            report.count(stream, Outcome(outcome))


def reject(report: Report, *keys: str, stream: str = "accounts", message: str = "No", **why: Any) -> None:
    for key in keys:
        report.reject(stream, key, Rejection(message, **{"code": "invalid_value", **why}))


def links(number: int) -> Iterator[WaitingLink]:
    return (WaitingLink("contacts", f"c{i}", "account_id", f"a{i}") for i in range(number))


class Page(HTMLParser):
    """A page as a browser reads it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.styles: set[str] = set()
        self.headings: list[int] = []
        self.column_headings: list[str | None] = []
        self.texts: list[str] = []
        self.sheet = ""
        self._styling = False
        self.feed(html)
        self.close()
        self.text = re.sub(r"\s+", " ", " ".join(self.texts))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links.update(value or "" for name, value in attrs if name == "href")
        self.styles.update(value or "" for name, value in attrs if name == "style")
        self._styling = tag == "style"
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th":
            self.column_headings.append(dict(attrs).get("scope"))

    def handle_endtag(self, tag: str) -> None:
        self._styling = False

    def handle_data(self, data: str) -> None:
        if self._styling:
            self.sheet += data
        else:
            self.texts.append(data)


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[[Report], Page]:
    """Write a report and return its page."""

    def page(report: Report) -> Page:
        _, html = report.write(str(tmp_path / "report"))
        return Page(html.read_text())

    return page


@pytest.fixture
def full() -> Report:
    """A report with something of everything."""
    report = Report()
    report.begin("members")
    count(report, "accounts", created=1200, unchanged=2, trashed=4, skipped=6)
    report.count("accounts", Outcome.UPDATED, changed=["name", "website", "name"])
    report.count("accounts", Outcome.UPDATED, changed=iter(["website"]))
    count(report, "opportunities", waiting=5)
    reject(report, "a1", "a2", message="custom_arr takes numbers", param="custom_arr")
    reject(report, "t1", stream="tasks", message="Lightfield refused it", code="conflict")
    report.bill_enrichment("accounts")
    report.bill_enrichment("accounts")
    report.bill_enrichment("contacts")
    return end(
        report,
        calls=Calls(read=1234, search=56, write=789, throttled=3),
        links=[*links(7), WaitingLink("tasks", "t9", "assignee_id", "jane@example.com")],
        missing_members={"joe@example.com": 2, "jane@example.com": 31},
    )


def test_the_json_holds_what_was_counted(full: Report, tmp_path: Path) -> None:
    written, _ = full.write(str(tmp_path / "report"))

    report = json.loads(written.read_text())
    assert report == full.as_dict()
    nobody = {"count": 0, "records": []}
    none = {
        **{outcome.value: 0 for outcome in Outcome},
        "left_over": 0,
        "doubtful_matches": nobody,
        "gone_records": nobody,
    }
    assert report["objects"] == {
        "members": {**none, "changed_fields": {}, "enrichments_billed": 0},
        "accounts": {
            **none,
            "created": 1200,
            "updated": 2,
            "unchanged": 2,
            "trashed": 4,
            "rejected": 2,
            "skipped": 6,
            "changed_fields": {"website": 2, "name": 1},
            "enrichments_billed": 2,
        },
        "opportunities": {**none, "waiting": 5, "changed_fields": {}, "enrichments_billed": 0},
        "tasks": {**none, "rejected": 1, "changed_fields": {}, "enrichments_billed": 0},
        "contacts": {**none, "changed_fields": {}, "enrichments_billed": 1},
    }
    assert report["rejects"] == [
        {
            "stream": "accounts",
            "code": "invalid_value",
            "param": "custom_arr",
            "reason": "custom_arr takes numbers",
            "count": 2,
            "examples": [{"key": key, "message": "custom_arr takes numbers"} for key in ("a1", "a2")],
        },
        {
            "stream": "tasks",
            "code": "conflict",
            "param": None,
            "reason": "Lightfield refused it",
            "count": 1,
            "examples": [{"key": "t1", "message": "Lightfield refused it"}],
        },
    ]
    assert report["waiting_links"] == {
        "count": 8,
        "groups": [
            {
                "stream": "contacts",
                "relationship": "account_id",
                "count": 7,
                "examples": [{"key": f"c{i}", "reference": f"a{i}"} for i in range(5)],
            },
            {
                "stream": "tasks",
                "relationship": "assignee_id",
                "count": 1,
                "examples": [{"key": "t9", "reference": "jane@example.com"}],
            },
        ],
    }
    assert report["missing_members"] == [
        {"member": "jane@example.com", "records": 31},
        {"member": "joe@example.com", "records": 2},
    ]
    assert report["missing_members_count"] == 2
    assert report["enrichments_billed"] == 3
    assert report["api_calls"] == {"read": 1234, "search": 56, "write": 789, "throttled": 3}
    assert report["dry_run"] is False
    assert report["failure"] is None


def test_the_page_says_what_was_counted(full: Report, page_of: Callable[[Report], Page]) -> None:
    text = page_of(full).text

    assert (
        "1,222 records: 1,200 created, 2 updated, 2 unchanged, 4 moved to the trash, 3 rejected, 5 waiting, "
        "6 skipped, 8 links wait." in text
    )
    assert re.search(r"accounts 1,200 2 2 4 2 0 6", text)
    assert re.search(r"all 1,200 2 2 4 3 5 6", text)
    assert re.search(r"website 2 name 1", text)
    assert "custom_arr takes numbers" in text
    assert "account_id : 7 links The first 5 of 7" in text
    assert "c4 a4" in text
    assert "jane@example.com 31 joe@example.com 2" in text
    assert "1,234 read, 56 search, 789 write" in text
    assert "3 (accounts 2, contacts 1)" in text


def test_every_outcome_is_in_the_lines_and_on_the_page(page_of: Callable[[Report], Page]) -> None:
    report = Report()
    for number, outcome in enumerate(Outcome, start=100):
        count(report, "accounts", **{outcome.value: number})

    [line] = report.lines()
    page = page_of(end(report))
    for number, outcome in enumerate(Outcome, start=100):
        assert f"{number} {outcome.value}" in line
        assert report.total(outcome) == number
    [(names, numbers)] = re.findall(r"By object object ([a-z ]+) accounts ([\d ]+) ", page.text)
    shown = dict(zip(names.split(), map(int, numbers.split()), strict=True))
    assert shown == {outcome.value: number for number, outcome in enumerate(Outcome, start=100)}


def test_trash_and_skipped_records_are_named_only_where_there_are_any(
    page_of: Callable[[Report], Page],
) -> None:
    report = Report()
    report.begin("tasks")
    count(report, "accounts", created=3, updated=1, unchanged=1)
    count(report, "notes", trashed=1)

    assert list(report.lines()) == [
        "accounts: 3 created, 1 updated, 1 unchanged, 0 rejected, 0 waiting",
        "notes: 0 created, 0 updated, 0 unchanged, 1 trashed, 0 rejected, 0 waiting",
    ]
    text = page_of(end(report)).text
    assert "trashed" in text
    assert "skipped" not in text


def test_counting_goes_on_while_the_lines_are_read() -> None:
    report = Report()
    count(report, "accounts", created=1)
    count(report, "tasks", created=1)

    for line in report.lines():
        counting = threading.Thread(target=report.count, args=("notes", Outcome.CREATED), daemon=True)
        counting.start()
        counting.join(timeout=300)
        assert not counting.is_alive(), line
    assert report.total(Outcome.CREATED) == 4


@pytest.mark.parametrize(
    ("outcomes", "waiting_links", "said"),
    [
        ({}, 0, "No records came."),
        ({}, 2, "No records came: 2 links wait."),
        ({"created": 1}, 0, "1 record: 1 created."),
        (
            {"created": 1200, "updated": 30, "unchanged": 4},
            1,
            "1,234 records: 1,200 created, 30 updated, 4 unchanged, 1 link waits.",
        ),
        ({"skipped": 2, "waiting": 1}, 0, "3 records: 1 waiting, 2 skipped."),
    ],
)
def test_the_headline_says_what_happened(
    outcomes: dict[str, int], waiting_links: int, said: str, page_of: Callable[[Report], Page]
) -> None:
    report = Report()
    count(report, "accounts", **outcomes)

    page = page_of(end(report, links=links(waiting_links)))
    assert page.text.count(said) == 2  # it is the title of the page too


def test_a_dry_run_says_that_nothing_was_written(page_of: Callable[[Report], Page]) -> None:
    report = Report(dry_run=True)
    count(report, "accounts", created=2, waiting=1)
    report.count("accounts", Outcome.UPDATED, changed=["name"])
    report.bill_enrichment("accounts")
    reject(report, "bad")

    text = page_of(end(report)).text
    assert "5 records: 2 would be created, 1 updated, 1 rejected, 1 waiting." in text
    assert "A dry run: nothing was written." in text
    assert "Fields that would change" in text
    assert "Records that would be rejected" in text
    assert "Enrichment events that would be billed 1 (accounts 1)" in text
    assert report.as_dict()["dry_run"] is True


@pytest.mark.parametrize(
    ("run", "said", "time"),
    [({"dry_run": True}, "Before you migrate", True), ({}, "Still to do", False)],
)
def test_the_plan_is_for_before_the_load_and_what_is_left_of_it_for_after(
    page_of: Callable[[Report], Page], run: dict[str, bool], said: str, time: bool
) -> None:
    report = Report(**run)
    count(report, "accounts", created=1)
    report.plan = {
        "create_fields": [],
        "create_options": [],
        "decide": [{"what": "1 value", "stream": "accounts"}],
        "not_carried": {},
        "not_carried_bytes": {},
        "seconds": 1,
        "writes": 1,
    }

    text = page_of(end(report)).text
    assert f"{said}, in Lightfield or in the preset:" in text
    assert ("Writing this takes" in text) is time


def test_a_failed_run_says_why_right_below_the_headline(page_of: Callable[[Report], Page]) -> None:
    report = Report()
    count(report, "accounts", created=1)

    text = page_of(end(report, failure="Lightfield failed: 503. Run it again.")).text
    assert "1 record: 1 created. The run failed. Lightfield failed: 503. Run it again. What became" in text
    assert report.as_dict()["failure"] == "Lightfield failed: 503. Run it again."


def test_a_reject_says_what_to_do_and_each_reason_that_differs(page_of: Callable[[Report], Page]) -> None:
    report = Report()
    report.replay = replay_commands("rejects.jsonl")
    reject(report, "1", message="It matches 2 records (a, b)", code="ambiguous")
    reject(report, "2", message="It matches 2 records (c, d)", code="ambiguous")
    reject(report, "3", message="Lightfield refused it: not so", code="conflict")

    text = page_of(end(report)).text
    assert "decide which record is meant" in text
    assert "1 It matches 2 records (a, b) 2 It matches 2 records (c, d)" in text
    assert text.count("Lightfield refused it: not so") == 1
    assert "mv rejects.jsonl rejects.replay.jsonl && target-lightfield" in text


@pytest.mark.parametrize("code", RejectCode)
def test_every_code_of_ours_has_its_advice_on_the_page(
    code: RejectCode, page_of: Callable[[Report], Page]
) -> None:
    report = Report()
    reject(report, "1", code=code)
    reject(report, "2", code="conflict")

    text = page_of(end(report)).text
    assert f"What to do: {code.advice} code {code.value}" in text
    assert "What to do: correct what Lightfield names. code conflict" in text


def test_the_time_of_a_run_is_its_own_not_the_clock_s(
    monkeypatch: pytest.MonkeyPatch, page_of: Callable[[Report], Page]
) -> None:
    clock = SimpleNamespace(monotonic=iter([100.0, 100.0 + 3723.25]).__next__)
    monkeypatch.setattr("target_lightfield.reporting.report.time", clock)

    report = end(Report())
    said = report.as_dict()
    assert said["seconds"] == 3723.25
    assert "Took 1 h 2 min" in page_of(report).text
    for moment in (said["started_at"], said["finished_at"]):
        age = datetime.now(timezone.utc) - datetime.fromisoformat(moment)
        assert timedelta() <= age < timedelta(minutes=1)


def test_a_report_that_was_not_closed_can_be_written(page_of: Callable[[Report], Page]) -> None:
    report = Report()
    count(report, "accounts", created=1)

    assert "Finished not yet" in page_of(report).text
    assert report.as_dict()["finished_at"] is None


@given(data=st.data())
@example(data=None)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_page_holds_no_script_and_no_reference_whatever_the_records_hold(
    data: st.DataObject | None, tmp_path: Path
) -> None:
    anything = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=())))
    texts = HOSTILE if data is None else data.draw(st.lists(anything, min_size=1, max_size=5))
    report = Report()
    for text in texts:
        report.count(text, Outcome.UPDATED, changed=[text])
        reject(report, text, stream=text, message=text, code=text, param=text)
        reject(report, text, stream=text, message=f"{text}!", code=text, param=text)
        report.bill_enrichment(text)
    waiting = [WaitingLink(text, text, text, text) for text in texts]
    end(report, links=waiting, missing_members=dict.fromkeys(texts, 1), failure=texts[0])

    written, html = report.write(str(tmp_path / "report"))
    source = html.read_text()
    page = Page(source)
    ElementTree.fromstring(source)
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert page.links <= {"#rejected", "#links", "#members"}
    assert all(re.fullmatch(r"flex-grow: \d+|width: \d+%", style) for style in page.styles)
    assert not re.search(r"url|import|expression|[<\\]", page.sheet)
    assert "default-src 'none'; style-src 'unsafe-inline'" in source
    assert json.loads(written.read_text())["failure"] == json.loads(json.dumps(texts[0]))[:1000]


def test_hostile_keys_are_shown_as_the_text_that_they_are(page_of: Callable[[Report], Page]) -> None:
    report = Report()
    for text in HOSTILE:
        reject(report, text, code=text)

    texts = page_of(end(report)).texts
    for text in HOSTILE[:-1]:
        assert texts.count(text) == 2  # as key and as code
    assert texts.count(r"\ud800 half, \x00 nul, \u202e turned\n") == 2


def test_the_page_can_be_read_by_all(full: Report, page_of: Callable[[Report], Page]) -> None:
    page = page_of(full)

    steps = [after - before for before, after in zip(page.headings, page.headings[1:], strict=False)]
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert max(steps) == 1
    assert set(page.column_headings) == {"col", "row"}


@pytest.mark.parametrize("name", ["report", "report.json", "report.html", "report.HTML"])
def test_both_files_are_beside_each_other_and_only_the_owner_s(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    umask = os.umask(0)
    try:
        paths = end(Report()).write(str(folder / name))
    finally:
        os.umask(umask)

    assert list(paths) == [folder / "report.json", folder / "report.html"]
    assert sorted(folder.iterdir()) == sorted(paths)
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600, 0o600]


def test_a_date_in_the_name_is_no_suffix(tmp_path: Path) -> None:
    [written, _] = end(Report()).write(str(tmp_path / "run.2026-11-24"))

    assert written.name == "run.2026-11-24.json"


def test_a_report_takes_the_place_of_another_whole(full: Report, tmp_path: Path) -> None:
    paths = full.write(str(tmp_path / "report"))
    before = [path.read_text() for path in paths]
    for path in paths:
        path.chmod(0o644)

    readers = [path.open() for path in paths]
    end(Report()).write(str(tmp_path / "report"))
    for reader, path, text in zip(readers, paths, before, strict=True):
        with reader:
            assert reader.read() == text
        assert path.read_text() != text
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_report_that_can_t_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TargetError, match=r"report .*can't be written: .*the log says") as failed:
        end(Report()).write(str(tmp_path / "file" / "report"))
    assert "\n" not in failed.value.message

    (tmp_path / "taken.html").mkdir()
    with pytest.raises(TargetError, match=r"taken\.html can't be written"):
        end(Report()).write(str(tmp_path / "taken"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken.html", "taken.json"]


def test_no_count_is_lost_between_threads() -> None:
    report, together = Report(), threading.Barrier(8)

    def load() -> None:
        together.wait()
        for i in range(2000):
            report.count("accounts", Outcome.UPDATED, changed=["name"])
            reject(report, f"{i}")
            report.bill_enrichment("accounts")

    threads = [threading.Thread(target=load) for _ in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)

    said = report.as_dict()
    assert said["objects"]["accounts"]["updated"] == 16_000
    assert said["objects"]["accounts"]["changed_fields"] == {"name": 16_000}
    assert said["objects"]["accounts"]["rejected"] == 16_000
    assert said["rejects"][0]["count"] == 16_000
    assert said["enrichments_billed"] == 16_000


def test_of_many_rejects_and_links_only_examples_are_kept() -> None:
    report = Report()
    tracemalloc.start()
    try:
        for i in range(100_000):
            reject(report, f"{i}", message=f"{i} is no number")
        end(report, links=links(100_000))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 1_000_000  # ten bytes each; other threads of the tests may allocate, too
    said = report.as_dict()
    [rejects], [waiting] = said["rejects"], said["waiting_links"]["groups"]
    assert (rejects["count"], rejects["reason"]) == (100_000, "0 is no number")
    assert [example["key"] for example in rejects["examples"]] == ["0", "1", "2", "3", "4"]
    assert waiting["count"] == said["waiting_links"]["count"] == 100_000
    assert [example["reference"] for example in waiting["examples"]] == ["a0", "a1", "a2", "a3", "a4"]


def test_reasons_without_end_are_counted_together(page_of: Callable[[Report], Page]) -> None:
    report = Report()
    for i in range(1000):
        reject(report, f"{i}", param=f"custom_{i}", message=f"custom_{i} is wrong")

    groups = end(report).as_dict()["rejects"]
    assert sum(group["count"] for group in groups) == report.total(Outcome.REJECTED) == 1000
    assert len(groups) == 201
    assert (groups[0]["code"], groups[0]["param"], groups[0]["count"]) == ("other", None, 800)
    assert "accounts: 800 records The reasons differ" in page_of(report).text


def test_long_texts_are_cut() -> None:
    report, endless = Report(), "x" * 100_000
    reject(report, endless, message=endless, code=endless, param=endless)
    end(
        report,
        links=[WaitingLink("accounts", endless, "owner_id", endless)],
        missing_members={endless: 1},
        failure=endless,
    )

    said = report.as_dict()
    key, cut = said["rejects"][0]["examples"][0]["key"], f"{'x' * 199}…"
    assert key == cut
    assert said["waiting_links"]["groups"][0]["examples"] == [{"key": cut, "reference": cut}]
    assert said["missing_members"][0]["member"] == cut
    assert len(json.dumps(said)) < 6000


def test_of_many_missing_members_those_with_most_records_are_named(page_of: Callable[[Report], Page]) -> None:
    report = end(Report(), missing_members={f"m{i}": i for i in range(1, 3001)})

    said = report.as_dict()
    assert [member["records"] for member in said["missing_members"]] == list(range(3000, 2000, -1))
    assert said["missing_members_count"] == 3000
    text = page_of(report).text
    assert "m2901 2,901 And 2,900 more." in text
