"""Presets written for a test, as a user's file or as the built-in ones."""

from __future__ import annotations

from pathlib import Path

from target_lightfield.presets.preset import Preset
from target_lightfield.presets.reading import read_preset

BASE = """\
preset: 1
name: Acme CRM
values_in: properties
separator: ";"
lookups:
  stages: {stream: pipelines, each: stages, key: stageId, value: label, within: pipelineId}
links:
  deal_companies: {of: deals, key: from_id, column: account_id, record: companies, is: to_id}
streams:
  owners: {to: members, columns: {email: email}}
  companies: {to: accounts, columns: {name: name}}
  deals:
    to: opportunities
    skip_when: archived
    columns:
      name: dealname
      stage: {from: dealstage, lookup: stages, map: {Closed Won: Won}}
      owner_id: {from: owner, record: owners}
  meetings:
  - to: meetings
    when: datetime(ends) <= now()
    columns: {title: subject}
  - to: tasks
    when: datetime(ends) > now()
    columns: {title: subject}
not_carried: {attachments: the tap brings no content}
"""


def built_in(folder: Path, **texts: str) -> Path:
    """Return a folder with built-in presets."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def read(folder: Path, text: str | bytes, **built_ins: str) -> Preset:
    """Return what a user's file says."""
    file = folder / "my.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_preset(str(file), built_in(folder / "built_in", **built_ins))
