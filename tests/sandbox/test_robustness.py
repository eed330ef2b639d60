"""Whatever a client sends, it gets an answer of the documented form, and never a 500."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HTTP = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "$name", "$website", "$industry", "$headcount", "$primaryAddress", "$linkedIn", "icp-score",
        "arr", "isPartner", "renewalDate", "supportPhone", "tier", "tags", "execSponsor", "$email",
        "$pipeline", "$stage", "$amount", "$title", "$status", "$dueAt", "$startDate", "$endDate",
        "$attendeeEmails", "$privacySetting", "$content",
    ]
)  # fmt: skip
LINKS = st.sampled_from(
    ["$owner", "$contact", "$account", "parent", "partners", "billing-contact", "$assignedTo", "$transcript"]
)
PATHS = st.sampled_from(["accounts", "contacts", "opportunities", "tasks", "notes", "meetings"])
OTHERS = st.sampled_from(
    [
        "emails/log", "emails/send", "emails/draft", "files", "lists", "accounts/merge",
        "opportunities/merge", "objects/subscription/values", "objects/office-location/values",
        "enrichmentRun/accounts/x",
    ]
)  # fmt: skip
OTHER_KEYS = st.sampled_from(
    [
        "fields", "headers", "autoCreateRecords", "relationships", "from", "to", "cc", "subject",
        "messageBody", "attachments", "filename", "mimeType", "sizeBytes", "purpose", "primaryId",
        "duplicateId", "fieldResolutions", "options", "$from", "$to", "$sentAt", "$body",
        "$subject", "$threadId",
        "$name", "$objectType", "$kind", "$accounts", "plan", "address", "company", "successor", "Message-ID",
        "References",
    ]
)  # fmt: skip
BODIES = (
    st.fixed_dictionaries(
        {"fields": st.dictionaries(KEYS | st.text(), JSON, max_size=4) | JSON},
        optional={
            "relationships": st.dictionaries(
                LINKS | st.text(),
                JSON | st.dictionaries(st.sampled_from(["add", "remove", "replace"]), JSON, max_size=2),
                max_size=2,
            ),
            "skipEnrichment": JSON,
            "autoCreateRecords": JSON,
        },
    )
    | JSON
)
DOCUMENTED = {200, 400, 404, 409, 415, 422}


@HTTP
@given(path=PATHS, body=BODIES, update=st.booleans())
def test_any_json_body_is_taken_or_refused_in_the_documented_form(
    api: Any, path: str, body: Any, update: bool
) -> None:
    target = f"/v1/{path}"
    if update:
        target += "/" + api.get(f"/v1/{path}?limit=1").body["data"][0]["id"]
    reply = api.post(target, body)
    assert reply.status in DOCUMENTED
    if reply.status == 200:
        assert api.get(f"/v1/{path}/{reply.body['id']}").body == reply.body
    else:
        assert reply.error[0] == reply.status


@HTTP
@given(
    path=OTHERS,
    body=st.dictionaries(
        OTHER_KEYS, JSON | st.dictionaries(OTHER_KEYS, JSON | st.just("ann@x.example")), max_size=5
    ),
)
def test_any_body_of_another_write_is_taken_or_refused_in_the_documented_form(
    api: Any, path: str, body: Any
) -> None:
    reply = api.post(f"/v1/{path}", body)
    assert reply.status in DOCUMENTED
    if reply.status != 200:
        assert reply.error[0] == reply.status


@HTTP
@given(
    path=PATHS,
    key=KEYS | LINKS | st.text(st.characters(codec="utf-8")),
    operator=st.sampled_from(
        ["", "[equal]", "[-equal]", "[contains]", "[startsWith]", "[lessThan]", "[", "[]", "[-]"]
    ),
    value=st.text(st.characters(codec="utf-8")) | st.integers().map(str),
)
def test_any_query_is_answered_or_refused_in_the_documented_form(
    steady: Any, path: str, key: str, operator: str, value: str
) -> None:
    reply = steady.get(f"/v1/{path}?{quote(key)}{operator}={quote(value)}")
    assert reply.status in (200, 400)
    if reply.status == 400:
        assert reply.error[1] == "bad_request"
