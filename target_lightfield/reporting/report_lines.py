"""What the log says of each stream at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lightfield_api.words import count
from target_lightfield.reporting.outcome import Outcome

# The log names these only where there are any.
_SAID_IF_ANY = {Outcome.TRASHED, Outcome.REMOVED, Outcome.SKIPPED, Outcome.GONE, Outcome.KEPT}

_MOST_COLUMNS_SAID = 30


def counts(outcomes: Mapping[str, Mapping[Outcome, int]]) -> Iterator[str]:
    """Yield a line a stream: ``accounts: 3 created, 1 updated, 1 unchanged, 0 rejected, 0 waiting``.

    Args:
        outcomes: How many records of each stream had each outcome, those that none had left out.
    """
    for name, numbers in outcomes.items():
        if numbers:
            # Of a stream of which nothing is written there is no more to say.
            rest = () if set(numbers) <= {Outcome.SKIPPED, Outcome.KEPT} else set(Outcome) - _SAID_IF_ANY
            said = [o for o in Outcome if o in rest or numbers.get(o)]
            yield f"{name}: " + ", ".join(f"{numbers.get(o, 0)} {o.value}" for o in said)


def details(streams: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield what the counts leave out: the columns that updates change, the enrichments billed.

    Args:
        streams: What the report has of each stream.
    """
    for name, stream in streams.items():
        if changed := list(stream["changed_fields"].items())[:_MOST_COLUMNS_SAID]:
            yield f"{name}: changed in updates: " + ", ".join(f"{column} ({n})" for column, n in changed)
        if billed := stream["enrichments_billed"]:
            yield f"{name}: {count('enrichment', billed)} that Lightfield bills"
        if matched := stream["doubtful_matches"]["count"]:
            yield (
                f"{name}: {matched} matched though a name or a website differs: the report (report_path) "
                "says which"
            )
