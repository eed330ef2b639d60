"""The tap's settings, and the checks that JSON Schema can't make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timezone
from typing import Any

from singer_sdk import typing as th

from lightfield_api.client import API_URL
from lightfield_api.values import parse_datetime
from tap_lightfield.errors import ConfigError

_PASSED_OVER_BY_BATCHES = ("stream_maps", "flattening_enabled")
"""Settings that the SDK applies to rows, and to the schema, but not to the rows of batches."""

_TEN_YEARS = 10 * 365 * 24 * 3600

SETTINGS: dict[str, Any] = th.PropertiesList(
    th.Property(
        "api_key",
        th.StringType,
        required=True,
        secret=True,
        title="API key",
        description="A Lightfield API key (sk_lf_…), from Settings → API keys.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        default=API_URL,
        title="API URL",
        description="Where the API is: https, or http for a server on this machine.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="Records last changed before this moment are never read.",
    ),
    th.Property(
        "lookback_window",
        th.IntegerType(minimum=0, maximum=_TEN_YEARS),
        default=600,
        title="Lookback window",
        description=(
            "Seconds before the bookmark that an incremental run reads again, because Lightfield's "
            "lists show a change only some time after it was made."
        ),
    ),
    th.Property(
        "include_trashed",
        th.BooleanType,
        default=False,
        title="Include trashed records",
        description=(
            "Read the trash, too: its records come with the time of their deletion in _sdc_deleted_at. "
            "Needs the restore scope of each stream."
        ),
    ),
    th.Property(
        "email_bodies",
        th.BooleanType,
        default=False,
        title="Email bodies",
        description="Retrieve each email for its HTML body, the column body: one more call for each.",
    ),
    th.Property(
        "sequence_message_content",
        th.BooleanType,
        default=False,
        title="Sequence message content",
        description=(
            "Retrieve each sequence message for its subject and text, the column content: one more call for "
            "each."
        ),
    ),
    th.Property(
        "field_history",
        th.ObjectType(additional_properties=th.ArrayType(th.StringType)),
        title="Field history",
        description=(
            'The fields whose history is read, by stream: {"opportunities": ["$stage"]}. '
            "One call for each changed record and field."
        ),
    ),
    th.Property(
        "workflow_run_ids",
        th.ArrayType(th.StringType),
        title="Workflow run IDs",
        description="The workflow runs whose status is read: Lightfield does not list them.",
    ),
    th.Property(
        "file_download_dir",
        th.StringType,
        title="File download folder",
        description="Where the content of files is saved, as {id}/{name}; without it nothing is downloaded.",
    ),
    th.Property(
        "full_sweep",
        th.ArrayType(th.StringType),
        title="Full sweep",
        description=(
            "Streams of which this run writes everything instead of what is new, and lets the loader take "
            "away what is no longer there."
        ),
    ),
    th.Property(
        "use_singer_decimal",
        th.BooleanType,
        default=False,
        title="Use singer decimal",
        description=(
            "Write the numbers and amounts of fields as text in the format x-singer.decimal, of which the "
            "loaders made with Meltano's SDK make exact decimals with 9 digits after the point."
        ),
    ),
    th.Property(
        "requests_per_second",
        th.NumberType(exclusive_minimum=0),
        title="Requests per second",
        description="A ceiling below the rate limit that Lightfield grants, which is used fully otherwise.",
    ),
    th.Property(
        "max_concurrency",
        th.IntegerType(minimum=1, maximum=1000),
        default=32,
        title="Maximum concurrency",
        description="How many requests may be under way at once.",
    ),
).to_dict()
"""The JSON Schema of the settings, without those that the SDK adds."""


def api_url_in(config: Mapping[str, Any]) -> str:
    """Return the URL of the API."""
    return config.get("api_url") or API_URL


def prepared(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration in the form that the schema and the SDK take.

    Raises:
        ConfigError: ``start_date`` is no date-time, or a setting says what batches are written without.
    """
    result = dict(config)
    for name in _PASSED_OVER_BY_BATCHES:
        if result.get("batch_config") and result.get(name):
            raise ConfigError(
                f"The settings batch_config and {name} can't go together: batches would be written "
                f"without {name}. Take one of the two out."
            )
    if not result.get("start_date"):
        result.pop("start_date", None)
        return result
    try:
        parse_datetime(str(result["start_date"])).astimezone(timezone.utc)
    except (OverflowError, ValueError):
        raise ConfigError(
            f"The setting start_date is {result['start_date']!r}: it must be a date-time "
            "like 2025-01-31T00:00:00Z."
        ) from None
    return result
