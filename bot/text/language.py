"""Which of the five languages a text is in: by script first, then by each language's commonest words.

A table of words rather than a trained model: measured on the sample questions it is as good for our purpose as
py3langid, which costs 130 MB and 0.9 s at the start.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bot.text.normalise import fold, words

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_UKRAINIAN = re.compile(r"[іїєґ]", re.IGNORECASE)
_RUSSIAN = re.compile(r"[ыэъё]", re.IGNORECASE)
_POLISH = re.compile(r"[ąćęłńśźż]", re.IGNORECASE)


def language_of(text: str, common: Mapping[str, Collection[str]], default: str = "pl") -> str:
    """The language of the text; `default` in doubt. `common` holds folded common words by language."""
    letters = [sign for sign in text if sign.isalpha()]
    if not letters:
        return default
    if len(_CYRILLIC.findall(text)) * 2 > len(letters):
        return _cyrillic(text, common)
    if _POLISH.search(text):
        return "pl"
    found = words(fold(text))
    scores = {lang: sum(word in known for word in found) for lang, known in common.items()}
    best = max(scores, key=lambda lang: (scores[lang], lang == default), default=default)
    enough = scores.get(best, 0) >= max(1, len(found) // 5)
    return best if enough and scores[best] > scores.get(default, 0) else default


def _cyrillic(text: str, common: Mapping[str, Collection[str]]) -> str:
    if _UKRAINIAN.search(text):
        return "uk"
    if _RUSSIAN.search(text):
        return "ru"
    found = words(fold(text))
    russian = sum(word in common.get("ru", ()) for word in found)
    return "ru" if russian > sum(word in common.get("uk", ()) for word in found) else "uk"
