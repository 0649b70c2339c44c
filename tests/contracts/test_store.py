"""What every store promises, whatever it is made of."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.store.database import open_store
from bot.dialogue.conversation import Conversation
from bot.dialogue.events import Answered, CrisisMet, Event, ForgetAsked, HandoverAsked, Unanswered
from bot.messages import Chat, Choice, Link, Message, Reply
from bot.ports import DELIVERY_STEPS, Delivery, DeliveryState, Store
from bot.privacy import retention
from bot.privacy.keys import Keys
from tests.memory_store import MemoryStore

KINDS = ("memory", "sqlite")
STATES: tuple[DeliveryState, ...] = get_args(DeliveryState)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

ANNA, BOB, WEB = Chat("telegram", "100"), Chat("telegram", "200"), Chat("web", "100")

ANSWERED = Answered("dotacja-pfron", "amount", "pl", "powiat-zgorzelecki")
UNANSWERED = Unanswered("czy [imię] dostanie psa", (("dotacja-pfron", 0.25), ("owes", 0.125)), "pl", None)


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[Store]:
    store: Store
    if kind == "memory":
        store = MemoryStore()
    else:
        store = await open_store(f"sqlite:///{folder}/state/klaster.db", Keys.from_secret(b"k" * 32))
    yield store
    await store.close()


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(request.param, tmp_path) as store:
        yield store


def said(text: str, chat: Chat = ANNA, key: str | None = None) -> Message:
    return Message(chat, key or text, text)


async def turn(
    store: Store,
    chat: Chat,
    *replies: str,
    events: Sequence[Event] = (),
    conversation: Conversation | None = None,
    at: datetime = NOON,
) -> bool:
    """Take the turn of the chat's oldest message."""
    pending = await store.next_message(chat)
    assert pending is not None
    return await store.finish(
        pending, conversation or Conversation(), [Reply(text) for text in replies], events, at
    )


async def said_and_answered(
    store: Store,
    text: str,
    *replies: str,
    chat: Chat = ANNA,
    events: Sequence[Event] = (),
    at: datetime = NOON,
) -> None:
    assert await store.receive(said(text, chat), at)
    assert await turn(store, chat, *replies, events=events, at=at)


async def claimed(store: Store, channel: str = "telegram", at: datetime = NOON) -> Delivery:
    delivery = await store.next_delivery(channel, at)
    assert delivery is not None
    return delivery


async def waiting_texts(store: Store, chat: Chat) -> list[str]:
    return [delivery.reply.text for delivery in await store.deliveries(chat)]


# --- receive ---


async def test_what_comes_in_is_kept_as_it_was_written(store: Store) -> None:
    message = Message(ANNA, "7", "ile dają na wózek? 👩‍🦽", "facet:amount", "uk")
    assert await store.receive(message, NOON)
    pending = await store.next_message(ANNA)
    assert pending is not None
    assert pending.message == message
    assert (pending.received, pending.tries, pending.conversation) == (NOON, 0, Conversation())


@pytest.mark.trust("T-02")
async def test_a_repeat_changes_nothing(store: Store) -> None:
    assert await store.receive(said("raz", key="1"), NOON)
    assert not await store.receive(said("inaczej", key="1"), NOON + SECOND)
    pending = await store.next_message(ANNA)
    assert pending is not None
    assert (pending.message.text, pending.received) == ("raz", NOON)


@pytest.mark.trust("T-02")
async def test_a_repeat_after_the_turn_changes_nothing(store: Store) -> None:
    await said_and_answered(store, "raz", "odpowiedź")
    assert not await store.receive(said("raz"), NOON)
    assert await store.next_message(ANNA) is None
    assert await waiting_texts(store, ANNA) == ["odpowiedź"]


@pytest.mark.trust("T-02")
async def test_the_same_key_in_another_chat_or_channel_is_another_message(store: Store) -> None:
    for chat in (ANNA, BOB, WEB):
        assert await store.receive(said("a", chat, key="1"), NOON)


@pytest.mark.trust("T-03")
async def test_keys_need_no_order(store: Store) -> None:
    for key in ("900", "5", "901", "-1", ""):
        assert await store.receive(said("a", key=key or "0"), NOON)


# --- waiting, next ---


