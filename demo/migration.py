"""Moving the recorded HubSpot portal of ``examples/hubspot``: the plan, the load, and what is left over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.loading import Load, load
from demo.pipeline import REPOSITORY
from demo.sandbox import Sandbox

PORTAL = REPOSITORY / "examples" / "hubspot" / "feed.jsonl"
PRESET = REPOSITORY / "examples" / "hubspot" / "my_preset.yml"
ASSIGNEE = "ada.okafor@lightfield-demo.example"
"""Who gets the tasks that HubSpot has nobody for: a member of every sandbox."""


@dataclass(frozen=True)
class Migration:
    """One run of target-lightfield with a preset.

    Attributes:
        load: What became of the records.
        plan: What the report says that a person has to do first.
        missing_members: Who is to be invited, with how many records refer to each.
        left_over: The lines of the left-over file.
        page: The report as a page.
    """

    load: Load
    plan: Mapping[str, Any]
    missing_members: Mapping[str, int]
    left_over: list[Mapping[str, Any]]
    page: Path


def migrate(folder: Path, sandbox: Sandbox, name: str, *, dry_run: bool = False) -> Migration:
    """Move the portal into the sandbox.

    Args:
        folder: Where the id map is, kept from run to run, and this run's files.
        sandbox: Where the records go.
        name: What this run's files are called.
        dry_run: Whether nothing is written.

    Raises:
        LoadFailed: With the end of the target's log.
    """
    left_over, report = folder / f"{name}-left-over.jsonl", folder / f"{name}-report"
    settings = {
        "TARGET_LIGHTFIELD_PRESET": str(PRESET),
        "TARGET_LIGHTFIELD_DEFAULT_ASSIGNEE": ASSIGNEE,
        "TARGET_LIGHTFIELD_DRY_RUN": str(dry_run).lower(),
        "TARGET_LIGHTFIELD_LEFT_OVER_PATH": str(left_over),
        "TARGET_LIGHTFIELD_REPORT_PATH": str(report),
    }
    loaded = load(folder, sandbox, name, PORTAL, settings)
    said = json.loads(report.with_suffix(".json").read_text())
    members = {one["member"]: one["records"] for one in said["missing_members"]}
    lines = left_over.read_text().splitlines() if left_over.exists() else []
    left = [json.loads(line) for line in lines]
    return Migration(loaded, said["plan"], members, left, report.with_suffix(".html"))
