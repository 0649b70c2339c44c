"""Deleting: because the time is over, or because a person asked. Which tables, `tables` knows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select, update

from adapters.store import sqlite
from adapters.store.tables import ABOUT_PEOPLE, KEPT, Rule, counts, events, inbox, questions
from bot.privacy.retention import month_of

_ADD = sqlite.insert(counts).on_conflict_do_update(
    index_elements=list(counts.primary_key),
    set_={"number": counts.c.number + sqlite.insert(counts).excluded.number},
)


def add_count(connection: Connection, row: dict[str, Any]) -> None:
    """Add to a month's count."""
    connection.execute(_ADD, row)


def purge(connection: Connection, at: datetime) -> dict[str, int]:
    """Do to every table what its rules say; rows touched, by table, where there were any."""
    touched = {
        table.name: sum(_apply(connection, table, rule, at) for rule in rules)
        for table, rules in KEPT.items()
    }
    return {name: number for name, number in touched.items() if number}


def erase(connection: Connection, person: bytes, before: int | None = None) -> dict[str, int]:
    """Delete every row about the person; messages only up to the one before `before`, where that is given."""
    deleted = {}
    for table in ABOUT_PEOPLE:
        which = table.c.person == person
        if table is inbox and before is not None:
            which &= inbox.c.id < before
        deleted[table.name] = connection.execute(delete(table).where(which)).rowcount
    return {name: number for name, number in deleted.items() if number}


def _apply(connection: Connection, table: Table, rule: Rule, at: datetime) -> int:
    due = rule.due(at)
    if rule.values:
        return connection.execute(update(table).where(due).values(dict(rule.values))).rowcount
    if rule.counted:
        _count(connection, connection.execute(select(table).where(due)).all(), _COUNTED_AS[table.name])
    return connection.execute(delete(table).where(due)).rowcount


def _count(
    connection: Connection, rows: Sequence[Row[Any]], counted_as: Callable[[Row[Any]], tuple[str, ...]]
) -> None:
    for key, number in Counter(counted_as(row) for row in rows).items():
        month, channel, kind, topic, lang, county = key
        add_count(
            connection,
            {"month": month, "channel": channel, "kind": kind, "topic": topic, "lang": lang, "county": county}
            | {"number": number},
        )


def _event_count(row: Row[Any]) -> tuple[str, ...]:
    return (month_of(row.at), row.channel, row.kind, row.entry or "", row.lang or "", row.county or "")


def _question_count(row: Row[Any]) -> tuple[str, ...]:
    """By the nearest entry: what the question was about, as far as anybody knows."""
    topic = next((str(entry) for entry, _ in json.loads(row.nearest)), "")
    return (month_of(row.at), row.channel, "question", topic, row.lang, row.county or "")


_COUNTED_AS: dict[str, Callable[[Row[Any]], tuple[str, ...]]] = {
    events.name: _event_count,
    questions.name: _question_count,
}
