"""Whatever a load wrote: undone, the workspace is as it was, even if both were killed on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.target.target_runs import Setup, row, schema
from tests.target.undo_runs import held, killed_at, runs, undone
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

REPLACE = {"relationship_mode": "replace", "delete_mode": "trash", "max_rejects": 1000}
LIST_KEY = ("list_id", "object_type", "record_id")


KEYS = st.sampled_from("abcd")
TEXTS = st.sampled_from(["Acme", "Beta", "Gamma", "Delta", None])
DELETED = st.sampled_from([None, None, None, "2026-01-01T00:00:00Z"])


def _row(stream: str, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    optional = {name: column for name, column in columns.items() if name not in ("id", "name", "title")}
    required = {name: column for name, column in columns.items() if name not in optional}
    return st.fixed_dictionaries(required, optional=optional).map(lambda record: row(stream, **record))


def rows_of(member: str) -> st.SearchStrategy[Json]:
    keys = st.lists(KEYS, max_size=3, unique=True)
    return st.one_of(
        _row(
            "accounts",
            id=KEYS,
            name=TEXTS.filter(bool),
            website=st.sampled_from([["https://acme.example"], ["https://new.example"], []]),
            owner_id=st.sampled_from([member, None]),
            custom_parent_as_source_id=st.one_of(st.none(), KEYS),
            _sdc_deleted_at=DELETED,
        ),
        _row(
            "contacts",
            id=KEYS,
            email=st.lists(st.sampled_from(["ann@x.example", "bob@x.example", "cy@x.example"]), max_size=2),
            title=TEXTS,
            account_ids=keys,
            do_not_contact=st.booleans(),
            _sdc_deleted_at=DELETED,
        ),
        _row("opportunities", id=KEYS, name=TEXTS.filter(bool), account_id=KEYS, champion_id=KEYS),
        _row("notes", id=KEYS, title=TEXTS.filter(bool), content=TEXTS, account_ids=keys, contact_ids=keys),
        _row("object_subscription", id=KEYS, name=TEXTS.filter(bool)),
        _row("lists", id=st.sampled_from("vw"), name=TEXTS.filter(bool), object_type=st.just("contact")),
        st.fixed_dictionaries(
            {"list_id": st.sampled_from("vw"), "object_type": st.just("contact"), "record_id": KEYS}
        ).map(lambda record: row("list_members", **record)),
    )


COLUMNS = {
    "accounts": ("name", "website", "owner_id", "custom_parent_as_source_id"),
    "contacts": ("email", "title", "account_ids", "do_not_contact"),
    "opportunities": ("name", "account_id", "champion_id"),
    "notes": ("title", "content", "account_ids", "contact_ids"),
    "object_subscription": ("name",),
    "lists": ("name", "object_type"),
}


def feed(rows: list[Json]) -> list[Json]:
    schemas = [schema(stream, *columns, "_sdc_deleted_at") for stream, columns in COLUMNS.items()]
    members = sum(message["stream"] == "list_members" for message in rows)
    whole = {"bookmarks": {"list_members": {"complete": {"rows": members}}}}
    return [*schemas, schema("list_members", key=LIST_KEY), *rows, {"type": "STATE", "value": whole}]


MEMBER = "the member"
KILLS = st.tuples(st.one_of(st.none(), st.integers(1, 12)), st.booleans())


def _with_member(rows: list[Json], member: str) -> list[Json]:
    return [
        {**message, "record": {k: member if v == MEMBER else v for k, v in message["record"].items()}}
        for message in rows
    ]


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    first=st.lists(rows_of(MEMBER), max_size=6),
    second=st.lists(rows_of(MEMBER), min_size=4, max_size=16),
    kill=KILLS,
    kill_undo=KILLS,
)
def test_a_load_undone_leaves_the_workspace_as_it_was(
    start_sandbox: Callable[..., Sandbox],
    tmp_path_factory: Any,
    retry_policy: Callable[..., None],
    first: list[Json],
    second: list[Json],
    kill: tuple[int | None, bool],
    kill_undo: tuple[int | None, bool],
) -> None:
    retry_policy(listed_after=0.0)
    sandbox = start_sandbox(empty=True)
    workspace, folder = Workspace(sandbox), Path(tmp_path_factory.mktemp("undo"))
    member = next(iter(workspace.members()))
    target = Setup(sandbox, folder / "target", **REPLACE)
    acme = workspace.account("Acme", website=["https://acme.example"])
    ann = workspace.create("contacts", {"$email": ["ann@x.example"]}, {"$account": [acme]})
    workspace.create("lists", {"$name": "Beta", "$objectType": "$contact"}, {"$contacts": [ann]})
    target.loaded(feed(_with_member(first, member)))
    there, earlier = held(sandbox), len(runs(target))
    messages = feed(_with_member(second, member))

    with killed_at(kill[0], before=kill[1]):
        target.loaded(messages)
    target.loaded(messages)
    for run in range(len(runs(target)), earlier, -1):
        with killed_at(kill_undo[0], before=kill_undo[1]):
            undone(target, str(run))
        undone(target, str(run))

    assert held(sandbox) == there
