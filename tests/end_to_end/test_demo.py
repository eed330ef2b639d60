"""`make demo`: it shows what is true, and leaves nothing behind however it ends."""

from __future__ import annotations

import re
import signal
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.sandbox import COUNTS
from demo.tables import NOTHING
from lightfield_api.client import LightfieldClient
from lightfield_sandbox.http.server import Sandbox
from tests.end_to_end.demo_runs import DemoRun

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo"), pytest.mark.usefixtures("installed_plugins")]


@pytest.fixture
def same_workspace(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """The workspace that the demo makes, made once more."""
    return start_sandbox(**COUNTS)


def test_two_demos_at_a_time_one_of_them_kept_show_what_is_in_the_workspace_and_leave_nothing(
    same_workspace: Sandbox, scratch: Path
) -> None:
    demos = [DemoRun(scratch), DemoRun(scratch, "--keep")]
    assert demos[0].wait() == 0, demos[0].output
    assert same_workspace.key not in demos[0].output
    demos[1].wait_for("until you press Ctrl-C")
    _assert_kept(demos[1])
    demos[1].signal(signal.SIGINT, group=True)
    assert demos[1].wait(seconds=300) == 0, demos[1].output
    assert "are gone" in demos[1].output
    for demo in demos:
        _assert_true(demo, same_workspace)
        assert demo.processes_left() == []
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("moment", "number", "group"),
    [
        ("Installing the plugins", signal.SIGINT, True),
        ("A Lightfield workspace", signal.SIGINT, True),
        ("An empty database", signal.SIGINT, True),
        ("An empty database", signal.SIGTERM, False),
        ("What became of", signal.SIGTERM, False),
        ("The plan", signal.SIGINT, True),
    ],
)
def test_a_demo_that_is_stopped_stops_everything_that_it_started(
    moment: str, number: signal.Signals, group: bool, scratch: Path
) -> None:
    demo = DemoRun(scratch)
    demo.wait_for(moment)
    demo.signal(number, group=group)
    assert demo.wait(seconds=300) == 128 + number
    assert "Stopped" in demo.output
    assert "Traceback" not in demo.output
    assert demo.processes_left() == []
    assert list(scratch.iterdir()) == []


def _assert_kept(demo: DemoRun) -> None:
    """What a demo that is kept says of where everything is holds, until a signal ends it."""
    said = dict(re.findall(r"^(The .*?)  (.*)$", demo.output.rpartition("again: nothing")[2], re.MULTILINE))
    with psycopg.connect(said["The database"].removeprefix("psql ").strip("'")) as connection:
        assert connection.execute("SELECT count(*) FROM lightfield.accounts").fetchone() == (
            COUNTS["accounts"],
        )
    for workspace in ("The invented workspace", "The new customer's"):
        url, key = said[workspace].split(" with the key ")
        with LightfieldClient(key, api_url=url) as client:
            assert client.search("accounts")["totalCount"] > 0
    assert "<html" in Path(said["The report of the move"].removeprefix("file://")).read_text()


def _assert_true(demo: DemoRun, workspace: Sandbox) -> None:
    """Every number that the demo shows is the workspace's."""
    counts = {name: _counted(shown) for name, *shown in demo.table("Rows that arrived")}
    assert counts == {**{name: [count, count] for name, count in COUNTS.items()}, "members": [8, 8]}
    assert _pipeline_shown(demo) == _pipeline_value(workspace)
    assert demo.table("The ten latest notes") == _latest_notes(workspace)
    assert demo.table("What became of another CRM's records") == [
        ["accounts", "3", "·", "·", "1", "·", "3", "✓"],
        ["contacts", "1", "2", "1", "·", "·", "3", "✓"],
        ["opportunities", "1", "·", "·", "·", "·", "1", "✓"],
        ["tasks", "1", "·", "·", "·", "·", "1", "✓"],
        ["notes", "1", "·", "·", "·", "·", "1", "✓"],
    ]
    assert demo.table("The same records again") == [
        ["accounts", "·", "·", "3", "1", "·", "·", "✓"],
        ["contacts", "·", "·", "4", "·", "·", "·", "✓"],
        ["opportunities", "·", "·", "1", "·", "·", "·", "✓"],
        ["tasks", "·", "·", "1", "·", "·", "·", "✓"],
        ["notes", "·", "·", "1", "·", "·", "·", "✓"],
    ]
    assert "harbor-company-4" in demo.output
    assert "11-50" in demo.output
    _assert_moved(demo)


