"""A change of the knowledge is answered from soon after it was saved, and a broken one never."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest

from adapters import settings
from adapters.app import Current
from adapters.console.single import turn_of
from tests.conftest import ROOT

ENTRY = "about/zglos-blad.yaml"
PATIENCE = 30.0
"""Seconds in which a change must be seen; it takes about two."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge"))


@pytest.fixture
async def current(
    folder: Path, tmp_path: Path, trained_folder: Path, engine: object
) -> AsyncIterator[Current]:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "trained").symlink_to(trained_folder)
    found = settings.load({"KLASTER_DATA": str(data), "KLASTER_KNOWLEDGE": str(folder)}, tmp_path)
    running = Current(found, lambda _: None)
    following = asyncio.create_task(running.follow())
    yield running
    following.cancel()


async def until(true: Callable[[], bool], path: Path) -> None:
    """Wait for it. The file is touched anew, for the watch may not have been set when it changed first."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            os.utime(path)
            await asyncio.sleep(1)


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / ENTRY
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


async def test_an_edited_answer_is_told_without_learning(
    folder: Path, current: Current, now: datetime
) -> None:
    before = current.engine
    edit(folder, 'short: "', 'short: "Nowe zdanie na próbę. ')
    await until(lambda: current.engine is not before, folder / ENTRY)
    assert "Nowe zdanie na próbę." in turn_of(current.engine, "zgłoś błąd", None, now).replies[0].text


async def test_a_broken_file_leaves_the_old_answer_and_is_named(
    folder: Path, current: Current, caplog: pytest.LogCaptureFixture
) -> None:
    before = current.engine
    with caplog.at_level(logging.ERROR):
        edit(folder, "title:", "tytul:")
        await until(lambda: "zglos-blad.yaml" in caplog.text, folder / ENTRY)
    assert current.engine is before
