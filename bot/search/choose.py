"""Which of the offered choices is meant by typed words: the label itself, a slip allowed, or its telling part."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from bot.text.normalise import fold, words

_POINTING = frozenset(
    ["ta", "to", "ten", "te", "tak", "chodzi", "mi", "o", "poprosze", "prosze", "wybieram", "raczej"]
)

LABEL_AT = 85.0
"""rapidfuzz ratio from which typed words are a label: two slips in a label of thirteen letters."""


def choose(text: str, labels: Sequence[str]) -> int | None:
    """The position of the label that was typed; None where none was, or where two fit alike."""
    typed = " ".join(itertools.dropwhile(_POINTING.__contains__, words(fold(text))))
    shown = [" ".join(words(fold(label))) for label in labels]
    if not typed or len(typed) > 120:
        return None
    if typed in shown:
        return shown.index(typed)
    holding = [at for at, label in enumerate(shown) if len(typed) >= 4 and f" {typed} " in f" {label} "]
    if len(holding) == 1:
        return holding[0]
    hit = process.extractOne(typed, shown, scorer=fuzz.ratio, score_cutoff=LABEL_AT)
    return hit[2] if hit and not holding else None
