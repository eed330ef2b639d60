"""The report page in a real browser, at the width of a phone and of a desk, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from demo.browser import browser
from demo.pipeline import REPOSITORY
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import MEMORY, Settings
from target_lightfield.reporting.left_over import LeftOverKind
from target_lightfield.reporting.left_over_groups import LeftOverGroup
from target_lightfield.reporting.outcome import Calls, DoubtfulMatch, GoneRecord, Outcome, WaitingLink
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.report import Report
from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.xdist_group("browser")

WIDTHS = [380, 1400]
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]
LONG = "x" * 150

# Of each element that has text of its own, or is drawn for its colour: what it says, its colour, that of what
# is behind it, its size and weight.
_DRAWN = r"""
() => {
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const ground = getComputedStyle(element).backgroundColor;
      if (!/, 0\)$/.test(ground)) return ground;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [], pieces = [];
  for (const element of document.querySelectorAll("body, body *")) {
    const style = getComputedStyle(element);
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (hasText && element.getClientRects().length)
      texts.push([element.textContent.trim().slice(0, 60), style.color, behind(element),
                  parseFloat(style.fontSize), parseInt(style.fontWeight)]);
    if (element.matches(".bar > *, .strip, .swatch"))
      pieces.push([element.className, style.borderTopColor, behind(element.parentElement), 0, 0]);
  }
  return {texts, pieces};
}
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The page of a real run, and the report as JSON."""
    sandbox = Sandbox(Settings(empty=True, data=MEMORY))
    try:
        target = Setup(sandbox, tmp_path_factory.mktemp("target"), max_rejects=9)
        target.config["report_path"] = str(target.folder / "report")
        companies = [{"id": n, "name": f"Company {n}"} for n in range(40)]
        target.loaded(rows("accounts", *companies[:30]))
        renamed = [{**company, "name": f"Renamed {company['id']}"} for company in companies[:5]]
        target.loaded(
            rows("accounts", *renamed, *companies[5:], {"id": "bad", "name": ["no", "text"]}),
            rows("tasks", {"id": 1, "title": "Call"}, {"id": 2, "title": "Write", "assigned_to_id": "?"}),
        )
        yield target.folder / "report.html", target.report("report")
    finally:
        sandbox.stop()


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with everything that a page can have, and words that no line takes."""
    report = Report()
    for outcome in Outcome:
        report.count("accounts", outcome, changed=["name", LONG])
    for _ in range(500):
        report.count("accounts", Outcome.CREATED)
    for number in range(4):
        report.reject(LONG, f"{LONG}{number}", Rejection(LONG * 3, code="conflict", param=LONG))
    report.reject("tasks", "t1", Rejection("No", code="invalid_value"))
    report.name_match(
        "accounts", DoubtfulMatch(LONG, LONG, f"https://crm.example/{LONG}", [(LONG, LONG, LONG)])
    )
    report.name_gone("accounts", GoneRecord(LONG, LONG, LONG))
    report.bill_enrichment(LONG)
    report.plan = {
        "create_fields": [{"field": LONG, "stream": LONG, "type": "TEXT", "values": 9, "options": [LONG]}],
        "create_options": [],
        "decide": [],
        "not_carried": {LONG: 3},
        "not_carried_bytes": {LONG: 10**9},
        "seconds": 10,
        "writes": 250,
    }
    report.close(
        calls=Calls(),
        links=[WaitingLink(LONG, LONG, LONG, LONG) for _ in range(3)],
        missing_members={f"{LONG}@example.com": 40},
        left_over=[
            LeftOverGroup(LONG, LONG, LeftOverKind.NO_FIELD, LONG, 200, [(LONG, LONG, LONG)]),
            LeftOverGroup("accounts", "size", LeftOverKind.NO_OPTION, None, 7, []),
        ],
        failure=f"It failed: {LONG}",
    )
    return report.write(str(tmp_path_factory.mktemp("everything") / "report"))[1]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """The pages of a dry run, and of a verification after a record was deleted."""
    sandbox = Sandbox(Settings(empty=True, data=MEMORY))
    try:
        target = Setup(sandbox, tmp_path_factory.mktemp("target"))
        address = {"street": "Köpenicker Straße 154, Aufgang B", "city": "Berlin", "country": "DE"}
        feed = rows("accounts", {"id": 1, "name": "Kestrel Robotics GmbH", "primary_address": address})
        plan, found = (str(target.folder / name) for name in ("plan", "found"))
        target.loaded(feed, dry_run=True, report_path=plan)
        target.loaded(feed)
        Workspace(sandbox).update("accounts", target.ids("accounts")["1"], {"$name": "Kestrel Robotics SE"})
        target.load(feed, rows("accounts", {"id": 2, "name": "Never"}), verify=True, report_path=found)
        yield [target.folder / "plan.html", target.folder / "found.html"]
    finally:
        sandbox.stop()


