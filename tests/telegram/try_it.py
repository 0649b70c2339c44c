"""The bot on an emulated Telegram, from a clean start to the first answer.

python -m tests.telegram.try_it ["a question"]
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.telegram.emulator import BotApi
from tests.telegram.fault_run import ROOT, Bot, prepared
from tests.telegram.person import Person

QUESTION = "ile dostane z pefronu na wlasna firme"
PATIENCE = 120.0


async def ask(question: str, data: Path) -> str:
    """What a person sees."""
    async with BotApi() as api:
        bot = Bot(api, data)
        await bot.start()
        person = Person(api, 1)
        person.say(question)
        (sent,) = await person.wait_for(1, PATIENCE)
        await bot.kill()
    return "\n".join([f"> {question}", "", sent.text, "", *(f"[{label}]" for label in sent.labels)])


def main() -> None:
    """Ask and print."""
    with TemporaryDirectory() as folder:
        data = prepared(Path(folder), ROOT / "data" / "trained")
        sys.stdout.write(asyncio.run(ask(" ".join(sys.argv[1:]) or QUESTION, data)) + "\n")


if __name__ == "__main__":
    main()
