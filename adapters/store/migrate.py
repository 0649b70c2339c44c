"""Brings a database to the schema that this program writes: one transaction for each step, all of it or nothing.

Alembic is imported only where something has to be done: it costs a fifth of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision
from sqlalchemy import Connection

from adapters.store import sqlite
from adapters.store.tables import VERSION

SCRIPTS = Path(__file__).parent / "migrations"


def revision(version: int) -> str:
    """The name of a migration: 0001."""
    return f"{version:04}"


def migrate(connection: Connection, finishing: Callable[[Connection], None], to: int = VERSION) -> None:
    """Run what is missing; `finishing` is called inside each step's transaction."""
    while sqlite.version_of(connection) < to:
        connection.rollback()
        with connection.begin():
            _step(connection)
            finishing(connection)
    connection.rollback()


def _step(connection: Connection) -> None:
    """One migration. The version is read anew, for another process may have been faster."""
    version = sqlite.version_of(connection)
    if version < VERSION:
        _run(connection, revision(version + 1))
        sqlite.mark(connection)
        sqlite.set_version(connection, version + 1)
