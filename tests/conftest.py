"""What many tests need: the real knowledge, and an engine that has learnt from it once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.files.trained import TrainedFiles
from bot.dialogue.engine import Engine
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.load import read
from bot.search.learn import Learnt
from bot.service import learnt_for

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The real knowledge as of the day on which its facts were read."""
    return read(ROOT / "knowledge", TODAY).usable()


@pytest.fixture(scope="session")
def trained_folder(pytestconfig: pytest.Config) -> Path:
    """Where tests keep what was learnt, so that only a changed knowledge is learnt anew."""
    folder = pytestconfig.cache.mkdir("trained") if pytestconfig.cache else None
    assert folder is not None
    return folder


@pytest.fixture(scope="session")
def learnt(knowledge: Knowledge, trained_folder: Path) -> Learnt:
    """What the search has learnt from the real knowledge."""
    return learnt_for(knowledge, TrainedFiles(trained_folder), print)


@pytest.fixture(scope="session")
def engine(knowledge: Knowledge, learnt: Learnt) -> Engine:
    """An engine over the real knowledge."""
    return Engine(knowledge, learnt)


@pytest.fixture
def now() -> datetime:
    """A moment at which the figures of autumn 2026 hold."""
    return NOW
