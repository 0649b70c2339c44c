"""The web chat as a real process on a free port, and a real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[3]
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, trained_folder: Path, engine: object) -> Iterator[str]:
    """Where `klaster run` serves."""
    data = tmp_path_factory.mktemp("state") / "data"
    data.mkdir(mode=0o700)
    (data / "trained").symlink_to(trained_folder)
    environment = {**os.environ, "KLASTER_DATA": str(data), "KLASTER_KNOWLEDGE": str(ROOT / "knowledge")}
    command = [sys.executable, "-c", "from adapters.cli import main; main()", "run"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        found = re.search(r"http://\S+?/", process.stdout.readline())
        assert found, "the program ended instead of serving"
        yield found.group()
        process.terminate()
        assert process.wait(15) == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a screen."""
    path = shutil.which("chromium")
    assert path, "Chromium is missing: scripts/system-packages installs it"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh person: own cookies; a width may be asked for by parametrising indirectly. JavaScript only serves axe."""
    options = getattr(request, "param", {})
    context = browser.new_context(
        **{"viewport": {"width": 1280, "height": 800}, "bypass_csp": True, **options}
    )
    yield context.new_page()
    context.close()
