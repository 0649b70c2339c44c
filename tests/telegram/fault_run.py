"""Many chats, a Telegram that fails in every way, and a bot that is killed again and again.

python -m tests.telegram.fault_run        2,000 messages from 200 chats, 20 kills; prints the figures
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.telegram.emulator import BotApi, Faults
from tests.telegram.person import Person, Sent

ROOT = Path(__file__).parents[2]
QUESTIONS = (
    "renta socjalna", "karta parkingowa", "mały zus plus", "ulga na start", "eures", "wózek elektryczny",
    "turnus rehabilitacyjny", "zasiłek pielęgnacyjny", "świadczenie wspierające", "pies asystujący",
)  # fmt: skip
"""Names of entries: each has an answer of its own, so it can be told which question an answer belongs to."""
PLACED = "Łącze się zerwało"
"""A message in whose place an answer was to stand, and of which the bot never learnt."""
NEAR_A_KILL = 5.0
"""Seconds before a kill in which a message may have been sent without having been marked as sent."""


@dataclass
class Figures:
    """What came of a run. `lost`: questions without an answer; `disordered`: chats with answers out of order;
    `left_behind`: sentences in whose place an answer was to stand."""

    messages: int
    chats: int
    seconds: float = 0.0
    lost: int = 0
    disordered: int = 0
    thrice: int = 0
    twice_after_lost_answer: int = 0
    twice_around_kill: int = 0
    twice_without_reason: int = 0
    kills: int = 0
    left_behind: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)

    def report(self) -> str:
        """One line a figure."""
        return "\n".join(f"{name}: {value}" for name, value in vars(self).items())


class Bot:
    """`klaster run` as a process of its own, on the same data each time."""

    def __init__(self, api: BotApi, data: Path) -> None:
        self._environment = {
            **os.environ,
            "KLASTER_DATA": str(data),
            "KLASTER_KNOWLEDGE": str(ROOT / "knowledge"),
            "KLASTER_TELEGRAM_TOKEN": api.token,
            "KLASTER_TELEGRAM_API": api.base,
            "KLASTER_LOG": "error",
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start and wait until it says that it serves."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from adapters.cli import main; main()", "run",
            cwd=ROOT, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout
        assert await self._process.stdout.readline(), "the bot ended instead of serving"

    async def kill(self) -> None:
        """SIGKILL."""
        assert self._process
        self._process.kill()
        await self._process.wait()


async def run(messages: int, chats: int, kills: int, data: Path, seed: int = 1) -> Figures:
    """One run. `data` must hold what the search has learnt; `messages` of each chat are at most len(QUESTIONS)."""
    chance = random.Random(seed)  # noqa: S311 - repeatable trouble
    figures = Figures(messages, chats, kills=kills)
    each = messages // chats
    started = time.monotonic()
    async with BotApi() as api:
        api.faults = Faults(
            seed=seed, drop_before=0.02, drop_after=0.02, e500=0.02, e502=0.02, e429=0.01, half_body=0.02,
            slow=0.05, deliver_twice=0.05, out_of_order=0.1,
        )  # fmt: skip
        people = [Person(api, 10_000 + number, known=True) for number in range(chats)]
        moments: list[float] = []
        bot = Bot(api, data)
        await bot.start()
        talking = [asyncio.create_task(talk(person, each, chance)) for person in people]
        trouble = asyncio.create_task(troubles(api, chance))
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(1.0, 4.0))
            moments.append(time.monotonic())
            await bot.kill()
            await bot.start()
        await asyncio.gather(*talking)
        trouble.cancel()
        api.faults = Faults(seed=seed)
        await answered(people, each)
        await bot.kill()
        judge(figures, people, each, moments)
        figures.faults = dict(api.counted)
    figures.seconds = round(time.monotonic() - started, 1)
    return figures


async def talk(person: Person, number: int, chance: random.Random) -> None:
    """Ask one question after the other, not waiting for answers."""
    for question in QUESTIONS[:number]:
        await asyncio.sleep(chance.uniform(0.0, 4.0))
        person.say(question)


async def troubles(api: BotApi, chance: random.Random) -> None:
    """Now and then Telegram is away, or somebody else polls."""
    while True:
        await asyncio.sleep(chance.uniform(4.0, 9.0))
        if chance.random() < 0.5:
            async with api.away(chance.uniform(0.5, 2.0), cut=chance.random() < 0.5):
                pass
        else:
            with suppress(httpx.HTTPError):
                async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                    await client.get(
                        f"{api.base}/bot{api.token}/getUpdates", params={"timeout": 0, "limit": 1}
                    )


async def answered(people: list[Person], each: int, patience: float = 120.0) -> None:
    """Wait until everybody has an answer to every question, or until nothing new has come for a while."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if all(len(set(topics(person.seen))) >= each for person in people):
            return
        await asyncio.sleep(0.5)


def topics(seen: list[Sent]) -> list[str]:
    """What each answer is about: its headline."""
    return [sent.text.partition("\n")[0] for sent in seen if not sent.text.startswith(PLACED)]


def judge(figures: Figures, people: list[Person], each: int, kills: list[float]) -> None:
    """Count what is missing, out of order, or there twice and why."""
    expected: list[str] | None = None
    for person in people:
        first = list(dict.fromkeys(topics(person.seen)))
        figures.lost += max(0, each - len(first))
        if expected is None and len(first) == each:
            expected = first
    for person in people:
        seen = person.seen
        figures.left_behind += sum(sent.text.startswith(PLACED) for sent in seen)
        first = list(dict.fromkeys(topics(seen)))
        figures.disordered += expected is not None and first != [one for one in expected if one in first]
        for topic, number in Counter(topics(seen)).items():
            figures.thrice += number > 2
            if number == 2:
                one = next(sent for sent in seen if sent.text.startswith(topic))
                if not person.chat.messages[one.message_id].answered:
                    figures.twice_after_lost_answer += 1
                elif any(one.time <= kill <= one.time + NEAR_A_KILL for kill in kills):
                    figures.twice_around_kill += 1
                else:
                    figures.twice_without_reason += 1


def prepared(folder: Path, trained: Path) -> Path:
    """A data folder that holds what the search has learnt, where something has been learnt."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    if trained.exists():
        shutil.copytree(trained, data / "trained")
    return data


def main() -> None:
    """The whole run, figures printed; the exit code tells whether every promise held."""
    with TemporaryDirectory() as folder:
        found = asyncio.run(run(2_000, 200, 20, prepared(Path(folder), ROOT / "data" / "trained")))
    sys.stdout.write(found.report() + "\n")
    sys.exit(bool(found.lost or found.disordered or found.thrice or found.twice_without_reason))


if __name__ == "__main__":
    main()
