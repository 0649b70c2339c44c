"""Sentences with amounts in them: `$(id)` becomes the figure of the day, said honestly when it has run out.

This one small parser is all that ever looks into knowledge text; no format strings, no templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from bot.knowledge.figures import Amount, Figure, figure_on

NBSP = "\u00a0"
ENDS_SOON = timedelta(days=30)
"""So long before its end an amount without a successor is told with its last day."""

_MONTHS = ("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia")  # fmt: skip
_MONTHS_ALONE = ("styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec", "lipiec", "sierpień", "wrzesień", "październik", "listopad", "grudzień")  # fmt: skip

_UNITS = {"zł": "zł", "złotych": "zł", "euro": "euro", "€": "euro", "%": "%", "procent": "%", "razy": "razy"}
_REFERENCE = re.compile(r"\$\(([^()\s]{1,80})\)(?:[ \u00a0](zł|złotych|euro|€|%|procent|razy)(?!\w))?")
_LITERAL = re.compile(
    r"(?:\d[\d .,\u00a0]{0,15}(?:tys\.?|mln|tysi\w{1,6}|milion\w{0,4})?[ \u00a0]{0,2}(?:zł|złot|PLN|euro|EUR|€|%|procent|razy\b|krotn))"
    r"|(?:\d[ \u00a0]?[-–][ \u00a0]?krotn)|(?:(?:€|EUR|PLN)[ \u00a0]?\d)",
    re.IGNORECASE,
)  # fmt: skip


def figure_names(text: str) -> list[str]:
    """What stands in `$(...)` in this text, in order, good or bad."""
    return re.findall(r"\$\(([^)]{0,80})\)?", text)


def wrong_units(text: str, figures: Mapping[str, Figure]) -> list[tuple[str, str, str]]:
    """References followed by a unit that is not the figure's: name, the unit written, the figure's unit."""
    return [
        (name, unit, figures[name].unit)
        for name, unit in _REFERENCE.findall(text)
        if name in figures and unit and _UNITS[unit] != figures[name].unit
    ]


def literal_amounts(text: str) -> list[str]:
    """Amounts written as digits, which should be figures."""
    return [match.group() for match in _LITERAL.finditer(_REFERENCE.sub("", text))]


def number(value: Decimal) -> str:
    """A number as Poles write it: no-break spaces between thousands, comma, grosze only where there are some."""
    whole = f"{value:,.2f}".removesuffix(".00") if value == value.to_integral() else f"{value:,.2f}"
    return whole.replace(",", NBSP).replace(".", ",")


def percent(value: Decimal) -> str:
    """A percentage or multiple without useless zeros."""
    return f"{value.normalize():f}".replace(".", ",")


def long_date(day: date) -> str:
    """`31 sierpnia 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def long_partial_date(written: str) -> str:
    """`31 sierpnia 2026`, `sierpień 2026` or `2026`, by what is known."""
    parts = [int(part) for part in written.split("-")]
    if len(parts) == 3:
        return long_date(date(*parts))
    return f"{_MONTHS_ALONE[parts[1] - 1]} {parts[0]}" if len(parts) == 2 else str(parts[0])


def tell(lines: Iterable[str], figures: Mapping[str, Figure], day: date) -> tuple[list[str], list[str]]:
    """The lines with their amounts on that day, and sentences to add where a value has run out.

    An estimate never goes without its word, an expired or a future amount never without its date,
    and one that soon ends with its last day.
    """
    ask: dict[str, None] = {}

    def amount(match: re.Match[str]) -> str:
        found = figure_on(figures, match[1], day)
        if found.held_until:
            ask[found.ask] = None
        return _amount(found, match[2], day)

    told = [_REFERENCE.sub(amount, line) for line in lines]
    return told, [f"Nowszej kwoty jeszcze nie znam. Sprawdź ją {place}." for place in ask]


def _amount(amount: Amount, unit: str | None, day: date) -> str:
    shown = percent(amount.value) if amount.unit in ("%", "razy") else number(amount.value)
    shown = f"{shown}{NBSP}{unit}" if unit else shown
    remarks = []
    if amount.estimated:
        remarks.append("szacunek")
    if amount.held_until:
        remarks.append(f"ostatnia znana wartość, do {long_date(amount.held_until)}")
    if amount.last_day and amount.last_day - day <= ENDS_SOON:
        remarks.append(f"do {long_date(amount.last_day)}")
    if amount.holds_from:
        remarks.append(f"od {long_date(amount.holds_from)}")
    return f"{shown} ({', '.join(remarks)})" if remarks else shown
