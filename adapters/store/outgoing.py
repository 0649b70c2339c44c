"""Replies on their way out: what one transaction does, as plain functions on a connection."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, exists, or_, select, update

from adapters.store.rows import Seals, outbox_identity
from adapters.store.tables import OPEN_STATES, among, is_open, outbox
from bot.ports import DELIVERY_STEPS, Delivery, DeliveryState
from bot.privacy.keys import SealBroken

log = logging.getLogger(__name__)

_waits = among(outbox.c.state, ("waiting",))
_doubtful = among(outbox.c.state, ("doubtful",))
_sending = among(outbox.c.state, ("sending",))
_this = outbox.c.id == bindparam("which")

_earlier = outbox.alias("earlier")
_HEAD = (
    select(outbox.c.id)
    .where(
        outbox.c.channel == bindparam("through"),
        is_open,
        or_(_waits, _doubtful & (outbox.c.again == 0)),
        or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("now")),
        ~exists().where(
            _earlier.c.person == outbox.c.person,
            _earlier.c.id < outbox.c.id,
            among(_earlier.c.state, OPEN_STATES),
        ),
    )
    .order_by(outbox.c.id)
    .limit(1)
)
_CLAIM = (
    update(outbox)
    .where(outbox.c.id == _HEAD.scalar_subquery())
    .values(
        state=case((_doubtful, "doubtful"), else_="sending"),
        again=case((_doubtful, 1), else_=0),
        tries=outbox.c.tries + 1,
    )
    .returning(outbox)
)
_OPEN = select(outbox).where(outbox.c.person == bindparam("whose"), is_open).order_by(outbox.c.id)
_OPEN_TO = _OPEN.where(outbox.c.key_hash == bindparam("hash"))
_STATE = select(outbox.c.state).where(_this)
_MOVE = update(outbox).where(_this).values(state=bindparam("to"), not_before=bindparam("not_before"), again=0)
_REST = _MOVE.values(address=None, reply=None, placed=None)
_PLACE = update(outbox).where(_this, is_open).values(placed=bindparam("at"))
_SET_ASIDE = update(outbox).where(_this, is_open).values(state="damaged")


def claim(connection: Connection, seals: Seals, channel: str, at: datetime) -> Delivery | None:
    """The next reply to send, marked as taken. One with a broken seal is set aside for the next."""
    while (row := _claim_row(connection, channel, at)) is not None:
        try:
            return delivery_of(seals, row)
        except SealBroken:
            set_aside(connection, row.id)
    return None


def _claim_row(connection: Connection, channel: str, at: datetime) -> Row[Any] | None:
    return connection.execute(_CLAIM, {"through": channel, "now": at}).first()


def delivery_of(seals: Seals, row: Row[Any]) -> Delivery:
    """The reply with its address. Raises SealBroken."""
    identity = outbox_identity(row.channel, row.person, row.key_hash, row.token)
    chat, key = seals.open_address("outbox", identity, row.channel, row.address)
    reply = seals.open_reply(identity, row.reply)
    return Delivery(row.id, chat, key, reply, row.token, row.state, row.tries, row.placed)


def set_aside(connection: Connection, id: int) -> None:
    """A reply whose seal is broken: never sent, and the chat goes on."""
    log.warning("outbox row %d: broken seal, set aside", id)
    connection.execute(_SET_ASIDE, {"which": id})


def open_replies(connection: Connection, person: bytes) -> Sequence[Row[Any]]:
    """The person's replies that have not come to rest, in order."""
    return connection.execute(_OPEN, {"whose": person}).all()


def open_replies_to(connection: Connection, person: bytes, key_hash: bytes) -> Sequence[Row[Any]]:
    """Those of them that answer one message."""
    return connection.execute(_OPEN_TO, {"whose": person, "hash": key_hash}).all()


def move(connection: Connection, id: int, state: DeliveryState, not_before: datetime | None) -> None:
    """Raises ValueError for a step that does not exist. A reply erased meanwhile has nowhere to go."""
    found = connection.execute(_STATE, {"which": id}).scalar_one_or_none()
    if found is None:
        return
    if not may_move(found, state):
        raise ValueError(f"a reply does not go from {found} to {state}")
    step = _MOVE if DELIVERY_STEPS[state] else _REST
    connection.execute(step, {"which": id, "to": state, "not_before": not_before})


def place(connection: Connection, id: int, placed: int) -> None:
    """Keep where the reply is being written once more."""
    connection.execute(_PLACE, {"which": id, "at": placed})


def may_move(found: DeliveryState, state: DeliveryState) -> bool:
    """The steps of the port; a channel that fetches takes a waiting reply and it is sent."""
    return state in DELIVERY_STEPS.get(found, frozenset()) or (found, state) == ("waiting", "sent")


def doubt(connection: Connection, repeatable: Collection[str]) -> int:
    """After a kill: what was on its way may have arrived; what was so for the second time is taken up where it was."""
    again = _doubtful & (outbox.c.again == 1)
    connection.execute(update(outbox).where(is_open, again).values(again=0))
    if repeatable:
        known = outbox.c.channel.in_(repeatable)
        connection.execute(update(outbox).where(is_open, _sending, known).values(state="waiting"))
    return connection.execute(update(outbox).where(is_open, _sending).values(state="doubtful")).rowcount
