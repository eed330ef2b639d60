"""The plainest reader: a loop over the pages with requests, printing each record.

Run by benchmarks.tap_speed: python -m benchmarks.requests_loop CONFIG.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import requests

PAGE = 25


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {config['api_key']}"
    session.headers["Lightfield-Version"] = "2026-03-01"
    offset = 0
    while True:
        url = f"{config['api_url']}/v1/contacts?limit={PAGE}&offset={offset}"
        page = session.get(url, timeout=60).json()["data"]
        for record in page:
            print(json.dumps(record))
        if len(page) < PAGE:
            return
        offset += PAGE


if __name__ == "__main__":
    main()
