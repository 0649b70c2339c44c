"""What only a database can promise: crashes, locks, files, bytes on the disk.

Run as a program (`python test_sqlite.py WHAT FOLDER NUMBER`) this file is one of several processes on one store.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from adapters.store.database import SqlStore, open_store
from adapters.store.errors import (
    DatabaseDamaged,
    DatabaseExposed,
    DatabaseForeign,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseUnknown,
    SettingRefused,
    StoreAway,
    StoreError,
    WrongKey,
)
from adapters.store.files import known_file
from adapters.store.migrate import SCRIPTS, revision
from adapters.store.sqlite import APPLICATION_ID, SETTINGS, Database, engine_for
from adapters.store.tables import ABOUT_PEOPLE, FOREVER, KEPT, VERSION, metadata
from bot.dialogue.conversation import Conversation
from bot.dialogue.events import Answered, CrisisMet, Event, ForgetAsked, HandoverAsked, Unanswered
from bot.messages import Chat, Choice, Message, Reply
from bot.ports import Delivery, Pending
from bot.privacy.keys import Keys

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEYS = Keys.from_secret(b"k" * 32)
ANNA, BOB = Chat("telegram", "987654321012"), Chat("telegram", "200")
ANSWERED = Answered("dotacja-pfron", "amount", "pl", "powiat-zgorzelecki")
UNANSWERED = Unanswered("czy dostanę PYTANIEJAWNE", (("owes", 0.25),), "pl", None)

Dump = dict[str, list[tuple[Any, ...]]]


def database_in(folder: Path) -> Path:
    return folder / "state" / "klaster.db"


async def open_in(folder: Path, keys: Keys = KEYS) -> SqlStore:
    return await open_store(f"sqlite:///{database_in(folder)}", keys)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[SqlStore]:
    store = await open_in(folder)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with opened(tmp_path) as store:
        yield store


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """A closed database with a person's rows in it."""
    async with opened(tmp_path) as store:
        await fill(store)
    return database_in(tmp_path)


def said(text: str, chat: Chat = ANNA) -> Message:
    return Message(chat, text, text)


async def next_of(store: SqlStore, chat: Chat = ANNA) -> Pending:
    pending = await store.next_message(chat)
    assert pending is not None
    return pending


async def claimed(store: SqlStore) -> Delivery:
    delivery = await store.next_delivery("telegram", NOON)
    assert delivery is not None
    return delivery


async def take(store: SqlStore, *replies: str, events: tuple[Event, ...] = ()) -> bool:
    conversation = Conversation(entry="owes", county="powiat-zgorzelecki")
    return await store.finish(
        await next_of(store), conversation, [Reply(text) for text in replies], events, NOON
    )


async def fill(store: SqlStore) -> None:
    """Rows of every kind: a turn with one reply on its way and one waiting, and a message that waits."""
    await store.receive(said("pierwsza"), NOON)
    await take(store, "jeden", "dwa", events=(ANSWERED, UNANSWERED, HandoverAsked(), CrisisMet()))
    await store.receive(said("druga"), NOON)
    await claimed(store)


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def one(path: Path, statement: str) -> Any:
    with raw(path) as connection:
        return connection.execute(statement).fetchone()[0]


def dump(path: Path) -> Dump:
    with raw(path) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in names}  # noqa: S608


@contextmanager
def listening(name: str, hook: Callable[..., None]) -> Iterator[None]:
    """Every engine tells the hook."""
    event.listen(Engine, name, hook)
    try:
        yield
    finally:
        event.remove(Engine, name, hook)


class Fault(Exception):
    """What a fault on purpose raises."""


@contextmanager
def fault_at(number: int) -> Iterator[Callable[[], bool]]:
    """The `number`th statement, BEGIN and COMMIT among them, fails; tells whether it was met."""
    met = 0

    def count(*_: object) -> None:
        nonlocal met
        met += 1
        if met == number:
            raise Fault

    with listening("before_cursor_execute", count), listening("commit", count):
        yield lambda: met >= number


# --- connections ---


