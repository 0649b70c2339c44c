"""Messages and their turns: what one transaction does, as plain functions on a connection."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, exists, func, insert, select, update

from adapters.store import sqlite
from adapters.store.erasing import add_count, erase
from adapters.store.rows import Seals, inbox_identity, outbox_identity
from adapters.store.tables import (
    QUESTION_LENGTH,
    among,
    conversations,
    events,
    inbox,
    is_waiting,
    outbox,
    questions,
)
from bot.dialogue.conversation import Conversation
from bot.dialogue.events import Answered, CrisisMet, Event, ForgetAsked, HandoverAsked, Unanswered
from bot.messages import Chat, Message, Reply
from bot.ports import LoggedQuestion, Pending
from bot.privacy.keys import SealBroken
from bot.privacy.retention import month_of

log = logging.getLogger(__name__)

Values = dict[str, Any]

# Statements are built once: building costs SQLAlchemy more than running costs SQLite.

_KEEP = sqlite.insert(inbox).on_conflict_do_nothing(index_elements=[inbox.c.person, inbox.c.key_hash])

_FIRST_OF_EACH = (
    select(inbox)
    .where(inbox.c.id.in_(select(func.min(inbox.c.id)).where(is_waiting).group_by(inbox.c.person)))
    .order_by(inbox.c.id)
)
_OLDEST = (
    select(inbox, conversations.c.state.label("conversation"))
    .outerjoin(conversations, conversations.c.person == inbox.c.person)
    .where(inbox.c.person == bindparam("whose"), is_waiting)
    .order_by(inbox.c.id)
    .limit(1)
)
_CONVERSATION = select(conversations.c.state).where(conversations.c.person == bindparam("whose"))

_this_waiting = (inbox.c.id == bindparam("which")) & is_waiting
_earlier = inbox.alias("earlier")
_TAKE = (
    update(inbox)
    .where(
        _this_waiting,
        inbox.c.person == bindparam("whose"),
        ~exists().where(
            _earlier.c.person == bindparam("whose"),
            _earlier.c.id < bindparam("which"),
            among(_earlier.c.state, ("waiting",)),
        ),
    )
    .values(state="done", address=None, body=None)
)
_COUNT_TRY = update(inbox).where(_this_waiting).values(tries=inbox.c.tries + 1).returning(inbox.c.tries)
_SET_ASIDE = update(inbox).where(_this_waiting).values(state="damaged")

_remember = sqlite.insert(conversations)
_REMEMBER = _remember.on_conflict_do_update(
    index_elements=[conversations.c.person],
    set_={"state": _remember.excluded.state, "updated": _remember.excluded.updated},
)
_ANSWERED = select(events.c.entry, func.count()).where(events.c.kind == "answered").group_by(events.c.entry)
_ADD = {table: insert(table) for table in (events, questions, outbox)}
_QUESTIONS = select(questions).where(questions.c.settled.is_(None)).order_by(questions.c.id)


# --- coming in ---


def message_row(seals: Seals, message: Message, at: datetime) -> Values:
    channel, person = message.chat.channel, seals.keys.pseudonym(message.chat)
    key_hash = seals.keys.key_hash(message.chat, message.key)
    identity = inbox_identity(channel, person, key_hash)
    return {
        "channel": channel,
        "person": person,
        "key_hash": key_hash,
        "address": seals.address("inbox", identity, message.chat, message.key),
        "body": seals.body(identity, message),
        "received": at,
        "tries": 0,
        "state": "waiting",
    }


def keep_message(connection: Connection, row: Values) -> bool:
    """Put the row into the inbox; False where its person and key are there already."""
    return connection.execute(_KEEP, row).rowcount > 0


# --- waiting ---


def first_of_each(connection: Connection) -> Sequence[Row[Any]]:
    """The oldest waiting message of each person, the oldest of them first."""
    return connection.execute(_FIRST_OF_EACH).all()


def oldest(connection: Connection, person: bytes) -> Row[Any] | None:
    """The person's oldest waiting message beside the conversation, both of the same moment."""
    return connection.execute(_OLDEST, {"whose": person}).first()


def set_aside(connection: Connection, id: int) -> None:
    """A message whose seal is broken: never obeyed, and the chat goes on."""
    log.warning("inbox row %d: broken seal, set aside", id)
    connection.execute(_SET_ASIDE, {"which": id})


def chat_of(seals: Seals, row: Row[Any]) -> Chat:
    """Raises SealBroken."""
    identity = inbox_identity(row.channel, row.person, row.key_hash)
    return seals.open_address("inbox", identity, row.channel, row.address)[0]


def pending_of(seals: Seals, row: Row[Any]) -> Pending:
    """Raises SealBroken."""
    identity = inbox_identity(row.channel, row.person, row.key_hash)
    message = seals.open_message(identity, row.channel, row.address, row.body)
    return Pending(
        row.id, message, row.received, row.tries, conversation_of(seals, row.person, row.conversation)
    )


def kept_conversation(connection: Connection, person: bytes) -> bytes | None:
    return connection.execute(_CONVERSATION, {"whose": person}).scalar_one_or_none()


