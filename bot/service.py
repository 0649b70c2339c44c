"""Where thinking meets waiting: take a message, write once, give back replies; deliver; purge; forget.

A message is durable before it is acknowledged, a turn is one transaction, and messages of one chat are taken one
at a time and in order while chats run side by side.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.dialogue.engine import Engine
from bot.dialogue.turn import Turn
from bot.knowledge.knowledge import Knowledge
from bot.messages import Chat, Message, Reply
from bot.ports import Clock, Delivery, Pending, Store, Trained
from bot.search.learn import Learnt, Progress, from_bytes, learn, name_of, to_bytes
from bot.text.normalise import admit

TRIES = 3
"""How often a message that makes the engine raise is tried before it is set aside with an apology."""

log = logging.getLogger(__name__)


def kept_for(knowledge: Knowledge, trained: Trained, progress: Progress) -> Learnt | None:
    """What the search has learnt from this knowledge, where that is kept and whole."""
    kept = trained.load(name_of(knowledge))
    if kept is None:
        return None
    try:
        return from_bytes(kept)
    except ValueError:
        progress("Zapisane dane wyszukiwania są uszkodzone. Uczę się od nowa.")
        return None


def learnt_for(knowledge: Knowledge, trained: Trained, progress: Progress) -> Learnt:
    """What the search has learnt from this knowledge: as it is kept, else learnt anew and kept."""
    kept = kept_for(knowledge, trained, progress)
    if kept is not None:
        return kept
    learnt = learn(knowledge, progress)
    trained.save(name_of(knowledge), to_bytes(learnt))
    return learnt


@dataclass(slots=True)
class _Lane:
    """The lock of one chat and how many wait for it, so that it can be dropped when nobody does."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Service:
    """The bot as its channels see it. `engine` is asked for at each turn, so a reload swaps one reference."""

    def __init__(self, store: Store, clock: Clock, engine: Callable[[], Engine]) -> None:
        self._store, self._clock, self._engine = store, clock, engine
        self._lanes: dict[Chat, _Lane] = {}

    def knowledge(self) -> Knowledge:
        """The knowledge that answers now."""
        return self._engine().knowledge

    async def receive(self, message: Message) -> bool:
        """Make the message durable; False when it was seen before. Acknowledge it to the platform only after this."""
        return await self._store.receive(replace(message, text=admit(message.text)), self._clock.now())

    async def handle(self, chat: Chat) -> list[tuple[str, Turn]]:
        """Take the turns of all waiting messages of this chat, in order; each message's key with its turn."""
        lane = self._lanes.setdefault(chat, _Lane())
        lane.users += 1
        try:
            async with lane.lock:
                return await self._take_turns(chat)
        finally:
            lane.users -= 1
            if not lane.users:
                self._lanes.pop(chat, None)

    async def _take_turns(self, chat: Chat) -> list[tuple[str, Turn]]:
        turns: list[tuple[str, Turn]] = []
        while (pending := await self._store.next_message(chat)) is not None:
            turn = await self._turn(pending)
            if turn is None:
                continue
            now = self._clock.now()
            if await self._store.finish(pending, turn.conversation, turn.replies, turn.events, now):
                turns.append((pending.message.key, turn))
        return turns

    async def _turn(self, pending: Pending) -> Turn | None:
        """The turn; None when it failed and is to be tried again; an apology after the last try."""
        engine = self._engine()
        try:
            return await asyncio.to_thread(
                engine.take_turn, pending.conversation, pending.message, self._clock.now()
            )
        except (
            Exception
        ) as error:  # a fault of ours must not stop the chat; its text is not logged, only its kind
            log.error("turn failed: %s", type(error).__name__)
            if await self._store.failed(pending, self._clock.now()) < TRIES:
                return None
            phrases = engine.knowledge.phrases["pl"]
            apology = Reply(phrases.say("fault", contact=engine.knowledge.operator.handover))
            return Turn(pending.conversation, (apology,), "unknown")

    async def resume(self) -> int:
        """Take the turns of messages that a kill or an outage left waiting; how many. One chat's trouble is not the
        others'."""
        taken = 0
        for chat in await self._store.waiting_chats():
            try:
                taken += len(await self.handle(chat))
            except Exception as error:  # it stays in the inbox for the next time
                log.error("resuming: %s", type(error).__name__)
        return taken

    async def replies_to(self, chat: Chat, key: str) -> Sequence[Reply]:
        """The replies to a message that are still kept."""
        return await self._store.replies_to(chat, key)

    async def collected(self, chat: Chat) -> list[Reply]:
        """For channels that fetch rather than are sent to: the replies that wait, marked as sent."""
        return [await self._sent(delivery) for delivery in await self._store.deliveries(chat)]

    async def mark_sent(self, chat: Chat) -> None:
        """For channels that fetch: what waits for this chat has been shown."""
        await self.collected(chat)

    async def _sent(self, delivery: Delivery) -> Reply:
        await self._store.settle(delivery, "sent", self._clock.now())
        return delivery.reply

    async def shown(self, chat: Chat) -> Sequence[Reply]:
        """The replies of the last turn, as long as the conversation is kept."""
        return (await self._store.conversation(chat)).replies

    async def unanswered(self, chat: Chat) -> bool:
        """Was the chat's last question left without an answer?"""
        return (await self._store.conversation(chat)).misses > 0

    async def suggestions(self, text: str) -> Sequence[tuple[str, str, Reply]]:
        """Entries that fit the text, with title and answer, outside any conversation; nothing is stored."""
        return await asyncio.to_thread(self._engine().suggest, text, self._clock.now())

    async def purge(self) -> dict[str, int]:
        """Delete what has been kept long enough; rows by table."""
        return await self._store.purge(self._clock.now())

    async def forget(self, chat: Chat) -> dict[str, int]:
        """Erase all that is kept about this chat; rows by table."""
        return await self._store.forget(chat, self._clock.now())