@pytest.mark.trust("T-20")
async def test_every_connection_answers_with_our_settings(store: SqlStore, tmp_path: Path) -> None:
    def answers(connection: Connection) -> dict[str, int | str]:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in SETTINGS}

    engine = engine_for(database_in(tmp_path))
    for _ in range(2):
        with engine.connect() as connection:
            assert answers(connection) == SETTINGS
    engine.dispose()
    async with closing_database(Database.at(database_in(tmp_path))) as lanes:
        assert await lanes.writer.run(answers) == await lanes.reader.run(answers) == SETTINGS
    promised = {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 5000,
        "foreign_keys": 1,
        "secure_delete": 1,
    }
    assert promised | {"temp_store": 2, "trusted_schema": 0, "cell_size_check": 1} == SETTINGS
    assert one(database_in(tmp_path), "PRAGMA application_id") == APPLICATION_ID
    assert one(database_in(tmp_path), "PRAGMA user_version") == VERSION


@asynccontextmanager
async def closing_database(database: Database) -> AsyncIterator[Database]:
    try:
        yield database
    finally:
        await database.close()


@pytest.mark.trust("T-20")
async def test_a_setting_that_sqlite_does_not_take_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(SettingRefused, match="journal_mode"):  # in memory there is no log
        engine_for(Path(":memory:")).connect()
    monkeypatch.setitem(SETTINGS, "synchronous", 7)
    before = driver_threads()
    async with closing_database(Database.at(tmp_path / "a.db")) as lanes:
        with pytest.raises(SettingRefused, match="synchronous"):
            await lanes.writer.run(lambda _: None)
    await driver_threads_are(before)


def driver_threads() -> int:
    return sum("_connection_worker_thread" in thread.name for thread in threading.enumerate())


async def driver_threads_are(number: int) -> None:
    """One that has said its last may need a moment to end."""
    for _ in range(100):
        if driver_threads() == number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(threading.enumerate())


@pytest.mark.trust("T-21")
async def test_every_writing_transaction_begins_immediate(store: SqlStore) -> None:
    begun: list[str] = []

    def note(_: Connection, __: object, statement: str, *___: object) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    with listening("before_cursor_execute", note):
        await fill(store)
        await store.purge(NOON)
        await store.forget(ANNA, NOON)
        await store.interrupted()
    assert len(begun) == 7
    assert set(begun) == {"BEGIN IMMEDIATE"}


async def test_reading_and_thinking_hold_no_lock(store: SqlStore, tmp_path: Path) -> None:
    await fill(store)
    pending = await next_of(store)
    with raw(database_in(tmp_path)) as other:
        other.execute(
            "BEGIN IMMEDIATE"
        )  # another process writes: we do not keep it from that, nor it us from reading
        assert await next_of(store) == pending
        assert await store.waiting_chats() == [ANNA]
        assert len(await store.deliveries(ANNA)) == 2


@asynccontextmanager
async def held_back(
    store: SqlStore, path: Path, work: Awaitable[object]
) -> AsyncIterator[asyncio.Task[object]]:
    """The work has reached its BEGIN, where another process's lock holds it; it goes on afterwards."""
    reached = threading.Event()

    def note(_: Connection, __: object, statement: str, *___: object) -> None:
        if statement.startswith("BEGIN"):
            reached.set()

    with listening("before_cursor_execute", note), raw(path) as other:
        other.execute("BEGIN EXCLUSIVE")
        task = asyncio.ensure_future(work)
        assert await asyncio.to_thread(reached.wait, 10)
        yield task
        other.execute("ROLLBACK")


@pytest.mark.trust("T-151")
async def test_a_lock_held_for_a_while_is_waited_for(store: SqlStore, tmp_path: Path) -> None:
    async with held_back(store, database_in(tmp_path), store.receive(said("a"), NOON)) as task:
        assert not task.done()
    assert await task is True


async def test_a_turn_whose_task_is_cancelled_is_written_whole(store: SqlStore, tmp_path: Path) -> None:
    await fill(store)
    await next_of(store)
    async with held_back(store, database_in(tmp_path), take(store, "trzy")) as task:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await store.receive(said("druga"), NOON)  # takes its place behind the turn that is under way
    assert await store.next_message(ANNA) is None
    assert [delivery.reply.text for delivery in await store.deliveries(ANNA)] == ["jeden", "dwa", "trzy"]


