"""What starts the example every night, as it stands in its file, but for where the project is."""

from __future__ import annotations

import configparser
import fcntl
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from demo.postgres import Postgres
from tests.end_to_end.operations.conftest import Alerts, url_of
from tests.end_to_end.operations.machines import SECONDS, Machine, inherited
from tests.end_to_end.operations.page import EXAMPLES, commands, headings_with_commands, placed
from tests.migrations.environments import environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("operations")]

AIRFLOW = "apache-airflow==3.3.2"
VALIDATORS = {"kubernetes": "kubernetes-validate==1.37.0", "github": "check-jsonschema==0.39.0"}

_LITTLE = {"HOME": "/", "LOGNAME": "lightfield"}  # what cron and systemd give, beside what their files say


@pytest.fixture
def runs(postgres_server: Postgres, databases: Mapping[str, str]) -> Callable[[], list[tuple[str, str]]]:
    """Meltano's own record of its runs: the pipeline with its environment, and how it ended."""
    url = postgres_server.url.replace("/postgres?", "/meltano?")

    def read() -> list[tuple[str, str]]:
        with psycopg.connect(url) as connection:
            if not connection.execute("SELECT to_regclass('runs')").fetchone()[0]:  # type: ignore[index]
                return []
            return list(connection.execute("SELECT job_name, state FROM runs ORDER BY started_at").fetchall())

    return read


def _both(workspace: str) -> list[tuple[str, str]]:
    return [
        (f"{workspace}:tap-source-to-target-lightfield", "SUCCESS"),
        (f"{workspace}:tap-lightfield-to-target-postgres", "SUCCESS"),
    ]


def test_every_command_of_the_page_is_in_one_of_these_tests() -> None:
    assert headings_with_commands() == {
        "Set up",
        "What has to outlive the machine",
        "cron",
        "systemd",
        "GitHub Actions",
        "Airflow",
        "Kubernetes",
        "One key or two",
    }


def test_by_hand_and_with_a_ceiling(machine: Callable[..., Machine], runs: Callable[[], Any]) -> None:
    lightfield = machine()
    before = runs()
    _, by_hand = commands("Set up")
    (with_ceiling,) = commands("One key or two")
    places = {"/srv/lightfield": lightfield.folder}

    done = lightfield.run(["bash", "-euc", placed(by_hand + with_ceiling, places)])

    assert done.returncode == 0, done.stdout
    assert runs()[len(before) :] == _both("acme")

    (take_back,) = commands("What has to outlive the machine")
    done = lightfield.run(["bash", "-euc", placed(take_back, places)])

    assert re.search(r"^ +\d+  load .* 0 writes  done$", done.stdout, re.MULTILINE), done.stdout
    assert "The id map has no load that wrote anything" in done.stdout  # both have the same records


