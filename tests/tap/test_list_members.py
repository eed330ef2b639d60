"""What the state says of the members of lists: how many there are, once all of them have been written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tap.scripted import Script, record
from tests.tap.tap_runs import discover, only, run


def members_of(script: Script, **lists: int) -> None:
    """So many accounts on lists of these names."""
    script.records["lists"] = [
        record(0, id=name, fields={"$objectType": {"value": "$account", "valueType": "TEXT"}})
        for name in lists
    ]
    for name, count in lists.items():
        accounts = [record(n) for n in range(count)]
        script.answers[f"/v1/lists/{name}/accounts"] = (
            200, {"object": "list", "data": accounts, "totalCount": count}
        )  # fmt: skip


def complete(output: Any) -> Any:
    return output.state["bookmarks"].get("list_members", {}).get("complete")


@pytest.mark.parametrize("streams", [("list_members",), ("lists", "list_members")])
def test_members_that_were_all_read_are_counted_in_a_state_after_the_last_of_them(
    script: Script, streams: tuple[str, ...]
) -> None:
    members_of(script, a=3, b=4)

    output = run(script.config(), catalog=only(discover(script.config()), *streams))

    assert complete(output) == {"rows": 7}
    kinds = [m["stream"] if m["type"] == "RECORD" else m["type"] for m in output.messages]
    last = len(kinds) - 1 - kinds[::-1].index("list_members")
    states = [m for m in output.messages[:last] if m["type"] == "STATE"]
    assert "complete" not in json.dumps(states)


def test_the_count_of_an_earlier_run_is_not_handed_on(script: Script) -> None:
    members_of(script, a=3)
    first = run(script.config())
    script.answers["/v1/lists/a/accounts"] = (400, {"error": {"type": "bad_request", "message": "no"}})

    with pytest.raises(Exception, match="'list_members' stopped") as caught:
        run(script.config(), state=first.state)

    assert '"complete"' not in json.dumps(caught.value.written)  # type: ignore[attr-defined]
    without = run(script.config(), catalog=only(discover(script.config()), "accounts"), state=first.state)
    assert complete(without) is None


def test_a_list_that_vanishes_between_two_pages_of_its_members_leaves_them_uncounted(script: Script) -> None:
    members_of(script, a=25, b=3)
    pages = 0

    def vanish(path: str) -> None:
        nonlocal pages
        if path == "/v1/lists/a/accounts":
            pages += 1
            if pages == 2:
                script.answers[path] = (404, {"error": {"type": "not_found"}})

    script.on_request = vanish
    output = run(script.config(max_concurrency=1))

    assert len(output.rows("list_members")) == 28
    assert complete(output) is None


def test_a_list_that_counts_more_members_than_it_shows_leaves_them_uncounted(script: Script) -> None:
    members_of(script, a=3, b=3)

    def all_but_one(query: dict[str, list[str]]) -> tuple[int, Any]:
        start = int(query["offset"][0])
        return 200, {"object": "list", "data": [record(n) for n in range(3)][start:], "totalCount": 4}

    script.answers["/v1/lists/a/accounts"] = all_but_one
    output = run(script.config(max_concurrency=1))

    assert len(output.rows("list_members")) == 6
    assert complete(output) is None


def test_a_list_that_has_gone_before_its_members_were_read_has_no_rows_to_count(script: Script) -> None:
    members_of(script, a=3, b=3)
    script.answers["/v1/lists/a/accounts"] = (404, {"error": {"type": "not_found"}})
    assert complete(run(script.config())) == {"rows": 3}


def test_what_a_stream_map_keeps_back_or_calls_otherwise_is_not_counted(script: Script) -> None:
    members_of(script, a=3)
    filtered = {"list_members": {"__filter__": "record_id != 'rec_1'"}}
    assert complete(run(script.config(stream_maps=filtered))) == {"rows": 2}
    renamed = {"list_members": {"__alias__": "memberships"}}
    assert complete(run(script.config(stream_maps=renamed))) is None