async def test_closing_waits_for_what_is_under_way_and_leaves_no_thread(
    store: SqlStore, tmp_path: Path
) -> None:
    before = driver_threads()
    async with (
        closing_database(Database.at(database_in(tmp_path))) as lanes,
        held_back(store, database_in(tmp_path), lanes.writer.transaction(lambda _: "done")) as task,
    ):
        await lanes.reader.run(lambda _: None)
        assert driver_threads() == before + 2
        behind = asyncio.ensure_future(lanes.writer.transaction(lambda _: "done too"))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(lanes.close())
        await asyncio.sleep(0.05)
        assert not closing.done()
        closing.cancel()  # what it has begun goes on
    assert [await task, await behind] == ["done", "done too"]
    with pytest.raises(RuntimeError, match="closed"):
        await lanes.writer.run(lambda _: None)
    await driver_threads_are(before)


@pytest.mark.trust("T-23", "T-151")
async def test_a_lock_held_too_long_is_told_and_nothing_is_written(store: SqlStore, tmp_path: Path) -> None:
    with raw(database_in(tmp_path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreAway, match="SQLITE_BUSY"):
            await store.receive(said("a"), NOON)
    assert await store.receive(said("a"), NOON)


@pytest.mark.trust("T-23", "T-148")
async def test_with_no_room_nothing_is_written_and_with_room_it_goes_on(
    store: SqlStore, tmp_path: Path
) -> None:
    await fill(store)
    before, pages = dump(database_in(tmp_path)), one(database_in(tmp_path), "PRAGMA page_count")
    await store.close()

    def no_room(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}").close()

    async with opened(tmp_path) as full:
        with listening("connect", no_room):
            with pytest.raises(StoreAway, match="SQLITE_FULL") as told:
                await full.receive(Message(BOB, "1", "x" * 100_000), NOON)
            with pytest.raises(StoreAway, match="SQLITE_FULL"):
                await full.finish(await next_of(full), Conversation(), [Reply("y" * 100_000)], [], NOON)
            assert dump(database_in(tmp_path)) == before
        assert "xxx" not in str(told.value) + str(told.value.__cause__)  # T-68: no parameters in errors
        assert await full.receive(Message(BOB, "1", "x" * 100_000), NOON)


# --- crashes ---

Act = Callable[[SqlStore], Awaitable[object]]


async def _forgetting_turn(store: SqlStore) -> None:
    await take(store, "Usunięte.", events=(ForgetAsked(), CrisisMet()))


async def _turn(store: SqlStore) -> None:
    await take(store, "trzy", "cztery", events=(ANSWERED, UNANSWERED, HandoverAsked(), CrisisMet()))


async def _settled(store: SqlStore) -> None:
    sending, *_ = await store.deliveries(ANNA)
    await store.settle(sending, "sent", NOON)


async def _failed(store: SqlStore) -> None:
    await store.failed(await next_of(store), NOON)


async def _claim(store: SqlStore) -> None:
    sending, *_ = await store.deliveries(ANNA)
    await store.settle(sending, "waiting", NOON)
    await claimed(store)


WRITING: dict[str, Act] = {
    "receive": lambda store: store.receive(said("trzecia"), NOON),
    "turn": _turn,
    "turn with erasure": _forgetting_turn,
    "failed": _failed,
    "settle": _settled,
    "interrupted": lambda store: store.interrupted(["telegram"]),
    "purge after a day": lambda store: store.purge(NOON + DAY),
    "purge after a year": lambda store: store.purge(NOON + 400 * DAY),
    "forget": lambda store: store.forget(ANNA, NOON),
}


@pytest.mark.trust("T-05", "T-69", "T-71")
@pytest.mark.parametrize("name", WRITING)
async def test_a_fault_at_any_statement_leaves_all_or_nothing(
    name: str, store: SqlStore, tmp_path: Path
) -> None:
    await fill(store)
    path = database_in(tmp_path)
    before = dump(path)
    for number in range(1, 100):
        with fault_at(number) as met, suppress(Fault):
            await WRITING[name](store)
        if not met():
            break
        assert dump(path) == before
    assert number > 3
    assert dump(path) != before


@pytest.mark.trust("T-05")
async def test_the_process_goes_on_after_a_fault(store: SqlStore) -> None:
    with fault_at(2), pytest.raises(Fault):
        await store.receive(said("a"), NOON)
    assert await store.receive(said("a"), NOON)


def process(*arguments: object) -> subprocess.Popen[bytes]:
    """This file as another process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, __file__, *map(str, arguments)], env=environment)


@pytest.mark.trust("T-01")
@pytest.mark.parametrize(("moment", "kept"), [("before", False), ("after", True)])
async def test_a_message_is_kept_once_its_commit_is_through(moment: str, kept: bool, tmp_path: Path) -> None:
    assert process(moment, tmp_path).wait(60) == 9
    async with opened(tmp_path) as store:
        assert (await store.next_message(ANNA) is not None) is kept
        assert await store.receive(said("a"), NOON) is not kept  # the platform delivers it again


@pytest.mark.trust("T-22", "T-147")
async def test_a_log_cut_anywhere_gives_a_prefix_of_the_turns(store: SqlStore, tmp_path: Path) -> None:
    path, turns = database_in(tmp_path), 40
    for number in range(turns):
        await store.receive(said(str(number)), NOON)
        await take(store, f"odpowiedź {number}")
    log = path.with_name(path.name + "-wal").read_bytes()
    random, lengths = Random(7), set()  # noqa: S311 - not a secret
    for number in range(300):
        image = tmp_path / f"image{number}.db"
        shutil.copyfile(path, image)
        image.with_name(image.name + "-wal").write_bytes(log[: random.randint(0, len(log))])
        with raw(image) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                continue
            states = [state for (state,) in connection.execute("SELECT state FROM inbox ORDER BY id")]
            replies = connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
        assert states in (["done"] * replies, ["done"] * replies + ["waiting"])
        lengths.add(len(states))
    assert len(lengths) > 10


# --- several processes ---


@pytest.mark.trust("T-04", "T-21")
async def test_four_processes_share_a_store_without_losing_doubling_or_disordering(tmp_path: Path) -> None:
    workers = [process("turns", tmp_path, number) for number in range(4)]  # one of them makes the database
    assert [await asyncio.to_thread(worker.wait, 300) for worker in workers] == [0, 0, 0, 0]
    async with opened(tmp_path) as store:
        for chat in SHARED:
            trail = (await store.conversation(chat)).trail
            assert sorted(trail) == sorted(
                f"{worker}-{number}" for worker in range(4) for number in range(EACH)
            )
            replies = [delivery.reply.text for delivery in await store.deliveries(chat)]
            assert replies == list(trail)  # in the order in which the turns were taken
            assert [int(key.split("-")[1]) for key in trail if key.startswith("2-")] == list(range(EACH))


SHARED = tuple(Chat("telegram", str(number)) for number in range(5))
EACH = 30
"""So 4 processes take 600 turns, on 5 chats that all of them write to."""


async def _work(folder: Path, worker: int) -> None:
    """Bring in messages of all chats, and take any turn that waits."""
    async with opened(folder) as store:
        for number in range(EACH):
            for chat in SHARED:
                assert await store.receive(said(f"{worker}-{number}", chat), NOON)
                await _take_any(store, chat)
        for chat in await store.waiting_chats():
            while await _take_any(store, chat):
                pass


async def _take_any(store: SqlStore, chat: Chat) -> bool:
    """Take a turn of this chat, and try to send a reply of any."""
    pending = await store.next_message(chat)
    if pending is None:
        return False
    trail = (*pending.conversation.trail, pending.message.key)
    await asyncio.sleep(0)  # the engine thinks; others may be faster
    await store.finish(pending, Conversation(trail=trail), [Reply(pending.message.key)], [ANSWERED], NOON)
    if (delivery := await store.next_delivery("telegram", NOON)) is not None:
        await store.settle(delivery, "waiting", NOON)
    return True


async def _die(folder: Path, moment: str) -> None:
    store = await open_in(folder)
    if moment == "before":
        event.listen(Engine, "commit", lambda _: os._exit(9))
    await store.receive(said("a"), NOON)
    os._exit(9)


# --- bytes on the disk ---

MARKER = "ZNACZNIKżółty"


def found(marker: str, folder: Path) -> list[str]:
    """The files that hold the marker's bytes, in one writing or another."""
    spelled = [
        marker.encode(),
        marker.encode("utf-16-le"),
        marker.encode("utf-16-be"),
        ascii(marker)[1:-1].encode(),
    ]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if any(spelling in file.read_bytes() for spelling in spelled)]


