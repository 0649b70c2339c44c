"""Fifty kills in the middle of a talk: nothing is lost, nothing is left, nothing is handled twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.store.database import open_store
from bot.privacy.keys import Keys

ROOT = Path(__file__).parents[3]
MESSAGES, KILLS, CHATS, AHEAD = 500, 50, 10, 20


def lines() -> list[dict[str, str]]:
    """Every fourth message is one that nothing answers, each with words of its own."""
    asked = ("ile dostane z pefronu na wlasna firme", "a jakie papiery?", "gdzie to załatwić")
    rows = []
    for number in range(MESSAGES):
        text = f"przepis na zupę z dyni numer {number}" if number % 4 == 3 else asked[number % 4]
        rows.append({"chat": f"c{number % CHATS}", "id": f"m{number}", "text": text})
    return rows


class Bot:
    """One life of `klaster chat --jsonl`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        assert process.stdout
        self.process, self.source, self.sink = process, process.stdout, process.stdin

    @classmethod
    async def start(cls, environment: dict[str, str]) -> Bot:
        command = [sys.executable, "-c", "from adapters.cli import main; main()", "chat", "--jsonl"]
        return cls(
            await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                limit=1_000_000,
            )
        )  # fmt: skip

    async def answer(self) -> dict[str, Any] | None:
        line = await self.source.readline()
        return json.loads(line) if line.endswith(b"\n") else None


@dataclass
class Kill:
    """When to kill: so many seconds after the start, or after the first answer."""

    seconds: float
    in_talk: bool


async def talk(
    bot: Bot, waiting: list[dict[str, str]], kill: Kill | None, seen: dict[str, dict[str, Any]]
) -> None:
    """Send what waits, a few lines ahead, and take answers until all are there or the process has been killed."""

    async def send() -> None:
        try:
            for number, row in enumerate(waiting):
                while number >= len(answered) + AHEAD:
                    await moved.wait()
                    moved.clear()
                bot.sink.write((json.dumps(row) + "\n").encode())
                await bot.sink.drain()
            bot.sink.close()
        except (BrokenPipeError, ConnectionResetError):
            return

    def kill_later() -> None:
        if kill:
            asyncio.get_running_loop().call_later(kill.seconds, _kill, bot)

    answered: list[str] = []
    moved = asyncio.Event()
    sending = asyncio.create_task(send())
    if kill and not kill.in_talk:
        kill_later()
    while (answer := await bot.answer()) is not None:
        if kill and kill.in_talk and not answered:
            kill_later()
        seen.setdefault(answer["id"], answer)
        if not answer.get("repeat"):
            seen[answer["id"]]["handled"] = seen[answer["id"]].get("handled", 0) + 1
        answered.append(answer["id"])
        moved.set()
    sending.cancel()
    await bot.process.wait()


def _kill(bot: Bot) -> None:
    if bot.process.returncode is None:
        bot.process.kill()


def random_kill(chance: random.Random) -> Kill:
    """One in five while it starts or takes up what was left, the others in the middle of the talk."""
    in_talk = chance.random() < 0.8
    return Kill(chance.uniform(0.0, 0.12) if in_talk else chance.uniform(0.05, 1.5), in_talk)


@pytest.mark.trust("T-01", "T-02", "T-05", "T-146")
async def test_fifty_kills_lose_nothing(tmp_path: Path, trained_folder: Path, engine: object) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "trained").symlink_to(trained_folder)
    environment = {
        **os.environ,
        "KLASTER_DATA": str(tmp_path / "data"),
        "KLASTER_KNOWLEDGE": str(ROOT / "knowledge"),
    }
    chance = random.Random(20261124)  # noqa: S311 - moments of kills, nothing secret
    rows, seen = lines(), {}  # type: ignore[var-annotated]
    kills = 0
    while len(seen) < MESSAGES or kills < KILLS:
        # where all has been answered before the last kill, the rest of them meet repeats
        waiting = [row for row in rows if row["id"] not in seen] or rows[-AHEAD:]
        bot = await Bot.start(environment)
        await talk(bot, waiting, random_kill(chance) if kills < KILLS else None, seen)
        kills += bot.process.returncode == -9
        assert bot.process.returncode in (0, -9)
    assert set(seen) == {row["id"] for row in rows}
    assert all(answer.get("handled", 0) <= 1 for answer in seen.values()), "a turn was taken twice"
    await _nothing_left(tmp_path / "data")


async def _nothing_left(data: Path) -> None:
    store = await open_store(
        f"sqlite:///{data / 'klaster.db'}", Keys.from_secret((data / "secret").read_bytes().strip())
    )
    try:
        assert await store.waiting_chats() == []
        texts = [question.text for question in await store.questions()]
        kept = sorted(text for text in texts if text.startswith("przepis"))
        assert kept == sorted(row["text"] for row in lines() if row["text"].startswith("przepis"))
    finally:
        await store.close()