async def test_chats_wait_in_the_order_of_their_oldest_message(store: Store) -> None:
    assert await store.waiting_chats() == []
    await store.receive(said("1", BOB), NOON)
    await store.receive(said("2", ANNA), NOON)
    await store.receive(said("3", WEB), NOON)
    await store.receive(said("4", BOB), NOON)
    assert await store.waiting_chats() == [BOB, ANNA, WEB]
    await turn(store, BOB)
    assert await store.waiting_chats() == [ANNA, WEB, BOB]


@pytest.mark.trust("T-04")
async def test_messages_of_a_chat_are_taken_in_the_order_in_which_they_came(store: Store) -> None:
    for text in ("c", "a", "b"):
        await store.receive(said(text), NOON)
    taken = []
    while (pending := await store.next_message(ANNA)) is not None:
        taken.append(pending.message.text)
        await turn(store, ANNA)
    assert taken == ["c", "a", "b"]


async def test_looking_at_the_next_message_changes_nothing(store: Store) -> None:
    await store.receive(said("a"), NOON)
    assert await store.next_message(ANNA) == await store.next_message(ANNA)
    assert await store.next_message(BOB) is None


# --- finish ---


@pytest.mark.trust("T-05")
async def test_a_turn_writes_conversation_replies_and_question_and_ends_the_message(store: Store) -> None:
    conversation = Conversation(
        lang="uk",
        entry="dotacja-pfron",
        trail=("owes",),
        offered=(Choice("a", "A"),),
        expects="heard",
        misses=2,
    )
    replies = [
        Reply("tekst", (Choice("entry:owes", "OWES"),), (Link("PFRON", "https://pfron.pl"),), "de"),
        Reply("dwa"),
    ]
    await store.receive(said("a"), NOON)
    pending = await store.next_message(ANNA)
    assert pending is not None
    assert await store.finish(pending, conversation, replies, [UNANSWERED], NOON)
    assert await store.conversation(ANNA) == conversation
    assert await store.replies_to(ANNA, "a") == replies
    assert await store.next_message(ANNA) is None
    [question] = await store.questions()
    assert (question.at, question.channel, question.lang, question.county) == (NOON, "telegram", "pl", None)
    assert (question.text, question.nearest) == (UNANSWERED.text, UNANSWERED.nearest)


async def test_it_counts_how_often_each_entry_was_told(store: Store) -> None:
    assert await store.answered() == {}
    happened: dict[str, list[Event]] = {"a": [ANSWERED], "b": [ANSWERED, UNANSWERED], "c": [HandoverAsked()]}
    for key, events in happened.items():
        await store.receive(said(key), NOON)
        pending = await store.next_message(ANNA)
        assert pending is not None
        assert await store.finish(pending, Conversation(), [], events, NOON)
    assert await store.answered() == {"dotacja-pfron": 2}


async def test_the_next_message_comes_with_the_conversation_of_the_last_turn(store: Store) -> None:
    await store.receive(said("a"), NOON)
    await turn(store, ANNA, conversation=Conversation(entry="owes"))
    await store.receive(said("b"), NOON)
    await store.receive(said("b", BOB), NOON)
    pending, other = await store.next_message(ANNA), await store.next_message(BOB)
    assert pending is not None
    assert other is not None
    assert (pending.conversation.entry, other.conversation.entry) == ("owes", None)


@pytest.mark.trust("T-04", "T-05")
async def test_a_turn_that_another_process_has_taken_is_not_written(store: Store) -> None:
    await store.receive(said("a"), NOON)
    late = await store.next_message(ANNA)
    assert late is not None
    assert await turn(store, ANNA, "pierwsza")
    assert not await store.finish(late, Conversation(entry="owes"), [Reply("druga")], [UNANSWERED], NOON)
    assert await waiting_texts(store, ANNA) == ["pierwsza"]
    assert await store.conversation(ANNA) == Conversation()
    assert await store.questions() == []


@pytest.mark.trust("T-04")
async def test_a_message_that_is_not_the_oldest_waits(store: Store) -> None:
    await store.receive(said("a"), NOON)
    first = await store.next_message(ANNA)
    assert first is not None
    await turn(store, ANNA)
    await store.receive(said("b"), NOON)
    await store.receive(said("c"), NOON)
    second = await store.next_message(ANNA)
    assert second is not None
    third = type(second)(second.id + 1, said("c"), NOON, 0, Conversation())
    assert not await store.finish(third, Conversation(), [Reply("za wcześnie")], [], NOON)
    assert await store.finish(second, Conversation(), [], [], NOON)


