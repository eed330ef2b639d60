"""Field history: what a field has held before, newest first."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import lightfield
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield import Lightfield

    from lightfield_sandbox.http.server import Sandbox


def test_seeded_histories_end_in_the_value_of_now_and_lie_within_the_records_life(
    sandbox: Sandbox, sdk: Lightfield
) -> None:
    lengths = []
    for record in sandbox.records("opportunity")[:40]:
        for key in ("$stage", "$amount", "$closeDate"):
            history = sdk.opportunity.field_history(key, id=record["id"]).data
            values = [entry.value for entry in history]
            assert values[:1] == [record["fields"][key]["value"]][: len(values)]
            assert all(one != other for one, other in pairwise(values))
            times = [entry.recorded_at for entry in history]
            assert times == sorted(times, reverse=True)
            if history:
                assert times[-1] == record["createdAt"]
                assert times[0] <= (record["updatedAt"] or record["createdAt"])
                assert [entry.is_create for entry in history] == [*[False] * (len(history) - 1), True]
            lengths.append(len(history))
    assert max(lengths) >= 4


def test_writes_extend_the_history_of_seeded_and_of_new_records(sandbox: Sandbox, sdk: Lightfield) -> None:
    for account in (sandbox.records("account")[0]["id"], sdk.account.create(fields={"$name": "A"}).id):
        before = sdk.account.field_history("tier", id=account).data
        sdk.account.update(account, fields={"tier": "SMB"})
        sdk.account.update(account, fields={"tier": "SMB", "$name": "Other"})
        sdk.account.update(account, fields={"tier": None})
        sdk.account.update(account, fields={"tier": "Enterprise"})
        after = sdk.account.field_history("tier", id=account, limit=100).data
        shown = [entry.display_value for entry in after]
        assert shown[:2] == ["Enterprise", ""]
        assert [entry.recorded_at for entry in after if entry in before] == [
            entry.recorded_at for entry in before
        ]
        assert after[0].recorded_at == sdk.account.retrieve(account).updated_at


def test_values_are_shown_as_people_read_them(sdk: Lightfield) -> None:
    contact = sdk.contact.create(
        fields={"phone": ["+15125550100"], "$doNotContact": True, "interests": ["Pricing", "API"]}
    ).id
    sdk.contact.update(contact, fields={"home-address": {"city": "Köln", "country": "DE"}})
    shown = {
        key: sdk.contact.field_history(key, id=contact).data[0].display_value
        for key in ("phone", "$doNotContact", "interests", "home-address")
    }
    assert shown == {
        "phone": "+15125550100",
        "$doNotContact": "Yes",
        "interests": "Pricing, API",
        "home-address": "Köln DE",
    }


def test_pages_follow_a_cursor_that_writes_do_not_move(sdk: Lightfield) -> None:
    account = sdk.account.create(fields={"$name": "A"}).id
    for number in range(7):
        sdk.account.update(account, fields={"arr": number})
    page = sdk.account.field_history("arr", id=account, limit=3)
    found = [entry.value for entry in page.data]
    while page.has_more:
        sdk.account.update(account, fields={"arr": 100 + len(found)})
        assert page.next_cursor
        assert not any(entry.is_create for entry in page.data)
        page = sdk.account.field_history("arr", id=account, limit=3, after=page.next_cursor)
        found += [entry.value for entry in page.data]
    assert page.next_cursor is None
    assert found == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("limit=0", "invalid_type", "limit"),
        ("limit=101", "invalid_type", "limit"),
        ("after=nonsense", "invalid_type", "after"),
        ("after=b3RoZXI", "invalid_type", "after"),
        ("offset=1", "unknown_field", "offset"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(steady: Any, query: str, code: str, param: str) -> None:
    account = steady.get("/v1/accounts?limit=1").body["data"][0]["id"]
    reply = steady.get(f"/v1/accounts/{account}/fields/arr/history?{query}")
    assert reply.error == (400, "bad_request", code, param)


def test_fields_in_columns_have_no_history(sandbox: Sandbox, api: Any) -> None:
    for path, object_type, key in (
        ("accounts", "account", "$name"),
        ("accounts", "account", "$lastInteractionAt"),
        ("contacts", "contact", "$email"),
        ("opportunities", "opportunity", "$name"),
        ("objects/subscription/values", "subscription", "$name"),
    ):
        record = sandbox.records(object_type)[0]["id"]
        reply = api.get(f"/v1/{path}/{record}/fields/{key}/history")
        assert reply.error == (400, "bad_request", "invalid_configuration", key)
        reply = api.get(f"/v1/{path}/{record}/fields/nothing/history")
        assert reply.error == (400, "bad_request", "unknown_field", "nothing")


def test_custom_objects_have_a_history_too(sandbox: Sandbox, sdk: Lightfield) -> None:
    record = sandbox.records("subscription")[0]
    sdk.object.update(record["id"], entity_slug="subscription", fields={"seats": 9999})
    history = sdk.object.field_history("seats", entity_slug="subscription", id=record["id"])
    assert [entry.value for entry in history.data[:2]] == [9999, record["fields"]["seats"]["value"]]
    with pytest.raises(lightfield.NotFoundError):
        sdk.object.field_history("seats", entity_slug="subscription", id="none")


def test_a_history_outlives_a_restart(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any], tmp_path: Any
) -> None:
    first = start_sandbox(data=tmp_path / "workspace.db")
    api = connect(first)
    deal = first.records("opportunity")[3]["id"]
    for amount in (1, 2):
        api.update(f"/v1/opportunities/{deal}", {"$amount": amount})
    path = f"/v1/opportunities/{deal}/fields/$amount/history"
    before = api.get(path).body
    first.stop()
    assert connect(start_sandbox(data=tmp_path / "workspace.db")).get(path).body == before
