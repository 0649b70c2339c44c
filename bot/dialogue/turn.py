"""The engine's whole result, and the outcomes it may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.dialogue.conversation import Conversation
from bot.dialogue.events import Event
from bot.messages import Reply
from bot.search.place import Place
from bot.search.rank import Match

Outcome = Literal[
    "answer",
    "choose",
    "unknown",
    "place",
    "interview",
    "handover",
    "crisis",
    "settings",
    "smalltalk",
    "refused",
]


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from one message: the new conversation, replies, events, and how it was understood.

    `facet` is the part that the question was understood to ask for; `candidates` the best entries whatever the
    outcome, the offered ones first.
    """

    conversation: Conversation
    replies: tuple[Reply, ...]
    outcome: Outcome
    entry: str | None = None
    facet: str | None = None
    candidates: tuple[Match, ...] = ()
    events: tuple[Event, ...] = ()
    place: Place | None = None