async def test_failed_tries_are_counted_for_each_message(store: Store) -> None:
    await store.receive(said("a"), NOON)
    pending = await store.next_message(ANNA)
    assert pending is not None
    assert [await store.failed(pending, NOON) for _ in range(3)] == [1, 2, 3]
    again = await store.next_message(ANNA)
    assert again is not None
    assert again.tries == 3
    await turn(store, ANNA)
    await store.receive(said("b"), NOON)
    other = await store.next_message(ANNA)
    assert other is not None
    assert other.tries == 0


async def test_replies_are_found_by_the_message_they_answer(store: Store) -> None:
    await said_and_answered(store, "a", "a1", "a2")
    await said_and_answered(store, "b", "b1")
    assert [reply.text for reply in await store.replies_to(ANNA, "a")] == ["a1", "a2"]
    assert await store.replies_to(BOB, "a") == []
    assert await store.replies_to(ANNA, "c") == []


async def test_unanswered_questions_are_listed_oldest_first(store: Store) -> None:
    for text, chat in (("b", BOB), ("a", ANNA)):
        event = Unanswered(f"pytanie {text}", (), "pl", "powiat-lubanski")
        await said_and_answered(store, text, chat=chat, events=[event, ANSWERED])
    questions = await store.questions()
    assert [question.text for question in questions] == ["pytanie b", "pytanie a"]
    assert questions[0].id < questions[1].id


# --- deliveries ---


@pytest.mark.trust("T-07")
async def test_the_next_reply_of_a_chat_waits_until_the_one_before_has_come_to_rest(store: Store) -> None:
    await said_and_answered(store, "a", "a1", "a2")
    await said_and_answered(store, "b", "b1", chat=BOB)
    first, other = await claimed(store), await claimed(store)
    assert (first.reply.text, other.reply.text) == ("a1", "b1")
    assert await store.next_delivery("telegram", NOON) is None
    await store.settle(first, "sent", NOON)
    assert (await claimed(store)).reply.text == "a2"


async def test_a_delivery_carries_all_that_sending_needs(store: Store) -> None:
    await said_and_answered(store, "klucz", "a1", chat=WEB)
    assert await store.next_delivery("telegram", NOON) is None
    delivery = await claimed(store, "web")
    assert (delivery.chat, delivery.key, delivery.reply) == (WEB, "klucz", Reply("a1"))
    assert (delivery.state, delivery.tries) == ("sending", 1)


async def test_a_reply_keeps_its_token_through_all_tries_and_no_other_has_it(store: Store) -> None:
    await said_and_answered(store, "a", "a1", "a2")
    first = await claimed(store)
    await store.settle(first, "waiting", NOON)
    again = await claimed(store)
    assert (again.token, again.tries) == (first.token, 2)
    assert len({delivery.token for delivery in await store.deliveries(ANNA)}) == 2


@pytest.mark.trust("T-06", "T-10")
async def test_a_reply_waits_for_its_time_and_holds_back_only_its_chat(store: Store) -> None:
    await said_and_answered(store, "a", "a1", "a2")
    await said_and_answered(store, "b", "b1", chat=BOB)
    await store.settle(await claimed(store), "waiting", NOON, not_before=NOON + 5 * SECOND)
    assert (await claimed(store)).reply.text == "b1"
    assert await store.next_delivery("telegram", NOON + 4 * SECOND) is None
    assert (await claimed(store, at=NOON + 5 * SECOND)).reply.text == "a1"


@pytest.mark.trust("T-09")
async def test_a_doubtful_reply_is_claimed_once_more_and_before_later_ones(store: Store) -> None:
    await said_and_answered(store, "a", "a1", "a2")
    await store.settle(await claimed(store), "doubtful", NOON)
    again = await claimed(store)
    assert (again.reply.text, again.state, again.tries) == ("a1", "doubtful", 2)
    assert (
        await store.next_delivery("telegram", NOON) is None
    )  # on its way for the second time: no third copy
    await store.settle(again, "unsure", NOON)
    assert (await claimed(store)).reply.text == "a2"


