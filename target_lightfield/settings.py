"""The target's settings."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from lightfield_api.client import API_URL
from target_lightfield.files_of_runs import default_of

_MODE = ["upsert", "create_only", "update_only"]

SETTINGS: dict[str, Any] = th.PropertiesList(
    th.Property(
        "api_key",
        th.StringType,
        required=True,
        secret=True,
        description="The API key of the workspace, from Settings → API keys.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        default=API_URL,
        description="Where the API is; https, or http on this machine.",
    ),
    th.Property(
        "requests_per_second",
        th.NumberType(exclusive_minimum=0),
        description="A ceiling for each rate-limit category, below what Lightfield grants.",
    ),
    th.Property(
        "max_concurrency",
        th.IntegerType(minimum=1),
        default=32,
        description="The most rows that are loaded at once, and the most pages of a list in flight at once.",
    ),
    th.Property(
        "mode",
        th.StringType(allowed_values=_MODE),
        default="upsert",
        description="Whether records are created and updated, only created, or only updated.",
    ),
    th.Property(
        "objects",
        th.ObjectType(
            additional_properties=th.ObjectType(
                th.Property(
                    "match_on",
                    th.ArrayType(th.StringType),
                    description="The columns that tell which record is meant, the most telling first.",
                ),
                th.Property(
                    "mode", th.StringType(allowed_values=_MODE), description="The mode of this object."
                ),
                th.Property(
                    "defaults",
                    th.ObjectType(additional_properties=True),
                    description="Column values for records that have none.",
                ),
                additional_properties=False,
            )
        ),
        description="Settings of single objects, by stream: match_on, mode, defaults; for example "
        '{"accounts": {"match_on": ["custom_erp_id"]}}.',
    ),
    th.Property(
        "on_ambiguous",
        th.StringType(allowed_values=["reject", "first"]),
        default="reject",
        description="Whether a record that matches several is rejected or the oldest is taken.",
    ),
    th.Property(
        "relationship_mode",
        th.StringType(allowed_values=["add", "replace"]),
        default="add",
        description="Whether links are added, or exactly those of the row remain.",
    ),
    th.Property(
        "delete_mode",
        th.StringType(allowed_values=["ignore", "trash"]),
        default="ignore",
        description="Whether records with _sdc_deleted_at are left alone or moved to the trash.",
    ),
    th.Property(
        "on_deleted",
        th.StringType(allowed_values=["leave", "recreate"]),
        default="leave",
        description="Whether what was deleted or merged in Lightfield stays so when its row changes.",
    ),
    th.Property(
        "unknown_columns",
        th.StringType(allowed_values=["error", "ignore"]),
        default="error",
        description="Whether a column that matches no field ends the run or is ignored.",
    ),
    th.Property(
        "unknown_streams",
        th.StringType(allowed_values=["error", "ignore"]),
        default="error",
        description="Whether a record of a stream that nobody knows ends the run or is ignored.",
    ),
    th.Property(
        "skip_enrichment",
        th.BooleanType,
        default=True,
        description="Create accounts and contacts without Lightfield's metered enrichment.",
    ),
    th.Property(
        "auto_create_records",
        th.BooleanType,
        default=False,
        description="Let Lightfield make accounts and contacts of unknown people in meetings and emails.",
    ),
    th.Property(
        "preset",
        th.StringType,
        description="The preset for another CRM's feed: hubspot, salesforce, pipedrive, csv, or a YAML file.",
    ),
    th.Property(
        "bad_values",
        th.StringType(allowed_values=["leave_out", "reject"]),
        description="Whether a value that its field can't take is left out of its record, or the record is "
        "rejected. Default: leave_out with a preset, else reject.",
    ),
    th.Property(
        "taken",
        th.StringType(allowed_values=["without", "reject", "first"]),
        description="Whether a record with a unique value that another one has is written without it, is "
        "rejected, or becomes that other one. Default: without with a preset, else reject.",
    ),
    th.Property(
        "file_upload_dir",
        th.StringType,
        description="The folder that files are uploaded from; without it files are ignored.",
    ),
    th.Property(
        "dry_run",
        th.BooleanType,
        default=False,
        description="Write nothing, and say what would be written.",
    ),
    th.Property(
        "verify",
        th.BooleanType,
        default=False,
        description="Write nothing, and compare every row with the workspace as it is now.",
    ),
    th.Property(
        "default_assignee",
        th.StringType,
        description="The email of the member to whom tasks without assignee are assigned.",
    ),
    th.Property(
        "id_map",
        th.StringType,
        default=default_of("id_map"),
        description="The SQLAlchemy URL of the database, SQLite or Postgres, that remembers what was "
        "written: keep it. It holds personal data.",
    ),
    th.Property(
        "keep_journal_days",
        th.IntegerType(minimum=0),
        default=90,
        description="For how many days what a run wrote is kept, so that it can be undone; 0 for none.",
    ),
    th.Property(
        "rejects_path",
        th.StringType,
        default=default_of("rejects_path"),
        description="The file to which rejected records are appended, whole: it holds personal data.",
    ),
    th.Property(
        "left_over_path",
        th.StringType,
        default=default_of("left_over_path"),
        description="The file that has every value of the source which went nowhere, and why: it holds "
        "personal data.",
    ),
    th.Property(
        "report_path",
        th.StringType,
        description="Where the report of the run is written, as .json and as .html.",
    ),
    th.Property(
        "max_rejects",
        th.IntegerType(minimum=0),
        default=0,
        description="Exit with status 1 when more records than this were rejected.",
    ),
).to_dict()
