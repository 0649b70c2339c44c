"""The polite words around a question, which ask nothing: "Dzień dobry, mam pytanie." before it, thanks after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.text.normalise import fold, words

_WORD = re.compile(r"\w+")


class Politeness:
    """Openings and closings, as phrases in any spelling."""

    def __init__(self, openings: Iterable[str], closings: Iterable[str]) -> None:
        self._openings = _by_length(words(fold(phrase)) for phrase in openings)
        self._closings = _by_length(words(fold(phrase))[::-1] for phrase in closings)

    def bare(self, text: str) -> str:
        """The text without the polite words at its ends; the whole where it is nothing else."""
        spans = [match.span() for match in _WORD.finditer(text)]
        folded = [fold(text[start:end]) for start, end in spans]
        first = _eaten(folded, self._openings)
        last = len(folded) - _eaten(folded[::-1], self._closings)
        if first >= last:
            return text
        end = len(text) if last == len(folded) else spans[last][0]
        return text[spans[first][0] if first else 0 : end].strip()


def _by_length(phrases: Iterable[Sequence[str]]) -> dict[int, frozenset[tuple[str, ...]]]:
    """The phrases by their number of words, the longest first."""
    found = {tuple(phrase) for phrase in phrases}
    sizes = sorted({len(phrase) for phrase in found}, reverse=True)
    return {size: frozenset(phrase for phrase in found if len(phrase) == size) for size in sizes}


def _eaten(folded: Sequence[str], phrases: dict[int, frozenset[tuple[str, ...]]]) -> int:
    """How many words at the beginning belong to phrases that follow each other."""
    at = 0
    while size := next((n for n, known in phrases.items() if tuple(folded[at : at + n]) in known), 0):
        at += size
    return at
