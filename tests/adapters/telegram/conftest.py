"""The Telegram channel in this process, against the strict emulator, with a real SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from adapters import settings as reading
from adapters.clock import SystemClock
from adapters.store.database import open_store
from adapters.telegram.run import opened
from bot.dialogue.engine import Engine
from bot.ports import Clock
from bot.privacy.keys import Keys
from bot.service import Service
from tests.telegram.emulator import BotApi

Opening = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture
def web() -> Starlette:
    """The web server to which Telegram delivers; the channel adds its route."""
    return Starlette()


@pytest.fixture
async def api(web: Starlette) -> AsyncIterator[BotApi]:
    """Telegram's servers; at the end they must have found nothing wrong with themselves."""
    telegram = BotApi()
    telegram.webhook_transport = httpx.ASGITransport(web)
    async with telegram:
        yield telegram
    assert not telegram.faults_of_ours


@pytest.fixture
def channel(api: BotApi, web: Starlette, tmp_path: Path, engine: Engine) -> Opening:
    """Opens the bot on the emulator; opened again, it is the same bot after a restart."""

    @asynccontextmanager
    async def opening(
        thinking: Engine = engine, clock: Clock | None = None, webhook: bool = False
    ) -> AsyncIterator[Service]:
        values = {
            "KLASTER_DATA": str(tmp_path),
            "KLASTER_TELEGRAM_TOKEN": api.token,
            "KLASTER_TELEGRAM_API": api.base,
        }
        if webhook:
            values |= {
                "KLASTER_TELEGRAM_WEBHOOK_SECRET": api.secret,
                "KLASTER_PUBLIC_URL": "https://klaster.test",
            }
        found = reading.load(values, tmp_path)
        when = clock or SystemClock()
        store = await open_store(found.database, Keys.from_secret(found.key()))
        try:
            await store.interrupted()
            service = Service(store, when, lambda: thinking)
            async with opened(found, service, store, when) as routes:
                web.router.routes.extend(routes)
                yield service
        finally:
            await store.close()

    return opening
