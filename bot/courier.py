"""Carries replies from the outbox to a platform that is sent to: in order within a chat, chats side by side.

What a platform may have taken is sent once more at most, and only when the platform answers again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.messages import Chat
from bot.ports import Clock, Delivery, DeliveryState, Store

AT_ONCE = 16
LOOK_AGAIN = 1.0
"""Seconds after which the outbox is looked into without being told: a reply may have been put off until then."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=0.5), timedelta(minutes=1)

log = logging.getLogger(__name__)


class NotSent(Exception):
    """The platform has certainly not taken it; `after` is how long it asked to be left alone."""

    def __init__(self, after: timedelta | None = None) -> None:
        super().__init__()
        self.after = after


class Lost(Exception):
    """It went out and no answer came: nobody knows whether the platform took it."""


class Refused(Exception):
    """The platform will never take it; `gone`: nor anything else for this chat."""

    def __init__(self, gone: bool = False) -> None:
        super().__init__()
        self.gone = gone


class Platform(Protocol):
    """What is sent to."""

    async def send(self, delivery: Delivery) -> None:
        """Send the reply. Raises NotSent, Lost or Refused."""

    async def reachable(self) -> bool:
        """Does it answer a harmless call?"""


@dataclass(slots=True)
class Count:
    """What was carried since the start: first copies, second copies (`doubtful`), refusals."""

    sent: int = 0
    doubtful: int = 0
    refused: int = 0


class Courier:
    """One channel's way out of the outbox."""

    def __init__(self, store: Store, clock: Clock, channel: str, platform: Platform) -> None:
        self._store, self._clock, self._channel, self._platform = store, clock, channel, platform
        self._news = asyncio.Event()
        self._hands = asyncio.Semaphore(AT_ONCE)
        self._trouble = True  # until the platform has answered once
        self.count = Count()

    def wake(self) -> None:
        """Something may wait in the outbox."""
        self._news.set()

    async def run(self) -> None:
        """Carry until cancelled."""
        async with asyncio.TaskGroup() as carrying:
            while True:
                await self._answers_again()
                await self._hands.acquire()
                delivery = await self._next()
                if delivery is None:
                    self._hands.release()
                    await self._wait()
                else:
                    carrying.create_task(self._carry(delivery))

    async def _answers_again(self) -> None:
        """After trouble: nothing is taken from the outbox before the platform answers, so a kill meanwhile leaves
        nothing in doubt."""
        wait = FIRST_WAIT
        while self._trouble:
            self._trouble = not await self._platform.reachable()
            if self._trouble:
                await asyncio.sleep(wait.total_seconds())
                wait = min(wait * 2, LONGEST_WAIT)

    async def _next(self) -> Delivery | None:
        self._news.clear()
        try:
            return await self._store.next_delivery(self._channel, self._clock.now())
        except Exception as error:  # the store is away; the channels tell people, we look again
            log.error("outbox: %s", type(error).__name__)
            return None

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _carry(self, delivery: Delivery) -> None:
        try:
            state, after = await self._outcome(delivery)
            not_before = self._clock.now() + after if after else None
            await self._store.settle(delivery, state, self._clock.now(), not_before)
        except Exception as error:  # the row stays as it is until the next start
            log.error("delivery: %s", type(error).__name__)
        finally:
            self._hands.release()
            self.wake()

    async def _outcome(self, delivery: Delivery) -> tuple[DeliveryState, timedelta | None]:
        again = delivery.state == "doubtful"
        try:
            await self._platform.send(delivery)
        except NotSent as reason:
            self._trouble = reason.after is None
            if again:
                return await self._later(delivery, reason)
            return "waiting", reason.after or min(FIRST_WAIT * 2 ** min(delivery.tries, 7), LONGEST_WAIT)
        except Lost:
            self._trouble = True
            return ("unsure" if again else "doubtful"), None
        except Refused as reason:
            self.count.refused += 1
            if reason.gone:
                await self._forget(delivery.chat)
            return "refused", None
        self.count.sent += 1
        self.count.doubtful += again
        return "sent", None

    async def _later(self, delivery: Delivery, reason: NotSent) -> tuple[DeliveryState, timedelta | None]:
        """A second copy that was certainly not taken: it is tried again from here, for there is no way back."""
        if reason.after:
            await asyncio.sleep(reason.after.total_seconds())
        self._trouble = True
        await self._answers_again()
        return await self._outcome(delivery)

    async def _forget(self, chat: Chat) -> None:
        """Nobody can be reached there: its address and all that is kept about it go."""
        await self._store.forget(chat, self._clock.now())
