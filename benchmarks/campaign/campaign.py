"""Which rounds are run, in how many processes, and the table of what came of them."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

from benchmarks.campaign.extract import extract
from benchmarks.campaign.hostile_answers import hostile_answers
from benchmarks.campaign.hostile_input import hostile_input
from benchmarks.campaign.load import load
from benchmarks.campaign.meddle import meddle
from benchmarks.campaign.round import DONE, FOUND, Finding, Round
from benchmarks.campaign.runs import ZYGOTE

ROUNDS: Mapping[str, Callable[[Round], None]] = {
    "load": load,
    "extract": extract,
    "meddle": meddle,
    "hostile-input": hostile_input,
    "hostile-answers": hostile_answers,
}
KINDS = tuple(ROUNDS)
_ORDER = ("load", "hostile-input", "extract", "hostile-input", "hostile-answers", "hostile-input", "meddle",
          "hostile-input")  # fmt: skip
KEEP = "CAMPAIGN_KEEP"
"""With this in the environment the folders of rounds stay, to be looked at."""
_LONGEST_TEXT = 400
_SHOWN = 8


def run_round(kind: str, seed: int) -> tuple[str, Counter[str], list[Finding]]:
    """Run one round in a folder of its own, which is deleted."""
    folder = Path(tempfile.mkdtemp(prefix=f"campaign-{kind}-{seed}-"))
    round_ = Round(kind, seed, folder)
    began = time.monotonic()
    logging.getLogger("uvicorn.error").disabled = True  # it tells of each client that was killed
    try:
        ROUNDS[kind](round_)
        round_.search_for_secrets()
    except Exception as e:  # noqa: BLE001 - a round that can't be judged is one finding, and the others go on
        last = traceback.extract_tb(e.__traceback__)[-1]
        round_.find("wrong", f"the round itself broke off with {e!r:.200} in {last.name}, {last.filename}")
    finally:
        if KEEP not in os.environ:
            shutil.rmtree(folder, ignore_errors=True)
    round_.tally["rounds"] += 1
    round_.tally["seconds"] += round(time.monotonic() - began)
    return kind, round_.tally, round_.findings


class Campaign:
    """Rounds of all kinds in turn, each with the seed after that of the one before.

    Args:
        seed: The seed of the first round.
        kinds: The kinds in their order; without, all.
        workers: How many processes run rounds; none for this one alone.
    """

    def __init__(self, seed: int, *, kinds: tuple[str, ...] | None = None, workers: int = 0) -> None:
        self._seed, self._kinds, self._workers = seed, kinds or _ORDER, workers
        self.tallies: dict[str, Counter[str]] = defaultdict(Counter)
        self.findings: list[Finding] = []
        self._began = time.monotonic()

    def run(self, *, minutes: float = 60, rounds: int | None = None) -> None:
        """Run rounds until the time is over, or so many."""
        self._began = time.monotonic()
        end = self._began + minutes * 60
        planned = self._plan(end, rounds)
        if not self._workers:
            for kind, seed in planned:
                self._take(*run_round(kind, seed))
            ZYGOTE.close()
            return
        with ProcessPoolExecutor(self._workers, get_context("spawn")) as pool:
            under_way: set[Future[tuple[str, Counter[str], list[Finding]]]] = set()
            for kind, seed in planned:
                under_way.add(pool.submit(run_round, kind, seed))
                if len(under_way) == self._workers:
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._take(*future.result())
            for future in under_way:
                self._take(*future.result())

    def _plan(self, end: float, rounds: int | None) -> Iterator[tuple[str, int]]:
        n = 0
        while time.monotonic() < end and (rounds is None or n < rounds):
            yield self._kinds[n % len(self._kinds)], self._seed + n
            n += 1

    def _take(self, kind: str, tally: Counter[str], findings: list[Finding]) -> None:
        self.tallies[kind].update(tally)
        self.findings += findings
        for finding in findings[:_SHOWN]:
            print(f"{finding.what}: {finding.text[:_LONGEST_TEXT]}\n    {finding.again}", flush=True)
        if len(findings) > _SHOWN:
            print(f"    and {len(findings) - _SHOWN} more of this round", flush=True)

    def print(self) -> None:
        """Print the table: a column a kind, and all together."""
        kinds = [kind for kind in KINDS if kind in self.tallies]
        found = {kind: Counter(f.what for f in self.findings if f.kind == kind) for kind in kinds}
        lines = [["", *kinds, "all"]]
        for name, of in [*((n, self.tallies) for n in (*DONE, "seconds")), *((n, found) for n in FOUND)]:
            numbers = [of[kind][name] for kind in kinds]
            lines.append([name, *(f"{n:,}" for n in (*numbers, sum(numbers)))])
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        print(f"\n{time.monotonic() - self._began:,.0f} seconds, seeds from {self._seed}\n")
        for line in lines:
            print(
                "  ".join(
                    cell.rjust(w) if i else cell.ljust(w)
                    for i, (cell, w) in enumerate(zip(line, widths, strict=True))
                )
            )
