"""Is it plain Polish? Measures the sentences of an entry and says, as warnings, what a tired reader would stumble over.

The rules are those of T-129 to T-131: Polish plain-language guides (Piekot, Zarzeczny, Moroń: "Prosta polszczyzna")
and the European easy-to-read rules (Inclusion Europe). Hard words are told from syllables by pyphen's hyphenation,
grammar by morfeusz2; what stands in style.yaml is for editors to extend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

import pyphen

from bot.knowledge.entry import FACETS, Entry, Line, Value
from bot.knowledge.glossary import Term
from bot.text import polish
from bot.text.normalise import fold, words
from bot.text.patterns import Patterns, compile_all

SENTENCE_WORDS, SHORT_AVERAGE, EASY_WORDS = 25, 15, 12
LINKING_WORDS_IN_EASY = 1
HARD_SYLLABLES = 4

_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZĄĆĘŁŃÓŚŹŻ„\"(\d$])|\n")
_NOT_AN_END = re.compile(r"\b(?:ul|al|os|pl|tel|św|godz|im|ks|gen|zob|St|Str)\.$")
_WORD = re.compile(r"\$\([^)]*\)|[\w@.:/-]*\w")
_ABBREVIATION = re.compile(
    r"(?<![\w@./-])(?=\w*[A-ZĄĆĘŁŃÓŚŹŻ]\w*[A-ZĄĆĘŁŃÓŚŹŻ])[A-Za-zĄĆĘŁŃÓŚŹŻąćęłńóśźż]{2,12}(?![\w@/]|\.\w|-\d)"
)
_LINKING = re.compile(r"\b(?:któr\w+|ponieważ|jeżeli|jeśli|aby|żeby)\b", re.IGNORECASE)
_NAMES = re.compile(r"„[^”]*”|\$\([^)]*\)")
"""What is not the editor's own wording: quoted names and references to amounts."""


