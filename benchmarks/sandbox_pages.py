"""How fast the sandbox serves list pages, and what a large workspace costs.

Run: python benchmarks/sandbox_pages.py [--contacts 100000] [--seconds 10] [--connections 4]

The server runs in a process of its own, as `lightfield-sandbox serve`; this one reads pages of 25 contacts at
random offsets and at the deepest, over keep-alive connections.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

PAGE = 25


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=4)
    options = parser.parse_args()
    began = time.monotonic()
    command = [sys.executable, "-m", "lightfield_sandbox", "serve", "--port", "0", "--rate-limit", "0"]
    command += ["--contacts", str(options.contacts), "--accounts", str(options.accounts)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().rsplit("//", 1)[1].strip()
        key = server.stdout.readline().split()[2]
        print(f"{options.contacts:,} contacts ready after {time.monotonic() - began:.1f} s")
        try:
            measure(address, key, options)
            print(f"server memory {resident_mb(server.pid):,} MB")
        finally:
            server.terminate()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"server memory at its peak {peak:,} MB")


def measure(address: str, key: str, options: argparse.Namespace) -> None:
    last = max(0, options.contacts - PAGE)
    for name, offset in (("newest", 0), ("deepest", last), ("random", None)):
        pages = run(address, key, options, offset)
        print(f"{name:>8} offset: {pages / options.seconds:,.0f} pages of {PAGE} a second")


def run(address: str, key: str, options: argparse.Namespace, offset: int | None) -> int:
    counts = [0] * options.connections
    give_up = time.monotonic() + options.seconds

    def read(number: int) -> None:
        headers = {"Authorization": f"Bearer {key}", "Lightfield-Version": "2026-03-01"}
        chance = random.Random(number)
        connection = http.client.HTTPConnection(address)
        while time.monotonic() < give_up:
            at = chance.randrange(max(1, options.contacts - PAGE)) if offset is None else offset
            connection.request("GET", f"/v1/contacts?limit={PAGE}&offset={at}", headers=headers)
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, body
            if counts[number] == 0:
                assert len(json.loads(body)["data"]) == PAGE
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=read, args=(number,)) for number in range(options.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def resident_mb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    main()
