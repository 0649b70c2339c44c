"""Opening a database: looked at before it is trusted, migrated where needed, its key checked."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DatabaseError

from adapters.store.errors import DatabaseDamaged, StoreAway, WrongKey
from adapters.store.files import ready_file
from adapters.store.sqlite import engine_for, fault_of, look_at, version_of
from adapters.store.tables import VERSION, meta
from bot.privacy.keys import Keys, SealBroken

_CHECK = "key_check"
_CHECK_WORD = b"klaster"


def make_ready(path: Path, keys: Keys) -> None:
    """The database is there, sound, ours, of this schema and sealed with these keys. Raises StoreError."""
    try:
        with ready_file(path):
            look_at(path)
            _bring_up(path, keys)
    except OSError as error:
        raise StoreAway(path, kind=error.strerror) from error
    except DatabaseError as error:
        raise fault_of(path, error) from error


def _bring_up(path: Path, keys: Keys) -> None:
    engine = engine_for(path)
    try:
        with engine.connect() as connection:
            version = version_of(connection)
            if version > 0:
                _check_key(connection, keys, path)
            connection.rollback()
            if version < VERSION:
                _migrate(connection, keys)
    finally:
        engine.dispose()


def _migrate(connection: Connection, keys: Keys) -> None:
    # Here, not above: Alembic costs an eighth of a second, and most starts have nothing for it to do
    from adapters.store.migrate import migrate

    migrate(connection, lambda connection: _keep_check(connection, keys))


def _check_key(connection: Connection, keys: Keys, path: Path) -> None:
    sealed = connection.execute(select(meta.c.value).where(meta.c.name == _CHECK)).scalar_one_or_none()
    if sealed is None:
        raise DatabaseDamaged(path)
    try:
        keys.unseal(sealed, _CHECK.encode())
    except SealBroken:
        raise WrongKey(path) from None


def _keep_check(connection: Connection, keys: Keys) -> None:
    """In the transaction that makes the tables: a sealed value that only the right key opens."""
    if connection.execute(select(meta.c.name).where(meta.c.name == _CHECK)).first() is None:
        connection.execute(insert(meta), {"name": _CHECK, "value": keys.seal(_CHECK_WORD, _CHECK.encode())})
