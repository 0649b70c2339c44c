"""Lines of JSON in, lines of JSON out: the contract by which other programs talk to the bot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.dialogue.turn import Turn
from bot.messages import Chat, Message, Reply
from bot.search.place import Place

CHANNEL = "console"
MAX_ID = 200


class BadLine(Exception):
    """A line that is not what the contract says; the sentence is for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A line of `ask --jsonl`."""

    id: str | None
    text: str
    lang: str | None


def question(line: str) -> Question:
    """Read a line of `ask --jsonl`. Raises BadLine."""
    row = _object(line)
    return Question(_optional(row, "id"), _text(row, "text"), _optional(row, "lang"))


def message(line: str, fallback_key: str) -> tuple[Message, str | None]:
    """Read a line of `chat --jsonl`: the message and its id as given. Raises BadLine."""
    row = _object(line)
    chat = Chat(CHANNEL, _text(row, "chat"))
    given = _optional(row, "id")
    if ("text" in row) == ("choice" in row):
        raise BadLine('a line has either "text" or "choice"')
    choice = _text(row, "choice") if "choice" in row else None
    text = _text(row, "text") if "text" in row else ""
    return Message(chat, given or fallback_key, text, choice, _optional(row, "lang")), given


def asked(id_: str | None, turn: Turn, milliseconds: float) -> dict[str, Any]:
    """The answer to a line of `ask --jsonl`."""
    head = {} if id_ is None else {"id": id_}
    return {**head, **_understood(turn), "ms": round(milliseconds, 2)}


def talked(chat: str, id_: str | None, turn: Turn) -> dict[str, Any]:
    """The answer to a line of `chat --jsonl`."""
    head = {"chat": chat} if id_ is None else {"chat": chat, "id": id_}
    return {**head, **_understood(turn), "replies": [reply(one) for one in turn.replies]}


def repeated(chat: str, id_: str | None, replies: list[Reply]) -> dict[str, Any]:
    """The answer to a line whose id was seen before."""
    head = {"chat": chat} if id_ is None else {"chat": chat, "id": id_}
    return {**head, "repeat": True, "replies": [reply(one) for one in replies]}


def reply(one: Reply) -> dict[str, Any]:
    """A reply as JSON."""
    shown = asdict(one)
    return {"text": shown["text"], "choices": shown["choices"], "links": shown["links"]}


def _understood(turn: Turn) -> dict[str, Any]:
    return {
        "outcome": turn.outcome,
        "entry": turn.entry,
        "facet": turn.facet,
        "candidates": [{"entry": match.entry, "score": round(match.score, 4)} for match in turn.candidates],
        "lang": turn.conversation.lang,
        "place": _place(turn.place),
    }


def _place(place: Place | None) -> dict[str, str | None] | None:
    if place is None or (place.county is None and place.voivodeship is None and not place.options):
        return None
    county = place.county.shown if place.county else None
    return {"name": place.name, "county": county, "voivodeship": place.voivodeship}


def _object(line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLine("not a line of JSON") from None
    if not isinstance(row, dict):
        raise BadLine("a line must be a JSON object")
    return row


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise BadLine(f'"{name}" must be a string')
    if name != "text" and (len(value) > MAX_ID or not value.isprintable()):
        raise BadLine(f'"{name}" must be at most {MAX_ID} printable characters')
    return value


def _optional(row: Mapping[str, Any], name: str) -> str | None:
    return None if row.get(name) is None else _text(row, name)
