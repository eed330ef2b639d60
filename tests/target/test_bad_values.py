"""A bad value in an otherwise good record: the record is written without it, and the value is left over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightfield_sandbox.rules import relationships
from lightfield_sandbox.schema.errors import unlinkable
from lightfield_sandbox.store.store import Store
from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def lenient(empty: Sandbox, target_of: Callable[..., Setup]) -> Setup:
    """A target that leaves bad values out."""
    return target_of(empty, bad_values="leave_out")


def values(target: Setup) -> list[tuple[str, str, Any, str]]:
    """What is left over: key, column, value, kind."""
    return [(one["key"], one["column"], one["value"], one["kind"]) for one in target.left_over()]


BAD: list[tuple[str, Any, str, Any, str]] = [
    # column, value, the column that is named, the value that is left over, kind
    ("custom_arr", "1_0", "custom_arr", "1_0", "bad_value"),
    ("custom_is_partner", "perhaps", "custom_is_partner", "perhaps", "bad_value"),
    ("custom_renewal_date", "soon", "custom_renewal_date", "soon", "bad_value"),
    ("custom_support_phone", "(none)", "custom_support_phone", "(none)", "bad_value"),
    ("linked_in", "a-bare-handle", "linked_in", "a-bare-handle", "bad_value"),
    ("custom_tier", "Platinum", "custom_tier", "Platinum", "no_option"),
    ("custom_tier_label", "Platinum", "custom_tier_label", "Platinum", "no_option"),
    ("website", {"no": "url"}, "website", {"no": "url"}, "bad_value"),
    ("primary_address__country", "Atlantis", "primary_address__country", "Atlantis", "bad_value"),
    ("owner_id", [{"no": "key"}], "owner_id", {"no": "key"}, "bad_value"),
    ("custom_status_page", ["a.example", "b.example"], "custom_status_page", "b.example", "bad_value"),
]


@pytest.mark.parametrize(("column", "value", "named", "left_over", "kind"), BAD)
def test_a_record_is_written_without_a_value_that_its_field_can_not_take(
    lenient: Setup, workspace: Workspace, column: str, value: Any, named: str, left_over: Any, kind: str
) -> None:
    messages = rows("accounts", {"id": 1, "name": "Acme", column: value})
    outcome = lenient.loaded(messages)

    assert outcome.count("accounts") == {"created": 1}
    assert values(lenient) == [("1", named, left_over, kind)]
    assert workspace.values("accounts", "$name") == ["Acme"]
    with lenient.counting() as seen:
        again = lenient.loaded(messages)
    assert again.count("accounts") == {"unchanged": 1}
    assert write_requests(seen) == 0
    assert values(lenient) == [("1", named, left_over, kind)]


@pytest.mark.parametrize(("column", "value", "named", "left_over", "kind"), BAD)
def test_without_the_setting_its_row_is_rejected(
    target: Setup, column: str, value: Any, named: str, left_over: Any, kind: str
) -> None:
    target.load(rows("accounts", {"id": 1, "name": "Acme", column: value}))

    assert [reject["code"] for reject in target.rejects()] == ["invalid_value"]
    assert target.left_over() == []


def test_of_several_values_the_good_ones_stay(lenient: Setup, workspace: Workspace) -> None:
    lenient.loaded(
        rows(
            "contacts",
            {
                "id": 1,
                "email": ["a@x.example", {"no": "text"}, "b@x.example"],
                "custom_phone": ["(none)", "+49 30 901820"],
                "custom_interests": ["Nonsense"],
                "custom_home_address": {"city": "Oslo", "country": "Atlantis"},
            },
        )
    )

    [contact] = workspace.all("contacts")
    assert contact["fields"]["$email"]["value"] == ["a@x.example", "b@x.example"]
    assert contact["fields"]["phone"]["value"] == ["+4930901820"]
    assert contact["fields"]["home-address"]["value"]["city"] == "Oslo"
    assert sorted(values(lenient), key=str) == [
        ("1", "custom_home_address", "Atlantis", "bad_value"),
        ("1", "custom_interests", "Nonsense", "no_option"),
        ("1", "custom_phone", "(none)", "bad_value"),
        ("1", "email", {"no": "text"}, "bad_value"),
    ]


def test_a_record_keeps_the_value_that_it_has(lenient: Setup, workspace: Workspace) -> None:
    lenient.loaded(rows("contacts", {"id": 1, "email": "a@x.example", "custom_phone": "+49 30 901820"}))
    outcome = lenient.loaded(rows("contacts", {"id": 1, "email": "a@x.example", "custom_phone": "(none)"}))

    assert outcome.count("contacts") == {"unchanged": 1}
    assert workspace.values("contacts", "phone") == [["+4930901820"]]
    assert values(lenient) == [("1", "custom_phone", "(none)", "bad_value")]
    lenient.loaded(rows("contacts", {"id": 1, "email": "a@x.example", "custom_phone": "n/a"}))
    assert values(lenient) == [("1", "custom_phone", "n/a", "bad_value")]
    lenient.loaded(rows("contacts", {"id": 1, "email": "a@x.example", "custom_phone": "+49 30 901821"}))
    assert lenient.left_over() == []


def test_a_value_that_its_record_needs_rejects_the_row_all_the_same(lenient: Setup) -> None:
    outcome = lenient.load(rows("accounts", {"id": 1, "name": {"no": "text"}, "custom_arr": "1_0"}))

    assert outcome.count("accounts") == {"rejected": 1}
    [reject] = lenient.rejects()
    assert (reject["code"], reject["param"]) == ("invalid_value", "name")
    assert reject["record"] == {"id": 1, "name": {"no": "text"}, "custom_arr": "1_0"}
    assert lenient.left_over() == []  # the rejected row has all of it


def test_a_default_that_its_field_can_not_take_is_no_value_of_the_source(lenient: Setup) -> None:
    lenient.load(
        rows("accounts", {"id": 1, "name": "Acme"}), objects={"accounts": {"defaults": {"custom_arr": "x"}}}
    )

    assert [reject["param"] for reject in lenient.rejects()] == ["custom_arr"]


REFUSED: list[tuple[str, Any, Any]] = [
    # what our own checks let pass, and Lightfield does not: column, value, what stays
    ("custom_status_page", "no url", None),
    ("custom_arr", 1e16, None),
    ("custom_billing_email", ["a@x.example", "no address", "b@x.example"], ["a@x.example", "b@x.example"]),
    ("custom_billing_email", ["no address", "neither"], None),
    ("custom_billing_email", ["no address", "neither", "c@x.example"], ["c@x.example"]),
    ("custom_shipping_address", {"city": "Oslo", "latitude": 91}, None),
]
KEYS = {
    "custom_status_page": "statusPage",
    "custom_arr": "arr",
    "custom_billing_email": "billingEmail",
    "custom_shipping_address": "shippingAddress",
}


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize(("column", "value", "stays"), REFUSED)
@pytest.mark.parametrize("shape", ["documented", "bare-keys"])
def test_so_is_a_value_that_lightfield_refuses(
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    shape: str,
    column: str,
    value: Any,
    stays: Any,
    is_there: bool,
) -> None:
    sandbox = start_sandbox(empty=True, refusals=shape)
    target, workspace = target_of(sandbox, bad_values="leave_out"), Workspace(sandbox)
    if is_there:
        target.loaded(rows("accounts", {"id": 1, "name": "Acme"}))
    messages = rows("accounts", {"id": 1, "name": "Acme", column: value, "custom_account_plan": "P"})

    outcome = target.loaded(messages)

    assert outcome.count("accounts") == {"updated" if is_there else "created": 1}
    [account] = workspace.all("accounts")
    assert account["fields"][KEYS[column]]["value"] == stays
    assert account["fields"]["account-plan"]["value"] == "P"
    items = value if isinstance(value, list) else [value]
    assert [one["value"] for one in target.left_over()] == [i for i in items if i not in (stays or [])]
    assert all(one["why"].startswith("Lightfield refused it: The field ") for one in target.left_over())
    before = target.left_over()
    with target.counting() as seen:
        assert target.loaded(messages).count("accounts") == {"unchanged": 1}
    assert write_requests(seen) == 0
    assert target.left_over() == before


def test_several_refused_values_are_left_out_one_after_the_other(
    lenient: Setup, workspace: Workspace
) -> None:
    outcome = lenient.loaded(
        rows(
            "accounts",
            {"id": 1, "name": "Acme", "custom_status_page": "no url", "custom_billing_email": "no address",
             "custom_arr": 1e16, "custom_tier": "Platinum"},
        )
    )  # fmt: skip

    assert outcome.count("accounts") == {"created": 1}
    assert workspace.values("accounts", "$name") == ["Acme"]
    assert {one["column"] for one in lenient.left_over()} == {
        "custom_status_page", "custom_billing_email", "custom_arr", "custom_tier",
    }  # fmt: skip


def test_a_refusal_that_names_no_field_rejects_the_row(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    target = target_of(start_sandbox(empty=True, refusals="without-param"), bad_values="leave_out")

    target.load(rows("accounts", {"id": 1, "name": "Acme", "custom_status_page": "no url"}))

    assert len(target.rejects()) == 1


ITEMS = st.one_of(
    st.integers(0, 99).map(lambda n: f"good{n}@x.example"),
    st.sampled_from(["(none)", "no address", {"a": [1]}, 7, True, "a b@x.example", "", None]),
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(st.lists(ITEMS, max_size=6), min_size=1, max_size=4))
def test_what_is_written_and_what_is_left_over_are_all_there_was(
    empty: Sandbox, target_of: Callable[..., Setup], items: list[list[Any]]
) -> None:
    empty.reset(data=True)
    target = target_of(empty, bad_values="leave_out")
    target.forget()

    target.loaded(
        rows(
            "accounts", *({"id": n, "name": f"A{n}", "custom_billing_email": i} for n, i in enumerate(items))
        )
    )

    written = target.values("accounts", "billingEmail")
    for number, given_ in enumerate(items):
        left = [one["value"] for one in target.left_over() if one["key"] == str(number)]
        there = list(written[str(number)] or [])
        assert all(isinstance(item, str) and item.startswith("good") for item in there)
        all_of_it = [*there, *left]
        for item in given_:
            if item not in ("", None):
                assert any(item is one or (type(item) is type(one) and item == one) or str(item) == one
                           for one in all_of_it), (item, all_of_it)  # fmt: skip
        good = {item for item in given_ if isinstance(item, str) and item.startswith("good")}
        assert set(there) == good


@pytest.mark.parametrize("several", [False, True])
def test_a_record_is_written_without_a_link_that_lightfield_refuses(
    lenient: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, several: bool
) -> None:
    accounts = [{"id": f"a{n}", "name": name} for n, name in enumerate(("Acme", "Barred", "Core"))]
    lenient.loaded(rows("accounts", *accounts))
    barred = lenient.ids("accounts")["a1"]
    check = relationships.check_targets

    def refuse(store: Store, changes: Sequence[relationships.LinkChange]) -> None:
        if any(barred in change.add for change in changes):
            raise unlinkable("It can't be linked to.", "invalid_configuration", "$account")
        check(store, changes)

    monkeypatch.setattr(relationships, "check_targets", refuse)
    refused = ["a0", "a1", "a2"] if several else ["a1"]
    contact = rows("contacts", {"id": 1, "email": "a@x.example", "account_ids": refused})
    assert lenient.loaded(contact).count("contacts") == {"created": 1}
    [found] = workspace.all("contacts")
    assert len(found["relationships"]["$account"]["values"]) == len(refused) - 1
    assert values(lenient) == [("1", "account_ids", "a1", "bad_value")]
    with lenient.counting() as seen:
        lenient.loaded(contact)
    assert write_requests(seen) == 0
