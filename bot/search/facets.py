"""Which part of an entry's answer a question asks for. Told apart from the topic: the same words ask it everywhere."""

from __future__ import annotations

from bot.knowledge.words import Words
from bot.search.classifier import Classifier
from bot.search.features import last_clause, phrase_features
from bot.text.patterns import Patterns, compile_all

CUE = 0.7
"""What a cue in the last clause adds to the share of its facet: stories end in their question."""
NONE_IN_PARTICULAR = 0.45
"""What "short" counts: who asks for a part and gets the first answer is worse off than the other way round."""
# Measured on 1,470 test questions and the 120 of the development sample that ask for a part, facet right, in per cent:
# learnt alone 93.8 and 76; with cues of 0.3 94.2 and 80, of 0.5 94.0 and 81, of 0.7 93.5 and 84.


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
        return None if best == "short" else best

    def scores(self, text: str) -> dict[str, float]:
        """A share for each facet: what was learnt, raised where a cue speaks."""
        learnt = self._learnt.probabilities(phrase_features(text))
        scores = dict.fromkeys(self._cues, 0.0) | dict(
            zip(self._learnt.classes, learnt.tolist(), strict=True)
        )
        cue = self.cue(last_clause(text))
        if cue:
            scores[cue] += CUE
        scores["short"] = scores.get("short", 0.0) * NONE_IN_PARTICULAR
        total = sum(scores.values())
        return {facet: score / total for facet, score in scores.items()}
