"""A question as features that a linear classifier weighs.

For the topic: words, pairs of neighbouring words, the four-letter pieces of each word (they make Polish endings and
small typos harmless: "dotacje", "dotacji", "dotajcji" share most of them), what the words are about, and pairs of word
beginnings and of concepts that stand near each other ("rent" + "firm"): what tells neighbours apart is seldom one word.
What each of them adds is measured in docs/decisions/0004.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.knowledge.knowledge import Knowledge
from bot.search.concepts import Concepts
from bot.search.place import Place, place_features
from bot.text.normalise import fold, words

PIECE, BEGINNING, CONTENT_LETTERS = 4, 4, 3
WORDS_NEAR, CONCEPTS_NEAR = 5, 6

_CLAUSE = re.compile(r"([.?!\n;]+)")

_SENTENCE = re.compile(r"[^.?!;\n]+[.?!;\n]*")
_ALSO = re.compile(
    r",?\s+(?:a|i|oraz|albo)\s+(?=(?:czy|ile|jak|gdzie|kiedy|kto|co|jaki\w*|jaka|skąd|skad|do|od|na)\b)",
    re.IGNORECASE,
)
QUESTION_WORDS = 4
"""A shorter question ("i co dalej?") names nothing of its own."""

Keys = npt.NDArray[np.uint32]


class TopicFeatures:
    """What tells topics apart, over one knowledge's tables: its words without content, its groups of synonyms."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.words["pl"]
        self._plain = frozenset(word for line in (*table.common, *table.filler) for word in words(fold(line)))
        self._concepts = Concepts(knowledge.synonyms.get("pl", {}))

    def of(self, found: list[str], place: Place | None) -> list[str]:
        """The features of folded words and of the place that they name."""
        features = [f"w:{word}" for word in found]
        features += [f"p:{first} {second}" for first, second in itertools.pairwise(found)]
        for word in found:
            framed = f"_{word}_"
            features += [f"c:{framed[at : at + PIECE]}" for at in range(max(1, len(framed) - PIECE + 1))]
        telling = [
            word[:BEGINNING] for word in found if len(word) >= CONTENT_LETTERS and word not in self._plain
        ]
        concepts = self._concepts.find(found)
        features += [f"k:{concept}" for concept in concepts]
        features += [f"b:{pair}" for pair in _near(telling, WORDS_NEAR)]
        features += [f"kk:{pair}" for pair in _near(concepts, CONCEPTS_NEAR)]
        return features + place_features(place)


def _near(items: list[str], reach: int) -> Iterator[str]:
    """Each two of the items that stand near each other, in one order."""
    for at, first in enumerate(items):
        for second in items[at + 1 : at + 1 + reach]:
            if first != second:
                yield f"{first} {second}" if first < second else f"{second} {first}"


def phrase_features(text: str) -> list[str]:
    """Features for telling facets apart: words with their place, runs of two and three words, word beginnings.

    What is asked for stands at the beginning or in the last clause, so the first three and last five words count
    once more on their own, and the last clause counts as a text of its own.
    """
    found, last = words(fold(text)), last_clause(text)
    features = [*_runs(found, ""), *(f"b:{word[:5]}" for word in found)]
    features += [f"first:{word[:6]}" for word in found[:3]] + [f"last:{word[:6]}" for word in found[-5:]]
    features += [*_runs(last, "l"), *(f"lb:{word[:4]}" for word in last)]
    features += [f"ls:{first} {third}" for first, third in zip(last, last[2:], strict=False)]
    return features + ["lf:" + " ".join(last[:size]) for size in (1, 2, 3)]


def _runs(found: list[str], kind: str) -> list[str]:
    """Single words, and runs of two and three."""
    return [
        f"{kind}{size}:" + " ".join(found[at : at + size])
        for size in (1, 2, 3)
        for at in range(len(found) - size + 1)
    ]


def last_clause(text: str) -> list[str]:
    """The folded words of the last question, else of the last clause, that has at least two words."""
    parts = _CLAUSE.split(text)
    clauses = [
        (words(fold(clause)), mark) for clause, mark in zip(parts[::2], [*parts[1::2], ""], strict=True)
    ]
    whole = [(clause, mark) for clause, mark in clauses if len(clause) >= 2]
    asking = [clause for clause, mark in whole if "?" in mark]
    return (asking or [clause for clause, _ in whole] or [words(fold(text))])[-1]


def questions_in(text: str) -> list[str]:
    """The single questions of a message: its sentences with a question mark, taken apart before another asking word."""
    asking = [part[0] for part in _SENTENCE.finditer(text) if "?" in part[0]]
    clauses = [clause for sentence in asking for clause in _ALSO.split(sentence)]
    return [clause for clause in clauses if len(words(clause)) >= QUESTION_WORDS]


def keys_of(features: list[str]) -> Keys:
    """Each feature as a number, so that what is learnt needs no table of strings: CRC-32 of its UTF-8.

    A feature that was never learnt is taken for a learnt one once in 25,000 times at 170,000 learnt ones.
    """
    return np.fromiter((crc32(feature.encode()) for feature in features), np.uint32, len(features))


class Spelling:
    """Mends words that the index has never seen, against the words that it has: at most one slip in six to eight
    letters, two in longer words; shorter words are too near each other ("słoń", "lson"). rapidfuzz's optimal string alignment counts swapped neighbours as one slip."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = frozenset(known)
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._known):
            self._by_length.setdefault(len(word), []).append(word)

    def mend(self, found: list[str]) -> list[str]:
        """The words, each unknown one replaced by the nearest known one where that is near enough."""
        return [
            word
            if word in self._known or len(word) < SHORTEST_MENDED or not word.isalpha()
            else self._nearest(word)
            for word in found
        ]

    def _nearest(self, word: str) -> str:
        slips = 1 if len(word) < TWO_SLIPS_FROM else 2
        near = [
            other
            for length in range(len(word) - slips, len(word) + slips + 1)
            for other in self._by_length.get(length, ())
        ]
        found = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=slips)
        return found[0] if found else word


SHORTEST_MENDED, TWO_SLIPS_FROM = 6, 9
