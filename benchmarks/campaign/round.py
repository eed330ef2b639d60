"""One round: its seed, its folder, what it counts and what it finds."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

DONE = ("rounds", "runs", "kills", "faults", "lag and short pages", "edits by others", "hostile inputs",
        "hostile answers")  # fmt: skip
"""What a round tries, in the order of the table."""

FOUND = ("lost", "doubled", "leaked", "traceback", "hang", "wrong")
"""What a round can find. ``wrong`` is a claim that is not true: of success, of a count, of an error."""


@dataclass(frozen=True)
class Finding:
    """Something that must not be, and how to see it again."""

    kind: str
    seed: int
    what: str
    text: str

    @property
    def again(self) -> str:
        """The command that repeats the round."""
        return f"python -m benchmarks.campaign --seed {self.seed} --only {self.kind} --rounds 1"


@dataclass
class Round:
    """What a round is given, and what it gives back.

    Attributes:
        folder: An empty folder; what lies below ``left`` in it is searched for secrets at the end.
        secrets: Patterns of texts that no run may leave behind.
    """

    kind: str
    seed: int
    folder: Path
    tally: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.kind}:{self.seed}")
        self.left = self.folder / "left"
        self.left.mkdir(parents=True)

    def find(self, what: str, text: str) -> None:
        """Note something that must not be, once."""
        finding = Finding(self.kind, self.seed, what, text)
        if finding not in self.findings:
            self.findings.append(finding)

    def search_for_secrets(self) -> None:
        """Look through all that the runs have left behind."""
        for path in sorted(p for p in self.left.rglob("*") if p.is_file() and not p.is_symlink()):
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # a database's own, which goes when its last user does
                continue
            for secret in self.secrets:
                if found := re.search(secret.encode(), content):
                    at = found.start()
                    line = content[max(0, at - 120) : at].rpartition(b"\n")[2].decode(errors="replace")
                    self.find("leaked", f"{path.relative_to(self.left)} holds a secret, after {line!r}")