class Style(Value):
    """style.yaml. Each pattern of bot/text/patterns leads to the plainer word; `easy` holds only for `easy`;
    `abbreviations` are looked for as they are written."""

    officialese: Mapping[str, Line] = {}
    easy: Mapping[str, Line] = {}
    abbreviations: Mapping[str, Line] = {}


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph; full stops of "ul." and the like end none."""
    found: list[str] = []
    for part in filter(None, (part.strip() for part in _END.split(text))):
        if found and _NOT_AN_END.search(found[-1]):
            found[-1] += " " + part
        else:
            found.append(part)
    return found


def words_of(sentence: str) -> list[str]:
    """The words of a sentence as a reader counts them: an amount is one, an address of a page is one."""
    return _WORD.findall(sentence)


@cache
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="pl_PL")


def syllables(word: str) -> int:
    """The syllables of a Polish word, as hyphenation sees them."""
    return len(_hyphens().positions(word)) + 1


def fog(texts: Sequence[str]) -> float:
    """The FOG index for Polish: years of school that a reader needs. 0.4 * (words a sentence + hard words in
    a hundred), hard from four syllables on (Gunning 1952; for Polish: Pisarek 1969, Jasnopis)."""
    found = [words_of(sentence) for text in texts for sentence in sentences(text)]
    all_words = [word for sentence in found for word in sentence]
    if not all_words:
        return 0.0
    hard = sum(syllables(word) >= HARD_SYLLABLES for word in all_words if word.isalpha())
    return 0.4 * (len(all_words) / len(found) + 100 * hard / len(all_words))


class PlainCheck:
    """The rules with their tables, compiled once for a whole knowledge."""

    def __init__(self, style: Style, glossary: Mapping[str, Term]) -> None:
        self._officialese = _table(style.officialese)
        self._any_officialese = Patterns.of(style.officialese)
        self._easy = _table(style.easy)
        self._abbreviations = [
            (re.compile(rf"(?<![\w.]){re.escape(short)}(?!\w)"), short, plain)
            for short, plain in style.abbreviations.items()
        ]
        self._terms = {written: term for name, term in glossary.items() for written in (name, *term.also)}

    def entry(self, entry: Entry) -> Iterator[tuple[list[int | str], str, str]]:
        """What to mend in an entry: its place in the file, what is wrong, how to mend it."""
        for facet in (*FACETS, "easy"):
            lines = entry.answer.facet(facet) or ()
            for position, text in enumerate(lines):
                where: list[int | str] = ["answer", facet, position]
                for what, advice in self._line(text, facet == "easy"):
                    yield where, what, advice
            for at, what, advice in self._unexplained(entry.title, lines, facet == "easy"):
                yield ["answer", facet, at], what, advice
        yield from _average(entry.answer.short)
        for position, condition in enumerate(entry.conditions):
            for what, advice in self._line(condition.says, False):
                yield ["conditions", position, "says"], what, advice

    def _line(self, text: str, easy: bool) -> Iterator[tuple[str, str]]:
        for sentence in sentences(text):
            yield from _length(sentence, EASY_WORDS if easy else SENTENCE_WORDS)
            bare = _NAMES.sub(" ", sentence)
            folded = " ".join(words(fold(bare)))
            for patterns, pattern, plain in self._officialese if self._any_officialese.search(folded) else ():
                if patterns.search(folded):
                    yield f"Urzędowe „{pattern}”.", f"Prościej: {plain}."
            for regex, short, plain in self._abbreviations:
                if regex.search(bare):
                    yield f"Skrót „{short}”.", f"Napisz: {plain}."
            if easy:
                yield from self._too_hard(sentence, folded)

    def _too_hard(self, sentence: str, folded: str) -> Iterator[tuple[str, str]]:
        found = [word for word in words_of(sentence) if word.isalpha()]
        for word in found:
            if polish.is_impersonal(word):
                yield f"Forma bezosobowa „{word}” w „easy”.", "Napisz, kto to robi: „urząd przyznał”."
        for before, after in pairwise(found):
            if polish.lemmas(before) & {"być", "zostać"} and "ppas" in polish.tags(after):
                yield (
                    f"Strona bierna „{before} {after}” w „easy”.",
                    "Napisz, kto co robi: „urząd wypłaca pieniądze”.",
                )
        nouns = [word for word in found if polish.is_verbal_noun(word)]
        if len(nouns) > 1:
            yield (
                f"Rzeczowniki od czasowników „{', '.join(nouns)}” w jednym zdaniu „easy”.",
                "Użyj czasowników.",
            )
        if len(_LINKING.findall(sentence)) > LINKING_WORDS_IN_EASY:
            yield "Kilka myśli w jednym zdaniu „easy”.", "Podziel je na krótsze zdania."
        for patterns, pattern, plain in self._easy:
            if patterns.search(folded):
                yield f"Trudne „{pattern}” w „easy”.", f"Prościej: {plain}."

    def _unexplained(self, title: str, lines: Sequence[str], easy: bool) -> Iterator[tuple[int, str, str]]:
        """Abbreviations that the glossary does not know or that nobody explains where they are first used."""
        whole = f"{title}. {' '.join(lines)}"
        seen: set[str] = set()
        for position, line in enumerate(lines):
            for short in _ABBREVIATION.findall(_NAMES.sub(" ", line)):
                if short in seen or (short.isupper() and re.fullmatch("[IVX]+", short)):
                    continue
                seen.add(short)
                term = self._terms.get(short)
                if term is None:
                    yield (
                        position,
                        f"Skrótu „{short}” nie ma w słowniczku.",
                        "Dopisz go do glossary.yaml albo napisz pełną nazwę.",
                    )
                elif term.known:
                    continue
                elif easy:
                    yield (
                        position,
                        f"Skrót „{short}” w „easy”.",
                        f"Napisz pełną nazwę: {term.full or term.means}",
                    )
                elif not _explained(short, term, whole):
                    yield (
                        position,
                        f"Skrót „{short}” bez wyjaśnienia.",
                        f"Przy pierwszym użyciu napisz: {term.full or term.means} ({short}).",
                    )


def _table(lines: Mapping[str, str]) -> list[tuple[Patterns, str, str]]:
    compiled = compile_all({pattern: [pattern] for pattern in lines})
    return [(compiled[pattern], pattern, plain) for pattern, plain in lines.items()]


def _length(sentence: str, limit: int) -> Iterator[tuple[str, str]]:
    count = len(words_of(sentence))
    if count > limit:
        yield f"Zdanie ma słów: {count}, wolno {limit}: „{sentence[:40]}…”.", "Podziel je na krótsze."


def _average(short: Sequence[str]) -> Iterator[tuple[list[int | str], str, str]]:
    lengths = [len(words_of(sentence)) for text in short for sentence in sentences(text)]
    average = sum(lengths) / len(lengths) if lengths else 0
    if average > SHORT_AVERAGE:
        what = f"Zdania w „short” mają średnio {average:.0f} słów, wolno {SHORT_AVERAGE}."
        yield ["answer", "short"], what, "Podziel dłuższe zdania."


def _explained(short: str, term: Term, text: str) -> bool:
    """Does its full name stand in the text, in any case form, or words that introduce it?"""
    escaped = re.escape(short)
    if re.search(
        rf"\({escaped}\)|\b{escaped} ?\(|\b{escaped}, czyli|czyli {escaped}\b|\b{escaped}[:,]? to\b|\b{escaped} [–-] ",
        text,
    ):
        return True
    stems = [word[: max(4, len(word) - 3)] for word in words(fold(term.full or "")) if len(word) > 3]
    folded = words(fold(text))
    return bool(stems) and all(any(word.startswith(stem) for word in folded) for stem in stems[:3])
