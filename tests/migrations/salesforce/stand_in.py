"""A stand-in for Salesforce's REST API, as far as tap-salesforce asks it.

What it answers is written from Salesforce's documentation and from what the tap's source expects; it shares
nothing with the product.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from tests.migrations.salesforce import activities, people
from tests.migrations.salesforce.objects import FIELDS, UNASKED, described
from tests.migrations.server import JsonHandler, JsonServer, NotThere

Json = dict[str, Any]

HOST = "login.salesforce.com"
CLIENT, SECRET, REFRESH_TOKEN, NEXT_REFRESH_TOKEN = "client", "s3cret", "5Aep-first", "5Aep-second"
_ACCESS_TOKEN = "00D5g!stand-in"
_PATH = "/services/data/v61.0"
_PAGE = 2  # Salesforce's own is 2,000
_SOQL = re.compile(
    r"SELECT (?P<fields>\S+) FROM (?P<name>\w+)"
    r"(?: WHERE (?P<key>\w+) >= (?P<start>\S+)\s+ORDER BY (?P=key) ASC)?"
)


class Org:
    """A Salesforce org."""

    def __init__(self) -> None:
        self.records: dict[str, list[Json]] = {
            "Account": [*people.ACCOUNTS],
            "AccountContactRelation": [*people.ACCOUNT_CONTACTS],
            "Attachment": [*activities.ATTACHMENTS],
            "Campaign": [*activities.CAMPAIGNS],
            "CampaignMember": [*activities.CAMPAIGN_MEMBERS],
            "Contact": [*people.CONTACTS],
            "ContentNote": [*activities.CONTENT_NOTES],
            "ContentVersion": [*activities.CONTENT_VERSIONS],
            "EmailMessage": [*activities.EMAILS],
            "Event": [*activities.EVENTS],
            "EventRelation": [*activities.EVENT_RELATIONS],
            "Group": [*people.GROUPS],
            "Lead": [*people.LEADS],
            "Note": [*activities.NOTES],
            "Opportunity": [*people.OPPORTUNITIES],
            "OpportunityContactRole": [*people.CONTACT_ROLES],
            "OpportunityLineItem": [*people.LINE_ITEMS],
            "OpportunityStage": [*people.STAGES],
            "RecordType": [*people.RECORD_TYPES],
            "Subscription__c": [*activities.SUBSCRIPTIONS],
            "Task": [*activities.TASKS],
            "User": [*people.USERS],
            **{name: [*records] for name, records in activities.WITHOUT_A_PLACE.items()},
        }
        self._asked: list[tuple[str, list[str], list[Json]]] = []

    def change(self, sobject: str, id_: str, changed: str, **values: Any) -> None:
        """Let somebody change a record: ``change("Lead", id, "2026-09-01", IsConverted=True)``."""
        records = self.records[sobject]
        at = next(number for number, record in enumerate(records) if record["Id"] == id_)
        records[at] = {**records[at], **values, "SystemModstamp": f"{changed}T09:00:00.000+0000"}

    def get(self, path: str, query: str) -> Json:
        """Answer a GET; a query that is continued has its first words again, which mean nothing."""
        match path.strip("/").split("/"):
            case ["sobjects"]:
                return {"sobjects": [{"name": name} for name in [*FIELDS, *UNASKED]]}
            case ["sobjects", name, "describe"] if name in FIELDS:
                return described(name)
            case ["queryAll"]:
                self._asked.append(self._select(query))
                return self._page(len(self._asked) - 1, 0)
            case ["query", locator]:
                number, start = (int(part) for part in locator.split("-"))
                return self._page(number, start)
        raise NotThere

    def _select(self, soql: str) -> tuple[str, list[str], list[Json]]:
        asked = _SOQL.fullmatch(soql.strip())
        if asked is None or asked["name"] not in self.records:
            raise NotThere
        name, fields = asked["name"], asked["fields"].split(",")
        kinds = FIELDS[name]
        if any(kinds.get(field, "base64") == "base64" for field in fields):
            raise NotThere  # contents are no columns of a query
        found = self.records[name]
        if key := asked["key"]:
            start = _moment(asked["start"])
            found = sorted((r for r in found if _moment(r[key]) >= start), key=lambda r: _moment(r[key]))
        return name, fields, found

    def _page(self, number: int, start: int) -> Json:
        name, fields, found = self._asked[number]
        end = start + _PAGE
        shown = [
            {
                "attributes": {"type": name, "url": f"{_PATH}/sobjects/{name}/{record['Id']}"},
                **{field: record[field] for field in fields},
            }
            for record in found[start:end]
        ]
        page = {"totalSize": len(found), "done": end >= len(found), "records": shown}
        return page if end >= len(found) else {**page, "nextRecordsUrl": f"{_PATH}/query/{number}-{end}"}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(re.sub(r"Z$|\+0000$", "+00:00", text))


class _Handler(JsonHandler):
    org: Org

    def get(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {_ACCESS_TOKEN}":
            self.send(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}])
            return
        try:
            found = self.org.get(self.asked_path.removeprefix(_PATH), self.query.get("q", ""))
        except NotThere:
            self.send(400, [{"errorCode": "INVALID_TYPE", "message": f"not supported: {self.path}"}])
        else:
            self.send(200, found, {"Sforce-Limit-Info": "api-usage=18/15000"})

    def post(self) -> None:
        given = {name: values[0] for name, values in parse_qs(self.body().decode()).items()}
        known = {"grant_type": "refresh_token", "client_id": CLIENT, "client_secret": SECRET}
        token = given.pop("refresh_token", None)
        if self.path != "/services/oauth2/token" or given != known:
            self.send(400, {"error": "invalid_client_id"})
        elif token not in (REFRESH_TOKEN, NEXT_REFRESH_TOKEN):
            self.send(400, {"error": "invalid_grant", "error_description": "expired access/refresh token"})
        else:
            url = f"http://{self.headers['Host']}"
            tokens = {"access_token": _ACCESS_TOKEN, "refresh_token": NEXT_REFRESH_TOKEN}
            self.send(200, {**tokens, "instance_url": url, "token_type": "Bearer"})


class StandIn(JsonServer):
    """The server: ``with StandIn(Org()) as stand_in: stand_in.url``.

    It answers for the login as well, and gives another refresh token than the one it was asked with, as orgs
    do that rotate them. The tap writes it into its configuration.
    """

    def __init__(self, org: Org) -> None:
        super().__init__(type("Handler", (_Handler,), {"org": org}))
