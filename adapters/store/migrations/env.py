"""Runs migrations on the connection it is given. It reads no file, no environment, and opens nothing."""

from __future__ import annotations

from alembic import context

from adapters.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # our BEGIN is a real one; Alembic takes SQLite for a database without
    render_as_batch=True,
)
context.run_migrations()
