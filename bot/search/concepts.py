"""What words are about: groups of synonyms from knowledge/synonyms, so that a word nobody wrote before still tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.knowledge.words import SHORTEST_STEM
from bot.text.normalise import fold, words

_Part = tuple[str, bool]
"""A word of a phrase, and whether it is a stem."""


class Concepts:
    """Finds the concepts of a text's folded words, the longest items first."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._words: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._phrases: dict[tuple[str, str], list[tuple[tuple[_Part, ...], str]]] = {}
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
        parts = tuple((_bare(part), part.endswith("*")) for part in item.split())
        if len(parts) > 1:
            self._phrases.setdefault(_beginnings(*(bare for bare, _ in parts[:2])), []).append(
                (parts, concept)
            )
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
        if at + 1 == len(found):
            return None
        fitting = (
            (len(parts), concept)
            for parts, concept in self._phrases.get(_beginnings(found[at], found[at + 1]), ())
            if _fits(parts, found[at : at + len(parts)])
        )
        return max(fitting, default=None)


def _beginnings(first: str, second: str) -> tuple[str, str]:
    """What phrases are looked up by: no stem is shorter."""
    return first[:SHORTEST_STEM], second[:SHORTEST_STEM]


def _bare(item: str) -> str:
    part = item.removesuffix("*")
    return part if part.isascii() and part.isalnum() and part.islower() else "".join(words(fold(part)))


def _fits(parts: Sequence[_Part], found: Sequence[str]) -> bool:
    return len(parts) == len(found) and all(
        word.startswith(bare) if stem else word == bare
        for (bare, stem), word in zip(parts, found, strict=True)
    )
