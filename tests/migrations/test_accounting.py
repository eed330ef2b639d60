"""Every record and every value of the recorded feeds is accounted for: the sum is added up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from lightfield_sandbox.http.server import Sandbox
from target_lightfield.presets.mentions import mentioned
from target_lightfield.presets.preset import Preset, routes_of
from target_lightfield.presets.reading import read_preset
from tests.migrations.recorded import RECORDED, Json, Recorded
from tests.target.target_runs import Setup

pytestmark = pytest.mark.slow

OUTCOMES = (
    "created", "updated", "unchanged", "trashed", "removed", "rejected", "gone", "waiting", "skipped", "kept",
)  # fmt: skip

# Leads become a contact and an account.
MORE_THAN_ONE = {"hubspot": 0, "salesforce": 3, "pipedrive": 0}

# What no line of the preset names and finds its custom field by its label.
BY_LABEL: Mapping[str, Mapping[str, str]] = {
    "hubspot": {
        "companies": "account_tags is_partner tier__c",
        "contacts": "last_contract_signed notes_from_sales persona_type topics_of_interest",
        "p4242424_subscriptions": "auto_renew plan seats",
    },
    "salesforce": {
        "Account": "ARR__c Account_Plan__c Billing_Email__c ICP_Score__c Legacy_ID__c Partner__c "
        "Renewal_Date__c Tags__c Tier__c Welcome_Page__c",
        "Contact": "Last_Contract_Date__c Lead_Score__c Persona__c",
        "Opportunity": "Competitors__c Discount__c",
    },
    "pipedrive": {"deals": " ".join(f"c{n}" * 20 for n in (2, 3, 6))},
}


@pytest.mark.parametrize("crm", RECORDED, ids=lambda crm: crm.name)
def test_nothing_vanishes(crm: Recorded, start_sandbox: Callable[..., Sandbox], tmp_path: Path) -> None:
    target = Setup(
        start_sandbox(**crm.sandbox), tmp_path / "target", preset=crm.preset,
        default_assignee=crm.assignee, max_rejects=1000, report_path=str(tmp_path / "target" / "report"),
        left_over_path=str(tmp_path / "left_over.jsonl"),
    )  # fmt: skip
    outcome = target.load(crm.text)
    assert outcome.status == 0, outcome.log
    records = [message for message in crm.messages() if message["type"] == "RECORD"]

    objects = target.report("report")["objects"]
    counted = sum(counts[name] for counts in objects.values() for name in OUTCOMES)
    assert counted == len(records) + MORE_THAN_ONE[crm.name]

    lines = (tmp_path / "left_over.jsonl").read_text(encoding="utf-8").splitlines()
    left_over = {(one["stream"], one["key"], one["column"]) for one in map(json.loads, lines)}
    rejected = [reject["record"] for reject in target.rejects()]
    preset = read_preset(crm.preset)
    unaccounted = {
        (message["stream"], column)
        for message in records
        if message["record"] not in rejected and not message["record"].get("IsDeleted")  # counted as skipped
        for column in vanished(preset, message["stream"], message["record"], left_over)
    }
    by_label = {(stream, name) for stream, names in BY_LABEL[crm.name].items() for name in names.split()}
    assert unaccounted == by_label


def vanished(
    preset: Preset, stream: str, record: Json, left_over: set[tuple[str, str, str]]
) -> Iterator[str]:
    """Yield the columns with a value that nothing names or ignores, and that is not left over either."""
    routes = routes_of(preset, stream)
    if not routes:  # a stream that is kept for its values, or left out and counted
        return
    named = set(mentioned(preset, stream, routes))
    ignored = [*preset.ignore, *(pattern for route in routes for pattern in route.ignore)]
    key = str(record.get(preset.key))[: preset.key_length]
    if (stream, key, "") in left_over:  # the whole row
        return
    inner = record.get(preset.values_in or "") or {}
    for column, value in {**record, **inner}.items():
        if value in (None, "", [], {}) or column == preset.values_in or column in named:
            continue
        if not any(fnmatchcase(column, one) for one in ignored) and (stream, key, column) not in left_over:
            yield column