def conversation_of(seals: Seals, person: bytes, sealed: bytes | None) -> Conversation:
    """A broken seal costs the person the thread of the talk, not the answer."""
    try:
        return seals.open_conversation(person, sealed)
    except SealBroken:
        log.warning("a conversation's seal is broken, a new one begins")
        return Conversation()


# --- the turn ---


@dataclass(frozen=True, slots=True)
class TurnRows:
    """All that a turn writes, sealed and ready, so that the transaction is short."""

    id: int
    person: bytes
    conversation: Values
    replies: Sequence[Values]
    events: Sequence[Values]
    questions: Sequence[Values]
    crises: Sequence[Values]
    forgets: bool


def turn_rows(
    seals: Seals,
    pending: Pending,
    conversation: Conversation,
    replies: Sequence[Reply],
    happened: Sequence[Event],
    at: datetime,
) -> TurnRows:
    chat = pending.message.chat
    person = seals.keys.pseudonym(chat)
    return TurnRows(
        id=pending.id,
        person=person,
        conversation={"person": person, "state": seals.conversation(person, conversation), "updated": at},
        replies=[_reply_row(seals, pending.message, person, reply, at) for reply in replies],
        events=[row for event in happened if (row := _event_row(event, chat.channel, person, at))],
        questions=[
            _question_row(event, chat.channel, person, at)
            for event in happened
            if isinstance(event, Unanswered)
        ],
        crises=[_crisis_row(chat.channel, at) for event in happened if isinstance(event, CrisisMet)],
        forgets=any(isinstance(event, ForgetAsked) for event in happened),
    )


def write_turn(connection: Connection, rows: TurnRows) -> bool:
    """False, and nothing written, when the message is not the person's oldest waiting one any more."""
    if not connection.execute(_TAKE, {"which": rows.id, "whose": rows.person}).rowcount:
        return False
    if rows.forgets:
        # What stays: the receipt on its way; this message's hash alone, so that its repeat changes nothing;
        # messages written after it.
        erase(connection, rows.person, before=rows.id)
    else:
        connection.execute(_REMEMBER, rows.conversation)
        _insert(connection, events, rows.events)
        _insert(connection, questions, rows.questions)
    _insert(connection, outbox, rows.replies)
    for count in rows.crises:
        add_count(connection, count)
    return True


def count_try(connection: Connection, pending: Pending) -> int:
    tries = connection.execute(_COUNT_TRY, {"which": pending.id}).scalar_one_or_none()
    return pending.tries if tries is None else int(tries)


def _insert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    if rows:
        connection.execute(_ADD[table], rows)


def _reply_row(seals: Seals, message: Message, person: bytes, reply: Reply, at: datetime) -> Values:
    channel, token = message.chat.channel, token_hex(16)
    key_hash = seals.keys.key_hash(message.chat, message.key)
    identity = outbox_identity(channel, person, key_hash, token)
    return {
        "channel": channel,
        "person": person,
        "key_hash": key_hash,
        "address": seals.address("outbox", identity, message.chat, message.key),
        "reply": seals.reply(identity, reply),
        "token": token,
        "state": "waiting",
        "again": 0,
        "tries": 0,
        "created": at,
    }


def _event_row(event: Event, channel: str, person: bytes, at: datetime) -> Values | None:
    """What is kept of an event: a crisis is only counted, an unanswered question has its own table."""
    row: Values = {"at": at, "channel": channel, "person": person}
    row |= {"entry": None, "facet": None, "lang": None, "county": None}
    match event:
        case Answered(entry, facet, lang, county):
            return row | {"kind": "answered", "entry": entry, "facet": facet, "lang": lang, "county": county}
        case HandoverAsked():
            return row | {"kind": "handover"}
        case Unanswered():
            return row | {"kind": "unanswered", "person": None}
        case CrisisMet() | ForgetAsked():
            return None


def _question_row(event: Unanswered, channel: str, person: bytes, at: datetime) -> Values:
    return {
        "at": at,
        "channel": channel,
        "person": person,
        "lang": event.lang,
        "county": event.county,
        "text": event.text[:QUESTION_LENGTH],
        "nearest": json.dumps(event.nearest),
    }


def _crisis_row(channel: str, at: datetime) -> Values:
    return {
        "month": month_of(at),
        "channel": channel,
        "kind": "crisis",
        "topic": "",
        "lang": "",
        "county": "",
        "number": 1,
    }


# --- the log of questions ---


def open_questions(connection: Connection) -> list[LoggedQuestion]:
    return [_question_of(row) for row in connection.execute(_QUESTIONS)]


def _question_of(row: Row[Any]) -> LoggedQuestion:
    nearest = tuple((str(entry), float(probability)) for entry, probability in json.loads(row.nearest))
    return LoggedQuestion(row.id, row.at, row.channel, row.lang, row.county, row.text, nearest)


def answered_entries(connection: Connection) -> dict[str, int]:
    return {str(entry): int(number) for entry, number in connection.execute(_ANSWERED)}
