"""What an editor should look at though the bot works: hard words, what grows old, what nobody uses or asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bot.knowledge.check import LineOf
from bot.knowledge.entry import Entry
from bot.knowledge.figures import figure_on
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.plain import PlainCheck
from bot.knowledge.problems import Problem
from bot.knowledge.wording import figure_names, long_date

SOON = timedelta(days=30)
"""So long before a value or a review date runs out it is told."""


def advise(knowledge: Knowledge, line_of: LineOf, today: date) -> Iterator[Problem]:
    """Warnings over the whole knowledge."""
    plain = PlainCheck(knowledge.style, knowledge.glossary)
    for entry in knowledge.entries.values():
        file = knowledge.files[entry.id]
        for where, what, advice in plain.entry(entry):
            yield Problem(file, line_of(file, where), what, advice, True)
        if entry.id not in knowledge.asked.get("pl", {}):
            advice = f"Dodaj pytania ludzi w asked/pl/{entry.id}.yaml."
            yield Problem(file, 1, "Nikt o to nie pyta.", advice, True)
        yield from _age(entry, knowledge, line_of, today)
    yield from _figures(knowledge, line_of, today)
    if knowledge.operator.example:
        file, advice = "operator.yaml", "Wpisz prawdziwe dane i usuń „example: true”."
        yield Problem(file, line_of(file, ["example"]), "To dane przykładowe.", advice, True)


def _age(entry: Entry, knowledge: Knowledge, line_of: LineOf, today: date) -> Iterator[Problem]:
    file = knowledge.files[entry.id]
    if entry.review_by <= today + SOON:
        when = "minął" if entry.review_by < today else "to"
        what = f"Termin sprawdzenia {when} {long_date(entry.review_by)}."
        advice = "Sprawdź treść i źródła, popraw „checked” i „review_by”."
        line = line_of(file, ["review_by"])
        yield Problem(file, line, what, advice, True, entry.owner, (entry.id,))
    if entry.window and entry.window.closes and entry.window.closes < today:
        line = line_of(file, ["window"])
        what = f"Nabór skończył się {long_date(entry.window.closes)}."
        advice = "Wpisz termin następnego naboru albo usuń „window”."
        yield Problem(file, line, what, advice, True, entry.owner, (entry.id,))


def _figures(knowledge: Knowledge, line_of: LineOf, today: date) -> Iterator[Problem]:
    used = _used_figures(knowledge)
    for name, figure in knowledge.figures.items():
        if name not in used:
            advice = "Usuń plik albo użyj jej we wpisie."
            yield Problem(f"figures/{name}.yaml", 1, "Żaden wpis nie używa tej kwoty.", advice, True)
        elif not figure.formula:  # a computed one is as old as its inputs, which are told on their own
            yield from _figure_age(knowledge, name, line_of, today, used[name])


def _figure_age(
    knowledge: Knowledge, name: str, line_of: LineOf, today: date, entries: frozenset[str]
) -> Iterator[Problem]:
    """An amount that has run out or soon will, and for which no next value stands there."""
    file = f"figures/{name}.yaml"
    line = line_of(file, ["series", len(knowledge.figures[name].series) - 1])
    held_until = figure_on(knowledge.figures, name, today).held_until
    ends = figure_on(knowledge.figures, name, today + SOON).held_until
    advice = "Dopisz nową wartość na końcu „series”, z „from” i źródłem."
    if held_until:
        what = f"Ostatnia wartość obowiązywała do {long_date(held_until)}."
    elif ends:
        what = f"Wartość kończy się {long_date(ends)}, a nowej nie ma."
    else:
        return
    owner = min(knowledge.entries[entry].owner for entry in entries)
    yield Problem(file, line, what, advice, True, owner, tuple(sorted(entries)))


def _used_figures(knowledge: Knowledge) -> dict[str, frozenset[str]]:
    """The figures that entries use, themselves or through a formula, and which entries."""
    used: dict[str, frozenset[str]] = {}
    for entry in knowledge.entries.values():
        waiting = {
            name
            for text in (
                *(text for _, text in entry.texts()),
                *(str(condition.needs) + str(condition.any) for condition in entry.conditions),
            )
            for name in figure_names(text)
        }
        while waiting:
            name = waiting.pop()
            if entry.id not in used.get(name, frozenset()):
                used[name] = used.get(name, frozenset()) | {entry.id}
                waiting |= knowledge.figures[name].inputs() if name in knowledge.figures else set()
    return used
