"""Carries replies from the outbox to a platform that is sent to: in order within a chat, chats side by side.

What a platform may have taken is written once more, never thrice: first a message is placed until the platform tells its
id, then that message is made into the reply, which can be repeated without doing anything twice. Only a placed message of
which nobody learnt may stay behind, and it says what it is.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot.messages import Chat
from bot.ports import Clock, Delivery, DeliveryState, Store

AT_ONCE = 4
"""So many replies are on their way at one time, and so many does a kill leave in doubt."""
LOOK_AGAIN = 1.0
"""Seconds after which the outbox is looked into without being told: a reply may have been put off until then."""
PLACED_AT_MOST = 8
"""After so many tries of which no answer came back a reply is given up: each may have left a sentence in the chat."""
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

    async def place(self, delivery: Delivery) -> int:
        """Send a sentence in whose place the reply will stand; its id. Raises NotSent, Lost or Refused."""

    async def fill(self, delivery: Delivery) -> None:
        """Make the placed message the reply; done twice it is done once. Raises NotSent, Lost or Refused."""

    async def reachable(self) -> bool:
        """Does it answer a harmless call?"""


class Courier:
    """One channel's way out of the outbox."""

    def __init__(self, store: Store, clock: Clock, channel: str, platform: Platform) -> None:
        self._store, self._clock, self._channel, self._platform = store, clock, channel, platform
        self._news = asyncio.Event()
        self._hands = asyncio.Semaphore(AT_ONCE)
        self._trouble = True  # until the platform has answered once
        self._stopping = False

    def wake(self) -> None:
        """Something may wait in the outbox."""
        self._news.set()

    def stop(self) -> None:
        """Take nothing more; `run` ends when what is on its way has arrived."""
        self._stopping = True
        self.wake()

    @property
    def stopped(self) -> bool:
        """Was it told to stop?"""
        return self._stopping

    async def run(self) -> None:
        """Carry until stopped."""
        async with asyncio.TaskGroup() as carrying:
            while not self._stopping:
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
        while self._trouble and not self._stopping:
            self._trouble = not await self._platform.reachable()
            if self._trouble:
                await asyncio.sleep(wait.total_seconds())
                wait = min(wait * 2, LONGEST_WAIT)

    async def _next(self) -> Delivery | None:
        self._news.clear()
        try:
            if self._stopping:
                return None
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
            await self._settled(delivery, state, after)
        finally:
            self._hands.release()
            self.wake()

    async def _settled(self, delivery: Delivery, state: DeliveryState, after: timedelta | None) -> None:
        """Write down what became of it, as often as it takes; stopped before, the next start goes on from doubt."""
        wait = FIRST_WAIT
        while True:
            now = self._clock.now()
            try:
                await self._store.settle(delivery, state, now, now + after if after else None)
                return
            except Exception as error:  # the store is away
                log.error("outbox: %s", type(error).__name__)
            if self._stopping:
                return
            await asyncio.sleep(wait.total_seconds())
            wait = min(wait * 2, LONGEST_WAIT)

    async def _outcome(self, delivery: Delivery) -> tuple[DeliveryState, timedelta | None]:
        doubtful = delivery.state == "doubtful"
        try:
            if doubtful:
                await self._once_more(delivery)
            else:
                await self._platform.send(delivery)
        except NotSent as reason:
            self._trouble = reason.after is None
            return ("doubtful" if doubtful else "waiting"), reason.after or _patience(delivery)
        except Lost:
            self._trouble = True
            if doubtful and delivery.placed is None and delivery.tries >= PLACED_AT_MOST:
                return "unsure", None
            return "doubtful", _patience(delivery) if doubtful else None
        except Refused as reason:
            if reason.gone:
                await self._forget(delivery.chat)
            return "refused", None
        except Exception as error:  # a fault of ours in this one reply must not stop its chat
            log.error("delivery: %s", type(error).__name__)
            return "refused", None
        return "sent", None

    async def _once_more(self, delivery: Delivery) -> None:
        if delivery.placed is None:
            delivery = replace(delivery, placed=await self._platform.place(delivery))
            await self._kept(delivery)
        await self._platform.fill(delivery)

    async def _kept(self, delivery: Delivery) -> None:
        """Where the reply is to stand; a store that is away leaves the reply in doubt, never refused. Raises Lost."""
        try:
            await self._store.place(delivery, delivery.placed or 0)
        except Exception as error:
            log.error("outbox: %s", type(error).__name__)
            raise Lost from error

    async def _forget(self, chat: Chat) -> None:
        """Nobody can be reached there: its address and all that is kept about it go."""
        try:
            await self._store.forget(chat, self._clock.now())
        except Exception as error:  # the store is away; what is old is deleted all the same
            log.error("forget: %s", type(error).__name__)


def _patience(delivery: Delivery) -> timedelta:
    """How long a reply waits that was tried so often."""
    return min(FIRST_WAIT * (1 << min(delivery.tries, 7)), LONGEST_WAIT)
