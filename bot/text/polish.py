"""What Polish grammar says of a word. The dictionary is morfeusz2 (SGJP), loaded when it is first asked."""

from __future__ import annotations

from functools import cache

import morfeusz2


@cache
def _dictionary() -> morfeusz2.Morfeusz:
    return morfeusz2.Morfeusz(expand_tags=False)


def tags(word: str) -> frozenset[str]:
    """The grammatical classes that the word can have, as SGJP names them: subst, fin, imps, ppas, ger ..."""
    return frozenset(part[2][2].split(":")[0] for part in _dictionary().analyse(word.lower()))


def lemmas(word: str) -> frozenset[str]:
    """The dictionary forms that the word can be of."""
    return frozenset(part[2][1].split(":")[0] for part in _dictionary().analyse(word.lower()))


def is_impersonal(word: str) -> bool:
    """Is it a -no/-to form and nothing else: "przyznano", "wymagano"?"""
    return tags(word) == {"imps"}


def is_verbal_noun(word: str) -> bool:
    """Is it a noun made of a verb and no noun of its own: "wypełnianie", but not "świadczenie"?"""
    found = tags(word)
    return "ger" in found and "subst" not in found
