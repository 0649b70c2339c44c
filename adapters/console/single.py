"""One question without a conversation: nothing is stored."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from adapters.console.lines import CHANNEL, BadLine, asked, question
from adapters.console.talk import shown
from bot.dialogue.conversation import Conversation
from bot.dialogue.engine import Engine
from bot.dialogue.turn import Turn
from bot.messages import Chat, Message

_NOBODY = Chat(CHANNEL, "")


def turn_of(engine: Engine, text: str, lang: str | None, now: datetime) -> Turn:
    """The turn of a question asked out of the blue by somebody who knows what the bot is."""
    return engine.take_turn(Conversation(greeted=True), Message(_NOBODY, "", text, lang=lang), now)


def ask_once(engine: Engine, text: str, lang: str | None) -> str:
    """The answer as plain text."""
    return "\n\n".join(shown(reply) for reply in turn_of(engine, text, lang, datetime.now(UTC)).replies)


def ask_in_lines(engine: Engine, source: Iterable[str], sink: TextIO) -> bool:
    """Answer each line in its place; True when none was malformed."""
    well = True
    for line in source:
        if not line.strip():
            continue
        try:
            row = question(line)
            started = time.perf_counter()
            turn = turn_of(engine, row.text, row.lang, datetime.now(UTC))
            answer = asked(row.id, turn, (time.perf_counter() - started) * 1000)
        except BadLine as bad:
            well, answer = False, {"error": str(bad)}
        sink.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sink.flush()
    return well
