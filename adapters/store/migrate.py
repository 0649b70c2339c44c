"""Brings a database to the schema that this program writes: each step in one transaction, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from adapters.store import sqlite
from adapters.store.tables import VERSION

SCRIPTS = Path(__file__).parent / "migrations"


def revision(version: int) -> str:
    """The name of a migration: 0001."""
    return f"{version:04}"


def migrate(connection: Connection, finishing: Callable[[Connection], None]) -> None:
    """Run the migrations that are missing; `finishing` is called inside each one's transaction."""
    while _step(connection, finishing):
        pass


def _step(connection: Connection, finishing: Callable[[Connection], None]) -> bool:
    """The next migration; whether more are missing. The version is read inside: another may be faster."""
    with connection.begin():
        version = sqlite.version_of(connection)
        if version < VERSION:
            _run(connection, revision(version + 1))
            sqlite.set_version(connection, version + 1)
            finishing(connection)
        return version + 1 < VERSION


def _run(connection: Connection, target: str) -> None:
    scripts = ScriptDirectory(str(SCRIPTS))
    config = Config()
    config.attributes["connection"] = connection

    def steps(found: str, _: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs(target, found)  # as Alembic's own `upgrade` does

    with EnvironmentContext(config, scripts, fn=steps, destination_rev=target):
        scripts.run_env()
