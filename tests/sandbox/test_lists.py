"""Lists: order, paging, filters and the trash, against a plain model of what the document says."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox

FILTERABLE = {"accounts": "account", "contacts": "contact", "opportunities": "opportunity", "tasks": "task"}
HTTP = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "greaterThan": lambda held, sought: held > sought,
    "greaterThanOrEqual": lambda held, sought: held >= sought,
    "lessThan": lambda held, sought: held < sought,
    "lessThanOrEqual": lambda held, sought: held <= sought,
}


@pytest.mark.parametrize("limit", ["0", "26", "-1", "x", "", "1.5", "1e1", "٣", "+5", "9" * 30])
def test_a_limit_outside_1_to_25_is_refused(steady: Any, limit: str) -> None:
    reply = steady.get(f"/v1/accounts?{urlencode({'limit': limit})}")
    assert reply.error == (400, "bad_request", "invalid_type", "limit")


@pytest.mark.parametrize("offset", ["-1", "x", ""])
def test_an_offset_that_is_no_count_is_refused(steady: Any, offset: str) -> None:
    assert steady.get(f"/v1/accounts?offset={offset}").error[0::3] == (400, "offset")


@HTTP
@given(limit=st.integers(1, 25), offset=st.integers(0, 300))
def test_every_page_is_a_slice_of_the_records_newest_first(
    sandbox: Sandbox, api: Any, limit: int, offset: int
) -> None:
    records = sandbox.records("contact")
    assert records == sorted(records, key=lambda record: (record["createdAt"], record["id"]), reverse=True)
    page = api.get(f"/v1/contacts?limit={limit}&offset={offset}").body
    assert page == {"data": records[offset : offset + limit], "object": "list", "totalCount": len(records)}


def test_without_a_limit_a_page_has_25(steady: Any) -> None:
    assert len(steady.get("/v1/contacts").body["data"]) == 25
    assert steady.get("/v1/contacts?offset=100000000").body == {
        "data": [],
        "object": "list",
        "totalCount": 240,
    }


def test_a_new_record_pushes_the_others_and_a_deleted_one_pulls_them(api: Any) -> None:
    before = [record["id"] for record in api.get("/v1/tasks").body["data"]]
    member = api.get("/v1/members?limit=1").body["data"][0]["id"]
    new = api.create("/v1/tasks", {"$title": "New", "$status": "TODO"}, _assignedTo=member)["id"]
    assert [record["id"] for record in api.get("/v1/tasks").body["data"]] == [new, *before[:24]]
    api.call("DELETE", f"/v1/tasks/{before[3]}")
    after = [record["id"] for record in api.get("/v1/tasks").body["data"]]
    assert after[:24] == [new, *before[:3], *before[4:24]]


def test_trashed_records_are_listed_apart_and_need_the_restore_scope(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    sandbox = start_sandbox(keys={"restorer": ["accounts:read", "accounts:restore"]}, trashed=0)
    api = connect(sandbox)
    gone = [record["id"] for record in api.get("/v1/accounts").body["data"][3:6]]
    for record_id in reversed(gone):
        api.call("DELETE", f"/v1/accounts/{record_id}")
    active = api.get("/v1/accounts?status=active").body
    assert active["totalCount"] == 57
    assert not set(gone) & {record["id"] for record in active["data"]}
    trashed = connect(sandbox, sandbox.keys["restorer"]).get("/v1/accounts?status=trashed").body
    assert ([record["id"] for record in trashed["data"]], trashed["totalCount"]) == (gone, 3)
    assert connect(sandbox, sandbox.read_only_key).get("/v1/accounts?status=trashed").error[0] == 403
    assert api.get("/v1/accounts?status=deleted").error[0::3] == (400, "status")


@pytest.mark.parametrize(
    ("path", "query", "code", "param"),
    [
        ("accounts", {"$nothing": "x"}, "unknown_field", "$nothing"),
        ("accounts", {"createdAt[greaterThan]": "2025-01-01T00:00:00Z"}, "unknown_field", "createdAt"),
        ("accounts", {"$name[": "x"}, "unknown_field", "$name["),
        ("accounts", {"sort": "updatedAt"}, "unknown_field", "sort"),
        ("accounts", {"$name[contains]": "x"}, "invalid_type", "$name"),
        ("accounts", {"$website[equal]": "x"}, "invalid_type", "$website"),
        ("accounts", {"$industry": "Software"}, "invalid_type", "$industry"),
        ("accounts", {"account-plan[equal]": "x"}, "invalid_type", "account-plan"),
        ("accounts", {"welcomePage": "x"}, "invalid_type", "welcomePage"),
        ("accounts", {"icp-score[greaterThan]": "much"}, "invalid_type", "icp-score"),
        ("accounts", {"icp-score": "nan"}, "invalid_type", "icp-score"),
        ("accounts", {"renewalDate[lessThan]": "soon"}, "invalid_type", "renewalDate"),
        ("accounts", {"isPartner": "yes"}, "invalid_type", "isPartner"),
        ("accounts", {"tier": "Gigantic"}, "referenced_resource_missing", "tier"),
        ("accounts", {"$account-owner[startsWith]": "mem"}, "invalid_type", "$account-owner"),
        ("accounts", {"parent": "acc_1"}, "unknown_relationship", "parent"),
        (
            "accounts",
            {"$account-owner:asSource": "mem_1"},
            "unknown_relationship",
            "$account-owner:asSource",
        ),
        ("accounts", {"$owner": "mem_1"}, "unknown_field", "$owner"),
        ("notes", {"$title": "x"}, "unknown_field", "$title"),
        ("meetings", {"$title": "x"}, "unknown_field", "$title"),
        ("members", {"$email": "x"}, "unknown_field", "$email"),
        ("members", {"status": "active"}, "unknown_field", "status"),
    ],
)
def test_a_filter_that_the_definitions_do_not_carry_is_refused(
    steady: Any, path: str, query: dict[str, str], code: str, param: str
) -> None:
    reply = steady.get(f"/v1/{path}?{urlencode(query)}")
    assert reply.error == (400, "bad_request", code, param)


@HTTP
@given(data=st.data())
def test_filters_find_what_a_plain_reading_of_them_finds(
    sandbox: Sandbox, api: Any, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(FILTERABLE)))
    records = sandbox.records(FILTERABLE[path])
    terms = [_draw_term(data, path, records) for _ in range(data.draw(st.integers(1, 2)))]
    expected = [record for record in records if all(holds(record) for _, _, holds in terms)]
    limit, offset = data.draw(st.integers(1, 25)), data.draw(st.integers(0, 10))
    query = urlencode([*((name, value) for name, value, _ in terms), ("limit", limit), ("offset", offset)])
    page = api.get(f"/v1/{path}?{query}").body
    assert page["totalCount"] == len(expected)
    assert page["data"] == expected[offset : offset + limit]


# What filters call the relationships: by the definition that both ends share.
SLUGS = {
    ("accounts", "$contact"): "$account-contact",
    ("accounts", "$opportunity"): "$opportunity-account",
    ("accounts", "$task"): "$task-account",
    ("accounts", "$note"): "$note-account",
    ("accounts", "$meeting"): "$meeting-account",
    ("contacts", "$account"): "$account-contact",
    ("opportunities", "$account"): "$opportunity-account",
    ("opportunities", "$task"): "$task-opportunity",
    ("opportunities", "$note"): "$note-opportunity",
    ("opportunities", "$meeting"): "$meeting-opportunity",
}


def _slug(path: str, key: str) -> str:
    if not key.startswith("$"):
        return key
    return SLUGS.get((path, key)) or f"${FILTERABLE[path]}-{key[1:]}"


def _draw_term(
    data: st.DataObject, path: str, records: list[dict[str, Any]]
) -> tuple[str, str, Callable[[Any], bool]]:
    """A filter whose value some record holds, and what it means."""
    record = data.draw(st.sampled_from(records))
    usable = [
        key for key, field in record["fields"].items() if _operators(field) and field["value"] is not None
    ]
    linked = [key for key, links in record["relationships"].items() if links["values"]]
    key = data.draw(st.sampled_from([*usable, *linked]))
    negated = data.draw(st.booleans())
    if key in linked and key not in usable:
        name, value, holds = _relationship_term(data, record, key, _slug(path, key))
    else:
        name, value, holds = _field_term(data, record["fields"][key], key)
    key, operator = name
    # Without an operator it is the type's equal, else its contains.
    bare = not negated and operator in ("equal", "contains") and data.draw(st.booleans())
    term = key if bare else f"{key}[{'-' * negated}{operator}]"
    return term, value, lambda other: holds(other) != negated


def _relationship_term(data: st.DataObject, record: dict[str, Any], key: str, slug: str) -> Any:
    operator = data.draw(st.sampled_from(["equal", "contains"]))
    links = record["relationships"][key]
    if "directions" not in links:
        value = data.draw(st.sampled_from(links["values"]))
        return (slug, operator), value, lambda other: value in other["relationships"][key]["values"]
    end = data.draw(st.sampled_from([end for end, held in links["directions"].items() if held["values"]]))
    value = data.draw(st.sampled_from(links["directions"][end]["values"]))
    return (
        (f"{slug}:{end}", operator),
        value,
        lambda other: value in other["relationships"][key]["directions"][end]["values"],
    )


def _operators(field: dict[str, Any]) -> list[str]:
    for kinds, operators in (
        (("NUMBER", "CURRENCY", "DATETIME"), ["equal", *COMPARISONS]),
        (("TEXT", "FULL_NAME", "SOCIAL_HANDLE"), ["equal", "startsWith"]),
        (("CHECKBOX", "SINGLE_SELECT"), ["equal"]),
        (("EMAIL", "TELEPHONE", "URL"), ["contains"]),
    ):
        if field["valueType"] in kinds:
            return operators
    return []


def _field_term(data: st.DataObject, field: dict[str, Any], key: str) -> Any:
    kind, operator = field["valueType"], data.draw(st.sampled_from(_operators(field)))
    sought = data.draw(st.sampled_from(_plain(field)))
    if operator in ("startsWith", "contains"):
        start = 0 if operator == "startsWith" else data.draw(st.integers(0, max(0, len(sought) - 1)))
        sought = sought[start : data.draw(st.integers(start + 1, max(start + 1, len(sought))))]

    def holds(other: dict[str, Any]) -> bool:
        return any(_compare(kind, operator, held, sought) for held in _plain(other["fields"][key]))

    return (key, operator), _written(sought), holds


def _plain(field: dict[str, Any]) -> list[Any]:
    value = field["value"]
    if value is None:
        return []
    if field["valueType"] == "FULL_NAME":
        return [" ".join(part for part in (value["firstName"], value["lastName"]) if part)]
    return value if isinstance(value, list) else [value]


def _compare(kind: str, operator: str, held: Any, sought: Any) -> bool:
    if operator == "startsWith":
        return bool(held.casefold().startswith(sought.casefold()))
    if operator == "contains":
        return sought.casefold() in held.casefold()
    if kind == "DATETIME":
        held, sought = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (held, sought))
    return bool(COMPARISONS.get(operator, lambda one, other: one == other)(held, sought))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    ("key", "values", "sought"),
    [
        ("icp-score", [1, 2, 10], "2.0"),
        ("arr", [-3.5, 2, 100], "2"),
        (
            "renewalDate",
            ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"],
            "2026-01-02T01:00:00+01:00",
        ),
    ],
)
def test_each_ordering_operator_draws_its_border_where_it_says(
    start_sandbox: Callable[..., Sandbox],
    connect: Callable[..., Any],
    key: str,
    values: list[Any],
    sought: str,
) -> None:
    api = connect(start_sandbox(empty=True))
    for name, value in zip("ABC", values, strict=True):
        api.create("/v1/accounts", {"$name": name, key: value})
    api.create("/v1/accounts", {"$name": "-"})
    for operator, found in (
        ("equal", "B"),
        ("greaterThan", "C"),
        ("greaterThanOrEqual", "BC"),
        ("lessThan", "A"),
        ("lessThanOrEqual", "AB"),
        ("-equal", "AC-"),
        ("-greaterThan", "AB-"),
        ("-lessThanOrEqual", "C-"),
    ):
        page = api.get(f"/v1/accounts?{urlencode({f'{key}[{operator}]': sought})}").body
        assert "".join(record["fields"]["$name"]["value"] for record in reversed(page["data"])) == found, (
            operator
        )


def test_contains_on_an_email_also_finds_longer_addresses(api: Any) -> None:
    for email in ("ann@x.example", "joann@x.example"):
        api.create("/v1/contacts", {"$email": [email]})
    found = api.get("/v1/contacts?$email[contains]=ann@x.example").body["data"]
    assert [record["fields"]["$email"]["value"] for record in found] == [
        ["joann@x.example"],
        ["ann@x.example"],
    ]


def test_a_filtered_list_follows_every_write(api: Any) -> None:
    query = "/v1/accounts?$name[equal]=Acme%20Filtered"
    assert api.get(query).body["totalCount"] == 0
    one = api.create("/v1/accounts", {"$name": "Acme Filtered"})["id"]
    two = api.create("/v1/accounts", {"$name": "Acme Filtered"})["id"]
    assert [record["id"] for record in api.get(query).body["data"]] == [two, one]
    api.update(f"/v1/accounts/{two}", {"$name": "Other"})
    assert [record["id"] for record in api.get(query).body["data"]] == [one]
    api.call("DELETE", f"/v1/accounts/{one}")
    assert api.get(query).body["totalCount"] == 0
    assert [record["id"] for record in api.get(f"{query}&status=trashed").body["data"]] == [one]
    api.post(f"/v1/accounts/{one}/restore")
    assert [record["id"] for record in api.get(query).body["data"]] == [one]


def test_an_address_is_found_by_a_part_or_the_whole(api: Any) -> None:
    address = {"street": "1 Main", "city": "Filterstadt", "country": "DE"}
    made = api.create("/v1/accounts", {"$name": "A", "$primaryAddress": address})["id"]
    for term in ("[equal]=Filterstadt", "[startsWith]=filter", "[equal]=1%20Main,%20Filterstadt,%20DE"):
        found = api.get(f"/v1/accounts?$primaryAddress{term}").body["data"]
        assert [record["id"] for record in found] == [made]


def test_lists_trail_behind_writes_while_retrieve_is_current(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    api = connect(start_sandbox(index_lag=3600, trashed=0))
    before = api.get("/v1/accounts").body
    created = api.create("/v1/accounts", {"$name": "Fresh"})
    old = before["data"][0]
    changed = api.update(f"/v1/accounts/{old['id']}", {"$name": "Changed"}).body
    api.call("DELETE", f"/v1/accounts/{before['data'][1]['id']}")
    assert api.get("/v1/accounts").body == before
    assert api.get("/v1/accounts?$name=Fresh").body["totalCount"] == 0
    assert api.get("/v1/accounts?status=trashed").body["totalCount"] == 0
    assert api.get(f"/v1/accounts/{created['id']}").body == created
    assert api.get(f"/v1/accounts/{old['id']}").body == changed


def test_what_starts_with_nothing_is_set(api: Any) -> None:
    made = api.create("/v1/accounts", {"$name": "A", "industry": "Rockets"})["id"]
    bare = api.create("/v1/accounts", {"$name": "B"})["id"]

    def found(term: str) -> set[str]:
        page = api.get(f"/v1/accounts?industry[{term}]=&limit=25").body["data"]
        return {record["id"] for record in page}

    assert made in found("startsWith")
    assert bare not in found("startsWith")
    assert bare in found("-startsWith")


def test_an_opportunity_is_also_filtered_by_the_key_of_its_account(api: Any) -> None:
    account = api.create("/v1/accounts", {"$name": "A"})["id"]
    deal = api.create("/v1/opportunities", {"$name": "D"}, _account=account)["id"]
    for key in ("$account", "$opportunity-account"):
        found = api.get(f"/v1/opportunities?{key}={account}").body["data"]
        assert [record["id"] for record in found] == [deal]
