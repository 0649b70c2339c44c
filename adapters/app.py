"""The only wiring: which real things the service is made of. To know what runs in production, read this file."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.clock import SystemClock
from adapters.files.trained import TrainedFiles
from adapters.settings import Settings, SettingsError
from adapters.store.errors import StoreError
from bot.dialogue.engine import WARSAW, Engine
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.load import Loaded, read
from bot.knowledge.problems import KnowledgeError
from bot.ports import Store
from bot.search.learn import Progress, name_of
from bot.service import Service, kept_for, learnt_for

if TYPE_CHECKING:
    from starlette.routing import Route

PURGE_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


def today() -> date:
    """The day in the region."""
    return datetime.now(WARSAW).date()


def loaded(settings: Settings, advice: bool = False) -> Loaded:
    """The knowledge as it lies in its folder; with `advice`, also what an editor should look at."""
    return read(settings.knowledge, today(), advice)


def engine(settings: Settings, progress: Progress) -> Engine:
    """The engine over the knowledge in its folder, learning first where nothing learnt is kept. Phrasings are only
    read to be learnt from: they are two thirds of all the knowledge."""
    trained = TrainedFiles(settings.data / "trained")
    knowledge = _without_phrasings(settings)
    learnt = kept_for(knowledge, trained, progress)
    return Engine(knowledge, learnt or learnt_for(loaded(settings).usable(), trained, progress))


def _without_phrasings(settings: Settings) -> Knowledge:
    kept = TrainedFiles(settings.data / "trained", "json")
    return read(settings.knowledge, today(), phrasings=False, kept=kept).usable()


@asynccontextmanager
async def store(settings: Settings) -> AsyncIterator[Store]:
    """The database, opened and migrated; closed at the end."""
    from adapters.store.database import open_store  # a third of a second that a single question does not need
    from bot.privacy.keys import Keys

    opened = await open_store(settings.database, Keys.from_secret(settings.key()))
    try:
        yield opened
    finally:
        await opened.close()


def told(settings: Settings) -> Mapping[str, int]:
    """How often each entry was told so far; nothing where the bot has not run yet."""

    from adapters.store.sqlite import database_path

    async def ask() -> Mapping[str, int]:
        async with store(settings) as opened:
            return await opened.answered()

    return asyncio.run(ask()) if database_path(settings.database).exists() else {}


class Current:
    """The engine that answers now; one reference, swapped when the knowledge changes."""

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self._settings, self._progress = settings, progress
        self._trained = TrainedFiles(settings.data / "trained")
        self.engine = engine(settings, progress)

    async def follow(self) -> None:
        """Whenever the knowledge changes: answer from it at once with what was learnt before, then learn, then swap again.
        With problems the old knowledge keeps answering, and the log says what to mend."""
        from adapters.files.watched import changes

        async for _ in changes(self._settings.knowledge):
            try:
                await self._renew()
            except KnowledgeError as error:
                for problem in error.problems:
                    log.error("knowledge not taken: %s", problem)

    async def _renew(self) -> None:
        self.engine = await asyncio.to_thread(lambda: self.engine.over(_without_phrasings(self._settings)))
        log.info("knowledge renewed")
        if not self._trained.has(name_of(self.engine.knowledge)):
            self.engine = await asyncio.to_thread(engine, self._settings, self._progress)
            log.info("search learnt anew")


@dataclass(frozen=True, slots=True)
class Running:
    """The service, and what its channels want of the web server."""

    service: Service
    routes: list[Route]


@asynccontextmanager
async def service(settings: Settings, progress: Progress) -> AsyncIterator[Service]:
    """The whole bot without a channel."""
    current = Current(settings, progress)
    async with store(settings) as opened:
        yield Service(opened, SystemClock(), lambda: current.engine)


@asynccontextmanager
async def running(
    settings: Settings, channels: Collection[str], progress: Progress
) -> AsyncIterator[Running]:
    """The bot as a program that stays, with the channels that are configured: what has been kept long enough is deleted,
    at the start and every hour, a change of the knowledge is taken up, what a kill left waiting is answered."""
    current, clock = Current(settings, progress), SystemClock()
    async with store(settings) as opened, AsyncExitStack() as open_channels:
        service = Service(opened, clock, lambda: current.engine)
        await opened.interrupted()
        routes = []
        if settings.telegram_token and "telegram" in channels:
            from adapters.telegram import (
                run as telegram,  # half a second that a bot without Telegram does not need
            )

            routes += await open_channels.enter_async_context(
                telegram.opened(settings, service, opened, clock)
            )
        chores = [asyncio.create_task(_purge_hourly(service)), asyncio.create_task(current.follow())]
        try:
            yield Running(service, routes)
        finally:
            for chore in chores:
                chore.cancel()


def telegram_name(settings: Settings) -> str:
    """The user name of the bot of these settings. Raises SettingsError where Telegram does not tell it."""
    if not settings.telegram_token:
        raise SettingsError(["Podaj --bot albo ustaw KLASTER_TELEGRAM_TOKEN."])
    from adapters.telegram.run import user_name

    name = asyncio.run(user_name(settings))
    if name is None:
        raise SettingsError(["Telegram nie odpowiada albo nie zna tokenu. Podaj nazwę bota: --bot NAZWA."])
    return name


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
