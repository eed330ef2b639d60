"""The command line of the campaign."""

from __future__ import annotations

import argparse
import sys

from benchmarks.campaign.campaign import KINDS, Campaign


def main() -> int:
    """Run rounds until the time is over, print what came of them; 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaign")
    parser.add_argument("--minutes", type=float, default=60, help="begin no round after this time")
    parser.add_argument("--rounds", type=int, help="end after so many rounds, if that is sooner")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; the next has the next")
    parser.add_argument("--workers", type=int, default=2, help="how many rounds at once")
    parser.add_argument("--only", choices=KINDS, help="rounds of one kind alone")
    options = parser.parse_args()
    kinds = (options.only,) if options.only else None
    campaign = Campaign(options.seed, kinds=kinds, workers=options.workers)
    campaign.run(minutes=options.minutes, rounds=options.rounds)
    campaign.print()
    return 1 if campaign.findings else 0


if __name__ == "__main__":
    sys.exit(main())
