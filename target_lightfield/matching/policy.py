"""What the settings say of one object type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["upsert", "create_only", "update_only"]
OnAmbiguous = Literal["reject", "first"]
OnDeleted = Literal["leave", "recreate"]
BadValues = Literal["leave_out", "reject"]
OnTaken = Literal["without", "reject", "first"]


@dataclass(frozen=True)
class Policy:
    """What the settings say of one object type.

    Attributes:
        mode: Whether records are created and updated, only created, or only updated.
        on_ambiguous: What becomes of a row that matches several records.
        exact_links: ``relationship_mode: replace``: links that a row does not have end.
        on_deleted: What becomes of a row whose record a person has deleted or merged.
        bad_values: Whether a value that can't be written is left out, or its row is rejected.
        taken: What becomes of a row with a unique value that another record has.
    """

    mode: Mode = "upsert"
    on_ambiguous: OnAmbiguous = "reject"
    exact_links: bool = False
    on_deleted: OnDeleted = "leave"
    bad_values: BadValues = "reject"
    taken: OnTaken = "reject"

    @property
    def leaves_out(self) -> bool:
        """Whether a value that can't be written is left out of its record."""
        return self.bad_values == "leave_out"
