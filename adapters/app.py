"""The only wiring: which real things the service is made of. To know what runs in production, read this file."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from adapters.clock import SystemClock
from adapters.files.trained import TrainedFiles
from adapters.settings import Settings, SettingsError
from adapters.store.database import open_store
from adapters.store.errors import StoreError
from adapters.store.sqlite import database_path
from bot.dialogue.engine import WARSAW, Engine
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.load import Loaded, read
from bot.ports import Store
from bot.privacy.keys import Keys
from bot.search.learn import Progress
from bot.service import Service, learnt_for

PURGE_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


def today() -> date:
    """The day in the region."""
    return datetime.now(WARSAW).date()


def loaded(settings: Settings, advice: bool = False) -> Loaded:
    """The knowledge as it lies in its folder; with `advice`, also what an editor should look at."""
    return read(settings.knowledge, today(), advice)


def engine(settings: Settings, knowledge: Knowledge, progress: Progress) -> Engine:
    """The engine over this knowledge, learning first where nothing learnt is kept."""
    return Engine(knowledge, learnt_for(knowledge, TrainedFiles(settings.data / "trained"), progress))


@asynccontextmanager
async def store(settings: Settings) -> AsyncIterator[Store]:
    """The database, opened and migrated; closed at the end."""
    opened = await open_store(settings.database, Keys.from_secret(settings.key()))
    try:
        yield opened
    finally:
        await opened.close()


def told(settings: Settings) -> Mapping[str, int]:
    """How often each entry was told so far; nothing where the bot has not run yet."""

    async def ask() -> Mapping[str, int]:
        async with store(settings) as opened:
            return await opened.answered()

    return asyncio.run(ask()) if database_path(settings.database).exists() else {}


@asynccontextmanager
async def service(settings: Settings, progress: Progress) -> AsyncIterator[Service]:
    """The whole bot without a channel."""
    thinking = engine(settings, loaded(settings).usable(), progress)
    async with store(settings) as opened:
        yield Service(opened, SystemClock(), lambda: thinking)


@asynccontextmanager
async def chores(service: Service) -> AsyncIterator[None]:
    """While the program runs: what has been kept long enough is deleted, at the start and every hour."""
    purging = asyncio.create_task(_purge_hourly(service))
    try:
        yield
    finally:
        purging.cancel()


async def _purge_hourly(service: Service) -> None:
    while True:
        try:
            await service.purge()
        except StoreError as error:  # the next hour tries again; the channels tell people meanwhile
            log.error("purge failed: %s", type(error).__name__)
        await asyncio.sleep(PURGE_EVERY.total_seconds())


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Refuses a second long-running process on the same data; the lock ends with the process, however it ends."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path: Path = settings.data / "running"
    with open(path, "a", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                [f"Klaster już działa na danych w {settings.data}. Zatrzymaj tamten program."]
            ) from None
        yield