def _assert_moved(demo: DemoRun) -> None:
    """The portal of the example is planned, moved whole, and then not written again."""
    planned = {row[0]: row[1:] for row in demo.table("The plan")}
    assert planned.keys() == {"create fields", "create options", "invite members", "decide", "do without"}
    assert planned["invite members"] == ["1", "left.long-ago@harbor.example"]
    assert "36 writes, of which the sandbox has seen none yet" in demo.output
    counts = {"accounts": "6", "contacts": "4", "opportunities": "6", "object_subscription": "2"}
    counts |= {"tasks": "4", "notes": "8", "meetings": "2", "emails": "2"}
    # An account's parent comes after it, and a meeting takes its summary in an update.
    writes = counts | {"accounts": "7", "meetings": "3"}
    waiting = {"opportunities": "1", "tasks": "1"}
    members = ["members", "·", "·", "2", "·", "1", "·", "✓"]
    assert demo.table("A HubSpot portal in Lightfield") == [
        members,
        *([s, n, "·", "·", "·", waiting.get(s, "·"), writes[s], "✓"] for s, n in counts.items()),
    ]
    assert demo.table("The same portal again") == [
        members,
        *([s, "·", "·", n, "·", waiting.get(s, "·"), "·", "✓"] for s, n in counts.items()),
    ]
    left_over = demo.table("What is left over")
    assert ["taken", "1", "companies 8100004, domain: kestrel-robotics.example"] in left_over
    assert ["no rate", "2", "deals 9001, discount: 500"] in left_over
    assert {"no field", "no option", "bad value", "incomplete"} <= {row[0] for row in left_over}


def _counted(shown: list[str]) -> list[int]:
    *counts, mark = shown
    assert mark == "✓"
    return [int(count.replace(",", "")) for count in counts]


def _pipeline_shown(demo: DemoRun) -> dict[tuple[str, str], tuple[int, int]]:
    rows = demo.table("Pipeline value by stage")
    return {(row[0], row[1]): (int(row[2]), int(row[3].replace(",", ""))) for row in rows}


def _pipeline_value(workspace: Sandbox) -> dict[tuple[str, str], tuple[int, int]]:
    """The same from the API's records: how many opportunities a stage has, and what they are worth."""
    labels, parents = _option_labels(workspace)
    count: Counter[tuple[str, str]] = Counter()
    value: defaultdict[tuple[str, str], float] = defaultdict(float)
    for record in workspace.records("opportunity"):
        fields = record["fields"]
        held = fields["$stage"]["value"]
        stage = (labels.get(parents.get(held, ""), NOTHING), labels.get(held, NOTHING))
        count[stage] += 1
        value[stage] += fields["$amount"]["value"] or 0
    return {stage: (count[stage], round(value[stage])) for stage in count}


def _option_labels(workspace: Sandbox) -> tuple[dict[str, str], dict[str, str]]:
    """The labels of stages and pipelines, and each stage's pipeline, by option id."""
    with LightfieldClient(workspace.key, api_url=workspace.url) as client:
        fields: dict[str, Any] = client.read("opportunities", "definitions")["fieldDefinitions"]
    pipelines, stages = (fields[key]["typeConfiguration"]["options"] for key in ("$pipeline", "$stage"))
    labels = {option["id"]: option["label"] for option in (*pipelines, *stages)}
    return labels, {option["id"]: option["parentId"] for option in stages}


def _latest_notes(workspace: Sandbox) -> list[list[str]]:
    names = {record["id"]: record["fields"]["$name"]["value"] for record in workspace.records("account")}
    return [
        [
            note["createdAt"][:10],
            ", ".join(sorted(names[id_] for id_ in note["relationships"]["$account"]["values"])) or NOTHING,
            note["fields"]["$title"]["value"],
        ]
        for note in workspace.records("note")[:10]
    ]
