"""Which part of an entry's answer a question asks for. Told apart from the topic: the same words ask it everywhere."""

from __future__ import annotations

import re

from bot.knowledge.words import Words
from bot.search.classifier import Classifier
from bot.search.features import phrase_features
from bot.text.normalise import fold, words
from bot.text.patterns import Patterns, compile_all

# Measured on the development sample (120 Polish questions that ask for a part): learnt alone 67 %, cues alone 52 %,
# together 74 %. A cue in the last clause says more than one anywhere, for stories end in their question.
CUE_ANYWHERE = 0.1
CUE_LAST = 0.5
SURE = 0.25
"""Share from which a facet is believed; below it no particular part was asked for."""

_CLAUSE = re.compile(r"([.?!\n;]+)")


class FacetFinder:
    """Cues of words/pl.yaml first, in the order in which they stand there, then what was learnt."""

    def __init__(self, table: Words, learnt: Classifier) -> None:
        self._cues: dict[str, Patterns] = compile_all(
            {str(facet): lines for facet, lines in table.facets.items()}
        )
        self._learnt = learnt

    def cue(self, found: list[str]) -> str | None:
        """The facet whose cue these words contain."""
        text = " ".join(found)
        return next((facet for facet, patterns in self._cues.items() if patterns.search(text)), None)

    def only_cues(self, found: list[str], filler: frozenset[str]) -> bool:
        """Do these words hold nothing but a facet's cue and words without content?"""
        text = " ".join(found)
        for patterns in self._cues.values():
            text = patterns.remove(text)
        return all(word in filler for word in text.split())

    def find(self, text: str) -> str | None:
        """The facet that the text asks for; None for none in particular."""
        scores = self.scores(text)
        best = max(scores, key=lambda facet: scores[facet])
        return best if best != "short" and scores[best] >= SURE else None

    def scores(self, text: str) -> dict[str, float]:
        """A share for each facet: what was learnt, raised where a cue speaks."""
        learnt = self._learnt.probabilities(phrase_features(text))
        scores = dict.fromkeys(self._cues, 0.0) | dict(
            zip(self._learnt.classes, learnt.tolist(), strict=True)
        )
        for found, weight in ((words(fold(text)), CUE_ANYWHERE), (last_clause(text), CUE_LAST)):
            cue = self.cue(found)
            if cue:
                scores[cue] += weight
        total = sum(scores.values())
        return {facet: score / total for facet, score in scores.items()}


def last_clause(text: str) -> list[str]:
    """The folded words of the last question, else of the last clause, that has at least two words."""
    parts = _CLAUSE.split(text)
    clauses = [
        (words(fold(clause)), mark) for clause, mark in zip(parts[::2], [*parts[1::2], ""], strict=True)
    ]
    whole = [(clause, mark) for clause, mark in clauses if len(clause) >= 2]
    asking = [clause for clause, mark in whole if "?" in mark]
    return (asking or [clause for clause, _ in whole] or [words(fold(text))])[-1]
