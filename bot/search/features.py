"""A question as features: its words, pairs of words, and the 3 to 5 letter pieces of each word.

The pieces make Polish endings and small typos harmless ("dotacje", "dotacji", "dotajcji" share most of them).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.text.normalise import fold, words

PIECES = (3, 4, 5)


def features(text: str) -> list[str]:
    """The features of a text as it was written."""
    return features_of(words(fold(text)))


def features_of(found: list[str]) -> list[str]:
    """The features of folded words."""
    features = [f"w:{word}" for word in found]
    features += [f"p:{first} {second}" for first, second in itertools.pairwise(found)]
    for word in found:
        framed = f"_{word}_"
        for size in PIECES:
            features += [f"c:{framed[at : at + size]}" for at in range(max(1, len(framed) - size + 1))]
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


class Spelling:
    """Mends words that the index has never seen, against the words that it has: at most one slip in six to eight
    letters, two in longer words; shorter words are too near each other ("słoń", "lson"). rapidfuzz's optimal string alignment counts swapped neighbours as one slip."""

    def __init__(self, known: list[str]) -> None:
        self._known = frozenset(known)
        self._by_length: dict[int, list[str]] = {}
        for word in known:
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

Vector = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""The positions of a text's known features and their weights, of length 1."""


def vector(features: list[str], vocabulary: Mapping[str, int], idf: npt.NDArray[np.float32]) -> Vector:
    """TF-IDF with sublinear tf and unit length, as scikit-learn computes it at training."""
    counts: dict[int, int] = {}
    for feature in features:
        at = vocabulary.get(feature)
        if at is not None:
            counts[at] = counts.get(at, 0) + 1
    positions = np.fromiter(counts, np.int64, len(counts))
    weights = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * idf[positions]
    norm = float(np.linalg.norm(weights))
    return positions, (weights / norm if norm else weights).astype(np.float32)
