"""The files an operator runs: the container's steps, the locks, and what is said about them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.trust("T-141")
def test_the_container_runs_as_a_number_with_one_volume_and_a_health_check() -> None:
    assert re.search(r"^USER \d+:\d+$", DOCKERFILE, re.MULTILINE)
    assert re.findall(r"^VOLUME (\S+)$", DOCKERFILE, re.MULTILINE) == ["/data"]
    assert "HEALTHCHECK" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE


def test_what_the_container_copies_is_there_and_let_through() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    }
    assert copied <= allowed
    assert all((ROOT / name).exists() for name in copied)


def test_the_container_installs_as_make_setup_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for step in (
        "--require-hashes --only-binary :all: -r requirements.lock",
        "--no-deps --no-build-isolation",
    ):
        assert step in makefile
        assert step in DOCKERFILE


@pytest.mark.trust("T-139")
@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"])
def test_every_pin_has_hashes_and_no_registry_address(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^([a-z][\w.-]*)==\S+ \\$", text, re.MULTILINE)
    assert len(pins) > 20
    assert text.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?://|index-url|find-links", text)


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [re.match(r"[\w-]+", name)[0].lower() for name in project["project"]["dependencies"]]  # type: ignore[index]
    locked = (ROOT / "requirements.lock").read_text()
    assert [name for name in names if f"\n{name}==" not in f"\n{locked}"] == []


def test_the_readme_names_every_setting_and_only_commands_that_work() -> None:
    readme = (ROOT / "README.md").read_text()
    settings = (ROOT / "adapters" / "settings.py").read_text()
    assert set(re.findall(r"KLASTER_[A-Z_]+", settings)) <= set(re.findall(r"KLASTER_[A-Z_]+", readme))
    from adapters.cli import klaster

    assert set(re.findall(r"`klaster ([a-z]+)", readme)) <= set(klaster.commands)


def test_the_installed_program_needs_nothing_of_the_source_tree(tmp_path: Path) -> None:
    """The steps of the container without a container: the package built and put into an empty place, root read-only."""
    target = tmp_path / "site"
    build = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--disable-pip-version-check",
    ]
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "bot", "adapters"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(source)], check=True)
    subprocess.run([*build, "--target", str(target), str(source)], check=True)
    assert (target / "adapters" / "web" / "templates" / "chat.html").is_file()
    assert (target / "adapters" / "store" / "migrations" / "versions" / "0001_initial.py").is_file()
    environment = {
        **os.environ,
        "PYTHONPATH": str(target),
        "KLASTER_DATA": str(tmp_path / "data"),
        "KLASTER_KNOWLEDGE": str(ROOT / "knowledge"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    code = "import adapters.cli; assert 'site' in adapters.cli.__file__, adapters.cli.__file__; adapters.cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "questions", "list"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nie ma pytań" in done.stdout
