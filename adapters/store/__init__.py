"""Durable memory: SQLAlchemy Core tables, Alembic migrations, SQLite."""
