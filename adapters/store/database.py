"""The store as the service knows it: one transaction for each method."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row

from adapters.store import erasing, outgoing, turns
from adapters.store.opening import make_ready
from adapters.store.rows import Seals
from adapters.store.sqlite import Database, database_path, empty_log
from bot.dialogue.conversation import Conversation
from bot.dialogue.events import Event
from bot.messages import Chat, Message, Reply
from bot.ports import Delivery, DeliveryState, LoggedQuestion, Pending
from bot.privacy.keys import Keys, SealBroken

log = logging.getLogger(__name__)


async def open_store(url: str, keys: Keys) -> SqlStore:
    """Open the database, made or migrated where needed. Raises StoreError, a sentence for the terminal."""
    path = database_path(url)
    await asyncio.to_thread(make_ready, path, keys)
    return SqlStore(Database.at(path), keys)


class SqlStore:
    """`bot.ports.Store` on a database. Texts, addresses and conversations are sealed before they get here."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._write = database.writer.transaction
        self._read = database.reader.run
        self._seals = Seals(keys)
        self._person = keys.pseudonym

    async def receive(self, message: Message, at: datetime) -> bool:
        row = turns.message_row(self._seals, message, at)
        return await self._write(lambda c: turns.keep_message(c, row))

    async def waiting_chats(self) -> Sequence[Chat]:
        chats = []
        for row in await self._read(turns.first_of_each):
            try:
                chats.append(turns.chat_of(self._seals, row))
            except SealBroken:
                await self._set_aside(row.id)
        return chats

    async def next_message(self, chat: Chat) -> Pending | None:
        person = self._person(chat)
        while (row := await self._read(lambda c: turns.oldest(c, person))) is not None:
            try:
                return turns.pending_of(self._seals, row)
            except SealBroken:
                await self._set_aside(row.id)
        return None

    async def finish(
        self,
        pending: Pending,
        conversation: Conversation,
        replies: Sequence[Reply],
        events: Sequence[Event],
        at: datetime,
    ) -> bool:
        rows = turns.turn_rows(self._seals, pending, conversation, replies, events, at)
        written = await self._write(lambda c: turns.write_turn(c, rows))
        if written and rows.forgets:
            await self._empty_log()
        return written

    async def failed(self, pending: Pending, at: datetime) -> int:  # noqa: ARG002 - the port's
        return await self._write(lambda c: turns.count_try(c, pending))

    async def replies_to(self, chat: Chat, key: str) -> Sequence[Reply]:
        person, key_hash = self._person(chat), self._seals.keys.key_hash(chat, key)
        rows = await self._read(lambda c: outgoing.open_replies_to(c, person, key_hash))
        return [delivery.reply for delivery in await self._opened(rows)]

    async def next_delivery(self, channel: str, at: datetime) -> Delivery | None:
        return await self._write(lambda c: outgoing.claim(c, self._seals, channel, at))

    async def deliveries(self, chat: Chat) -> Sequence[Delivery]:
        person = self._person(chat)
        return await self._opened(await self._read(lambda c: outgoing.open_replies(c, person)))

    async def settle(
        self,
        delivery: Delivery,
        state: DeliveryState,
        at: datetime,  # noqa: ARG002 - the port's
        not_before: datetime | None = None,
    ) -> None:
        await self._write(lambda c: outgoing.move(c, delivery.id, state, not_before))

    async def place(self, delivery: Delivery, placed: int) -> None:
        await self._write(lambda c: outgoing.place(c, delivery.id, placed))

    async def interrupted(self, repeatable: Collection[str] = ()) -> int:
        """`repeatable`: channels whose platform knows a repeat by its token; nothing is in doubt there."""
        return await self._write(lambda c: outgoing.doubt(c, repeatable))

    async def conversation(self, chat: Chat) -> Conversation:
        person = self._person(chat)
        sealed = await self._read(lambda c: turns.kept_conversation(c, person))
        return turns.conversation_of(self._seals, person, sealed)

    async def questions(self) -> Sequence[LoggedQuestion]:
        return await self._read(turns.open_questions)

    async def answered(self) -> Mapping[str, int]:
        return await self._read(turns.answered_entries)

    async def purge(self, at: datetime) -> dict[str, int]:
        touched = await self._write(lambda c: erasing.purge(c, at))
        await self._empty_log()
        return touched

    async def forget(self, chat: Chat, at: datetime) -> dict[str, int]:  # noqa: ARG002 - the port's
        person = self._person(chat)
        deleted = await self._write(lambda c: erasing.erase(c, person))
        await self._empty_log()
        return deleted

    async def close(self) -> None:
        await self._database.close()

    async def _set_aside(self, id: int) -> None:
        await self._write(partial(turns.set_aside, id=id))

    async def _opened(self, rows: Sequence[Row[Any]]) -> list[Delivery]:
        """Those whose seals open; the others are set aside."""
        found = []
        for row in rows:
            try:
                found.append(outgoing.delivery_of(self._seals, row))
            except SealBroken:
                await self._write(partial(outgoing.set_aside, id=row.id))
        return found

    async def _empty_log(self) -> None:
        """What was overwritten in the database still stands in its log, until that is cut."""
        if not await self._database.writer.run(empty_log):
            log.warning("the write-ahead log could not be cut: another process was reading")
