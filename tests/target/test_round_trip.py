"""A workspace read by tap-lightfield and written into an empty one: afterwards the two agree."""

from __future__ import annotations

import io
import itertools
import json
import random
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings
from tap_lightfield.tap import TapLightfield
from tests.target.comparison import assert_same
from tests.target.target_runs import Setup, write_requests
from tests.target.workspaces import OBJECT_TYPES, Workspace

Json = dict[str, Any]
STREAMS = ("members", *OBJECT_TYPES)


def read(sandbox: Sandbox) -> dict[str, list[Json]]:
    """What tap-lightfield says of a workspace: the messages of each stream, the SCHEMA message first."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        TapLightfield(config={"api_key": sandbox.key, "api_url": sandbox.url}).sync_all()
    out.seek(0)
    messages = [json.loads(line) for line in out.read().splitlines()]
    return {
        stream: [m for m in messages if m.get("stream") == stream and m["type"] in ("SCHEMA", "RECORD")]
        for stream in STREAMS
    }


@pytest.fixture(scope="module")
def source() -> Iterator[Sandbox]:
    """A workspace with what makes a copy hard: cycles, links to itself, more links than a request takes."""
    counts = {"account": 14, "contact": 30, "opportunity": 12, "task": 8, "note": 8, "meeting": 0}
    with Sandbox(Settings(seed=1, counts=counts, rate_limit=0)) as sandbox:
        workspace = Workspace(sandbox)
        accounts = [record["id"] for record in workspace.all("accounts")]
        contacts = [record["id"] for record in workspace.all("contacts")]
        for number in range(27):
            contacts.append(workspace.contact(f"c{number}@hub.example"))
        hub = workspace.create(
            "accounts", {"$name": "Hub", "$website": ["https://hub.example"]}, {"$contact": contacts[-25:]}
        )
        workspace.update("accounts", hub, {}, {"$contact": {"add": contacts[-27:-25]}})
        ring = [*accounts[:3], hub]
        for child, parent in zip(ring, [*ring[1:], ring[0]], strict=True):
            workspace.update("accounts", child, {}, {"parent": {"replace": parent}})
        workspace.update("accounts", accounts[4], {}, {"parent": {"replace": accounts[4]}})
        workspace.update("accounts", hub, {}, {"billing-contact": {"replace": contacts[-1]}})
        yield sandbox


@pytest.fixture(scope="module")
def feed(source: Sandbox) -> dict[str, list[Json]]:
    return read(source)


def test_the_copy_agrees_with_its_source_and_a_rerun_writes_nothing(
    source: Sandbox,
    feed: dict[str, list[Json]],
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
) -> None:
    copy = start_sandbox(empty=True, seed=2)
    target = target_of(copy)

    target.loaded(*feed.values())

    assert_same(source, copy)
    assert copy.stats()["enrichments"] == 0
    with target.counting() as seen:
        again = target.loaded(*feed.values())
    assert write_requests(seen) == 0
    assert again.count("accounts") == {"unchanged": len(feed["accounts"]) - 1}


def test_a_rerun_without_the_id_map_doubles_nothing(
    source: Sandbox,
    feed: dict[str, list[Json]],
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
) -> None:
    copy = start_sandbox(empty=True, seed=2)
    target = target_of(copy)
    target.loaded(*feed.values())
    target.forget()

    with target.counting() as seen:
        target.loaded(*feed.values())

    assert all(counts["create"] == 0 for counts in seen["writes"].values())
    assert_same(source, copy)


def test_a_workspace_written_into_itself_changes_nothing(
    source: Sandbox, feed: dict[str, list[Json]], target_of: Callable[..., Setup]
) -> None:
    target = target_of(source)
    with target.counting() as seen:
        outcome = target.loaded(*feed.values())

    assert write_requests(seen) == 0
    for stream in OBJECT_TYPES:
        assert target.ids(stream) == {m["record"]["id"]: m["record"]["id"] for m in feed[stream][1:]}
        assert outcome.count(stream) == {"unchanged": len(feed[stream]) - 1}


@pytest.mark.parametrize(
    "order",
    [
        tuple(reversed(STREAMS)),
        ("contacts", "accounts", "opportunities", "notes", "tasks", "members"),
        ("opportunities", "tasks", "members", "accounts", "notes", "contacts"),
    ],
    ids=" ".join,
)
def test_the_order_of_the_streams_does_not_matter(
    source: Sandbox,
    feed: dict[str, list[Json]],
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    order: tuple[str, ...],
) -> None:
    copy = start_sandbox(empty=True, seed=2)

    target_of(copy).loaded(*(feed[stream] for stream in order))

    assert_same(source, copy)


def test_a_stream_in_each_run_ends_with_the_same_copy(
    source: Sandbox,
    feed: dict[str, list[Json]],
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
) -> None:
    copy = start_sandbox(empty=True, seed=2)
    target = target_of(copy)

    for stream in ("notes", "opportunities", "tasks", "contacts", "members", "accounts"):
        target.loaded(feed[stream])

    assert_same(source, copy)


@pytest.fixture(scope="module")
def small() -> Iterator[tuple[Sandbox, list[Json], list[Json]]]:
    """A small workspace, and its SCHEMA and RECORD messages."""
    counts = {"account": 5, "contact": 7, "opportunity": 5, "task": 3, "note": 3, "meeting": 0}
    with Sandbox(Settings(seed=5, counts=counts, rate_limit=0)) as sandbox:
        workspace = Workspace(sandbox)
        ring = [record["id"] for record in workspace.all("accounts")]
        for child, parent in zip(ring, [*ring[1:], ring[0]], strict=True):
            workspace.update("accounts", child, {}, {"parent": {"replace": parent}})
        messages = list(itertools.chain(*read(sandbox).values()))
        yield sandbox, *([m for m in messages if m["type"] == kind] for kind in ("SCHEMA", "RECORD"))


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 2**32), runs=st.integers(1, 3))
def test_the_order_of_the_records_does_not_matter(
    small: tuple[Sandbox, list[Json], list[Json]],
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    runs: int,
) -> None:
    source, schemas, records = small
    shuffled = random.Random(seed).sample(records, len(records))
    with Sandbox(Settings(seed=6, empty=True, rate_limit=0)) as copy:
        target = Setup(copy, tmp_path_factory.mktemp("order"))
        size = -(-len(shuffled) // runs)
        for start in range(0, len(shuffled), size):
            target.loaded(schemas, shuffled[start : start + size])

        assert_same(source, copy)
        assert copy.stats()["writes"]["account"]["create"] == len(copy.records("account"))


_VERSIONS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["A", "B", "C"])},
        optional={
            "custom_arr": st.sampled_from([None, 1, 2.5]),
            "custom_industry": st.sampled_from([None, "x", "y"]),
            "custom_tags": st.sampled_from([None, [], ["At risk"], ["At risk", "Reference"]]),
            "custom_is_partner": st.sampled_from([None, True, False]),
        },
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(versions=_VERSIONS, cut=st.integers(0, 6))
def test_any_sequence_of_versions_ends_with_the_last_value_of_each_column(
    one_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, versions: list[Json], cut: int
) -> None:
    target = Setup(one_sandbox, tmp_path_factory.mktemp("versions"))
    one_sandbox.reset(data=True)
    schema = {"type": "SCHEMA", "stream": "accounts", "schema": {"properties": {}}, "key_properties": ["id"]}
    records = [{"type": "RECORD", "stream": "accounts", "record": {"id": 1, **v}} for v in versions]

    target.loaded(schema, records[:cut])
    target.loaded(schema, records[cut:])

    expected: Json = {}
    for version in versions:
        expected |= version
    [record] = one_sandbox.records("account")
    tags = Workspace(one_sandbox).options("accounts", "tags")
    for column, key in (("name", "$name"), ("custom_arr", "arr"), ("custom_industry", "industry"),
                        ("custom_is_partner", "isPartner")):  # fmt: skip
        assert record["fields"][key]["value"] == expected.get(column), column
    wanted = expected.get("custom_tags")
    assert record["fields"]["tags"]["value"] == ([tags[label] for label in wanted] if wanted else None)


@pytest.fixture(scope="module")
def one_sandbox() -> Iterator[Sandbox]:
    with Sandbox(Settings(empty=True, rate_limit=0)) as sandbox:
        yield sandbox


def test_the_example_loads_twice_without_a_second_write(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    example = Path(__file__).parents[2] / "examples" / "harbor_crm.jsonl"
    target = target_of(start_sandbox())
    target.load(example.read_text().rstrip(), max_rejects=100)

    with target.counting() as seen:
        target.load(example.read_text().rstrip(), max_rejects=100)

    assert seen["writes"] == {}
