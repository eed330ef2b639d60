"""The plainest writer: one POST after the other for each record of a feed, accounts before contacts.

Run by benchmarks.target_speed: python -m benchmarks.sequential_writer CONFIG.json < FEED
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import requests


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {config['api_key']}"
    session.headers["Lightfield-Version"] = "2026-03-01"
    ids: dict[str, str] = {}
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "RECORD":
            record = message["record"]
            body = _account(record) if message["stream"] == "accounts" else _contact(record, ids)
            url = f"{config['api_url']}/v1/{message['stream']}"
            answer = session.post(url, json={**body, "skipEnrichment": True}, timeout=60)
            answer.raise_for_status()
            ids[record["id"]] = answer.json()["id"]


def _account(record: dict[str, Any]) -> dict[str, Any]:
    return {"fields": {"$name": record["name"], "$website": record["website"]}}


def _contact(record: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    name = {"firstName": record["name"]["first_name"], "lastName": record["name"]["last_name"]}
    return {
        "fields": {"$name": name, "$email": record["email"]},
        "relationships": {"$account": [ids[id_] for id_ in record["account_ids"]]},
    }


if __name__ == "__main__":
    main()
