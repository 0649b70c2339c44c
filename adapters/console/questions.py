"""The unanswered questions as text, JSON and CSV for the people who review them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.dialogue.engine import WARSAW
from bot.review import Group


def as_rows(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Each group as JSON; times in UTC."""
    return [
        {
            "number": group.number,
            "text": group.text,
            "count": group.count,
            "first": group.first.isoformat(timespec="seconds"),
            "last": group.last.isoformat(timespec="seconds"),
            "channels": list(group.channels),
            "lang": group.lang,
            "nearest": [{"entry": entry, "score": score} for entry, score in group.nearest],
        }
        for group in groups
    ]


def listed(groups: Sequence[Group]) -> str:
    """One paragraph a group, the most asked first."""
    if not groups:
        return "Nie ma pytań bez odpowiedzi."
    return "\n\n".join(detailed(group) for group in groups)


def detailed(group: Group) -> str:
    """A group in four lines."""
    nearest = ", ".join(f"{entry} ({score:.2f})" for entry, score in group.nearest) or "nic"
    return "\n".join(
        [
            f"{group.number}. {_one_line(group.text)}",
            f"   razy: {group.count}, pierwszy raz: {_local(group.first)}, ostatni raz: {_local(group.last)}",
            f"   kanał: {', '.join(group.channels)}, język: {group.lang}",
            f"   najbliższe wpisy: {nearest}",
        ]
    )


def as_csv(groups: Sequence[Group]) -> str:
    """All cells quoted, UTF-8 with a byte order mark; a cell that a spreadsheet would compute gets an apostrophe."""
    sink = io.StringIO()
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(
        ["numer", "pytanie", "razy", "pierwszy raz", "ostatni raz", "kanały", "język", "najbliższe wpisy"]
    )
    for group in groups:
        nearest = ", ".join(f"{entry} {score:.2f}" for entry, score in group.nearest)
        cells = [str(group.number), group.text, str(group.count), _local(group.first), _local(group.last)]
        writer.writerow([_harmless(cell) for cell in (*cells, " ".join(group.channels), group.lang, nearest)])
    return "\ufeff" + sink.getvalue()


def _harmless(cell: str) -> str:
    return (
        f"'{cell}" if cell.lstrip(" \u00a0")[:1] in ("=", "+", "-", "@", "\t", "\r", "\0") and cell else cell
    )


def _one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _local(moment: datetime) -> str:
    return moment.astimezone(WARSAW).strftime("%Y-%m-%d %H:%M")
