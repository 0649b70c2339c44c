"""A question as features that a linear classifier weighs.

For the topic: words, pairs of neighbouring words, word beginnings, the four-letter pieces of each word (they make
Polish endings and small typos harmless: "dotacje", "dotacji", "dotajcji" share most of them), and pairs of the beginnings
of content words that stand near each other ("rent" + "firm"): what tells neighbours apart is seldom one word.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.text.normalise import fold, words

PIECE, BEGINNING = 4, 5
PAIR_BEGINNING, PAIR_WINDOW, CONTENT_LETTERS = 4, 8, 3

Keys = npt.NDArray[np.uint32]


def features(text: str, plain: Collection[str]) -> list[str]:
    """The features of a text as it was written; `plain` are the words without content of their own."""
    return features_of(words(fold(text)), plain)


def features_of(found: list[str], plain: Collection[str]) -> list[str]:
    """The features of folded words."""
    features = [f"w:{word}" for word in found] + [f"q:{word[:BEGINNING]}" for word in found]
    features += [f"p:{first} {second}" for first, second in itertools.pairwise(found)]
    for word in found:
        framed = f"_{word}_"
        features += [f"c:{framed[at : at + PIECE]}" for at in range(max(1, len(framed) - PIECE + 1))]
    telling = [word[:PAIR_BEGINNING] for word in found if len(word) >= CONTENT_LETTERS and word not in plain]
    for at, first in enumerate(telling):
        for second in telling[at + 1 : at + 1 + PAIR_WINDOW]:
            features.append(f"b:{first} {second}" if first < second else f"b:{second} {first}")
    return features


def phrase_features(text: str) -> list[str]:
    """Features for telling facets apart: words with their place, runs of two and three words, word beginnings.

    What is asked for stands at the beginning or in the last clause, so the first three and last five words count
    once more on their own.
    """
    found = words(fold(text))
    features = [f"w:{word}" for word in found] + [f"b:{word[:5]}" for word in found]
    for size in (2, 3):
        features += ["r:" + " ".join(found[at : at + size]) for at in range(len(found) - size + 1)]
    features += [f"first:{word[:6]}" for word in found[:3]] + [f"last:{word[:6]}" for word in found[-5:]]
    return features


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
