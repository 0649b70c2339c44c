"""What happened in a turn, as facts in the past tense. They are kept without the words that were written,
but for the redacted text of a question that nothing answered."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Language


@dataclass(frozen=True, slots=True)
class Answered:
    """An entry's facet was told; `facet` is None when no particular part was asked for."""

    entry: str
    facet: str | None
    lang: Language
    county: str | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing known fitted. `text` is redacted before this event exists; `nearest` holds entry and probability."""

    text: str
    nearest: tuple[tuple[str, float], ...]
    lang: Language
    county: str | None


@dataclass(frozen=True, slots=True)
class CrisisMet:
    """Danger to life or limb was met. Only a count a month and channel is kept."""


@dataclass(frozen=True, slots=True)
class HandoverAsked:
    """The person wanted a human."""


@dataclass(frozen=True, slots=True)
class ForgetAsked:
    """The person confirmed that all that is kept about this chat be erased."""


Event = Answered | Unanswered | CrisisMet | HandoverAsked | ForgetAsked
