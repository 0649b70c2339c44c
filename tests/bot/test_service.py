"""One message, start to end, through the real engine and the store's twin."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.engine import Engine
from bot.dialogue.turn import Turn
from bot.messages import Chat, Message, Reply
from bot.service import TRIES, Service
from tests.memory_store import MemoryStore

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ANNA, JAN = Chat("test", "anna"), Chat("test", "jan")


class StoppedClock:
    def now(self) -> datetime:
        return NOW


class MarkedFault(Engine):
    """The real engine, but for one word on which it raises, and one on which it takes its time."""

    def __init__(self, inner: Engine, release: asyncio.Event | None = None) -> None:
        self._inner, self.release = inner, release
        self.knowledge = inner.knowledge
        self.loop = asyncio.get_running_loop()

    def take_turn(self, conversation: Conversation, message: Message, now: datetime) -> Turn:
        if "usterka" in message.text:
            raise RuntimeError("marked")
        if "czekaj" in message.text and self.release:
            asyncio.run_coroutine_threadsafe(self.release.wait(), self.loop).result()
        return self._inner.take_turn(conversation, message, now)


def service(engine: Engine, store: MemoryStore | None = None) -> Service:
    return Service(store or MemoryStore(), StoppedClock(), lambda: engine)


async def said(bot: Service, chat: Chat, key: str, text: str) -> list[Reply]:
    await bot.receive(Message(chat, key, text))
    await bot.handle(chat)
    return await bot.collected(chat)


async def test_a_message_is_answered_and_its_reply_kept_until_it_is_sent(engine: Engine) -> None:
    bot = service(engine)
    assert await bot.receive(Message(ANNA, "1", "ile dostane z pefronu na wlasna firme"))
    ((key, turn),) = await bot.handle(ANNA)
    assert (key, turn.entry, turn.facet) == ("1", "dotacja-pfron", "amount")
    assert await bot.replies_to(ANNA, "1") == list(turn.replies)
    assert await bot.collected(ANNA) == list(turn.replies)
    assert list(await bot.replies_to(ANNA, "1")) == []


@pytest.mark.trust("T-02")
async def test_a_repeated_message_changes_nothing(engine: Engine) -> None:
    bot = service(engine)
    assert await bot.receive(Message(ANNA, "1", "staż"))
    assert not await bot.receive(Message(ANNA, "1", "staż"))
    assert len(await bot.handle(ANNA)) == 1
    assert not await bot.receive(Message(ANNA, "1", "staż"))
    assert await bot.handle(ANNA) == []


async def test_what_waited_through_an_outage_is_answered_at_the_start(engine: Engine) -> None:
    bot = service(engine)
    for key in ("1", "2"):
        await bot.receive(Message(ANNA, key, "staż"))
    await bot.receive(Message(JAN, "1", "dzień dobry"))
    assert await bot.resume() == 3
    assert await bot.resume() == 0


@pytest.mark.trust("T-13", "T-161")
async def test_a_message_that_breaks_the_engine_gets_an_apology_and_the_chat_goes_on(engine: Engine) -> None:
    bot = service(MarkedFault(engine))
    await bot.receive(Message(ANNA, "1", "usterka"))
    await bot.receive(Message(ANNA, "2", "dzień dobry"))
    turns = await bot.handle(ANNA)
    assert [key for key, _ in turns] == ["1", "2"]
    assert "moja wina" in turns[0][1].replies[0].text
    assert turns[1][1].outcome == "smalltalk"
    assert TRIES == 3


@pytest.mark.trust("T-04")
async def test_a_slow_chat_delays_no_other_and_keeps_its_order(engine: Engine) -> None:
    release = asyncio.Event()
    bot = service(MarkedFault(engine, release))
    await bot.receive(Message(ANNA, "1", "czekaj"))
    slow = asyncio.create_task(bot.handle(ANNA))
    assert await said(bot, JAN, "1", "dzień dobry")
    await bot.receive(Message(ANNA, "2", "dzień dobry"))
    second = asyncio.create_task(bot.handle(ANNA))
    await asyncio.sleep(0)
    assert not slow.done()
    release.set()
    assert [key for key, _ in [*await slow, *await second]] == ["1", "2"]


@pytest.mark.trust("T-53", "T-75")
async def test_an_unanswered_question_is_kept_redacted(engine: Engine) -> None:
    store = MemoryStore()
    bot = service(engine, store)
    await said(
        bot,
        ANNA,
        "1",
        "przepis na zupę z dyni, mój pesel 44051401359, tel. 601 234 567, jan.kowalski@example.com",
    )
    (question,) = await store.questions()
    assert question.text.startswith("przepis na zupę z dyni")
    assert not any(secret in question.text for secret in ("44051401359", "601 234 567", "kowalski"))


@pytest.mark.trust("T-69", "T-79")
async def test_erasing_asks_back_and_then_forgets_everything(engine: Engine) -> None:
    store = MemoryStore()
    bot = service(engine, store)
    await said(bot, ANNA, "1", "przepis na zupę z dyni")
    assert "na pewno" in (await said(bot, ANNA, "2", "usuń moje dane"))[0].text
    assert "Usunąłem" in (await said(bot, ANNA, "3", "tak"))[0].text
    assert await store.questions() == []
    assert (await store.conversation(ANNA)).entry is None


async def test_nul_and_surrogates_never_reach_the_store(engine: Engine) -> None:
    store = MemoryStore()
    await service(engine, store).receive(Message(ANNA, "1", "a\x00b\ud800 zupa"))
    pending = await store.next_message(ANNA)
    assert pending is not None
    assert pending.message.text == "ab zupa"
