"""A talk at the terminal, for people and for programs. Only reads, shows, and passes on."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Iterable
from typing import TextIO

from adapters.console.lines import CHANNEL, BadLine, message, repeated, talked
from bot.messages import Chat, Message, Reply
from bot.service import Service


async def talk_in_lines(service: Service, source: Iterable[str], sink: TextIO) -> bool:
    """Answer each line in its place; True when none was malformed.

    What a kill left waiting is taken first. A reply is marked sent only after its line has been flushed.
    """
    await service.resume()
    well = True
    run = secrets.token_hex(8)  # keys of lines without an id never repeat, also after a restart
    for number, line in enumerate(source):
        if not line.strip():
            continue
        try:
            answer, chat = await _answer(service, line, f"{run}-{number}")
        except BadLine as bad:
            well = False
            answer, chat = {"error": str(bad)}, None
        sink.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sink.flush()
        if chat is not None:
            await service.mark_sent(chat)
    return well


async def _answer(service: Service, line: str, fallback: str) -> tuple[dict[str, object], Chat | None]:
    heard, given = message(line, fallback)
    chat = heard.chat
    if not await service.receive(heard):
        await service.handle(chat)  # received before a kill, but its turn was not taken
        return repeated(chat.id, given, list(await service.replies_to(chat, heard.key))), chat
    turns = await service.handle(chat)
    turn = next(turn for key, turn in turns if key == heard.key)
    return talked(chat.id, given, turn), chat


async def talk_to_person(service: Service, lang: str, source: TextIO, sink: TextIO) -> None:
    """A talk with the person at the keyboard, until the input ends or an empty line twice."""
    chat = Chat(CHANNEL, f"terminal-{secrets.token_hex(8)}")
    sink.write("Napisz pytanie i naciśnij Enter. Koniec: Ctrl+D.\n")
    number = 0
    while True:
        sink.write("\n> ")
        sink.flush()
        line = await asyncio.to_thread(source.readline)
        if not line:
            return
        number += 1
        await service.receive(Message(chat, str(number), line, lang=lang))
        await service.handle(chat)
        for reply in await service.collected(chat):
            sink.write("\n" + shown(reply) + "\n")


def shown(reply: Reply) -> str:
    """A reply as plain text: links by their address, choices numbered so that a digit picks one."""
    parts = [_printable(reply.text)]
    parts += [f"{_printable(link.label)}: {link.url}" for link in reply.links]
    choices = [f"{number}. {_printable(choice.label)}" for number, choice in enumerate(reply.choices, 1)]
    return "\n\n".join(filter(None, ["\n".join(parts), "\n".join(choices)]))


def _printable(text: str) -> str:
    """Text that cannot steer the terminal."""
    return "".join(
        sign if sign in "\n\u00a0" or sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text
    )


def from_stdin() -> Iterable[str]:
    """Lines of standard input, undecodable bytes replaced rather than fatal."""
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return iter(sys.stdin.readline, "")
