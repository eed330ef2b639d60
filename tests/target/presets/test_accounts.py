"""Nothing silent: every value of a row is written, left over with a reason, or nothing on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from target_lightfield.presets.preset import Preset
from tests.target.presets.captured_feed import Captured, captured
from tests.target.presets.preset_files import read
from tests.target.target_runs import Json

PRESET = """\
preset: 1
separator: ";"
lookups:
  names: {stream: owners, key: id, value: name}
custom_fields: {leave_out: [secret_colour]}
ignore: [noise_*]
not_carried: {"*.photo": the tap brings no content}
streams:
  firms: {to: accounts, columns: {name: name}}
  deals: {to: opportunities, columns: {name: name}}
  people:
  - to: contacts
    when: kind != 'nobody'
    skip_when: kind == 'skipped'
    columns:
      name__first_name: {expression: "None if hidden else first"}
      name__last_name: {from: last, map: {drop: null}}
      title: {first_of: [title, {from: role, map: {none: null}}]}
      linked_in: {from: page, only: url}
      account_ids: {from: what, record: {"001": firms}}
    custom:
      Queue: {expression: "owner if startswith(owner, '00G') else None", type: TEXT}
      Phones: {all_of: [phone, {from: phones, pick: value}], only: phone, type: TELEPHONE}
  - to: tasks
    when: kind in ('task', 'both')
    columns:
      title: {template: "Call {last}"}
      description:
        all_of: [body, {expression: "notes if not hidden else None"}, {template: "At: {place.city}"}]
        join: "\\n"
        signed: {by: {from: author, lookup: names}}
      account_id: {from: what, record: {"001": firms}}
      opportunity_id: {from: what, record: {"006": deals}}
"""

# What each column may hold. A word with `q` around it is nowhere else.
COLUMNS = (
    "first", "last", "title", "role", "page", "what", "owner", "phone", "body", "notes", "place", "author",
    "hidden", "extra", "photo", "noise_1", "secret_colour",
)  # fmt: skip
WORDS = {name: f"q{number:02}q" for number, name in enumerate(COLUMNS)}
TEXTS: dict[str, list[Any]] = {
    **{name: [None, "", word] for name, word in WORDS.items()},
    "kind": [None, "task", "both", "nobody", "skipped"],
    "last": [None, WORDS["last"], "drop"],
    "role": [None, WORDS["role"], "none"],
    "page": [None, f"https://linkedin.com/in/{WORDS['page']}", f"no page {WORDS['page']}"],
    "what": [None, f"001{WORDS['what']}", f"006{WORDS['what']}", f"500{WORDS['what']}"],
    "owner": [None, f"00G{WORDS['owner']}", f"005{WORDS['owner']}"],
    "phone": [None, "+49 30 901829", WORDS["phone"]],
    "phones": [None, [], [{"value": ""}], [{"label": "q97q"}, {"value": "q98q"}]],
    "place": [None, {"city": None}, {"city": WORDS["place"]}],
}
ROWS = st.fixed_dictionaries({name: st.sampled_from(v) for name, v in TEXTS.items()})


@pytest.fixture(scope="module")
def preset(tmp_path_factory: pytest.TempPathFactory) -> Preset:
    return read(tmp_path_factory.mktemp("preset"), PRESET)


@pytest.fixture(scope="module")
def load(preset: Preset, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Captured]:
    folder = tmp_path_factory.mktemp("feed")
    return lambda *rows: captured(preset, [("people", row) for row in rows], folder)


def is_meant_so(row: Json, column: str, written: str) -> bool:
    """Whether the preset says that nothing is to be made of a value, or that another one is enough."""
    if column in {"kind", "id", "noise_1", "secret_colour"}:
        return True
    if column == "hidden":  # decides about others, as long as something comes of them
        return any(WORDS[one] in written for one in ("first", "notes"))
    if column == "role":
        return row["role"] == "none" or WORDS["title"] in written
    return row[column] == "drop" and "tasks" not in written


@settings(max_examples=100, deadline=None, derandomize=True, phases=[Phase.generate])
@given(row=ROWS)
def test_every_value_is_written_or_left_over_or_nothing_on_purpose(
    load: Callable[..., Captured], row: Json
) -> None:
    found = load({"id": "1", **row})
    if row["kind"] in {"skipped", "nobody"}:
        return  # the row is counted
    written = json.dumps(found.rows)
    told = [(one.column.partition(".")[0], one.value) for one in found.left_over]
    for column, value in row.items():
        if value in (None, "", [], [{"value": ""}], {"city": None}):
            assert column not in {name for name, _ in told}, told
            continue
        words = [word for word in WORDS.values() if word in json.dumps(value)] or [str(value)]
        is_told = any(name == column for name, _ in told)
        is_written = column != "kind" and any(word in written for word in words)
        if column == "phones":  # under the first of its line's columns that has a value
            is_told = is_told or any("q98q" in json.dumps(value) for _, value in told)
        is_meant = not (column == "hidden" and is_told) and is_meant_so(row, column, written)
        assert is_written + is_told + is_meant == 1, (column, row, told, written)
    assert len(told) == len({json.dumps(one) for one in told}), told
