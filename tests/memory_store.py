"""The store's twin for tests: the same promises, kept in lists, gone with the process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.dialogue.conversation import Conversation
from bot.dialogue.events import Answered, CrisisMet, Event, ForgetAsked, Unanswered
from bot.messages import Chat, Message, Reply
from bot.ports import DELIVERY_STEPS, Delivery, DeliveryState, LoggedQuestion, Pending
from bot.privacy import retention
from bot.privacy.retention import Period, month_of

Row = TypeVar("Row")


@dataclass(slots=True)
class _Inbox:
    id: int
    chat: Chat
    key: str
    message: Message | None
    received: datetime
    tries: int = 0
    done: bool = False


@dataclass(slots=True)
class _Outbox:
    id: int
    chat: Chat
    key: str
    reply: Reply | None
    created: datetime
    state: DeliveryState = "waiting"
    again: bool = False
    placed: int | None = None
    tries: int = 0
    not_before: datetime | None = None

    @property
    def open(self) -> bool:
        return bool(DELIVERY_STEPS[self.state])

    def rest(self, state: DeliveryState) -> None:
        self.state, self.reply, self.again = state, None, False


@dataclass(slots=True)
class _Kept:
    """An event or a question; `chat` goes before the rest does."""

    id: int
    at: datetime
    channel: str
    chat: Chat | None
    event: Event


class MemoryStore:
    """`bot.ports.Store` without I/O."""

    def __init__(self) -> None:
        self._inbox: list[_Inbox] = []
        self._outbox: list[_Outbox] = []
        self._conversations: dict[Chat, tuple[Conversation, datetime]] = {}
        self._events: list[_Kept] = []
        self._questions: list[_Kept] = []
        self._crises: Counter[tuple[str, str]] = Counter()
        self._last = 0

    async def receive(self, message: Message, at: datetime) -> bool:
        if any(row.chat == message.chat and row.key == message.key for row in self._inbox):
            return False
        self._inbox.append(_Inbox(self._next_id(), message.chat, message.key, message, at))
        return True

    async def waiting_chats(self) -> Sequence[Chat]:
        return list(dict.fromkeys(row.chat for row in self._inbox if not row.done))

    async def next_message(self, chat: Chat) -> Pending | None:
        row = self._oldest(chat)
        if row is None or row.message is None:
            return None
        return Pending(row.id, row.message, row.received, row.tries, await self.conversation(chat))

    async def finish(
        self,
        pending: Pending,
        conversation: Conversation,
        replies: Sequence[Reply],
        events: Sequence[Event],
        at: datetime,
    ) -> bool:
        chat = pending.message.chat
        row = self._oldest(chat)
        if row is None or row.id != pending.id:
            return False
        row.done, row.message = True, None
        if any(isinstance(event, ForgetAsked) for event in events):
            self._erase(chat, before=row.id)
        else:
            self._conversations[chat] = (conversation, at)
            self._keep_events(chat, events, at)
        self._outbox += [_Outbox(self._next_id(), chat, row.key, reply, at) for reply in replies]
        crises = sum(isinstance(event, CrisisMet) for event in events)
        self._crises += Counter({(month_of(at), chat.channel): crises})
        return True

    async def failed(self, pending: Pending, at: datetime) -> int:
        row = next((row for row in self._inbox if row.id == pending.id and not row.done), None)
        if row is None:
            return pending.tries
        row.tries += 1
        return row.tries

    async def replies_to(self, chat: Chat, key: str) -> Sequence[Reply]:
        return [delivery.reply for delivery in await self.deliveries(chat) if delivery.key == key]

    async def next_delivery(self, channel: str, at: datetime) -> Delivery | None:
        heads = {row.chat: row for row in reversed(self._outbox) if row.open}
        for row in sorted(heads.values(), key=lambda row: row.id):
            due = row.not_before is None or row.not_before <= at
            if row.chat.channel == channel and due and row.state != "sending" and not row.again:
                row.again = row.state == "doubtful"
                row.state = "doubtful" if row.again else "sending"
                row.tries += 1
                return _delivery(row)
        return None

    async def deliveries(self, chat: Chat) -> Sequence[Delivery]:
        return [_delivery(row) for row in self._outbox if row.chat == chat and row.open]

    async def settle(
        self,
        delivery: Delivery,
        state: DeliveryState,
        at: datetime,
        not_before: datetime | None = None,
    ) -> None:
        row = next((row for row in self._outbox if row.id == delivery.id), None)
        if row is None:
            return
        if state not in DELIVERY_STEPS[row.state] and (row.state, state) != ("waiting", "sent"):
            raise ValueError(f"a reply does not go from {row.state} to {state}")
        if not DELIVERY_STEPS[state]:
            row.rest(state)
        row.state, row.not_before, row.again = state, not_before, False

    async def place(self, delivery: Delivery, placed: int) -> None:
        row = next((row for row in self._outbox if row.id == delivery.id and row.open), None)
        if row is not None:
            row.placed = placed

    async def interrupted(self, repeatable: Collection[str] = ()) -> int:
        for row in self._outbox:
            row.again = False
            if row.state == "sending" and row.chat.channel in repeatable:
                row.state = "waiting"
        sending = [row for row in self._outbox if row.state == "sending"]
        for row in sending:
            row.state = "doubtful"
        return len(sending)

    async def conversation(self, chat: Chat) -> Conversation:
        return self._conversations[chat][0] if chat in self._conversations else Conversation()

    async def questions(self) -> Sequence[LoggedQuestion]:
        return [
            LoggedQuestion(row.id, row.at, row.channel, event.lang, event.county, event.text, event.nearest)
            for row in self._questions
            if isinstance(event := row.event, Unanswered)
        ]

    async def answered(self) -> dict[str, int]:
        return dict(Counter(row.event.entry for row in self._events if isinstance(row.event, Answered)))

    async def purge(self, at: datetime) -> dict[str, int]:
        touched = {
            "inbox": self._purge_inbox(at),
            "outbox": self._purge_outbox(at),
            "conversations": self._purge_conversations(at),
            "questions": _purge_kept(self._questions, at, retention.QUESTION, retention.QUESTION_PERSON),
            "events": _purge_kept(self._events, at, retention.EVENT, retention.EVENT_PERSON),
            "counts": self._purge_crises(at),
        }
        return {name: number for name, number in touched.items() if number}

    async def forget(self, chat: Chat, at: datetime) -> dict[str, int]:
        return self._erase(chat)

    async def close(self) -> None:
        pass

    def _next_id(self) -> int:
        self._last += 1
        return self._last

    def _oldest(self, chat: Chat) -> _Inbox | None:
        return next((row for row in self._inbox if row.chat == chat and not row.done), None)

    def _keep_events(self, chat: Chat, events: Sequence[Event], at: datetime) -> None:
        for event in events:
            if isinstance(event, Unanswered):
                self._questions.append(_Kept(self._next_id(), at, chat.channel, chat, event))
            if not isinstance(event, CrisisMet):
                whose = None if isinstance(event, Unanswered) else chat
                self._events.append(_Kept(self._next_id(), at, chat.channel, whose, event))

    def _erase(self, chat: Chat, before: int | None = None) -> dict[str, int]:
        deleted = {
            "inbox": _drop(self._inbox, lambda row: row.chat == chat and (before is None or row.id < before)),
            "outbox": _drop(self._outbox, lambda row: row.chat == chat),
            "conversations": int(self._conversations.pop(chat, None) is not None),
            "questions": _drop(self._questions, lambda row: row.chat == chat),
            "events": _drop(self._events, lambda row: row.chat == chat),
        }
        return {name: number for name, number in deleted.items() if number}

    def _purge_inbox(self, at: datetime) -> int:
        touched = _drop(self._inbox, lambda row: row.received <= retention.MESSAGE_KEY.over(at))
        for row in self._inbox:
            if row.message is not None and row.received <= retention.TEXT.over(at):
                row.done, row.message = True, None
                touched += 1
        return touched

    def _purge_outbox(self, at: datetime) -> int:
        touched = _drop(self._outbox, lambda row: row.created <= retention.MESSAGE_KEY.over(at))
        for row in self._outbox:
            if row.reply is not None and row.created <= retention.TEXT.over(at):
                row.rest("stale" if row.state == "waiting" else "unsure")
                touched += 1
        return touched

    def _purge_conversations(self, at: datetime) -> int:
        old = [
            chat for chat, (_, last) in self._conversations.items() if last <= retention.CONVERSATION.over(at)
        ]
        for chat in old:
            del self._conversations[chat]
        return len(old)

    def _purge_crises(self, at: datetime) -> int:
        old = [count for count in self._crises if count[0] < month_of(retention.CRISIS.over(at))]
        for count in old:
            del self._crises[count]
        return len(old)


def _purge_kept(rows: list[_Kept], at: datetime, whole: Period, whose: Period) -> int:
    touched = _drop(rows, lambda row: row.at <= whole.over(at))
    for row in rows:
        if row.chat is not None and row.at <= whose.over(at):
            row.chat = None
            touched += 1
    return touched


def _drop(rows: list[Row], gone: Callable[[Row], bool]) -> int:
    """Remove those that are gone; how many."""
    before = len(rows)
    rows[:] = [row for row in rows if not gone(row)]
    return before - len(rows)


def _delivery(row: _Outbox) -> Delivery:
    assert row.reply is not None
    return Delivery(row.id, row.chat, row.key, row.reply, f"{row.id:032x}", row.state, row.tries, row.placed)
