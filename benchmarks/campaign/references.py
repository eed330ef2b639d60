"""Which rows of a source there are for others to refer to, and which of them a row refers to."""

from __future__ import annotations

import random
from dataclasses import dataclass

DELETABLE = ("contacts", "tasks", "notes", "object_subscription")
_NEVER = "k99999"


@dataclass(frozen=True)
class Character:
    """What the settings of the target let a feed do.

    Attributes:
        size: How many rows a stream has, about.
        exact_links: Links that a row lacks are removed.
        deletions: Rows are deleted in the source, and their records trashed.
        changes: Rows change from one generation to the next.
    """

    size: int = 12
    exact_links: bool = False
    deletions: bool = False
    changes: bool = True


class References:
    """What the columns of a row take from the rest of its source.

    Attributes:
        members: The emails of the workspace's members, sorted.
        keys: The keys of the rows of each stream.
        list_types: By the key of a list, the type of record that is on it.
        character: What the settings of the target let the feed do.
        ambiguous: The key of the account that could be two in the workspace.
    """

    def __init__(
        self, members: list[str], keys: dict[str, list[str]], list_types: dict[str, str], character: Character
    ) -> None:
        self.members, self.keys, self.list_types, self.character = members, keys, list_types, character
        self.ambiguous = keys["accounts"][3]

    def one(self, stream: str, still: random.Random, moving: random.Random) -> str:
        """The reference of a relationship to one; one in thirty to a row that never comes.

        A link waits for what never comes, and until then the one before it stays: that would depend on
        the generations before. So what may not come, or be deleted, is referred to from the start.
        """
        never, sure = still.random() < 0.03, self.sure(stream)
        first, then = still.choice(sure), moving.choice(sure)
        if never:
            return _NEVER
        return first if self.character.deletions and stream in DELETABLE else then

    def sure(self, stream: str) -> list[str]:
        """The keys of the rows that come, whatever the settings: not of the account that could be two."""
        return [key for key in self.keys[stream] if key != self.ambiguous]

    def many(self, stream: str, still: random.Random, moving: random.Random) -> list[str]:
        """References of a relationship to many."""
        chance = moving if self.character.exact_links else still
        return chance.choices([*self.keys[stream], _NEVER], k=chance.randint(0, 4))

    def member(self, chance: random.Random) -> str:
        """A member, by the email or by the key of the source."""
        n = chance.randrange(len(self.members))
        return chance.choice((self.members[n], f"m{n}"))
