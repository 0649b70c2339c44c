"""The scripted conversations through Telegram: by taps, by digits and by typed labels the same is seen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dialogue.conversation import Conversation
from bot.dialogue.engine import Engine
from bot.dialogue.events import ForgetAsked
from bot.messages import Chat, Message, Reply
from tests.adapters.telegram.conftest import Opening
from tests.conftest import ROOT
from tests.telegram.emulator import BotApi
from tests.telegram.person import Person

SCRIPTS = sorted((ROOT / "tests" / "dialogues").glob("*.yaml"))
WAYS = ("tap", "digit", "label")


class Still:
    """A clock that stands still."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """The same moment always."""
        return self._at


def sayable(turns: list[dict[str, Any]]) -> bool:
    """Could a person type this in Telegram's app?"""
    return all(
        "choice" not in turn and 1 <= len(str(turn.get("say", "x")).strip()) <= 4_000 for turn in turns
    )


@pytest.mark.parametrize("way", WAYS)
async def test_conversations(way: str, api: BotApi, channel: Opening, engine: Engine, now: datetime) -> None:
    scripts = [(path, yaml.safe_load(path.read_text(encoding="utf-8"))["turns"]) for path in SCRIPTS]
    async with channel(clock=Still(now)):
        for number, (path, turns) in enumerate(scripts, 1):
            if sayable(turns):
                await follow(Person(api, 1_000 + number), turns, way, engine, now, path)


async def follow(
    person: Person, turns: list[dict[str, Any]], way: str, engine: Engine, now: datetime, path: Path
) -> None:
    conversation = Conversation()
    for at, step in enumerate(turns):
        before = len(person.seen)
        if "tap" in step:
            choice = conversation.offered[step["tap"] - 1]
            message = Message(Chat("x", "1"), str(at), choice=choice.id)
            typed = choice.label if way == "label" else str(step["tap"])
            if way == "tap":
                person.tap(choice.label)
            else:
                message = Message(Chat("x", "1"), str(at), typed, lang="pl")
                person.say(typed)
        else:
            message = Message(Chat("x", "1"), str(at), str(step["say"]), lang="pl")
            person.say(str(step["say"]))
        turn = engine.take_turn(conversation, message, now)
        seen = await person.wait_for(before + len(turn.replies))
        shown = seen[before:]
        assert [one.text for one in shown] == list(map(plain, turn.replies)), path.stem
        assert shown[-1].labels == [choice.label for choice in turn.replies[-1].choices], path.stem
        forgotten = any(isinstance(event, ForgetAsked) for event in turn.events)
        conversation = Conversation() if forgotten else turn.conversation


def plain(reply: Reply) -> str:
    """What a person sees of a reply that fits one message."""
    links = "\n".join(link.label for link in reply.links)
    return "\n\n".join(filter(None, [reply.text, links]))
