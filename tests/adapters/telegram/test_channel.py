"""What a person sees on Telegram, against the strict emulator."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.engine import Engine
from bot.dialogue.turn import Turn
from bot.knowledge.knowledge import Knowledge
from bot.messages import Chat, Message
from bot.search.learn import Learnt
from tests.adapters.telegram.conftest import Opening
from tests.telegram.emulator import BotApi, Faults
from tests.telegram.person import Group, Person


@pytest.fixture
def ada(api: BotApi) -> Person:
    return Person(api, 77)


async def test_an_answer_has_one_button_a_row_and_no_preview(
    api: BotApi, channel: Opening, ada: Person
) -> None:
    async with channel():
        ada.say("renta socjalna")
        (sent,) = await ada.wait_for(1)
    assert "Renta socjalna" in sent.text
    assert 2 <= len(sent.buttons) <= 6
    assert all(len(row) == 1 for row in sent.buttons)
    assert sent.labels[-1] == "Inne pytanie lub człowiek"
    (call,) = api.called("sendMessage")
    assert call["link_preview_options"]["is_disabled"] is True


async def test_a_tap_is_answered_and_its_query_too(channel: Opening, ada: Person) -> None:
    async with channel():
        ada.say("renta socjalna")
        await ada.wait_for(1)
        tap = ada.tap("Ile")
        await ada.wait_for(2)
        await ada.wait_for_answer(tap)
    assert "1\u00a0978,49\u00a0zł" in ada.last.text


async def test_a_button_works_after_a_restart(channel: Opening, ada: Person) -> None:
    async with channel():
        ada.say("karta parkingowa")
        await ada.wait_for(1)
    async with channel():
        ada.tap(0)
        await ada.wait_for(2)
    assert ada.last.text.startswith("Karta parkingowa")


async def test_what_came_while_the_bot_was_down_is_answered_in_order(channel: Opening, ada: Person) -> None:
    ada.say("renta socjalna")
    ada.say("karta parkingowa")
    async with channel():
        await ada.wait_for(2)
    assert ada.texts[0].startswith("Renta socjalna")
    assert ada.texts[1].startswith("Karta parkingowa")


@pytest.mark.parametrize("kind", ["voice", "photo", "sticker", "document", "contact"])
async def test_what_is_not_text_gets_a_kind_sentence(kind: str, channel: Opening, ada: Person) -> None:
    async with channel():
        getattr(ada, f"send_{kind}")()
        (sent,) = await ada.wait_for(1)
    assert "Umiem czytać tylko słowa" in sent.text


async def test_an_answer_is_read_aloud(channel: Opening, ada: Person) -> None:
    async with channel():
        ada.say("renta socjalna")
        await ada.wait_for(1)
        ada.say("odsłuchaj")
        *_, sent = await ada.wait_for(2)
    assert (sent.voice or b"").startswith(b"OggS")


async def test_where_nothing_can_speak_the_words_are_shown(
    channel: Opening, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    async with channel():
        ada.say("renta socjalna")
        await ada.wait_for(1)
        ada.say("odsłuchaj")
        *_, sent = await ada.wait_for(2)
    assert "Nie umiem tu czytać na głos" in sent.text
    assert "1\u00a0978,49\u00a0zł" in sent.text


async def test_a_shared_location_is_the_nearest_town(channel: Opening, ada: Person) -> None:
    async with channel():
        ada.send_location(51.15, 15.0)
        (sent,) = await ada.wait_for(1)
        ada.send_location(52.23, 21.01)
        await ada.wait_for(2)
    assert "Zgorzelec" in sent.text
    assert "Nie znam miejscowości" in ada.last.text


async def test_a_deep_link_opens_its_entry(channel: Opening, ada: Person) -> None:
    async with channel():
        ada.say("/start karta-parkingowa")
        (sent,) = await ada.wait_for(1)
    assert sent.text.startswith("Karta parkingowa")


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("/start", "wybierz temat"),
        ("/czlowiek", "Zadzwoń"),
        ("/prywatnosc", "danych"),
        ("/nie_ma_takiego", ""),
    ],
)
async def test_commands(command: str, part: str, channel: Opening, ada: Person) -> None:
    async with channel():
        ada.say(command)
        (sent,) = await ada.wait_for(1)
    assert part in sent.text


async def test_an_edit_is_answered_only_when_the_first_wording_was_not(channel: Opening, ada: Person) -> None:
    async with channel():
        ada.say("renta socjalna")
        await ada.wait_for(1)
        ada.edit(ada.own_messages[0], "karta parkingowa")
        ada.say("zupa pomidorowa przepis na rosole")
        await ada.wait_for(2)
        ada.edit(ada.own_messages[1], "karta parkingowa")
        await ada.wait_for(3)
    assert ada.texts[0].startswith("Renta socjalna")
    assert ada.texts[2].startswith("Karta parkingowa")


async def test_a_blocked_chat_is_forgotten(channel: Opening, ada: Person) -> None:
    chat = Chat("telegram", str(ada.id))
    async with channel() as service:
        ada.say("renta socjalna")
        await ada.wait_for(1)
        assert await service.shown(chat)
        ada.block()
        async with asyncio.timeout(10):
            while await service.shown(chat):  # noqa: ASYNC110 - until the update has come
                await asyncio.sleep(0.02)


async def test_groups_are_silent_unless_spoken_to(channel: Opening, api: BotApi) -> None:
    group = Group(api, -1001)
    ada, ola = (group.join(Person(api, number)) for number in (81, 82))
    group.add_bot(ada)
    name = api.me["username"]
    async with channel():
        ola.say("kto wie, jak dostać kartę parkingową?")
        ola.say("/menu@inny_bot")
        ada.say(f"@{name} renta socjalna")
        (first,) = await ada.wait_for(1)
        ola.say("a ile?", reply_to=first)
        await ada.wait_for(2)
        ola.say("/ban@inny_bot spam", reply_to=first)
        ola.say(f"/menu@{name}")
        await ada.wait_for(3)
    assert first.text.startswith("Renta socjalna")
    assert first.reply_to is not None
    assert first.buttons[-1][0].url == f"https://t.me/{name}?start=menu"
    assert len(first.buttons) <= 6
    assert "1\u00a0978,49\u00a0zł" in ada.texts[1]


@pytest.mark.trust("T-09")
@pytest.mark.parametrize("faults", [Faults(seed=1, e500=1.0), Faults(seed=1, e502=1.0)], ids=["500", "502"])
async def test_what_telegram_said_no_to_comes_once(
    faults: Faults, channel: Opening, ada: Person, api: BotApi
) -> None:
    api.faults = faults
    api.spared = {"getMe", "getUpdates", "getWebhookInfo"}
    async with channel():
        ada.say("renta socjalna")
        await _until(lambda: len(api.called("sendMessage")) >= 2)
        api.faults = Faults(seed=1)
        (sent,) = await ada.wait_for(1)
        assert sent.text.startswith("Renta socjalna")
        assert sent.edits == 0


async def test_a_telegram_that_takes_but_never_answers_is_not_flooded(
    channel: Opening, ada: Person, api: BotApi
) -> None:
    api.faults = Faults(seed=1, drop_after=1.0)
    api.spared = {"getMe", "getUpdates", "getWebhookInfo"}
    async with channel():
        ada.say("renta socjalna")
        await ada.wait_for(2)
        await asyncio.sleep(2.5)  # time in which a flood would be seen
        assert len(ada.seen) <= 4
        api.faults = Faults(seed=1)
        await ada.wait_for(lambda seen: sum(one.text.startswith("Renta socjalna") for one in seen) == 2, 30)


async def test_inline_gives_entries_with_their_source(channel: Opening, ada: Person) -> None:
    async with channel():
        results = await ada.wait_for_inline(ada.inline("karta parkingowa"))
    assert 1 <= len(results) <= 5
    assert results[0]["title"].startswith("Karta parkingowa")
    assert "Źródło" in results[0]["input_message_content"]["message_text"]


class Held(Engine):
    """An engine that thinks about one word until it is let go."""

    def take_turn(self, conversation: Conversation, message: Message, now: datetime) -> Turn:
        if "powoli" in message.text:
            assert self.go.wait(30)
        return super().take_turn(conversation, message, now)

    go = threading.Event()


async def test_a_slow_chat_shows_that_it_types_and_delays_nobody(
    channel: Opening, api: BotApi, knowledge: Knowledge, learnt: Learnt
) -> None:
    slow, quick = Person(api, 91), Person(api, 92)
    Held.go.clear()
    async with channel(Held(knowledge, learnt)):
        slow.say("powoli renta socjalna")
        quick.say("karta parkingowa")
        await quick.wait_for(1)
        await _until(lambda: "91" in {str(call["chat_id"]) for call in api.called("sendChatAction")})
        assert not slow.seen
        Held.go.set()
        await slow.wait_for(1)


async def test_webhook_answers_and_refuses_a_wrong_secret(channel: Opening, ada: Person, api: BotApi) -> None:
    async with channel(webhook=True):
        await _until(lambda: bool(api.webhook.url))
        ada.say("renta socjalna")
        (sent,) = await ada.wait_for(1)
        api.webhook.secret = "x" * 20
        ada.say("karta parkingowa")
        await _until(lambda: "403" in api.webhook.error)
        assert len(ada.seen) == 1
    assert sent.text.startswith("Renta socjalna")


async def test_the_profile_is_told_only_where_it_differs(channel: Opening, api: BotApi) -> None:
    told = []
    for _ in range(2):
        async with channel():
            await _until(lambda: bool(api.called("getChatMenuButton")))
        told.append({call.method for call in api.calls if call.method.startswith("setMy")})
        api.calls.clear()
    first, second = told
    assert first == {"setMyShortDescription", "setMyDescription", "setMyCommands"}  # it has its name already
    assert second == set()


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - the emulator has no event for everything
            await asyncio.sleep(0.02)