async def write_markers(store: SqlStore) -> None:
    """The marker in everything that a person writes or is shown, at every stage."""
    for number in range(3):
        await store.receive(Message(ANNA, f"{MARKER}{number}", MARKER, MARKER, "pl"), NOON)
    reply = Reply(MARKER, (Choice(MARKER, MARKER),))
    for _ in range(2):
        conversation = Conversation(county=MARKER, replies=(reply,), offered=reply.choices)
        await store.finish(await next_of(store), conversation, [reply, reply], [UNANSWERED], NOON)
    await store.settle(await claimed(store), "sent", NOON)


@pytest.mark.trust("T-50", "T-52")
async def test_the_disk_holds_no_word_and_no_id_but_the_redacted_question(
    store: SqlStore, tmp_path: Path
) -> None:
    await write_markers(store)
    for marker in (MARKER, ANNA.id):
        assert found(marker, tmp_path) == []
    assert found("PYTANIEJAWNE", tmp_path) == ["klaster.db-wal"]  # so the search does see what there is
    await store.close()
    for marker in (MARKER, ANNA.id):
        assert found(marker, tmp_path) == []
    assert found("PYTANIEJAWNE", tmp_path) == ["klaster.db"]


@pytest.mark.trust("T-69")
@pytest.mark.parametrize("by", ["forget", "turn", "purge"])
async def test_what_is_erased_is_in_no_file_any_more(by: str, store: SqlStore, tmp_path: Path) -> None:
    await store.receive(said("dawno", BOB), NOON)
    await write_markers(store)
    person = KEYS.pseudonym(ANNA)
    sealed = {
        cell
        for rows in dump(database_in(tmp_path)).values()
        for row in rows
        for cell in row
        if is_sealed(row, cell)
    }
    assert len(sealed) > 5
    if by == "forget":
        await store.forget(ANNA, NOON)
    elif by == "turn":
        await take(store, events=(ForgetAsked(),))
    else:
        await store.purge(NOON + 400 * DAY)
    files = {file: file.read_bytes() for file in database_in(tmp_path).parent.iterdir()}
    assert found("PYTANIEJAWNE", tmp_path) == []
    assert not [file for file, data in files.items() for cell in sealed if cell in data]
    if by == "forget":
        assert not [file for file, data in files.items() if person in data]


