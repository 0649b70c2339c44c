"""How long each kind of thing is kept. The act is `Store.purge`; the numbers are here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_WARSAW = ZoneInfo("Europe/Warsaw")


@dataclass(frozen=True, slots=True)
class Period:
    """How long one kind is kept and what becomes of it then. `promise` is its line in docs/trust.md."""

    promise: str
    kind: str
    kept: timedelta
    then: str

    def over(self, at: datetime) -> datetime:
        """What is from this moment or before it has been kept long enough at `at`."""
        return at - self.kept


_DAY = timedelta(days=1)
_MONTHS_12 = 365 * _DAY
_MONTHS_13 = 396 * _DAY  # 365 and the longest month
_MONTHS_24 = 2 * _MONTHS_12

TEXT = Period("T-72", "inbox and outbox text and address, where not done or sent before", _DAY, "overwritten")
MESSAGE_KEY = Period("T-73", "hash of the platform's message key, against repeats", 30 * _DAY, "deleted")
CONVERSATION = Period("T-74", "conversation, counted from the last message", _DAY, "deleted")
QUESTION_PERSON = Period("T-75", "who asked an unanswered question", 30 * _DAY, "name removed")
QUESTION = Period("T-75", "unanswered question, redacted", 180 * _DAY, "counted by month and deleted")
QUESTION_SETTLED = Period(
    "T-75", "unanswered question since it was settled", 30 * _DAY, "counted by month and deleted"
)
EVENT_PERSON = Period("T-76", "whom another event was about", 30 * _DAY, "name removed")
EVENT = Period("T-76", "other event", _MONTHS_13, "counted by month and deleted")
TELL_ME = Period("T-77", "address for one message when an answer exists", 60 * _DAY, "deleted")
REMINDER = Period("T-77", "address for a reminder", _MONTHS_12, "deleted")
CONSENT = Period("T-78", "consent, counted from the end of what it allows", 30 * _DAY, "deleted")
CRISIS = Period("T-79", "count of crisis messages of a month, counted from its end", _MONTHS_24, "deleted")

RETENTION: tuple[Period, ...] = (
    TEXT,
    MESSAGE_KEY,
    CONVERSATION,
    QUESTION_PERSON,
    QUESTION,
    QUESTION_SETTLED,
    EVENT_PERSON,
    EVENT,
    TELL_ME,
    REMINDER,
    CONSENT,
    CRISIS,
)


def month_of(at: datetime) -> str:
    """The month of this moment in Poland, as counts name it: 2026-11."""
    return at.astimezone(_WARSAW).strftime("%Y-%m")
