"""Patterns that a linguist or an editor can read, over folded words.

`zabij*` is every word that begins so; `_` is any one word; `~` is up to three words or none; `a|b` is one of these,
where `a+b` are two words in one of them.
A pattern is found when its words stand one after another, typed with or without diacritics.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.text.normalise import fold, words

_GAP = r"(?:\w{1,40} ){0,3}"


@dataclass(frozen=True, slots=True)
class Patterns:
    """Several patterns compiled into one; empty ones find nothing."""

    regex: re.Pattern[str] | None

    @classmethod
    def of(cls, lines: Iterable[str]) -> Patterns:
        """Compile the lines."""
        sources = [_regex(line) for line in lines]
        return cls(re.compile("|".join(f"(?:{source})" for source in sources)) if sources else None)

    def search(self, text: str) -> bool:
        """Does one of them stand anywhere in these folded words (joined by single spaces)?"""
        return self.regex is not None and self.regex.search(text) is not None

    def matches(self, text: str) -> bool:
        """Is one of them the whole of these folded words?"""
        return self.regex is not None and self.regex.fullmatch(text) is not None

    def remove(self, text: str) -> str:
        """The folded words without what the patterns find."""
        return " ".join(self.regex.sub(" ", text).split()) if self.regex else text


def _regex(line: str) -> str:
    """The words of one pattern, each followed by the blank that ends it."""
    parts = []
    for part in line.split():
        if part == "~":
            parts.append(_GAP)
        elif part == "_":
            parts.append(r"\w{1,40} ")
        else:
            options = [_option(option) for option in part.split("|")]
            parts.append((options[0] if len(options) == 1 else f"(?:{'|'.join(options)})") + " ")
    return r"(?<![^ ])" + "".join(parts).removesuffix(" ") + r"(?![^ ])"


def _option(option: str) -> str:
    star = option.endswith("*")
    inner = " ".join(words(fold(option)))
    return re.escape(inner) + (r"\w{0,30}" if star else "")


def compile_all(tables: Mapping[str, Iterable[str]]) -> dict[str, Patterns]:
    """Each table's lines compiled, by its name."""
    return {name: Patterns.of(lines) for name, lines in tables.items()}