class TestCron:
    def test_two_workspaces_run_side_by_side(
        self,
        machine: Callable[..., Machine],
        alerts: Alerts,
        runs: Callable[[], Any],
        postgres_server: Postgres,
        tmp_path: Path,
    ) -> None:
        lightfield = machine()
        before = runs()
        entries = list(_crontab(lightfield, tmp_path))
        started = [
            subprocess.Popen(
                [env["SHELL"], "-c", command], env={**_LITTLE, **env}, cwd="/",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            for env, command in entries
        ]  # fmt: skip
        ended = [(process.communicate(timeout=SECONDS)[0], process.returncode) for process in started]

        assert ended == [(b"", 0), (b"", 0)], _logs(lightfield)
        assert alerts.texts == []
        assert sorted(runs()[len(before) :]) == sorted(_both("acme") + _both("globex"))
        for workspace in ("acme", "globex"):
            assert {"report.json", "run.lock"} < {
                path.name for path in (lightfield.files / workspace).iterdir()
            }
            warehouse = url_of(postgres_server, "warehouse").replace("+psycopg", "")
            with psycopg.connect(warehouse) as connection:
                found = connection.execute(f"SELECT count(*) FROM {workspace}.contacts".encode()).fetchone()
            assert found == (15,)
        for log in lightfield.files.glob("*/*.log"):
            assert lightfield.settings["ACME_API_KEY"] not in log.read_text()

    def test_a_run_that_fails_alerts_and_one_that_meets_another_does_nothing(
        self, machine: Callable[..., Machine], alerts: Alerts, runs: Callable[[], Any], tmp_path: Path
    ) -> None:
        lightfield = machine()
        lightfield.write_env(TAP_SOURCE_API_KEY="sk_lf_wrong")
        (env, command), _ = _crontab(lightfield, tmp_path)
        before = runs()

        failed = lightfield.run([env["SHELL"], "-c", command], env={**_LITTLE, **env})

        assert failed.returncode == 1
        (alert,) = alerts.texts
        (log,) = (lightfield.files / "acme").glob("*.log")
        assert re.fullmatch(rf"Lightfield: acme load warehouse ended with status 1 on \S+; see {log}", alert)
        assert "Lightfield refused the API key" in log.read_text()
        assert all(state == "FAIL" for _, state in runs()[len(before) :])

        with (lightfield.files / "acme" / "run.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            met = lightfield.run([env["SHELL"], "-c", command], env={**_LITTLE, **env})
        assert (met.returncode, met.stdout) == (75, "The run before is still going on\n")
        assert len(alerts.texts) == 1


def test_systemd(
    machine: Callable[..., Machine], alerts: Alerts, runs: Callable[[], Any], tmp_path: Path
) -> None:
    lightfield = machine()
    units = tmp_path / "units"
    units.mkdir()
    before = runs()
    programs = _programs(tmp_path, systemctl=_SYSTEMCTL)
    (script,) = commands("systemd")
    places = {"/srv/lightfield": lightfield.folder, "/etc/systemd/system": units}
    env = {**inherited(), "UNITS": str(units), "PATH": f"{programs}:{os.environ['PATH']}"}
    done = lightfield.run(["bash", "-euc", placed(script, places)], env=env)
    assert done.returncode == 0, done.stdout

    service = _unit(units / "lightfield@.service", i="acme", n="lightfield@acme.service")
    started = lightfield.run(shlex.split(service["ExecStart"]), env=_environment(service))
    assert started.returncode == 0, started.stdout
    assert runs()[len(before) :] == _both("acme")

    failing = service["OnFailure"].removeprefix("lightfield-alert@").removesuffix(".service")
    alert = _unit(units / "lightfield-alert@.service", i=failing, H="host")
    told = lightfield.run(shlex.split(alert["ExecStart"]), env=_environment(alert))
    assert told.returncode == 0, told.stdout
    assert alerts.texts == [
        "lightfield@acme.service failed on host; see journalctl -u lightfield@acme.service"
    ]


def test_github_actions(
    machine: Callable[..., Machine], alerts: Alerts, runs: Callable[[], Any], installed: Path, tmp_path: Path
) -> None:
    lightfield = machine()
    (script,) = commands("GitHub Actions")
    done = lightfield.run(["bash", "-euc", placed(script, {"/srv/lightfield": lightfield.folder})])
    assert done.returncode == 0, done.stdout
    (path,) = (lightfield.folder / ".github" / "workflows").iterdir()
    check = environment(VALIDATORS["github"]) / "check-jsonschema"
    valid = lightfield.run([check, "--builtin-schema", "vendor.github-workflows", path])
    assert valid.returncode == 0, valid.stdout

    job = yaml.safe_load(path.read_text())["jobs"]["run"]
    known = {"matrix.workspace": "acme", **{f"secrets.{k}": v for k, v in lightfield.settings.items()}}
    env = {**inherited(), **{name: _evaluated(value, known) for name, value in job["env"].items()}}
    env |= {"PATH": f"{_programs(tmp_path, pip=_PIP)}:{installed}/.venv/bin:{env['PATH']}"}
    env |= {"GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"}
    before = runs()
    for step in job["steps"]:
        if "run" in step:  # as `shell: bash` is called there
            command = _evaluated(step["run"], known)
            done = lightfield.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command], env=env
            )
            assert done.returncode == 0, done.stdout
    assert runs()[len(before) :] == _both("acme")
    assert (lightfield.files / "acme" / "report.json").exists()  # what the artifact has
    assert alerts.texts == ["Lightfield acme failed; see https://github.example/a/b/actions/runs/7"]


