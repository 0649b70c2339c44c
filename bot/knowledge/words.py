"""How people say things, by language: commands, small talk, danger, cues for a facet, wrong names for right ones."""

from __future__ import annotations

from collections.abc import Mapping

from bot.knowledge.entry import EntryId, Facet, Line, Value
from bot.text.politeness import Politeness

Lines = tuple[Line, ...]

SHORTEST_STEM = 4
"""In a group of synonyms a shorter beginning of a word is the beginning of too many."""


class Words(Value):
    """words/<lang>.yaml. All but `common` are patterns of bot/text/patterns.

    `rewrites` lead from what people write to what the knowledge calls it ("pefron": "pfron"); `broad` are whole messages
    that only name a field, and the two to four entries to offer then; `facets` are cues;
    `meaning` ask what a word means;
    `followup` are words with which a message leans on the one before, `pointing` ones that
    point at what was spoken of; `filler` words without content of their own.
    `commands`, `ordinals` and `smalltalk` are whole messages; `crisis` and `not_crisis` are looked for anywhere in a message;
    `openings` and `closings` are the polite words around a question, phrases and no patterns;
    `attack` in one that gives orders to a machine; `common` are a language's commonest words, to recognise it by.
    """

    rewrites: Mapping[str, Line] = {}
    broad: Mapping[str, tuple[EntryId, ...]] = {}
    facets: Mapping[Facet, Lines] = {}
    commands: Mapping[str, Lines] = {}
    smalltalk: Mapping[str, Lines] = {}
    crisis: Mapping[str, Lines] = {}
    crisis_doubt: Lines = ()
    not_crisis: Lines = ()
    crisis_over: Lines = ()
    attack: Lines = ()
    meaning: Lines = ()
    followup: Lines = ()
    pointing: Lines = ()
    ordinals: Mapping[str, Lines] = {}
    filler: Lines = ()
    openings: Lines = ()
    closings: Lines = ()
    common: Lines = ()

    @property
    def politeness(self) -> Politeness:
        """Openings and closings, made to be taken away."""
        return Politeness(self.openings, self.closings)