def is_sealed(row: tuple[Any, ...], cell: object) -> bool:
    """A sealed value of a row about ANNA."""
    return KEYS.pseudonym(ANNA) in row and isinstance(cell, bytes) and len(cell) > 16


@pytest.mark.trust("T-72", "T-73")
async def test_what_is_done_keeps_a_hash_and_no_text(store: SqlStore, tmp_path: Path) -> None:
    await store.receive(said("a"), NOON)
    await take(store, "jeden")
    await store.settle(await claimed(store), "sent", NOON)
    with raw(database_in(tmp_path)) as connection:
        connection.row_factory = sqlite3.Row
        message, reply = (
            connection.execute("SELECT * FROM inbox").fetchone(),
            connection.execute("SELECT * FROM outbox").fetchone(),
        )
    assert (message["state"], message["address"], message["body"]) == ("done", None, None)
    assert (reply["state"], reply["address"], reply["reply"]) == ("sent", None, None)
    assert message["key_hash"] == reply["key_hash"] == KEYS.key_hash(ANNA, "a")
    assert message["person"] == reply["person"] == KEYS.pseudonym(ANNA)


@pytest.mark.trust("T-75", "T-76", "T-79")
async def test_of_events_only_what_is_promised_is_written(store: SqlStore, tmp_path: Path) -> None:
    await fill(store)
    kept, person = dump(database_in(tmp_path)), KEYS.pseudonym(ANNA)
    assert [row[2:] for row in kept["events"]] == [
        ("answered", "telegram", person, "dotacja-pfron", "amount", "pl", "powiat-zgorzelecki"),
        ("unanswered", "telegram", None, None, None, None, None),
        ("handover", "telegram", person, None, None, None, None),
    ]
    assert kept["counts"] == [("2026-03", "telegram", "crisis", "", "", "", 1)]
    await store.receive(said("znów"), NOON)
    await take(store)
    await take(store, events=(CrisisMet(),))
    assert dump(database_in(tmp_path))["counts"] == [("2026-03", "telegram", "crisis", "", "", "", 2)]


