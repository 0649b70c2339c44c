"""What one file alone cannot tell: references between files, amounts without figures, what is out of date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from bot.knowledge.entry import FACETS, Entry
from bot.knowledge.figures import Figure, faults, figure_on
from bot.knowledge.knowledge import NONE, Knowledge
from bot.knowledge.problems import Problem, did_you_mean
from bot.knowledge.wording import figure_names, literal_amounts, long_date, wrong_units

SOON = timedelta(days=30)

LineOf = Callable[[str, Sequence[int | str]], int]


def cross_check(knowledge: Knowledge, line_of: LineOf, today: date) -> list[Problem]:
    """Problems and warnings over the whole knowledge."""
    found: list[Problem] = []
    for entry in knowledge.entries.values():
        found += _references(entry, knowledge, line_of)
        found += _amounts(entry, knowledge, line_of)
        found += _age(entry, knowledge, line_of, today)
    found += _figures(knowledge, line_of, today)
    found += _asked(knowledge, line_of)
    found += _aliases(knowledge, line_of)
    found += _broad(knowledge, line_of)
    if knowledge.operator.example:
        advice = "Wpisz prawdziwe dane i usuń „example: true”."
        found.append(
            Problem(
                "operator.yaml", line_of("operator.yaml", ["example"]), "To dane przykładowe.", advice, True
            )
        )
    return found


def _references(entry: Entry, knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    file = knowledge.files[entry.id]
    places = knowledge.places
    serves = entry.serves
    lists: list[tuple[str, Sequence[str], Sequence[str], list[int | str]]] = [
        ("wpisu", entry.related, [*knowledge.entries], ["related"]),
        ("wpisu", [entry.owner], [*knowledge.entries], ["owner"]),
        ("urzędu", entry.offices, [*knowledge.offices], ["offices"]),
        ("urzędu", [entry.office] if entry.office else [], [*knowledge.offices], ["office"]),
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
    for facet in (*FACETS, "easy"):
        for position, text in enumerate(entry.answer.facet(facet) or ()):
            line = line_of(file, ["answer", facet, position])
            for name in figure_names(text):
                if name not in knowledge.figures:
                    yield Problem(
                        file, line, f"Nie ma kwoty „$({name})”.", did_you_mean(name, knowledge.figures)
                    )
            for name, unit, right in wrong_units(text, knowledge.figures):
                yield Problem(file, line, f"Po „$({name})” stoi „{unit}”.", f"Ta kwota jest w „{right}”.")
            for amount in literal_amounts(text):
                advice = "Dodaj plik w figures/ i wpisz tu $(nazwa-kwoty), żeby kwota miała źródło i datę."
                yield Problem(file, line, f"Kwota „{amount.strip()}” jest wpisana w tekście.", advice)


def _age(entry: Entry, knowledge: Knowledge, line_of: LineOf, today: date) -> Iterator[Problem]:
    file = knowledge.files[entry.id]
    line = line_of(file, ["review_by"])
    if entry.review_by < today:
        what = f"Termin sprawdzenia minął {long_date(entry.review_by)} (opiekun: {entry.owner})."
        yield Problem(file, line, what, "Sprawdź treść i źródła, popraw „checked” i „review_by”.", True)
    for position, source in enumerate(entry.sources):
        if source.checked > today:
            where = line_of(file, ["sources", position, "checked"])
            yield Problem(
                file, where, "Data „checked” jest w przyszłości.", "Wpisz dzień, w którym czytano źródło."
            )


def _figures(knowledge: Knowledge, line_of: LineOf, today: date) -> Iterator[Problem]:
    used = _used_figures(knowledge)
    for name, figure in knowledge.figures.items():
        file = f"figures/{name}.yaml"
        fault = faults(knowledge.figures, name)
        if fault:
            yield Problem(file, line_of(file, ["formula"]), *fault)
        elif name not in used:
            yield Problem(
                file, 1, "Żaden wpis nie używa tej kwoty.", "Usuń plik albo użyj jej we wpisie.", True
            )
        else:
            yield from _figure_age(knowledge, name, figure, line_of, today)


def _figure_age(
    knowledge: Knowledge, name: str, figure: Figure, line_of: LineOf, today: date
) -> Iterator[Problem]:
    if figure.formula:
        return  # its inputs are told on their own
    file = f"figures/{name}.yaml"
    line = line_of(file, ["series", len(figure.series) - 1])
    held_until = figure_on(knowledge.figures, name, today).held_until
    ends = figure_on(knowledge.figures, name, today + SOON).held_until
    advice = "Dopisz nową wartość na końcu „series”, z „from” i źródłem."
    if held_until:
        yield Problem(file, line, f"Ostatnia wartość obowiązywała do {long_date(held_until)}.", advice, True)
    elif ends:
        yield Problem(file, line, f"Wartość kończy się {long_date(ends)}, a nowej nie ma.", advice, True)


def _used_figures(knowledge: Knowledge) -> set[str]:
    texts = (
        text
        for entry in knowledge.entries.values()
        for facet in (*FACETS, "easy")
        for text in entry.answer.facet(facet) or ()
    )
    used = {name for text in texts for name in figure_names(text)}
    waiting = list(used)
    while waiting:
        figure = knowledge.figures.get(waiting.pop())
        new = (figure.inputs() if figure else frozenset()) - used
        used |= new
        waiting += new
    return used


def _asked(knowledge: Knowledge, line_of: LineOf) -> Iterator[Problem]:
    for lang, lists in knowledge.asked.items():
        owner: dict[str, str] = {}
        later = knowledge.later.get(lang, {})
        files = {f"asked/{lang}/{name}.yaml": lists[name] for name in lists}
        files |= {f"asked/{lang}/later/{name}.yaml": later[name] for name in later}
        for name in sorted(lists.keys() - knowledge.entries.keys() - {NONE}):
            advice = did_you_mean(name, knowledge.entries)
            yield Problem(f"asked/{lang}/{name}.yaml", 1, f"Nie ma wpisu „{name}”.", advice)
        for name in sorted(later.keys() & knowledge.entries.keys()):
            advice = f"Przenieś pytania do asked/{lang}/{name}.yaml."
            yield Problem(f"asked/{lang}/later/{name}.yaml", 1, f"Wpis „{name}” już jest.", advice)
        for file, by_facet in files.items():
            for facet, texts in by_facet.items():
                for position, text in enumerate(texts):
                    first = owner.setdefault(text.casefold(), file)
                    if first != file:
                        line = line_of(file, [facet, position])
                        yield Problem(
                            file, line, f"To samo pytanie jest w {first}.", "Zostaw je w jednym pliku."
                        )
    for entry in knowledge.entries:
        if entry not in knowledge.asked.get("pl", {}):
            file = knowledge.files[entry]
            yield Problem(
                file, 1, "Nikt o to nie pyta.", f"Dodaj pytania ludzi w asked/pl/{entry}.yaml.", True
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
