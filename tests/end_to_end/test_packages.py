"""What is released: the sdist and the wheel, in clean environments of every Python that the machine has."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path

import pytest
import yaml

from demo.pipeline import REPOSITORY
from tests.end_to_end import commands

pytestmark = pytest.mark.xdist_group("packages")

PACKAGES = {"lightfield_api", "tap_lightfield", "target_lightfield", "lightfield_sandbox"}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist and the wheel that was built of it."""
    folder = tmp_path_factory.mktemp("dist")
    commands.run(f"uv build --quiet --out-dir {folder} {REPOSITORY}", folder, commands.environment(), {})
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


def test_twine_has_nothing_to_say_against_them(dist: Path) -> None:
    commands.run("twine check --strict *.whl *.tar.gz", dist, commands.environment(), {})


def test_the_sdist_holds_the_packages_and_what_they_need_and_no_tests(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    own = {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert {name.partition("/")[0] for name in names if name} == PACKAGES | own
    assert {name for name in names if name.startswith(tuple(PACKAGES))} == _tracked()


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == _tracked()
    assert "target_lightfield/presets/hubspot.yml" in names


def test_pypi_shows_the_readme_with_links_that_lead_somewhere(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("METADATA")]
        metadata = message_from_string(archive.read(name).decode())
    urls = dict(line.split(", ", 1) for line in metadata.get_all("Project-URL"))
    assert urls.keys() == {"Documentation", "Repository", "Changelog", "Issues"}
    readme = metadata.get_payload()
    links = re.findall(r"\]\(([^)]+)\)", readme)
    assert f"{urls['Repository']}/blob/main/docs/tap.md" in links
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


@pytest.mark.slow
def test_the_wheel_works_in_a_clean_environment_of_every_python(wheel: Path, tmp_path: Path) -> None:
    found = dict(_pythons())
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in found
    for version, python in found.items():
        folder = tmp_path / version
        script = f"""
            uv venv --quiet --python {python} {folder}
            uv pip install --quiet --python {folder}/bin/python {wheel}
            {folder}/bin/tap-lightfield --about --format=json > {folder}/tap.json
            {folder}/bin/target-lightfield --about --format=json > {folder}/target.json
            {folder}/bin/lightfield-migration show hubspot
        """
        said = commands.run(script, tmp_path, commands.environment(), {})
        assert "companies" in said
        for plugin in ("tap", "target"):
            about = json.loads((folder / f"{plugin}.json").read_text())
            assert (about["name"], about["version"]) == (f"{plugin}-lightfield", _version())


@pytest.mark.slow
def test_the_sandbox_is_installed_from_a_checkout_as_its_page_says(tmp_path: Path) -> None:
    install, serve = commands.block("docs/sandbox.md", beginning="pip install").splitlines()
    commands.checkout(tmp_path)
    commands.run("uv venv --quiet --seed clean", tmp_path, commands.environment(), {})
    env = commands.environment()
    env["PATH"] = f"{tmp_path}/clean/bin:{env['PATH']}"
    commands.run(install, tmp_path, env, {"pip ": "pip --quiet "})
    options = serve.replace("8080", "0").split()
    with subprocess.Popen(
        [tmp_path / "clean" / "bin" / options[0], *options[1:]], text=True, stdout=subprocess.PIPE, env=env
    ) as sandbox:
        assert sandbox.stdout
        assert "listening on http://127.0.0.1:" in sandbox.stdout.readline()
        sandbox.terminate()


def test_the_workflows_are_workflows_and_test_every_python_that_is_supported() -> None:
    files = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
    named = " ".join(str(file) for file in files)
    commands.run(
        f"check-jsonschema --builtin-schema vendor.github-workflows {named}",
        REPOSITORY, commands.environment(), {},
    )  # fmt: skip
    test = yaml.safe_load((REPOSITORY / ".github/workflows/test.yml").read_text())
    project = (REPOSITORY / "pyproject.toml").read_text()
    supported = re.findall(r"Programming Language :: Python :: (3\.\d+)", project)
    assert test["jobs"]["test"]["strategy"]["matrix"]["python-version"] == supported
    sessions = commands.run("nox --list", REPOSITORY, commands.environment(), {})
    assert re.findall(r"tests-(3\.\d+)", sessions) == supported


def _tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *sorted(PACKAGES)],
        cwd=REPOSITORY, text=True, capture_output=True, check=True,
    )  # fmt: skip
    return {name for name in listed.stdout.splitlines() if (REPOSITORY / name).is_file()}


def _version() -> str:
    return re.findall(r'^version = "(.+)"', (REPOSITORY / "pyproject.toml").read_text(), re.MULTILINE)[0]


def _pythons() -> Iterator[tuple[str, Path]]:
    """Yield each supported Python of this machine once, pyenv's included: its minor version and its path."""
    places = [
        Path(sys.executable),
        *Path("/usr/bin").glob("python3.??"),
        *Path("/usr/local/bin").glob("python3.??"),
    ]
    places += Path.home().glob(".pyenv/versions/3.*/bin/python")
    supported = re.findall(r":: (3\.\d+)", (REPOSITORY / "pyproject.toml").read_text())
    seen = set()
    for python in places:
        said = subprocess.run(
            [python, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"],
            text=True, capture_output=True, check=False,
        )  # fmt: skip
        version = said.stdout.strip()
        if version in supported and version not in seen:
            seen.add(version)
            yield version, python
