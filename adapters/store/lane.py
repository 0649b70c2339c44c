"""One long-lived connection, on which whole transactions run as plain functions, one at a time.

What is asked for runs to its end, in a task of its own: a task that is cancelled leaves no half-done
transaction behind. Only a loop that ends before `close()` breaks it off.

The driver, aiosqlite, hops to its thread and back several times for each statement. Measured, turns per second:
230 so, 525 when the driver was sqlite3 and a whole transaction was one hop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.errors import StoreError

Result = TypeVar("Result")


class Lane:
    """Takes work one at a time. After any fault the connection is made anew, so nothing half-done is left in it."""

    def __init__(
        self,
        engine: AsyncEngine,
        prepare: Callable[[Connection], None],
        fault_of: Callable[[DatabaseError], StoreError],
    ) -> None:
        self._engine = engine
        self._prepare = prepare
        self._fault_of = fault_of
        self._connection: AsyncConnection | None = None
        self._closed = False
        self._turn = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()  # the loop itself holds tasks only weakly

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work on the connection. Raises StoreError when the database cannot."""
        if self._closed:
            raise RuntimeError("the lane is closed")
        return await self._to_its_end(self._run(work))

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work in one transaction: all of it holds, or nothing."""
        return await self.run(lambda connection: _in_transaction(connection, work))

    async def close(self) -> None:
        """Let go of the connection, after what is under way. Once more does no harm."""
        self._closed = True
        await self._to_its_end(self._close())

    async def _to_its_end(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Begin it, in the order of the calls; whoever waits for it may be cancelled, it is not."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _run(self, work: Callable[[Connection], Result]) -> Result:
        async with self._turn:
            try:
                if self._connection is None:
                    self._connection = await self._engine.connect()
                    await self._connection.run_sync(self._prepare)
                return await self._connection.run_sync(work)
            except BaseException as error:
                # After a fault inside COMMIT the engine believes that the transaction is over, SQLite does not
                await self._drop()
                if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError):
                    raise self._fault_of(error) from error
                raise  # a fault of ours, not of the disk

    async def _close(self) -> None:
        async with self._turn:
            await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _in_transaction(connection: Connection, work: Callable[[Connection], Result]) -> Result:
    with connection.begin():
        return work(connection)
