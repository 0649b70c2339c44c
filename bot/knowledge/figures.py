"""Amounts with dates: which value holds on a day, what the last one was, and formulas over them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation
from typing import Literal

from pydantic import Field, field_validator, model_validator

from bot.knowledge.entry import Line, PartialDate, Url, Value, fault

MAX_DEPTH = 10
Unit = Literal["zł", "euro", "%", "razy"]


class Point(Value):
    """A value and the days on which it holds; without `until`, until the next one begins."""

    value: Decimal = Field(description="Sama liczba, z kropką")
    from_: date = Field(alias="from", description="Od kiedy obowiązuje")
    until: date | None = Field(None, description="Do kiedy, jeśli to wiadomo")
    source: Line = Field(description="Skąd to wiadomo")
    url: Url | None = Field(None, description="Adres źródła")
    published: PartialDate | None = Field(None, description="Data źródła")
    checked: date = Field(description="Kiedy ktoś ostatnio to sprawdził")
    status: Literal["announced", "estimated"] = Field(description="announced: ogłoszone, estimated: szacunek")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Point:
        if self.until and self.until < self.from_:
            raise fault(
                "until", f"„until” ({self.until}) jest przed „from” ({self.from_}).", "Popraw jedną z dat."
            )
        return self


class Figure(Value):
    """An amount that entries refer to by `$(id)`: a series of dated values, or a formula over other figures."""

    label: Line = Field(description="Co to za kwota")
    unit: Unit = Field(description="zł, euro, % albo razy")
    ask: Line = Field("w urzędzie, który to załatwia", description="Gdzie spytać o nową kwotę: „w ZUS”")
    series: tuple[Point, ...] = Field((), description="Wartości od najstarszej")
    formula: str | None = Field(None, description="Wzór, na przykład: 6 * przecietne-wynagrodzenie")

    @field_validator("series")
    @classmethod
    def _in_order(cls, series: tuple[Point, ...]) -> tuple[Point, ...]:
        for before, after in itertools.pairwise(series):
            if after.from_ <= before.from_ or (before.until and after.from_ <= before.until):
                what = f"Wartość od {after.from_} zachodzi na wartość od {before.from_}."
                raise fault("series", what, "Ułóż wartości po kolei i popraw daty „from” i „until”.")
        return series

    @model_validator(mode="after")
    def _one_of_both(self) -> Figure:
        if bool(self.series) == bool(self.formula):
            raise fault("figure", "Kwota ma mieć „series” albo „formula”.", "Zostaw jedno z nich.")
        if self.formula:
            parse_formula(self.formula)
        return self

    def inputs(self) -> frozenset[str]:
        """The figures that the formula uses."""
        return frozenset(_names(parse_formula(self.formula))) if self.formula else frozenset()


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure on a day. `held_until`: it ran out on that day. `holds_from`: it is not in force yet.

    `last_day`: it is in force, ends on that day, and no later value is known.
    """

    value: Decimal
    unit: Unit
    estimated: bool
    ask: str
    held_until: date | None = None
    holds_from: date | None = None
    last_day: date | None = None


# --- formulas -------------------------------------------------------------------------------------------------

Formula = Decimal | str | tuple[str, "Formula", "Formula"]
"""A number, the id of a figure, or an operator with its two sides."""

_TOKEN = re.compile(
    r"\s*(?:(\d{1,12}(?:\.\d{1,6})?)(?![\w-])|([a-z][a-z0-9]{0,63}(?:-[a-z0-9]{1,63}){0,9})|([-+*/()]))"
)


def parse_formula(text: str) -> Formula:
    """The formula as a tree. Numbers, ids, `+ - * /` and brackets; raises a finding in Polish for all else."""
    tokens = _tokens(text)
    tree, rest = _sum(tokens, 0)
    if rest:
        raise _bad(text)
    return tree


def _bad(text: str) -> Exception:
    advice = "Wolno: liczby, nazwy kwot, + - * / i nawiasy, ze spacjami wokół znaków: 6 * przecietne-wynagrodzenie."
    return fault("formula", f"Nie rozumiem wzoru „{text[:60]}”.", advice)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise _bad(text)
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


def _sum(tokens: list[str], depth: int) -> tuple[Formula, list[str]]:
    left, tokens = _product(tokens, depth)
    while tokens and tokens[0] in "+-":
        operator = tokens[0]
        right, tokens = _product(tokens[1:], depth)
        left = (operator, left, right)
    return left, tokens


def _product(tokens: list[str], depth: int) -> tuple[Formula, list[str]]:
    left, tokens = _atom(tokens, depth)
    while tokens and tokens[0] in "*/":
        operator = tokens[0]
        right, tokens = _atom(tokens[1:], depth)
        left = (operator, left, right)
    return left, tokens


