"""Whole conversations as scripts: said, answered."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dialogue.conversation import Conversation, dump_conversation, load_conversation
from bot.dialogue.engine import Engine
from bot.messages import Chat, Message

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted((ROOT / "tests" / "dialogues").glob("*.yaml"))


def test_there_are_enough_conversations() -> None:
    assert len(SCRIPTS) >= 20


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_conversation(path: Path, engine: Engine, now: datetime) -> None:
    conversation = Conversation()
    for number, expected in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))["turns"]):
        turn = engine.take_turn(conversation, message(expected, conversation, str(number)), now)
        assert_turn(expected, turn)
        conversation = load_conversation(dump_conversation(turn.conversation))


def message(expected: dict[str, Any], conversation: Conversation, key: str) -> Message:
    chat = Chat("test", "1")
    if "tap" in expected:
        return Message(chat, key, choice=conversation.offered[expected["tap"] - 1].id)
    if "choice" in expected:  # what only a channel can say
        return Message(chat, key, choice=expected["choice"])
    return Message(chat, key, str(expected["say"]))


def assert_turn(expected: dict[str, Any], turn: Any) -> None:
    said = expected.get("say", expected.get("tap", expected.get("choice")))
    assert turn.outcome in _list(expected["outcome"]), (said, turn.outcome, turn.entry, turn.candidates[:3])
    if "entry" in expected:
        assert turn.entry in _list(expected["entry"]), (said, turn.entry, turn.candidates[:3])
    if "facet" in expected:
        assert turn.facet in _list(expected["facet"]), (said, turn.facet)
    text = "\n".join(reply.text for reply in turn.replies)
    for part in _list(expected.get("contains", [])):
        assert part in text, (said, part, text)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
