"""How a list is read page by page."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import Script, record
from tap_runs import run

from tap_lightfield.errors import StreamStopped


def test_a_record_pushed_onto_the_next_page_is_written_once(script: Script) -> None:
    script.records["accounts"] = [record(n) for n in range(60)]

    def create(collection: str, offset: int) -> None:
        if offset:  # a page of new ones, so that a whole page is seen twice
            script.records[collection][:0] = [record(100 + offset + n) for n in range(25)]

    def only_accounts(collection: str, offset: int) -> None:
        if collection == "accounts" and offset in (25, 50):
            create(collection, offset)

    script.on_page = only_accounts
    ids = [row["id"] for row in run(script.config()).rows("accounts")]
    assert sorted(ids) == sorted(f"rec_{n}" for n in range(60))


def test_a_list_that_ignores_the_offset_is_an_error_and_no_endless_run(script: Script) -> None:
    page = [record(n) for n in range(25)]
    script.answers["/v1/accounts"] = (200, {"data": page, "totalCount": 25})
    with pytest.raises(StreamStopped, match=r"'accounts'.*does not end"):
        run(script.config())


@pytest.mark.parametrize("data", [None, {}, [None], [{}], [{"id": 5}], [{"id": ""}]])
def test_a_list_of_another_shape_is_an_error(script: Script, data: Any) -> None:
    script.answers["/v1/accounts"] = (200, {"data": data, "totalCount": 1})
    with pytest.raises(StreamStopped, match=r"'accounts'.*no array of records"):
        run(script.config())
