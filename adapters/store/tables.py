"""The tables, and what becomes of each when its time is over.

Every table about a person has a `person` column: `forget` finds them by it. Every table is a key of KEPT, by
which `purge` goes, or stands in FOREVER. So a new table cannot be left out of either.

Sealed columns are LargeBinary; what they are bound to is in `adapters.store.rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    case,
    literal_column,
)

from bot.ports import DELIVERY_STEPS
from bot.privacy import retention
from bot.privacy.retention import Period

VERSION = 2
"""The schema that this program writes: the number of the newest migration."""

QUESTION_LENGTH = 4_000

INBOX_STATES = ("waiting", "done", "stale", "damaged")
"""`stale`: too old to be kept unanswered. `damaged`: its seal was broken, so it was not obeyed."""

OUTBOX_STATES = (*DELIVERY_STEPS, "damaged")
OPEN_STATES = tuple(state for state, ways in DELIVERY_STEPS.items() if ways)
"""The states of a reply that has not come to rest."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware in Python. SQLite keeps no zone, so it is taken off on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be kept")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _at_most(column: str, length: int) -> CheckConstraint:
    """SQLite takes VARCHAR(8) for a hint; this it obeys."""
    return CheckConstraint(f"length({column}) <= {length}", name=f"{column}_length")


def among(column: Column[str], names: tuple[str, ...]) -> ColumnElement[bool]:
    """With the names written out, as in an index's condition: bound ones would hide the index from SQLite."""
    return column.in_([literal_column(f"'{name}'") for name in names])


inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("person", LargeBinary(16), nullable=False),
    Column("key_hash", LargeBinary(16), nullable=False),
    Column("address", LargeBinary),
    Column("body", LargeBinary),
    Column("received", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    _at_most("channel", 32),
    CheckConstraint(f"state IN ({_listed(INBOX_STATES)})", name="state"),
    CheckConstraint("state IN ('waiting', 'damaged') OR (address IS NULL AND body IS NULL)", name="emptied"),
    UniqueConstraint("person", "key_hash"),
    sqlite_autoincrement=True,  # an id is never used again, so an old Pending cannot meet another's message
)
is_waiting = among(inbox.c.state, ("waiting",))
Index("ix_inbox_waiting", inbox.c.person, inbox.c.id, sqlite_where=is_waiting, postgresql_where=is_waiting)