def test_airflow(machine: Callable[..., Machine], runs: Callable[[], Any], tmp_path: Path) -> None:
    lightfield = machine()
    home = tmp_path / "airflow"
    (home / "dags").mkdir(parents=True)
    programs = environment(AIRFLOW)
    env = {
        **inherited(),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "PATH": f"{programs}:{os.environ['PATH']}",
    }
    migrated = lightfield.run([programs / "airflow", "db", "migrate"], env=env)
    assert migrated.returncode == 0, migrated.stdout
    before = runs()
    (script,) = commands("Airflow")

    done = lightfield.run(["bash", "-euc", placed(script, {"/srv/lightfield": lightfield.folder})], env=env)

    assert done.returncode == 0, done.stdout
    assert runs()[len(before) :] == _both("acme")[:1]


def test_kubernetes(
    machine: Callable[..., Machine], runs: Callable[[], Any], installed: Path, tmp_path: Path
) -> None:
    lightfield = machine()
    validate = environment(VALIDATORS["kubernetes"]) / "kubernetes-validate"
    (script,) = commands("Kubernetes")
    env = {
        **inherited(),
        "VALIDATE": str(validate),
        "SECRETS": str(tmp_path),
        "PATH": f"{_programs(tmp_path, kubectl=_KUBECTL)}:{os.environ['PATH']}",
    }
    done = lightfield.run(["bash", "-euc", placed(script, {"/srv/lightfield": lightfield.folder})], env=env)
    assert done.returncode == 0, done.stdout

    documents = yaml.safe_load_all((lightfield.folder / "kubernetes" / "cronjob.yaml").read_text())
    manifests = {document["kind"]: document for document in documents}
    pod = manifests["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    volumes = {volume["name"]: volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"]}
    assert volumes == {"files": manifests["PersistentVolumeClaim"]["metadata"]["name"]}
    mounted = {mount["mountPath"]: tmp_path / mount["name"] for mount in container["volumeMounts"]}
    given = {entry["name"]: _of_container(entry, mounted, tmp_path) for entry in container["env"]}
    (lightfield.folder / ".env").unlink()  # the image has none
    addresses = {name: value for name, value in _secret(tmp_path).items() if name.endswith("API_URL")}
    before = runs()
    image = {"PATH": f"{installed}/.venv/bin:{os.environ['PATH']}", "HOME": str(tmp_path)}

    assert container["workingDir"] == str(lightfield.folder)
    ran = lightfield.run(container["command"], env={**image, **given, **addresses})

    assert ran.returncode == 0, ran.stdout
    assert runs()[len(before) :] == _both("acme")
    assert (tmp_path / "files" / "acme" / "report.json").exists()


def test_all_install_the_same_meltano() -> None:
    (setup, _), places = commands("Set up"), ("github/lightfield.yml", "kubernetes/Dockerfile")
    texts = [setup, *((EXAMPLES / place).read_text() for place in places)]
    assert {requirement for text in texts for requirement in re.findall(r"'(meltano.*)'", text)} == {
        "meltano[postgres]~=4.4.1"
    }


# The files, read as those do whose they are


def _crontab(machine: Machine, folder: Path) -> Iterator[tuple[Mapping[str, str], str]]:
    """Install the crontab as the page says; yield the environment and the command of each entry."""
    kept = folder / "crontab"
    (script,) = commands("cron")
    env = {
        **inherited(),
        "KEPT": str(kept),
        "PATH": f"{_programs(folder, crontab=_CRONTAB)}:{os.environ['PATH']}",
    }
    done = machine.run(["bash", "-euc", placed(script, {"/srv/lightfield": machine.folder})], env=env)
    assert done.returncode == 0, done.stdout
    env = {}
    for line in kept.read_text().splitlines():
        if entry := re.fullmatch(r"((?:[\d*/,-]+ ){5})(.*)", line):
            yield dict(env), entry[2]
        elif setting := re.fullmatch(r"(\w+)=(.*)", line):
            env[setting[1]] = setting[2]
        else:
            assert line.startswith("#"), line