@pytest.mark.trust("T-75", "T-76")
async def test_what_goes_by_age_is_counted_by_month(store: SqlStore, tmp_path: Path) -> None:
    await fill(store)
    await take(store, events=(ANSWERED,))
    await store.purge(NOON + 400 * DAY)
    kept = dump(database_in(tmp_path))
    assert sorted(kept["counts"]) == [
        ("2026-03", "telegram", "answered", "dotacja-pfron", "pl", "powiat-zgorzelecki", 2),
        ("2026-03", "telegram", "crisis", "", "", "", 1),
        ("2026-03", "telegram", "handover", "", "", "", 1),
        ("2026-03", "telegram", "question", "owes", "pl", "", 1),
        ("2026-03", "telegram", "unanswered", "", "", "", 1),
    ]
    assert kept["events"] == kept["questions"] == []


@pytest.mark.trust("T-75")
async def test_a_settled_question_is_listed_no_more_and_goes_after_thirty_days(
    store: SqlStore, tmp_path: Path
) -> None:
    await fill(store)
    with raw(database_in(tmp_path)) as connection:
        connection.execute("UPDATE questions SET settled = '2026-03-20 12:00:00.000000'")
    assert await store.questions() == []
    await store.purge(NOON + 40 * DAY - timedelta(seconds=1))
    assert len(dump(database_in(tmp_path))["questions"]) == 1
    await store.purge(NOON + 40 * DAY)
    assert dump(database_in(tmp_path))["questions"] == []


# --- broken seals ---


def spoil(path: Path, statement: str) -> None:
    with raw(path) as connection:
        assert connection.execute(statement).rowcount


@pytest.mark.trust("T-24", "T-152")
@pytest.mark.parametrize("column", ["body", "address"])
async def test_a_message_with_a_broken_seal_is_set_aside_and_told(
    column: str, store: SqlStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await store.receive(said("pierwsza"), NOON)
    await store.receive(said("druga"), NOON)
    # a good seal, in the wrong place
    statement = "UPDATE inbox SET {0} = (SELECT {0} FROM inbox WHERE id = 2) WHERE id = 1"
    spoil(database_in(tmp_path), statement.format(column))
    assert await store.waiting_chats() in ([ANNA], [])
    assert (await next_of(store)).message.text == "druga"
    assert await take(store)
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, "inbox row 1: broken seal, set aside")
    ]


@pytest.mark.trust("T-24", "T-152")
@pytest.mark.parametrize("column", ["reply", "address", "token", "person", "key_hash"])
async def test_a_reply_with_a_broken_seal_is_never_sent(column: str, store: SqlStore, tmp_path: Path) -> None:
    await store.receive(said("a"), NOON)
    await take(store, "jeden", "dwa")
    spoiled = "'x'" if column == "token" else f"CAST(zeroblob(length({column})) AS BLOB)"
    spoil(database_in(tmp_path), f"UPDATE outbox SET {column} = {spoiled} WHERE id = 1")  # noqa: S608
    assert [delivery.reply.text for delivery in await store.deliveries(ANNA)] == ["dwa"]
    assert (await claimed(store)).reply.text == "dwa"
    assert await store.next_delivery("telegram", NOON) is None


@pytest.mark.trust("T-24", "T-152")
async def test_a_conversation_with_a_broken_seal_begins_anew(store: SqlStore, tmp_path: Path) -> None:
    await fill(store)
    spoil(database_in(tmp_path), "UPDATE conversations SET state = zeroblob(40)")
    assert await store.conversation(ANNA) == (await next_of(store)).conversation == Conversation()


# --- tables ---


