"""What one file alone cannot tell and must be mended: references between files, amounts without figures, formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from bot.knowledge.circumstances import condition_faults
from bot.knowledge.entry import Entry
from bot.knowledge.figures import faults
from bot.knowledge.glossary import by_name
from bot.knowledge.knowledge import NONE, Knowledge
from bot.knowledge.problems import Problem, did_you_mean
from bot.knowledge.wording import figure_names, literal_amounts, wrong_units

LineOf = Callable[[str, Sequence[int | str]], int]
"""The line on which a place in a file stands."""


def cross_check(knowledge: Knowledge, line_of: LineOf, today: date) -> list[Problem]:
    """What makes the knowledge unusable, over all files."""
    found: list[Problem] = []
    for entry in knowledge.entries.values():
        found += _references(entry, knowledge, line_of)
        found += _amounts(entry, knowledge, line_of)
        found += _conditions(entry, knowledge, line_of)
        found += _future(entry, knowledge, line_of, today)
    found += _formulas(knowledge, line_of)
    found += _asked(knowledge, line_of)
    found += _aliases(knowledge, line_of)
    found += _broad(knowledge, line_of)
    found += _glossary(knowledge, line_of)
    return found


def _references(entry: Entry, knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    file = knowledge.files[entry.id]
    places = knowledge.places
    serves = entry.serves
    lists: list[tuple[str, Sequence[str], Sequence[str], list[int | str]]] = [
        ("wpisu", entry.related, [*knowledge.entries], ["related"]),
        ("wpisu", [entry.owner], [*knowledge.entries], ["owner"]),
        ("urzędu", entry.offices, [*knowledge.offices], ["offices"]),
        ("urzędu", entry.office, [*knowledge.offices], ["office"]),
        ("powiatu", serves.counties if serves else (), [*places.counties], ["serves", "counties"]),
        (
            "województwa",
            serves.voivodeships if serves else (),
            [*places.voivodeships],
            ["serves", "voivodeships"],
        ),
    ]
    for kind, used, known, where in lists:
        for position, name in enumerate(used):
            if name not in known:
                line = line_of(file, [*where, position])
                yield Problem(file, line, f"Nie ma {kind} „{name}”.", did_you_mean(name, known))
    if entry.id in entry.related:
        yield Problem(file, line_of(file, ["related"]), "Wpis wskazuje na siebie.", "Usuń go z „related”.")


def _amounts(entry: Entry, knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    file = knowledge.files[entry.id]
    for where, text in entry.texts():
        line = line_of(file, where)
        for name in figure_names(text):
            if name not in knowledge.figures:
                yield Problem(file, line, f"Nie ma kwoty „$({name})”.", did_you_mean(name, knowledge.figures))
        for name, unit, right in wrong_units(text, knowledge.figures):
            yield Problem(file, line, f"Po „$({name})” stoi „{unit}”.", f"Ta kwota jest w „{right}”.")
        for amount in literal_amounts(text):
            advice = "Dodaj plik w figures/ i wpisz tu $(nazwa-kwoty), żeby kwota miała źródło i datę."
            yield Problem(file, line, f"Kwota „{amount.strip()}” jest wpisana w tekście.", advice)


def _conditions(entry: Entry, knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    file = knowledge.files[entry.id]
    for position, condition in enumerate(entry.conditions):
        line = line_of(file, ["conditions", position])
        for what, advice in condition_faults(condition, knowledge.circumstances, knowledge.figures):
            yield Problem(file, line, what, advice)
        if condition.decides and condition.decides not in knowledge.offices:
            yield Problem(
                file, line, f"Nie ma urzędu „{condition.decides}”.",
                did_you_mean(condition.decides, knowledge.offices),
            )  # fmt: skip


def _asked(knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    for lang, lists in knowledge.asked.items():
        owner: dict[str, str] = {}
        files = {f"asked/{lang}/{name}.yaml": lists[name] for name in lists}
        for name in sorted(lists.keys() - knowledge.entries.keys() - {NONE}):
            advice = did_you_mean(name, knowledge.entries)
            yield Problem(f"asked/{lang}/{name}.yaml", 1, f"Nie ma wpisu „{name}”.", advice)
        for file, by_facet in files.items():
            for facet, texts in by_facet.items():
                for position, text in enumerate(texts):
                    first = owner.setdefault(text.casefold(), file)
                    if first != file:
                        line = line_of(file, [facet, position])
                        yield Problem(
                            file, line, f"To samo pytanie jest w {first}.", "Zostaw je w jednym pliku."
                        )


def _aliases(knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for entry in knowledge.entries.values():
        for position, alias in enumerate(entry.aliases):
            first = owner.setdefault(alias.casefold(), entry.id)
            if first != entry.id:
                file = knowledge.files[entry.id]
                line = line_of(file, ["aliases", position])
                yield Problem(
                    file, line, f"Nazwę „{alias}” ma już wpis {first}.", "Zostaw ją w jednym wpisie."
                )


def _broad(knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    for lang, words in knowledge.words.items():
        file = f"words/{lang}.yaml"
        for pattern, entries in words.broad.items():
            line = line_of(file, ["broad", pattern])
            for name in entries:
                if name not in knowledge.entries:
                    yield Problem(
                        file, line, f"Nie ma wpisu „{name}”.", did_you_mean(name, knowledge.entries)
                    )
            if not 2 <= len(entries) <= 4:
                yield Problem(
                    file, line, f"„{pattern}” ma {len(entries)} wpisów.", "Podaj od dwóch do czterech."
                )


def _glossary(knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    file = "glossary.yaml"
    owner: dict[str, str] = {}
    for written, name in by_name(knowledge.glossary):
        first = owner.setdefault(written, name)
        if first != name:
            yield Problem(
                file, line_of(file, [name]), f"„{written}” jest też przy „{first}”.", "Zostaw jedno."
            )
    for name, term in knowledge.glossary.items():
        if term.entry and term.entry not in knowledge.entries:
            line = line_of(file, [name, "entry"])
            yield Problem(
                file, line, f"Nie ma wpisu „{term.entry}”.", did_you_mean(term.entry, knowledge.entries)
            )


def _future(entry: Entry, knowledge: Knowledge, line_of: LineOf, today: date) -> Iterator[Problem]:
    file = knowledge.files[entry.id]
    for position, source in enumerate(entry.sources):
        if source.checked > today:
            line = line_of(file, ["sources", position, "checked"])
            advice = "Wpisz dzień, w którym czytano źródło."
            yield Problem(file, line, "Data „checked” jest w przyszłości.", advice)


def _formulas(knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    for name in knowledge.figures:
        file = f"figures/{name}.yaml"
        fault = faults(knowledge.figures, name)
        if fault:
            yield Problem(file, line_of(file, ["formula"]), *fault)