def _atom(tokens: list[str], depth: int) -> tuple[Formula, list[str]]:
    if not tokens or depth > MAX_DEPTH:
        raise _bad(" ".join(tokens))
    token, rest = tokens[0], tokens[1:]
    if token == "(":  # noqa: S105 - a bracket, not a password
        inner, rest = _sum(rest, depth + 1)
        if not rest or rest[0] != ")":
            raise _bad(" ".join(tokens))
        return inner, rest[1:]
    if token[0].isdigit():
        return Decimal(token), rest
    if token[0].isalpha():
        return token, rest
    raise _bad(" ".join(tokens))


def _names(formula: Formula) -> set[str]:
    if isinstance(formula, tuple):
        return _names(formula[1]) | _names(formula[2])
    return {formula} if isinstance(formula, str) else set()


def _compute(formula: Formula, values: Mapping[str, Decimal]) -> Decimal:
    if isinstance(formula, Decimal):
        return formula
    if isinstance(formula, str):
        return values[formula]
    operator, left, right = formula[0], _compute(formula[1], values), _compute(formula[2], values)
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right


# --- values on a day --------------------------------------------------------------------------------------------


def figure_on(figures: Mapping[str, Figure], name: str, day: date) -> Amount:
    """The figure on that day: the value in force, else the last one with its end, else the first one to come.

    Computed amounts are rounded to the grosz, half up. Raises KeyError for an unknown name and ArithmeticError for
    a formula that cannot be computed; `check` finds both before anybody asks.
    """
    figure = figures[name]
    if not figure.formula:
        return _series_on(figure, day)
    inputs = {used: figure_on(figures, used, day) for used in figure.inputs()}
    ends = [amount.held_until for amount in inputs.values() if amount.held_until]
    if ends and day > min(ends):  # go back to the last day on which every input held
        return _ended(figure_on(figures, name, min(ends)), min(ends))
    value = _compute(parse_formula(figure.formula), {used: amount.value for used, amount in inputs.items()})
    return Amount(
        value.quantize(Decimal("0.01"), ROUND_HALF_UP),
        figure.unit,
        any(amount.estimated for amount in inputs.values()),
        figure.ask,
        holds_from=max((a.holds_from for a in inputs.values() if a.holds_from), default=None),
        last_day=min((a.last_day for a in inputs.values() if a.last_day), default=None),
    )


def _series_on(figure: Figure, day: date) -> Amount:
    begun = [point for point in figure.series if point.from_ <= day]
    point = begun[-1] if begun else figure.series[0]
    ended = point.until if begun and point.until and point.until < day else None
    return Amount(
        point.value,
        figure.unit,
        point.status == "estimated",
        figure.ask,
        held_until=ended,
        holds_from=None if begun else point.from_,
        last_day=point.until if begun and not ended and point is figure.series[-1] else None,
    )


def _ended(amount: Amount, until: date) -> Amount:
    return replace(amount, held_until=amount.held_until or until, last_day=None)


def changes(figures: Mapping[str, Figure], name: str) -> tuple[date, ...]:
    """The days on which the figure's value may become another, for checks that look at every stretch of time."""
    figure = figures[name]
    days = {d for p in figure.series for d in (p.from_, (p.until or p.from_) + timedelta(days=1))}
    for used in figure.inputs():
        days.update(changes(figures, used))
    return tuple(sorted(days))


def faults(figures: Mapping[str, Figure], name: str) -> tuple[str, str] | None:
    """What is wrong with a computed figure, and how to mend it: unknown input, circle, too deep, not computable."""
    unknown = sorted(figures[name].inputs() - figures.keys())
    if unknown:
        return (
            f"Wzór używa nieznanej kwoty „{unknown[0]}”.",
            "Popraw nazwę albo dodaj plik figures/" + unknown[0] + ".yaml.",
        )
    if _depth(figures, name, ()) > MAX_DEPTH:
        return (
            "Wzory tworzą koło albo łańcuch dłuższy niż 10.",
            "Usuń z wzoru kwotę, która liczy się z tej samej kwoty.",
        )
    try:
        for day in changes(figures, name):
            figure_on(figures, name, day)
    except (DivisionByZero, InvalidOperation, KeyError):
        return "Wzoru nie da się policzyć (dzielenie przez zero?).", "Popraw wzór."
    return None


def _depth(figures: Mapping[str, Figure], name: str, path: tuple[str, ...]) -> int:
    if name in path or name not in figures or len(path) > MAX_DEPTH:
        return MAX_DEPTH + 1 if name in figures else 0
    return 1 + max((_depth(figures, used, (*path, name)) for used in figures[name].inputs()), default=0)
