"""What one file alone cannot tell: references between files, amounts without figures, what is out of date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from bot.knowledge.circumstances import condition_faults
from bot.knowledge.entry import FACETS, Entry
from bot.knowledge.figures import faults, figure_on
from bot.knowledge.glossary import by_name
from bot.knowledge.knowledge import NONE, Knowledge
from bot.knowledge.plain import PlainCheck
from bot.knowledge.problems import Problem, did_you_mean
from bot.knowledge.wording import figure_names, literal_amounts, long_date, wrong_units

SOON = timedelta(days=30)

LineOf = Callable[[str, Sequence[int | str]], int]


def cross_check(knowledge: Knowledge, line_of: LineOf, today: date) -> list[Problem]:
    """Problems and warnings over the whole knowledge."""
    found: list[Problem] = []
    plain = PlainCheck(knowledge.style, knowledge.glossary)
    for entry in knowledge.entries.values():
        found += _references(entry, knowledge, line_of)
        found += _amounts(entry, knowledge, line_of)
        found += _conditions(entry, knowledge, line_of)
        found += [
            Problem(knowledge.files[entry.id], line_of(knowledge.files[entry.id], where), what, advice, True)
            for where, what, advice in plain.entry(entry)
        ]
        found += _age(entry, knowledge, line_of, today)
    found += _figures(knowledge, line_of, today)
    found += _asked(knowledge, line_of)
    found += _aliases(knowledge, line_of)
    found += _broad(knowledge, line_of)
    found += _glossary(knowledge, line_of)
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
    for where, text in _texts(entry):
        line = line_of(file, where)
        for name in figure_names(text):
            if name not in knowledge.figures:
                yield Problem(file, line, f"Nie ma kwoty „$({name})”.", did_you_mean(name, knowledge.figures))
        for name, unit, right in wrong_units(text, knowledge.figures):
            yield Problem(file, line, f"Po „$({name})” stoi „{unit}”.", f"Ta kwota jest w „{right}”.")
        for amount in literal_amounts(text):
            advice = "Dodaj plik w figures/ i wpisz tu $(nazwa-kwoty), żeby kwota miała źródło i datę."
            yield Problem(file, line, f"Kwota „{amount.strip()}” jest wpisana w tekście.", advice)


def _texts(entry: Entry) -> Iterator[tuple[list[int | str], str]]:
    """Each sentence or paragraph that a person may read of this entry, with its place in the file."""
    for facet in (*FACETS, "easy"):
        for position, text in enumerate(entry.answer.facet(facet) or ()):
            yield ["answer", facet, position], text
    for position, condition in enumerate(entry.conditions):
        yield ["conditions", position, "says"], condition.says


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
                *(text for _, text in _texts(entry)),
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