@pytest.mark.trust("T-09")
async def test_after_a_kill_what_was_on_its_way_is_doubtful_and_goes_on_where_it_was(store: Store) -> None:
    await said_and_answered(store, "a", "a1")
    await said_and_answered(store, "b", "b1", chat=BOB)
    await claimed(store)
    assert await store.interrupted() == 1
    assert await store.interrupted() == 0
    doubtful = await claimed(store)
    assert (doubtful.state, doubtful.placed) == ("doubtful", None)
    await store.place(doubtful, 17)
    assert (await claimed(store)).reply.text == "b1"
    assert await store.interrupted() == 1  # b1
    again = await claimed(store)
    assert (again.reply.text, again.state, again.placed) == ("a1", "doubtful", 17)
    assert (await claimed(store)).reply.text == "b1"


async def test_deliveries_of_a_chat_are_listed_in_order_until_they_come_to_rest(store: Store) -> None:
    await said_and_answered(store, "a", "a1", "a2", chat=WEB)
    await said_and_answered(store, "b", "b1", chat=WEB)
    first, second, _ = await store.deliveries(WEB)
    assert [first.state, second.state] == ["waiting", "waiting"]
    await store.settle(first, "sent", NOON)
    assert await waiting_texts(store, WEB) == ["a2", "b1"]
    assert await store.deliveries(ANNA) == []


async def reach(store: Store, state: DeliveryState) -> Delivery:
    """A reply in this state."""
    if state in ("waiting", "stale"):
        [delivery] = await store.deliveries(ANNA)
    else:
        delivery = await claimed(store)
    way: dict[DeliveryState, tuple[DeliveryState, ...]] = {
        "waiting": (),
        "sending": (),
        "unsure": ("doubtful", "unsure"),
    }
    for step in way.get(state, (state,)):
        await store.settle(delivery, step, NOON)
    return delivery


@pytest.mark.trust("T-06")
@pytest.mark.parametrize(("found", "to"), list(itertools.product(STATES, STATES)))
async def test_replies_move_as_the_table_says_and_no_other_way(
    store: Store, found: DeliveryState, to: DeliveryState
) -> None:
    await said_and_answered(store, "a", "a1")
    delivery = await reach(store, found)
    if to in DELIVERY_STEPS[found] or (found, to) == ("waiting", "sent"):
        await store.settle(delivery, to, NOON)
        assert await waiting_texts(store, ANNA) == (["a1"] if DELIVERY_STEPS[to] else [])
    else:
        with pytest.raises(ValueError, match=f"{found}.*{to}"):
            await store.settle(delivery, to, NOON)


async def test_settling_a_reply_that_was_erased_meanwhile_changes_nothing(store: Store) -> None:
    await said_and_answered(store, "a", "a1")
    delivery = await claimed(store)
    await store.forget(ANNA, NOON)
    await store.settle(delivery, "sent", NOON)
    assert await store.deliveries(ANNA) == []


# --- repeats and reorderings ---

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["receive", "receive", "turn", "send"]), st.integers(0, 2), st.integers(0, 4)),
    max_size=40,
)


async def act_out(store: Store, steps: list[Step], chats: list[Chat], channel: str) -> dict[Chat, list[str]]:
    """Do the steps, then all that is left; what each chat was sent, in order."""
    sent: dict[Chat, list[str]] = {chat: [] for chat in chats}

    async def take(chat: Chat) -> bool:
        pending = await store.next_message(chat)
        if pending is None:
            return False
        said_before = (*pending.conversation.trail, pending.message.key)
        replies = [Reply(f"{pending.message.key} po {','.join(pending.conversation.trail)}")]
        assert await store.finish(pending, Conversation(trail=said_before), replies, [ANSWERED], NOON)
        return True

    async def send() -> bool:
        delivery = await store.next_delivery(channel, NOON)
        if delivery is not None:
            sent[delivery.chat].append(delivery.reply.text)
            await store.settle(delivery, "sent", NOON)
        return delivery is not None

    for step, chat, key in steps:
        match step:
            case "receive":
                await store.receive(said("a", chats[chat], key=str(key)), NOON)
            case "turn":
                await take(chats[chat])
            case _:
                await send()
    for left in chats:
        while await take(left):
            pass
    while await send():
        pass
    return sent


