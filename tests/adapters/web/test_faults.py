"""What a person sees when the store is away."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.settings import load
from adapters.web.server import application
from bot.dialogue.engine import Engine
from bot.messages import Message
from bot.service import Service
from tests.memory_store import MemoryStore

NONCE = "nonce-0123456789abcdef"


class Away(MemoryStore):
    """A store whose disk is full."""

    async def receive(self, message: Message, at: datetime) -> bool:
        raise OSError("disk full")


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.trust("T-19", "T-98")
async def test_with_the_store_away_there_is_a_calm_page_with_numbers_and_the_typed_text(
    engine: Engine, tmp_path: Path
) -> None:
    service = Service(Away(), StoppedClock(), lambda: engine)
    transport = httpx.ASGITransport(application(service, load({}, tmp_path)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.post("/rozmowa", data={"nonce": NONCE, "text": "moje <b>długie</b> pytanie"})
    assert answer.status_code == 503
    assert "112" in answer.text
    assert "75 752 42 54" in answer.text
    assert "moje &lt;b&gt;długie&lt;/b&gt; pytanie" in answer.text
    assert "disk full" not in answer.text
    assert "content-security-policy" in answer.headers
