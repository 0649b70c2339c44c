"""All that is SQLite's own: how a connection is set up, what is looked at before a file is trusted.

Another database would bring the same names: `Database` with two lanes, `insert`, `empty_log`, a version.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.store.errors import (
    DatabaseDamaged,
    DatabaseForeign,
    DatabaseNewer,
    DatabaseUnknown,
    SettingRefused,
    StoreAway,
    StoreError,
)
from adapters.store.lane import Lane
from adapters.store.tables import VERSION

__all__ = [
    "APPLICATION_ID",
    "SETTINGS",
    "Database",
    "database_path",
    "empty_log",
    "engine_for",
    "fault_of",
    "insert",
    "look_at",
    "set_version",
    "version_of",
]

APPLICATION_ID: Final = 0x4B4C5354  # "KLST"
BUSY_MS: Final = 5_000

SETTINGS: Final[dict[str, int | str]] = {
    "busy_timeout": BUSY_MS,  # first, for the next one may have to wait
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: NORMAL may lose the last commits with the power
    "foreign_keys": 1,
    "secure_delete": 1,  # what is erased is overwritten
    "temp_store": 2,  # MEMORY
    "trusted_schema": 0,
    "cell_size_check": 1,
}
"""What every new connection is told, and must answer when asked."""

_DAMAGE = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


@dataclass(frozen=True, slots=True)
class Database:
    """A writer and a reader: reading does not wait for another's turn to reach the disk."""

    engine: AsyncEngine
    writer: Lane
    reader: Lane

    @classmethod
    def at(cls, path: Path) -> Database:
        """Nothing is opened yet."""
        engine, fault = _async_engine_for(path), partial(fault_of, path)
        return cls(engine, Lane(engine, _as_writer, fault), Lane(engine, _as_reader, fault))

    async def close(self) -> None:
        await self.reader.close()
        await self.writer.close()
        await self.engine.dispose()


def database_path(url: str) -> Path:
    """The file that this address names. Raises DatabaseUnknown."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUnknown(url.split(":", 1)[0]) from None  # the rest may hold a password
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:") or parsed.query:
        raise DatabaseUnknown(parsed.render_as_string(hide_password=True))
    return Path(str(parsed.database))


def look_at(path: Path) -> None:
    """Read the file without changing it. Raises StoreError where it is not a sound database of ours."""
    try:
        # `mode=ro`: an ordinary connection would write the log into the file when it closes
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            _check_header(path, connection)
            if _single(connection, "PRAGMA quick_check(1)") != "ok":
                raise DatabaseDamaged(path)
    except sqlite3.DatabaseError as error:
        raise _fault(path, error) from error


def engine_for(path: Path) -> Engine:
    """An engine whose connections are set up as SETTINGS says and whose transactions begin IMMEDIATE."""
    url = URL.create("sqlite", database=str(path))
    return _ours(path, create_engine(url, poolclass=NullPool, hide_parameters=True))


def fault_of(path: Path, error: DatabaseError) -> StoreError:
    """Our word for what SQLite says."""
    return _fault(path, error.orig)


def version_of(connection: Connection) -> int:
    """The number of the newest migration that this database has had."""
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def set_version(connection: Connection, version: int) -> None:
    """Write into the file whose it is and which schema it has."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {version}")


def empty_log(connection: Connection) -> bool:
    """Move the write-ahead log into the database and cut it; False when a reader was in the way."""
    # Past the engine, which would begin a transaction first
    driver: Any = connection.connection.dbapi_connection
    return bool(_single(driver, "PRAGMA wal_checkpoint(TRUNCATE)") == 0)


def _async_engine_for(path: Path) -> AsyncEngine:
    """The same, over aiosqlite."""
    url = URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    _ours(path, engine.sync_engine)
    return engine


def _ours(path: Path, engine: Engine) -> Engine:
    event.listen(engine, "connect", lambda connection, _: _set_up(path, connection))
    event.listen(engine, "begin", _begin)
    return engine


def _as_writer(connection: Connection) -> None:
    """As every connection is."""


def _as_reader(connection: Connection) -> None:
    """Each statement is a snapshot of its own, so there is nothing to begin."""
    connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("PRAGMA query_only = 1")


def _begin(connection: Connection) -> None:
    # IMMEDIATE: a reading transaction that turns into a writing one fails at once, whatever the timeout
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_up(path: Path, connection: Any) -> None:
    try:
        connection.isolation_level = None  # the driver would open transactions of its own kind
        for setting, wanted in SETTINGS.items():
            connection.execute(f"PRAGMA {setting} = {wanted}").close()
            found = _single(connection, f"PRAGMA {setting}")
            if found != wanted:
                raise SettingRefused(path, setting=setting, found=found)
    except BaseException:
        connection.close()  # the pool forgets it, and its thread would go on
        raise


def _check_header(path: Path, connection: sqlite3.Connection) -> None:
    application = _single(connection, "PRAGMA application_id")
    tables = _single(connection, "SELECT count(*) FROM sqlite_master")
    if application != APPLICATION_ID and (application or tables):
        raise DatabaseForeign(path)
    version = _single(connection, "PRAGMA user_version")
    if version > VERSION:
        raise DatabaseNewer(path, found=version, known=VERSION)


def _fault(path: Path, error: BaseException | None) -> StoreError:
    name = str(getattr(error, "sqlite_errorname", type(error).__name__))
    if any(name.startswith(damage) for damage in _DAMAGE):
        return DatabaseDamaged(path)
    return StoreAway(path, kind=name)


def _single(connection: Any, statement: str) -> Any:
    with closing(connection.execute(statement)) as cursor:
        return cursor.fetchone()[0]
