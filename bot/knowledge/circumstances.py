"""What can be true of a person, as editors write it in circumstances.yaml, and whether a condition asks for it rightly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import model_validator

from bot.knowledge.entry import Condition, EntryId, Line, Value, fault
from bot.knowledge.figures import Figure
from bot.knowledge.problems import did_you_mean
from bot.knowledge.wording import figure_names


class Circumstance(Value):
    """A question to a person and the answers that it can have: one of `values`, a number of `unit`, or yes and no."""

    ask: Line
    values: Mapping[EntryId, Line] | None = None
    unit: Line | None = None
    several: bool = False
    health: bool = False

    @model_validator(mode="after")
    def _of_one_kind(self) -> Circumstance:
        if (self.values and self.unit) or (self.several and not self.values):
            raise fault(
                "circumstance",
                "Okoliczność ma naraz „values” i „unit” albo „several” bez „values”.",
                "Zostaw „values” (wybór) albo „unit” (liczba), albo żadne (tak lub nie).",
            )
        return self


def condition_faults(
    condition: Condition, known: Mapping[str, Circumstance], figures: Mapping[str, Figure]
) -> Iterator[tuple[str, str]]:
    """What is wrong with a condition's `needs` and `any`, each with its advice."""
    if not (condition.needs or condition.any or condition.decides):
        yield (
            "Warunek nie ma „needs”, „any” ani „decides”.",
            "Dopisz okoliczność z circumstances.yaml albo kto o tym decyduje.",
        )
    for needs in (condition.needs or {}, *(condition.any or ())):
        for name, wanted in needs.items():
            if name not in known:
                yield f"Nie ma okoliczności „{name}”.", did_you_mean(name, known)
            else:
                yield from _wanted_faults(name, wanted, known[name], figures)


def _wanted_faults(
    name: str, wanted: Any, circumstance: Circumstance, figures: Mapping[str, Figure]
) -> Iterator[tuple[str, str]]:
    if isinstance(wanted, dict) and set(wanted) == {"not"}:
        wanted = wanted["not"]
    if circumstance.unit:
        if not isinstance(wanted, dict) or not wanted or not set(wanted) <= {"min", "max"}:
            yield f"„{name}” to liczba.", "Zapisz {min: 18}, {max: 26} albo oba."
            return
        for bound in wanted.values():
            yield from _bound_faults(name, bound, figures)
        return
    allowed = circumstance.values or {"tak": "", "nie": ""}
    for value in wanted if isinstance(wanted, list | tuple) else [wanted]:
        if not isinstance(value, str) or value not in allowed:
            yield f"„{name}” nie ma odpowiedzi „{value}”.", did_you_mean(str(value), allowed)


def _bound_faults(name: str, bound: Any, figures: Mapping[str, Figure]) -> Iterator[tuple[str, str]]:
    referred = figure_names(str(bound))
    if referred:
        if referred[0] not in figures:
            yield f"Nie ma kwoty „$({referred[0]})”.", did_you_mean(referred[0], figures)
        return
    try:
        Decimal(str(bound))
    except InvalidOperation:
        yield f"Granica „{bound}” w „{name}” nie jest liczbą.", "Zapisz samą liczbę albo $(nazwa-kwoty)."