def expected(steps: list[Step], chats: list[Chat]) -> dict[Chat, list[str]]:
    """Each message once, in the order in which it first came, each turn knowing the ones before."""
    keys: dict[Chat, list[str]] = {chat: [] for chat in chats}
    for step, chat, key in steps:
        if step == "receive" and str(key) not in keys[chats[chat]]:
            keys[chats[chat]].append(str(key))
    return {
        chat: [f"{key} po {','.join(came[:place])}" for place, key in enumerate(came)]
        for chat, came in keys.items()
    }


@pytest.mark.trust("T-02", "T-04", "T-07")
@pytest.mark.parametrize("kind", KINDS)
def test_repeats_and_reorderings_leave_each_message_answered_once_and_in_order(kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        context = opened(kind, Path(folder))
        store = runner.run(context.__aenter__())
        example = itertools.count()

        @settings(max_examples=1_000, deadline=None)
        @given(STEPS)
        def holds(steps: list[Step]) -> None:
            channel = (
                f"run{next(example)}"  # a world of its own in the same store: opening one costs too much
            )
            chats = [Chat(channel, str(number)) for number in range(3)]
            assert runner.run(act_out(store, steps, chats, channel)) == expected(steps, chats)

        holds()
        runner.run(context.__aexit__(None, None, None))


# --- purge ---


async def fill(store: Store) -> None:
    """One of each kind of row, all of noon."""
    happened: list[Event] = [ANSWERED, HandoverAsked(), UNANSWERED, CrisisMet()]
    await said_and_answered(store, "a", "wysłana", events=happened)
    await store.settle(await claimed(store), "sent", NOON)
    await said_and_answered(store, "b", "czeka")
    await said_and_answered(store, "c", "w drodze", chat=WEB)
    await claimed(store, "web")
    await store.receive(said("d", BOB), NOON)


def due(days: int) -> dict[str, int]:
    """What the table says for this many days after `fill`."""
    touched: dict[str, int] = {}

    def add(period: retention.Period, table: str, rows: int) -> None:
        if period.kept.days == days:
            touched[table] = touched.get(table, 0) + rows

    add(retention.TEXT, "inbox", 1)
    add(retention.TEXT, "outbox", 2)
    add(retention.CONVERSATION, "conversations", 2)
    add(retention.MESSAGE_KEY, "inbox", 4)
    add(retention.MESSAGE_KEY, "outbox", 3)
    add(retention.QUESTION_PERSON, "questions", 1)
    add(retention.EVENT_PERSON, "events", 2)  # the unanswered one has no person
    add(retention.QUESTION, "questions", 1)
    add(retention.EVENT, "events", 3)
    return touched


@pytest.mark.trust("T-71", "T-72", "T-73", "T-74", "T-75", "T-76")
async def test_day_by_day_exactly_what_the_table_says_goes(store: Store) -> None:
    await fill(store)
    for days in range(401):
        early = await store.purge(NOON + days * DAY - SECOND)
        assert (days, early) == (days, {})
        assert (days, await store.purge(NOON + days * DAY)) == (days, due(days))
        assert (days, await store.purge(NOON + days * DAY)) == (days, {})
        assert len(await store.questions()) == (days < retention.QUESTION.kept.days)


@pytest.mark.trust("T-71")
async def test_one_purge_after_a_long_time_leaves_nothing_but_the_count_of_crises(store: Store) -> None:
    await fill(store)
    assert set(await store.purge(NOON + 400 * DAY)) == {
        "inbox",
        "outbox",
        "conversations",
        "questions",
        "events",
    }
    assert await store.purge(NOON + 700 * DAY) == {}


@pytest.mark.trust("T-79")
async def test_a_months_count_of_crises_goes_24_months_after_the_month(store: Store) -> None:
    for at in (NOON, NOON + DAY, NOON + 60 * DAY):
        await said_and_answered(store, at.isoformat(), events=[CrisisMet()], at=at)
    await store.purge(NOON + 500 * DAY)
    assert await store.purge(datetime(2028, 3, 30, tzinfo=UTC)) == {}
    assert await store.purge(datetime(2028, 4, 1, tzinfo=UTC)) == {"counts": 1}
    assert await store.purge(datetime(2028, 6, 1, tzinfo=UTC)) == {"counts": 1}


@pytest.mark.trust("T-79")
async def test_of_a_crisis_nothing_is_kept_about_a_person(store: Store) -> None:
    await said_and_answered(store, "a", events=[CrisisMet()])
    assert await store.forget(ANNA, NOON) == {"inbox": 1, "conversations": 1}
    assert await store.questions() == []


@pytest.mark.trust("T-72")
async def test_what_is_a_day_old_is_not_answered_nor_sent_any_more(store: Store) -> None:
    await fill(store)
    late = await store.next_message(BOB)
    assert late is not None
    await store.purge(NOON + DAY)
    assert await store.waiting_chats() == []
    assert not await store.finish(late, Conversation(), [Reply("za późno")], [], NOON + DAY)
    assert [await store.deliveries(chat) for chat in (ANNA, BOB, WEB)] == [[], [], []]
    assert await store.next_delivery("telegram", NOON + DAY) is None
    assert not await store.receive(said("d", BOB), NOON + DAY)  # its key is still known


@pytest.mark.trust("T-73")
async def test_after_thirty_days_a_message_key_is_new_again(store: Store) -> None:
    await said_and_answered(store, "a", "a1")
    await store.purge(NOON + 30 * DAY)
    assert await store.receive(said("a"), NOON + 30 * DAY)


@pytest.mark.trust("T-74")
async def test_a_conversation_is_kept_a_day_after_its_last_message(store: Store) -> None:
    await store.receive(said("a"), NOON)
    await turn(store, ANNA, conversation=Conversation(entry="owes"))
    await store.receive(said("b"), NOON + DAY / 2)
    await turn(store, ANNA, conversation=Conversation(entry="eures"), at=NOON + DAY / 2)
    await store.purge(NOON + DAY)
    assert (await store.conversation(ANNA)).entry == "eures"
    await store.purge(NOON + 1.5 * DAY)
    assert await store.conversation(ANNA) == Conversation()


# --- forget ---


@pytest.mark.trust("T-69")
async def test_forgetting_erases_all_about_the_chat_and_nothing_else(store: Store) -> None:
    for chat in (ANNA, BOB):
        await said_and_answered(store, "a", "a1", chat=chat, events=[ANSWERED, UNANSWERED, HandoverAsked()])
        await store.receive(said("b", chat), NOON)
    erased = {"inbox": 2, "outbox": 1, "conversations": 1, "questions": 1, "events": 2}
    assert await store.forget(ANNA, NOON) == erased
    assert await store.forget(ANNA, NOON) == {}
    assert await store.next_message(ANNA) is None
    assert await store.deliveries(ANNA) == []
    assert await store.conversation(ANNA) == Conversation()
    assert len(await store.questions()) == 1
    assert await store.waiting_chats() == [BOB]
    assert await waiting_texts(store, BOB) == ["a1"]


@pytest.mark.trust("T-69")
async def test_a_turn_under_way_writes_nothing_about_a_chat_that_was_forgotten(store: Store) -> None:
    await store.receive(said("a"), NOON)
    pending = await store.next_message(ANNA)
    assert pending is not None
    await store.forget(ANNA, NOON)
    await store.receive(said("b", BOB), NOON)
    assert not await store.finish(pending, Conversation(entry="owes"), [Reply("a1")], [UNANSWERED], NOON)
    assert await store.forget(ANNA, NOON) == {}


@pytest.mark.trust("T-69")
async def test_erase_me_leaves_the_receipt_and_what_was_written_after(store: Store) -> None:
    await said_and_answered(store, "a", "dawna", events=[ANSWERED, UNANSWERED])
    await store.receive(said("tak, usuń"), NOON)
    await store.receive(said("jeszcze jedno"), NOON)
    await turn(
        store, ANNA, "Usunięte.", events=[ForgetAsked(), ANSWERED], conversation=Conversation(entry="owes")
    )
    assert await waiting_texts(store, ANNA) == ["Usunięte."]
    assert await store.conversation(ANNA) == Conversation()
    assert await store.questions() == []
    pending = await store.next_message(ANNA)
    assert pending is not None
    assert (pending.message.text, pending.conversation) == ("jeszcze jedno", Conversation())
    assert not await store.receive(said("tak, usuń"), NOON)  # T-02: a repeat is known all the same
    assert await store.forget(ANNA, NOON) == {"inbox": 2, "outbox": 1}


async def test_the_questions_own_text_outlives_the_name_of_who_asked(store: Store) -> None:
    await said_and_answered(store, "a", events=[UNANSWERED])
    await store.purge(NOON + 30 * DAY)
    assert await store.forget(ANNA, NOON) == {}
    assert len(await store.questions()) == 1