@pytest.mark.trust("T-06")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outbox SET state = 'lost'",
        "UPDATE outbox SET state = 'sent'",  # at rest, yet with its text
        "UPDATE inbox SET state = 'done' WHERE state = 'waiting'",
        "UPDATE inbox SET state = 'lost'",
        "UPDATE events SET entry = hex(zeroblob(40))",
        "UPDATE questions SET text = hex(zeroblob(2001))",
    ],
)
def test_the_database_itself_refuses_what_must_not_be(statement: str, database: Path) -> None:
    with raw(database) as connection, pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        connection.execute(statement)


async def test_a_question_that_is_too_long_is_cut(store: SqlStore) -> None:
    await store.receive(said("a"), NOON)
    await take(store, events=(Unanswered("ż" * 5_000, (), "pl", None),))
    assert [len(question.text) for question in await store.questions()] == [4_000]


async def test_an_id_is_never_used_again(store: SqlStore, tmp_path: Path) -> None:
    await fill(store)
    last = {
        name: max(row[0] for row in dump(database_in(tmp_path))[name])
        for name in ("inbox", "outbox", "questions")
    }
    await store.forget(ANNA, NOON)
    await fill(store)
    first = {name: min(row[0] for row in dump(database_in(tmp_path))[name]) for name in last}
    assert all(first[name] > last[name] for name in last)


@pytest.mark.trust("T-69", "T-71")
def test_no_table_is_left_out_of_purging_and_forgetting() -> None:
    tables = set(metadata.tables.values())
    assert set(KEPT) | FOREVER == tables
    assert set(ABOUT_PEOPLE) == {table for table in tables if "person" in table.c}
    assert {table.name for table in tables - set(ABOUT_PEOPLE)} == {"counts", "meta"}


