"""What words are about: groups of synonyms from knowledge/synonyms, so that a word nobody wrote before still tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.knowledge.words import SHORTEST_STEM
from bot.text.normalise import fold, words


class Concepts:
    """Finds the concepts of a text's folded words, the longest items first."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._words: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for concept, items in groups.items():
            for item in items:
                self._add(concept, item)

    def find(self, found: Sequence[str]) -> list[str]:
        """The concepts in the order of their words; a word without one is passed over."""
        concepts: list[str] = []
        at = 0
        while at < len(found):
            size, concept = self._phrase_at(found, at) or (1, self._of_word(found[at]))
            if concept:
                concepts.append(concept)
            at += size
        return concepts

    def _add(self, concept: str, item: str) -> None:
        parts = tuple(item.split())
        if len(parts) > 1:
            key = _bare(parts[0])[:SHORTEST_STEM]
            self._phrases.setdefault(key, []).append((parts, concept))
        elif item.endswith("*"):
            self._stems[_bare(item)] = concept
        else:
            self._words[_bare(item)] = concept

    def _of_word(self, word: str) -> str | None:
        if word in self._words:
            return self._words[word]
        for length in range(len(word), SHORTEST_STEM - 1, -1):
            if word[:length] in self._stems:
                return self._stems[word[:length]]
        return None

    def _phrase_at(self, found: Sequence[str], at: int) -> tuple[int, str] | None:
        fitting = (
            (len(parts), concept)
            for parts, concept in self._phrases.get(found[at][:SHORTEST_STEM], ())
            if _fits(parts, found[at : at + len(parts)])
        )
        return max(fitting, default=None)


def _bare(item: str) -> str:
    return "".join(words(fold(item)))


def _fits(parts: Sequence[str], found: Sequence[str]) -> bool:
    return len(parts) == len(found) and all(
        word.startswith(_bare(part)) if part.endswith("*") else word == _bare(part)
        for part, word in zip(parts, found, strict=True)
    )
