"""What is remembered of a talk between two messages, and no more: it is kept 24 hours (bot/privacy/retention)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from bot.messages import Choice, Language, Reply


@dataclass(frozen=True, slots=True)
class Conversation:
    """The state of one talk.

    `entry` is the subject, `trail` the subjects before it (last one last), `offered` what was last offered to
    choose from, `expects` what the bot asked back: "erase", or "heard": whether `heard` is what was
    said in a voice message.
    """

    lang: Language = "pl"
    entry: str | None = None
    facet: str | None = None
    trail: tuple[str, ...] = ()
    offered: tuple[Choice, ...] = ()
    expects: Literal["erase", "heard"] | None = None
    heard: str = ""
    county: str | None = None
    voivodeship: str | None = None
    easy: bool = False
    misses: int = 0
    greeted: bool = False
    replies: tuple[Reply, ...] = ()


_ADAPTER = TypeAdapter(Conversation)
_REPLY = TypeAdapter(Reply)


def dump_conversation(conversation: Conversation) -> bytes:
    """The conversation as JSON bytes."""
    return _ADAPTER.dump_json(conversation)


def load_conversation(data: bytes | None) -> Conversation:
    """The conversation of these bytes; a new one where there are none or an older program wrote another shape."""
    if data is None:
        return Conversation()
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError:
        return Conversation()


def dump_reply(reply: Reply) -> bytes:
    """The reply as JSON bytes."""
    return _REPLY.dump_json(reply)


def load_reply(data: bytes) -> Reply:
    """The reply of these bytes. Raises pydantic.ValidationError when they are not one."""
    return _REPLY.validate_json(data)
