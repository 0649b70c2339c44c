"""All that the bot knows, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.knowledge.circumstances import Circumstance
from bot.knowledge.entry import Entry
from bot.knowledge.figures import Figure
from bot.knowledge.glossary import Term
from bot.knowledge.phrases import OfficeKind, Operator, Phrases
from bot.knowledge.places import Places
from bot.knowledge.plain import Style
from bot.knowledge.profile import Profile
from bot.knowledge.words import Words
from bot.messages import Language

Asked = Mapping[str, tuple[str, ...]]
"""Phrasings by facet; in `none`, by kind."""

NONE = "none"
"""The id under which phrasings stand that no entry answers."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Entries, figures, places, offices, circumstances, glossary, editors' style, profile, the bot's own sentences, people's words and phrasings, the operator.

    `files` tells where an entry stands; `learnt_from` names the content that the search learns from.
    """

    entries: Mapping[str, Entry]
    files: Mapping[str, str]
    figures: Mapping[str, Figure]
    places: Places
    offices: Mapping[str, OfficeKind]
    circumstances: Mapping[str, Circumstance]
    glossary: Mapping[str, Term]
    style: Style
    profile: Profile
    operator: Operator
    phrases: Mapping[Language, Phrases]
    words: Mapping[Language, Words]
    synonyms: Mapping[Language, Mapping[str, tuple[str, ...]]]
    asked: Mapping[Language, Mapping[str, Asked]]
    learnt_from: str
