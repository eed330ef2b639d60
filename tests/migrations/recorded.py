"""The recorded feeds of the three CRMs, with the presets that move them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.migrations.hubspot import expected as of_hubspot
from tests.migrations.pipedrive import expected as of_pipedrive
from tests.migrations.salesforce import expected as of_salesforce

Json = dict[str, Any]

_REPOSITORY = Path(__file__).parents[2]
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Recorded:
    """A recorded feed.

    Attributes:
        name: The CRM.
        path: The feed.
        expected: What must be in a workspace, by object type and name.
        sandbox: The options of the workspace that it is loaded into.
        assignee: The setting ``default_assignee``.
    """

    name: str
    path: Path
    expected: Json
    sandbox: Json
    assignee: str

    @property
    def preset(self) -> str:
        """The user's file that moves it."""
        return str(_REPOSITORY / "examples" / self.name / "my_preset.yml")

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8").rstrip("\n")

    def messages(self) -> Iterator[Json]:
        return map(json.loads, self.text.splitlines())

    def by_stream(self) -> Sequence[Sequence[Json]]:
        """The messages of each stream, in the feed's order, without the states."""
        streams: dict[str, list[Json]] = {}
        for message in self.messages():
            if message["type"] != "STATE":
                streams.setdefault(message["stream"], []).append(message)
        return list(streams.values())


def _recorded(name: str, path: Path, expected: Any) -> Recorded:
    return Recorded(name, path, expected.EXPECTED, expected.SANDBOX, expected.DEFAULT_ASSIGNEE)


RECORDED = (
    _recorded("hubspot", _REPOSITORY / "examples" / "hubspot" / "feed.jsonl", of_hubspot),
    _recorded("salesforce", _HERE / "salesforce" / "feed.jsonl", of_salesforce),
    _recorded("pipedrive", _HERE / "pipedrive" / "feed.jsonl", of_pipedrive),
)