async def test_a_turn_looks_through_no_whole_table(store: SqlStore, tmp_path: Path) -> None:
    statements: set[tuple[str, int]] = set()

    def note(_: Connection, __: object, statement: str, parameters: Any, *___: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            statements.add((statement, len(parameters)))

    with listening("before_cursor_execute", note):
        await fill(store)
        await _turn(store)
        await _settled(store)
        await store.deliveries(ANNA)
        await store.replies_to(ANNA, "a")
        await store.conversation(ANNA)
        await store.forget(ANNA, NOON)
    assert len(statements) > 10
    with raw(database_in(tmp_path)) as connection:
        for statement, number in statements:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", (None,) * number).fetchall()
            assert not [row[3] for row in plan if row[3].startswith("SCAN")], statement


# --- migrations ---


@pytest.mark.trust("T-26")
def test_the_migrations_make_the_tables_that_the_program_uses(database: Path) -> None:
    engine = engine_for(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
    made = database.with_name("made.db")
    other = create_engine(f"sqlite:///{made}", poolclass=NullPool)
    metadata.create_all(other)
    assert schema(database) == schema(made)


def schema(path: Path) -> set[str]:
    """The statements that made the tables and indexes, whatever the order of their parts."""
    with raw(path) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
        )
        return {
            " ".join(sorted(sql.replace(",", " ").replace("(", " ").replace(")", " ").split()))
            for (sql,) in rows
        }


@pytest.mark.trust("T-26")
def test_the_newest_migration_is_the_programs_version() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_heads() == [revision(VERSION)]


@pytest.mark.trust("T-26")
async def test_a_migration_that_is_broken_off_at_any_statement_leaves_the_old_schema(tmp_path: Path) -> None:
    whole: dict[object, object] = {0: {}}  # what lies there after so many migrations
    for number in range(1, 200):
        with fault_at(number) as met:
            try:
                store = await open_in(tmp_path)
            except Fault:
                left = dump(database_in(tmp_path))
                assert left == whole.setdefault(one(database_in(tmp_path), "PRAGMA user_version"), left)
                continue
        assert not met()
        break
    assert number > 20
    await fill(store)
    await store.close()


async def test_migrating_reads_no_environment_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with opened(tmp_path):
        pass
    assert capfd.readouterr() == ("", "")


# --- opening ---


@pytest.mark.trust("T-25")
async def test_files_and_folder_are_closed_to_others(store: SqlStore, tmp_path: Path) -> None:
    await fill(store)
    folder = database_in(tmp_path).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {
        "klaster.db": 0o600,
        "klaster.db-wal": 0o600,
        "klaster.db-shm": 0o600,
        "klaster.db.known": 0o600,
    }


def refused(folder: Path, error: type[StoreError], keys: Keys = KEYS) -> str:
    """Opening fails in this way, says where, and leaves every byte of the database as it is."""
    path = database_in(folder)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(error) as told:
        asyncio.run(open_in(folder, keys))
    assert str(path.parent) in str(told.value)
    assert (path.read_bytes() if path.exists() else None) == before
    return str(told.value)


@pytest.mark.trust("T-25")
def test_a_newer_database_is_refused(database: Path, tmp_path: Path) -> None:
    with raw(database) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    assert "nowszą wersję" in refused(tmp_path, DatabaseNewer)


@pytest.mark.trust("T-25")
@pytest.mark.parametrize("statement", ["PRAGMA application_id = 7", "CREATE TABLE theirs (a)"])
def test_another_programs_database_is_refused(statement: str, tmp_path: Path) -> None:
    database_in(tmp_path).parent.mkdir(mode=0o700)
    with raw(database_in(tmp_path)) as connection:
        connection.execute(statement)
    database_in(tmp_path).chmod(0o600)
    assert "innego programu" in refused(tmp_path, DatabaseForeign)


@pytest.mark.trust("T-24", "T-152")
@pytest.mark.parametrize("spoiled", ["zeroed page", "no database", "cut"])
def test_a_damaged_database_is_refused_and_left_as_it_is(
    spoiled: str, database: Path, tmp_path: Path
) -> None:
    data = database.read_bytes()
    parts = {
        "zeroed page": data[:4096] + bytes(4096) + data[8192:],
        "no database": b"to nie jest baza" * 512,
        "cut": data[: len(data) // 2],
    }
    database.write_bytes(parts[spoiled])
    assert "klaster restore" in refused(tmp_path, DatabaseDamaged)


@pytest.mark.trust("T-24")
@pytest.mark.parametrize("left", ["nothing", "an empty file", "a log"])
def test_a_database_that_is_gone_is_not_made_anew(left: str, database: Path, tmp_path: Path) -> None:
    database.unlink()
    if left == "an empty file":
        database.touch(mode=0o600)
    if left == "a log":
        known_file(database).unlink()
        database.with_name(database.name + "-wal").write_bytes(b"x")
    assert "klaster restore" in refused(tmp_path, DatabaseMissing)


@pytest.mark.trust("T-25")
def test_a_database_that_others_can_read_is_refused(database: Path, tmp_path: Path) -> None:
    database.chmod(0o640)
    assert f"chmod 600 {database}" in refused(tmp_path, DatabaseExposed)
    database.chmod(0o600)
    (database.parent / "notes.txt").touch(mode=0o644)
    database.parent.chmod(0o755)
    assert f"chmod 700 {database.parent}" in refused(tmp_path, DatabaseExposed)


@pytest.mark.trust("T-25")
async def test_an_open_folder_in_which_nothing_was_open_is_closed(tmp_path: Path) -> None:
    folder = database_in(tmp_path).parent
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "secret").touch(mode=0o600)
    async with opened(tmp_path):
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.trust("T-52")
def test_a_wrong_key_is_told_at_the_start(database: Path, tmp_path: Path) -> None:
    assert "KLASTER_SECRET" in refused(tmp_path, WrongKey, Keys.from_secret(b"x" * 32))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://klaster:haslo@db/klaster",
        "sqlite://",
        "sqlite:///:memory:",
        "haslo",
        "sqlite:///a.db?mode=ro",
    ],
)
async def test_an_address_that_names_no_file_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(DatabaseUnknown) as told:
        await open_store(url, KEYS)
    assert ":haslo" not in str(told.value)


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(StoreAway):
        await open_in(tmp_path)


async def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await fill(store)
        written = await store.deliveries(ANNA), await store.questions(), await store.next_message(ANNA)
    async with opened(tmp_path) as store:
        assert written == (
            await store.deliveries(ANNA),
            await store.questions(),
            await store.next_message(ANNA),
        )
    assert sorted(file.name for file in database_in(tmp_path).parent.iterdir()) == [
        "klaster.db",
        "klaster.db.known",
    ]


if __name__ == "__main__":
    what, where, *numbers = sys.argv[1:]
    asyncio.run(_work(Path(where), int(numbers[0])) if what == "turns" else _die(Path(where), what))
