"""The unanswered questions for admins: similar ones form a group, the most asked first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.ports import LoggedQuestion
from bot.text.normalise import fold, words


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are the same but for case, diacritics and signs; `number` names the group in commands."""

    number: int
    text: str
    count: int
    first: datetime
    last: datetime
    channels: tuple[str, ...]
    lang: str
    nearest: tuple[tuple[str, float], ...]
    questions: tuple[LoggedQuestion, ...]


def groups(questions: Iterable[LoggedQuestion]) -> list[Group]:
    """The questions in groups, the most asked first, then the latest. The first question's id numbers the group."""
    together: dict[str, list[LoggedQuestion]] = {}
    for question in questions:
        together.setdefault(" ".join(words(fold(question.text))), []).append(question)
    found = [_group(members) for members in together.values()]
    return sorted(found, key=lambda group: (-group.count, -group.last.timestamp(), group.number))


def _group(members: list[LoggedQuestion]) -> Group:
    last = members[-1]
    return Group(
        number=members[0].id,
        text=last.text,
        count=len(members),
        first=min(member.at for member in members),
        last=max(member.at for member in members),
        channels=tuple(sorted({member.channel for member in members})),
        lang=last.lang,
        nearest=last.nearest,
        questions=tuple(members),
    )
