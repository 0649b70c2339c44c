"""A thread with one long-lived connection, on which whole transactions run as plain functions.

One hop to the thread per transaction, instead of several per statement, more than doubles the turns per
second (measured: 231 with aiosqlite, 537 so). And what has begun runs to its end: a task that is cancelled
leaves no half-done transaction behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, IntegrityError

from adapters.store.errors import StoreError

Result = TypeVar("Result")


class Lane:
    """Takes work one at a time. After any fault the connection is made anew, so nothing half-done is left in it."""

    def __init__(
        self, name: str, connect: Callable[[], Connection], fault_of: Callable[[DatabaseError], StoreError]
    ) -> None:
        self._connect = connect
        self._fault_of = fault_of
        self._connection: Connection | None = None
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"klaster-store-{name}")

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work on the connection. Raises StoreError when the database cannot."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work in one transaction: all of it holds, or nothing."""
        return await self.run(lambda connection: _in_transaction(connection, work))

    async def close(self) -> None:
        """Let go of the connection and the thread, after what is under way. Once more does no harm."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        self._thread.shutdown()

    def _run(self, work: Callable[[Connection], Result]) -> Result:
        try:
            if self._connection is None:
                self._connection = self._connect()
            return work(self._connection)
        except BaseException as error:
            # After a fault inside COMMIT the engine believes that the transaction is over, SQLite does not
            self._drop()
            if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError):
                raise self._fault_of(error) from error
            raise  # a fault of ours, not of the disk

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _in_transaction(connection: Connection, work: Callable[[Connection], Result]) -> Result:
    with connection.begin():
        return work(connection)