def _opened(chromium: Browser, path: Path, width: int = 1400, scheme: Any = "light") -> Page:
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(path.as_uri())
    return page


def test_the_browser_shows_the_counts_of_the_run(
    chromium: Browser, loaded: tuple[Path, Mapping[str, Any]]
) -> None:
    path, report = loaded
    page = _opened(chromium, path)

    assert page.locator("h1").inner_text().replace("\u00a0", " ") == page.title()
    assert re.match("43 records: 10 created, 5 updated, 25 unchanged, ", page.title())
    bars = page.locator(".bars article")
    shown = {bar.locator("h3").inner_text().split()[0]: bar for bar in bars.all()}
    assert set(shown) == set(report["objects"])
    for name, bar in shown.items():
        counts = {
            outcome: number
            for outcome, number in report["objects"][name].items()
            if _is_count(outcome, number)
        }
        legend = [entry.split() for entry in bar.locator("li").all_inner_texts()]
        assert {words[1]: int(words[0]) for words in legend} == counts
        # Each piece is as wide as its number.
        widths = {
            piece.get_attribute("class") or "": (piece.bounding_box() or {"width": 0.0})["width"]
            for piece in bar.locator(".bar > *").all()
        }
        for outcome, number in counts.items():
            assert widths[outcome] / sum(widths.values()) == pytest.approx(
                number / sum(counts.values()), abs=0.02
            )
    page.close()


def _is_count(outcome: str, number: object) -> bool:
    return outcome in {one.value for one in Outcome} and bool(number)


def test_what_matters_most_comes_first(chromium: Browser, everything: Path) -> None:
    page = _opened(chromium, everything)

    titles = [title.replace("\u00a0", " ") for title in page.locator("h1, h2").all_inner_texts()]
    assert re.match(r"[\d,]+ records: 501 created", titles[0])
    assert titles[1:4] == ["What became of the records", "What to do", "The plan"]
    sizes = [int(text.split()[0]) for text in page.locator(".todo b").all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[:4] == [200, 40, 7, 4]
    for link in page.locator(".todo a").all():
        assert page.locator(link.get_attribute("href") or "").count() == 1
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_all_of_it_can_be_read(
    chromium: Browser, everything: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = _opened(chromium, everything, width, scheme)

    widest = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
    assert widest <= width
    drawn = page.evaluate(_DRAWN)
    assert len(drawn["texts"]) > 100
    unreadable = [
        (text, ink, ground)
        for text, ink, ground, size, weight in drawn["texts"]
        if _contrast(ink, ground) < (3 if size >= 24 or (size >= 18.66 and weight >= 700) else 4.5)
    ]
    assert unreadable == []
    assert [piece for piece in drawn["pieces"] if _contrast(piece[1], piece[2]) < 3] == []
    # Each has a pattern of its own, so that no colour is needed to tell it from the others.
    grounds = "e => [e.className, getComputedStyle(e).backgroundImage.replace(/rgba?\\([^)]*\\)/g, '')]"
    patterns = dict(page.locator(".swatch").evaluate_all(f"es => es.map({grounds})"))
    shown = {outcome.value for outcome in Outcome} - {"kept"} | {"left-over"}
    assert set(patterns) == {f"swatch {kind}" for kind in shown}
    plain = [name for name, pattern in patterns.items() if pattern == "none"]
    assert sorted(plain) == ["swatch created", "swatch unchanged"]  # one is full, the other empty
    assert len(set(patterns.values())) == len(patterns) - 1
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_would_change_and_what_was_found_have_room(
    chromium: Browser, compared: list[Path], width: int
) -> None:
    for path in compared:
        page = _opened(chromium, path, width)

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        rows_shown = page.locator("table:is(.wide, .verified) tbody tr")
        assert rows_shown.count()
        broken = (
            "es => es.filter(e => e.getClientRects().length && e.textContent.trim())"
            ".filter(e => e.clientWidth < 100 && e.clientHeight > 100).map(e => e.textContent)"
        )
        assert rows_shown.locator("th, td").evaluate_all(broken) == []  # a letter a line
        page.close()


def test_it_loads_nothing_and_runs_nothing(chromium: Browser, everything: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(everything.as_uri())

    assert asked == [everything.as_uri()]
    assert said == []  # the browser complains of what the page's own policy forbids
    assert page.locator("h1").is_visible()
    context.close()


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it."""
    darker, lighter = sorted([_luminance(one), _luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_picture_in_the_readme_is_there_and_small() -> None:
    [(words, path)] = re.findall(
        r"!\[([^]]+)\]\(([^)]+\.png)\)", (REPOSITORY / "README.md").read_text("utf-8")
    )
    assert "report" in words
    picture = (REPOSITORY / path).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 150_000
