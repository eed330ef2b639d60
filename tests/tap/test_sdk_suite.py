"""The SDK's own suite for taps.

It makes its tests when it is imported, from the streams of a running tap; so it runs in a process of
its own, after the sandbox has started.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from lightfield_sandbox.http.server import Sandbox

_SUITE = """
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from tap_lightfield.tap import TapLightfield

TestTapLightfield = get_tap_test_class(
    TapLightfield, config={config}, suite_config=SuiteConfig(max_records_limit=None)
)
"""


def test_the_sdks_tap_suite_passes(sandbox: Sandbox, tmp_path: Path) -> None:
    config = {
        "api_key": sandbox.key,
        "api_url": sandbox.url,
        "start_date": "2000-01-01",
        "include_trashed": True,
        "email_bodies": True,
        "field_history": {"opportunities": ["$stage"], "object_subscription": ["plan"]},
        "workflow_run_ids": [*sandbox.workflow_runs()],
        "file_download_dir": str(tmp_path / "files"),
    }
    suite = tmp_path / "test_suite.py"
    suite.write_text(_SUITE.format(config=repr(config)))
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(tmp_path),
            str(suite),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    passed = re.search(r"(\d+) passed", result.stdout)
    # Five for the tap, seven for each stream, and one for most of the columns.
    assert passed is not None
    assert int(passed[1]) > 5 + 7 * 21
    assert "failed" not in result.stdout
    assert "skipped" not in result.stdout
