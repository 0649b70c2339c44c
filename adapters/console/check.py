"""What `klaster check` prints: first what is broken, then how to write plainer, then what grows old, by owner."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby

from adapters.links import State, Verdict
from bot.knowledge.entry import FACETS
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.load import Loaded
from bot.knowledge.plain import fog
from bot.knowledge.problems import Problem

HARDEST = 3

_LINK: Mapping[State, tuple[str, str]] = {
    "gone": ("Tej strony już nie ma", "Znajdź nowy adres albo inne źródło i popraw „checked”."),
    "home": ("Adres prowadzi teraz na stronę główną", "Znajdź, dokąd przeniesiono treść."),
    "refused": ("Strona nie wpuszcza programu", "Otwórz ją w przeglądarce i sprawdź."),
    "away": ("Strona nie odpowiada", "Spróbuj za kilka dni; jeśli nadal milczy, znajdź inne źródło."),
    "certificate": ("Strona ma zły certyfikat", "Otwórz ją w przeglądarce i sprawdź."),
}


def report(loaded: Loaded, told: Mapping[str, int]) -> Iterator[str]:
    """The lines. `told`: how often people were told each entry, where that is known."""
    ageing = [problem for problem in loaded.problems if problem.owner]
    others = [problem for problem in loaded.problems if not problem.owner]
    yield from (str(problem) for problem in sorted(others, key=lambda problem: problem.warning))
    yield from _by_owner(ageing, told)
    if loaded.knowledge is not None:
        yield from _hardest(loaded.knowledge)
        yield summary(loaded.knowledge)
    warnings = sum(problem.warning for problem in loaded.problems)
    yield f"Błędów: {len(loaded.problems) - warnings}, uwag: {warnings}."


def as_json(problems: Iterable[Problem]) -> str:
    """The problems as a JSON list."""
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=1)


def summary(knowledge: Knowledge) -> str:
    """How much the knowledge holds. A fact is one told line of an entry beside `short` and `easy`."""
    entries = knowledge.entries.values()
    facts = sum(len(entry.answer.facet(facet) or ()) for entry in entries for facet in FACETS[1:])
    sources = {source.url or source.name for entry in entries for source in entry.sources}
    phrasings = sum(
        len(texts)
        for lists in knowledge.asked.values()
        for by_facet in lists.values()
        for texts in by_facet.values()
    )
    return (
        f"Wpisów: {len(knowledge.entries)}, faktów: {facts}, kwot: {len(knowledge.figures)}, "
        f"źródeł: {len(sources)}, słów w słowniczku: {len(knowledge.glossary)}, pytań ludzi: {phrasings}."
    )


def _by_owner(ageing: Sequence[Problem], told: Mapping[str, int]) -> Iterator[str]:
    """What is past its day or soon will be: by owner, what people are told most often first."""

    def used(problem: Problem) -> tuple[int, int]:
        return sum(told.get(entry, 0) for entry in problem.entries), len(problem.entries)

    ordered = sorted(ageing, key=lambda one: (one.owner, *(-number for number in used(one)), one))
    for owner, group in groupby(ordered, key=lambda problem: problem.owner):
        yield f"Do odświeżenia, opiekun {owner} (najczęściej używane najpierw):"
        for problem in group:
            shown, entries = used(problem)
            reach = f"pokazano {shown} razy, " if told else ""
            yield f"  {problem} ({reach}wpisy: {', '.join(problem.entries[:4])}{' …' if entries > 4 else ''})"


def _hardest(knowledge: Knowledge) -> Iterator[str]:
    """A hint, no fault: the entries whose first answer needs the most years of school (FOG index)."""
    scores = sorted(
        ((fog(entry.answer.short), name) for name, entry in knowledge.entries.items()), reverse=True
    )
    hardest = ", ".join(f"{name} ({score:.0f})" for score, name in scores[:HARDEST])
    if hardest:
        yield f"Najtrudniejsze w czytaniu (wskaźnik FOG, lata nauki): {hardest}."


# --- addresses ---


def addresses(knowledge: Knowledge) -> dict[str, list[tuple[str, list[int | str]]]]:
    """Each address of a source and where it stands: file and place in it."""
    found: dict[str, list[tuple[str, list[int | str]]]] = {}
    for entry in knowledge.entries.values():
        for position, source in enumerate(entry.sources):
            if source.url:
                place: list[int | str] = ["sources", position]
                found.setdefault(source.url, []).append((knowledge.files[entry.id], place))
    for name, figure in knowledge.figures.items():
        for position, point in enumerate(figure.series):
            if point.url:
                found.setdefault(point.url, []).append((f"figures/{name}.yaml", ["series", position]))
    return found


def link_problems(loaded: Loaded, knowledge: Knowledge, verdicts: Iterable[Verdict]) -> list[Problem]:
    """What to look at: a warning at each place where an address stands that did not answer as it should."""
    places = addresses(knowledge)
    return sorted(
        Problem(
            file,
            loaded.line_of(file, where),
            f"{_LINK[verdict.state][0]} ({verdict.detail}): {verdict.url}",
            _LINK[verdict.state][1],
            True,
        )
        for verdict in verdicts
        if verdict.state != "fine"
        for file, where in places[verdict.url]
    )