def _unit(path: Path, **specifiers: str) -> dict[str, str]:
    """Return the settings of a unit of all sections, its specifiers (``%i``) replaced."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    settings = {name: value for section in parser.sections() for name, value in parser[section].items()}
    return {
        name: placed(value, {f"%{k}": v for k, v in specifiers.items()}) for name, value in settings.items()
    }


def _environment(unit: Mapping[str, str]) -> dict[str, str]:
    lines = Path(unit["EnvironmentFile"]).read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    return {**_LITTLE, "PATH": "/usr/local/bin:/usr/bin:/bin", **values}


def _evaluated(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], text)


def _of_container(entry: Mapping[str, Any], mounted: Mapping[str, Path], secrets: Path) -> str:
    if "value" in entry:
        return placed(entry["value"], mounted)
    reference = entry["valueFrom"]["secretKeyRef"]
    return _secret(secrets, reference["name"])[reference["key"]]


def _secret(folder: Path, name: str = "lightfield-acme") -> dict[str, str]:
    values: dict[str, str] = json.loads((folder / f"{name}.json").read_text())
    return values


# Programs in the place of those that need what is not here


def _programs(folder: Path, **scripts: str) -> Path:
    """Make programs of Python scripts; return the folder that they are in."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for name, script in scripts.items():
        (programs / name).write_text(f"#!{sys.executable}\n{script}")
        (programs / name).chmod(0o755)
    return programs


_CRONTAB = """
import os, shutil, sys
shutil.copy(sys.argv[1], os.environ["KEPT"])
"""

_SYSTEMCTL = """
import os, re, shutil, subprocess, sys
from pathlib import Path
units = Path(os.environ["UNITS"])
if sys.argv[1:] == ["daemon-reload"]:
    if verify := shutil.which("systemd-analyze"):
        for path in list(units.glob("*@.*")):
            shutil.copy(path, units / path.name.replace("@", "@acme"))
        checked = sorted(units.glob("*@acme.*"))
        done = subprocess.run([verify, "verify", *checked], capture_output=True, text=True)
        if done.returncode or done.stderr:
            sys.exit(done.stderr or "verify failed")
elif sys.argv[1:3] == ["enable", "--now"]:
    for name in sys.argv[3:]:
        template = units / re.sub("@.*[.]", "@.", name)
        assert "[Install]" in template.read_text(), name
else:
    sys.exit(f"systemctl {sys.argv[1:]}")
"""

_KUBECTL = """
import json, os, subprocess, sys
from pathlib import Path
if sys.argv[1:4] == ["create", "secret", "generic"]:
    name, option = sys.argv[4:]
    lines = Path(option.removeprefix("--from-env-file=")).read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    Path(os.environ["SECRETS"], name + ".json").write_text(json.dumps(values))
elif sys.argv[1:3] == ["apply", "--filename"]:
    sys.exit(subprocess.run([os.environ["VALIDATE"], "--strict", sys.argv[3]]).returncode)
else:
    sys.exit(f"kubectl {sys.argv[1:]}")
"""

_PIP = """
import importlib.metadata, sys
from packaging.requirements import Requirement
command, wanted = sys.argv[1:]
assert command == "install"
requirement = Requirement(wanted)
assert importlib.metadata.version(requirement.name) in requirement.specifier
assert requirement.extras <= set(importlib.metadata.metadata(requirement.name).get_all("Provides-Extra"))
"""


def _logs(machine: Machine) -> str:
    return "\n".join(log.read_text()[-3000:] for log in machine.files.glob("*/*.log"))
