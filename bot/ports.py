"""What the service needs from the world, in our own words. The real things live in `adapters`, their twins in tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.dialogue.conversation import Conversation
from bot.dialogue.events import Event
from bot.knowledge.load import Kept
from bot.messages import Chat, Language, Message, Reply

DeliveryState = Literal["waiting", "sending", "sent", "doubtful", "refused", "unsure", "stale"]

DELIVERY_STEPS: dict[DeliveryState, frozenset[DeliveryState]] = {
    "waiting": frozenset({"sending", "stale"}),
    "sending": frozenset({"sent", "waiting", "doubtful", "refused"}),
    "doubtful": frozenset({"sent", "refused", "unsure", "doubtful"}),
    "sent": frozenset(),
    "refused": frozenset(),
    "unsure": frozenset(),
    "stale": frozenset(),
}
"""The only ways between the states of a reply on its way out. At rest: those that lead nowhere."""


class Clock(Protocol):
    """The time of day, always aware and in UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that waits for its turn, with the conversation as it stands."""

    id: int
    message: Message
    received: datetime
    tries: int
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Delivery:
    """A reply on its way out. `token` is made with the row and used for every try, so a platform can see a repeat.

    `placed` is the platform's own id of the message in which a reply that may have been lost is written once more.
    """

    id: int
    chat: Chat
    key: str
    reply: Reply
    token: str
    state: DeliveryState
    tries: int
    placed: int | None = None


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """An unanswered question as the admins see it: redacted text, never who asked."""

    id: int
    at: datetime
    channel: str
    lang: Language
    county: str | None
    text: str
    nearest: tuple[tuple[str, float], ...]


class Store(Protocol):
    """Durable memory. Every method is one transaction: after a crash all of it holds or nothing of it."""

    async def receive(self, message: Message, at: datetime) -> bool:
        """Keep the message in the inbox; False when its chat and key were seen before, and nothing changes."""

    async def waiting_chats(self) -> Sequence[Chat]:
        """The chats with messages whose turn has not been taken, the longest waiting first."""

    async def next_message(self, chat: Chat) -> Pending | None:
        """The chat's oldest message whose turn has not been taken; changes nothing."""

    async def finish(
        self,
        pending: Pending,
        conversation: Conversation,
        replies: Sequence[Reply],
        events: Sequence[Event],
        at: datetime,
    ) -> bool:
        """Write a turn: conversation, events, replies into the outbox, message done and its text deleted.

        False, and nothing written, when another process finished this message in the meantime or it is no longer
        the chat's oldest.
        """

    async def failed(self, pending: Pending, at: datetime) -> int:
        """Count one more failed try of this message; the number of tries so far."""

    async def replies_to(self, chat: Chat, key: str) -> Sequence[Reply]:
        """The replies to a message that are still kept, in order."""

    async def next_delivery(self, channel: str, at: datetime) -> Delivery | None:
        """Claim the next reply to send (waiting becomes sending): the oldest of this channel whose chat has no
        earlier reply that has not come to rest, and whose `not_before` has passed. A `doubtful` one is claimed
        (and stays doubtful) before later ones of its chat."""

    async def deliveries(self, chat: Chat) -> Sequence[Delivery]:
        """Replies of this chat that have not come to rest, in order; for channels that fetch rather than are sent."""

    async def settle(
        self, delivery: Delivery, state: DeliveryState, at: datetime, not_before: datetime | None = None
    ) -> None:
        """Move a reply to another state. Coming to rest deletes its text and address.

        Raises ValueError for a step that DELIVERY_STEPS does not allow; "sent" is allowed from "waiting" too for
        channels that fetch (console and web).
        """

    async def place(self, delivery: Delivery, placed: int) -> None:
        """Keep where a doubtful reply is being written once more, so that it goes on there after a kill."""

    async def interrupted(self) -> int:
        """At the start of the only process: replies left in `sending` by a kill become `doubtful`; how many. Doubtful
        ones may be claimed again."""

    async def conversation(self, chat: Chat) -> Conversation:
        """The conversation as it stands; a new one where none is kept."""

    async def questions(self) -> Sequence[LoggedQuestion]:
        """The unanswered questions, oldest first."""

    async def answered(self) -> Mapping[str, int]:
        """How often each entry was told, as far back as events are kept."""

    async def purge(self, at: datetime) -> dict[str, int]:
        """Delete what bot/privacy/retention says has been kept long enough; rows touched, by table."""

    async def forget(self, chat: Chat, at: datetime) -> dict[str, int]:
        """Erase all that is kept about this chat, in one transaction; rows deleted, by table."""

    async def close(self) -> None:
        """Let go of connections."""


class Trained(Kept, Protocol):
    """Where what the search has learnt is kept, by the name of the content it was learnt from."""
