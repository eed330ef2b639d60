"""What the SDK's template gives: a RESTStream that reads one page after the other.

Run by benchmarks.tap_speed: python -m benchmarks.sequential_tap CONFIG.json CATALOG.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, ClassVar

import requests
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseOffsetPaginator

from lightfield_api.columns import Role, columns_of
from lightfield_api.definitions import ObjectDefinitions

PAGE = 25


class Contacts(RESTStream[int]):
    name = "contacts"
    path = "/v1/contacts"
    primary_keys = ("id",)
    replication_key = "updated_at"
    records_jsonpath = "$.data[*]"

    @property
    def url_base(self) -> str:
        return str(self.config["api_url"])

    @property
    def http_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.config['api_key']}", "Lightfield-Version": "2026-03-01"}

    def get_new_paginator(self) -> BaseOffsetPaginator:
        class Offset(BaseOffsetPaginator):
            def has_more(self, response: Any) -> bool:
                return len(response.json()["data"]) == PAGE

        return Offset(0, PAGE)

    def get_url_params(self, context: Any, next_page_token: int | None) -> dict[str, Any]:  # noqa: ARG002
        return {"limit": PAGE, "offset": next_page_token or 0}

    def post_process(self, row: dict[str, Any], context: Any = None) -> dict[str, Any]:  # noqa: ARG002
        found: dict[str, Any] = {}
        for column in self._tap.columns:
            if column.role is Role.ENVELOPE:
                found[column.name] = row.get(column.key)
            elif column.field is not None:
                value = (row["fields"].get(column.key) or {}).get("value")
                found[column.name] = (
                    self._label(column, value) if column.role is Role.LABEL else self._value(value)
                )
            else:
                values = (row["relationships"].get(column.key) or {}).get("values") or []
                found[column.name] = values if column.is_array else next(iter(values), None)
        return found

    @staticmethod
    def _label(column: Any, value: Any) -> Any:
        if isinstance(value, list):
            return [column.field.labels.get(item) for item in value]
        return column.field.labels.get(value)

    @staticmethod
    def _value(value: Any) -> Any:
        names = {"firstName": "first_name", "lastName": "last_name", "postalCode": "postal_code"}
        return {names.get(k, k): v for k, v in value.items()} if isinstance(value, dict) else value


class SequentialTap(Tap):
    name = "tap-sequential"
    config_jsonschema = th.PropertiesList(
        th.Property("api_key", th.StringType, required=True), th.Property("api_url", th.StringType)
    ).to_dict()
    schema: ClassVar[dict[str, Any]] = {}
    columns: ClassVar[list[Any]] = []

    def discover_streams(self) -> list[Contacts]:
        return [Contacts(self, schema=self.schema)]


def main() -> None:
    config, catalog = (json.loads(Path(path).read_text()) for path in sys.argv[1:3])
    entry = next(stream for stream in catalog["streams"] if stream["stream"] == "contacts")
    SequentialTap.schema = entry["schema"]
    SequentialTap.columns = list(columns_of(ObjectDefinitions.from_json(_definitions(config))))
    SequentialTap(config=config).sync_all()


def _definitions(config: dict[str, str]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {config['api_key']}", "Lightfield-Version": "2026-03-01"}
    url = f"{config['api_url']}/v1/contacts/definitions"
    return dict(requests.get(url, headers=headers, timeout=60).json())


if __name__ == "__main__":
    main()
