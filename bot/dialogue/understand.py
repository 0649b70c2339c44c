"""Names the kind of a message before anything is searched: danger, a pick, a command, small talk, another language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.knowledge.glossary import by_name
from bot.knowledge.knowledge import Knowledge
from bot.messages import LANGUAGES, Choice, Language
from bot.search.choose import choose
from bot.text.language import language_of
from bot.text.normalise import fold, words
from bot.text.patterns import Patterns, compile_all

TERM_WORDS = 10
"""A longer message asks for more than the meaning of a word."""

Danger = Literal["none", "doubt", "sure"]


@dataclass(frozen=True, slots=True)
class Said:
    """A message in words: as it was written, folded, and the language it is in."""

    text: str
    found: tuple[str, ...]
    lang: Language

    @property
    def folded(self) -> str:
        """The folded words with single spaces."""
        return " ".join(self.found)


class Ear:
    """All tables of words, compiled once."""

    def __init__(self, knowledge: Knowledge) -> None:
        polish = knowledge.words["pl"]
        self._commands = compile_all(polish.commands)
        self._smalltalk = compile_all(polish.smalltalk)
        self._ordinals = compile_all(polish.ordinals)
        self._attack = Patterns.of(polish.attack)
        self._crisis = Patterns.of(
            line for table in knowledge.words.values() for lines in table.crisis.values() for line in lines
        )
        self._doubt = Patterns.of(polish.crisis_doubt)
        self._harmless = Patterns.of(polish.not_crisis)
        self._meaning = Patterns.of(polish.meaning)
        self._terms = dict(by_name(knowledge.glossary))
        self._over = Patterns.of(polish.crisis_over)
        self._common = {
            lang: frozenset(word for line in table.common for word in words(fold(line)))
            for lang, table in knowledge.words.items()
        }
        self.filler = frozenset(word for line in polish.filler for word in words(fold(line)))
        self._leaning = frozenset(word for line in polish.followup for word in words(fold(line)))
        self._pointing = frozenset(word for line in polish.pointing for word in words(fold(line)))

    def hear(self, text: str, hint: Language | None) -> Said:
        """The message in words; the hint decides where the text itself does not tell."""
        default = hint if hint in LANGUAGES else "pl"
        return Said(text, tuple(words(fold(text))), language_of(text, self._common, default))

    def danger(self, said: Said) -> Danger:
        """Does the wording speak of danger to life or limb?"""
        rest = self._harmless.remove(said.folded)
        if self._crisis.search(rest):
            return "sure"
        return "doubt" if self._doubt.search(rest) else "none"

    def harmless(self, said: Said) -> bool:
        """Is there a turn of phrase that only sounds like danger?"""
        return self._harmless.search(said.folded)

    def danger_over(self, said: Said) -> bool:
        """Does the person say that it is over or that help is there?"""
        return self._over.search(said.folded)

    def command(self, said: Said) -> str | None:
        """The command that the whole message is."""
        return _matching(self._commands, said)

    def smalltalk(self, said: Said) -> str | None:
        """The kind of small talk that the whole message is."""
        return _matching(self._smalltalk, said)

    def term(self, said: Said) -> str | None:
        """The term of the glossary whose meaning is asked, or that is the whole message."""
        if len(said.found) > TERM_WORDS:
            return None
        rest = self._meaning.remove(said.folded)
        telling = " ".join(word for word in rest.split() if word not in self.filler)
        return self._terms.get(rest) or self._terms.get(telling)

    def attack(self, said: Said) -> bool:
        """Does the message try to give orders to a machine?"""
        return self._attack.search(said.folded)

    def pick(self, said: Said, offered: Sequence[Choice]) -> Choice | None:
        """The offered choice that is meant by a digit, an ordinal or the label."""
        if not offered or not said.found:
            return None
        ordinal = _matching(self._ordinals, said)
        if ordinal is not None:
            at = len(offered) - 1 if not ordinal.isdigit() else int(ordinal) - 1
            return offered[at] if at < len(offered) else None
        chosen = choose(said.text, [choice.label for choice in offered])
        return None if chosen is None else offered[chosen]

    def leans(self, said: Said) -> bool:
        """Does the message begin like one that goes on from the one before?"""
        return bool(said.found) and said.found[0] in self._leaning

    def points(self, said: Said) -> bool:
        """Does it, beginning so, also point at something spoken of: "and until when this application"?"""
        return self.leans(said) and any(word in self._pointing for word in said.found[1:])


def _matching(tables: dict[str, Patterns], said: Said) -> str | None:
    if not said.found or len(said.found) > 14:
        return None
    return next((name for name, patterns in tables.items() if patterns.matches(said.folded)), None)