conversations = Table(
    "conversations",
    metadata,
    Column("person", LargeBinary(16), primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("updated", Moment, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("person", LargeBinary(16), nullable=False),
    Column("key_hash", LargeBinary(16), nullable=False),
    Column("address", LargeBinary),
    Column("reply", LargeBinary),
    Column("token", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("again", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", Moment),
    Column("created", Moment, nullable=False),
    Column("placed", Integer),
    _at_most("channel", 32),
    _at_most("token", 32),
    CheckConstraint(f"state IN ({_listed(OUTBOX_STATES)})", name="state"),
    CheckConstraint(
        f"state IN ({_listed((*OPEN_STATES, 'damaged'))}) OR (address IS NULL AND reply IS NULL)",
        name="emptied",
    ),
    Index(None, "person", "key_hash"),
    sqlite_autoincrement=True,
)
is_open = among(outbox.c.state, OPEN_STATES)
Index("ix_outbox_open", outbox.c.channel, outbox.c.id, sqlite_where=is_open, postgresql_where=is_open)
Index("ix_outbox_open_person", outbox.c.person, outbox.c.id, sqlite_where=is_open, postgresql_where=is_open)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("person", LargeBinary(16), index=True),
    Column("entry", String(64)),
    Column("facet", String(32)),
    Column("lang", String(8)),
    Column("county", String(64)),
    *(
        _at_most(*limit)
        for limit in (("kind", 16), ("channel", 32), ("entry", 64), ("facet", 32), ("lang", 8))
    ),
    _at_most("county", 64),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("person", LargeBinary(16), index=True),
    Column("lang", String(8), nullable=False),
    Column("county", String(64)),
    Column("text", Text, nullable=False),
    Column("nearest", Text, nullable=False),
    Column("settled", Moment),
    *(_at_most(*limit) for limit in (("channel", 32), ("lang", 8), ("county", 64), ("nearest", 4_000))),
    _at_most("text", QUESTION_LENGTH),
    sqlite_autoincrement=True,
)

counts = Table(
    "counts",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("channel", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("lang", String(8), primary_key=True),
    Column("county", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    *(
        _at_most(*limit)
        for limit in (("month", 7), ("channel", 32), ("kind", 16), ("topic", 64), ("lang", 8))
    ),
    _at_most("county", 64),
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    _at_most("name", 32),
)

ABOUT_PEOPLE: tuple[Table, ...] = tuple(table for table in metadata.sorted_tables if "person" in table.c)
"""Where anything about a person stands."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to the rows that are `due`: they get `values`, or are deleted where there are none.

    With `counted`, they are added to the monthly counts before they go.
    """

    period: Period
    due: Callable[[datetime], ColumnElement[bool]]
    values: Mapping[str, Any] = field(default_factory=dict)
    counted: bool = False


def _since(period: Period, column: Column[datetime]) -> Callable[[datetime], ColumnElement[bool]]:
    return lambda at: column <= period.over(at)


def _and(
    due: Callable[[datetime], ColumnElement[bool]], more: ColumnElement[bool]
) -> Callable[[datetime], ColumnElement[bool]]:
    return lambda at: due(at) & more


def _crisis_due(at: datetime) -> ColumnElement[bool]:
    return (counts.c.kind == "crisis") & (counts.c.month < retention.month_of(retention.CRISIS.over(at)))


_STALE_MESSAGE = case((is_waiting, "stale"), else_=inbox.c.state)
# A reply that was on its way may have arrived: `unsure`, by way of `doubtful`
_STALE_REPLY = case((outbox.c.state == "waiting", "stale"), (is_open, "unsure"), else_=outbox.c.state)

KEPT: dict[Table, tuple[Rule, ...]] = {
    inbox: (
        Rule(retention.MESSAGE_KEY, _since(retention.MESSAGE_KEY, inbox.c.received)),
        Rule(
            retention.TEXT,
            _and(_since(retention.TEXT, inbox.c.received), inbox.c.body.is_not(None)),
            {"state": _STALE_MESSAGE, "address": None, "body": None},
        ),
    ),
    outbox: (
        Rule(retention.MESSAGE_KEY, _since(retention.MESSAGE_KEY, outbox.c.created)),
        Rule(
            retention.TEXT,
            _and(_since(retention.TEXT, outbox.c.created), outbox.c.reply.is_not(None)),
            {"state": _STALE_REPLY, "address": None, "reply": None},
        ),
    ),
    conversations: (Rule(retention.CONVERSATION, _since(retention.CONVERSATION, conversations.c.updated)),),
    questions: (
        Rule(retention.QUESTION, _since(retention.QUESTION, questions.c.at), counted=True),
        Rule(
            retention.QUESTION_SETTLED, _since(retention.QUESTION_SETTLED, questions.c.settled), counted=True
        ),
        Rule(
            retention.QUESTION_PERSON,
            _and(_since(retention.QUESTION_PERSON, questions.c.at), questions.c.person.is_not(None)),
            {"person": None},
        ),
    ),
    events: (
        Rule(retention.EVENT, _since(retention.EVENT, events.c.at), counted=True),
        Rule(
            retention.EVENT_PERSON,
            _and(_since(retention.EVENT_PERSON, events.c.at), events.c.person.is_not(None)),
            {"person": None},
        ),
    ),
    counts: (Rule(retention.CRISIS, _crisis_due),),
}
"""What `purge` does, table by table, in this order."""

FOREVER: frozenset[Table] = frozenset({meta})
"""Tables that hold nothing about anybody."""
