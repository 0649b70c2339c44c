"""What the bot itself says, by key, and who runs it. The sentences live in knowledge/phrases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.knowledge.entry import Line, PartialDate, Value

# Every key that the dialogue uses, with the names it fills in. A missing key or an unknown $(name) is a problem.
PHRASES: Mapping[str, frozenset[str]] = {
    key: frozenset(names)
    for key, names in {
        "welcome": (), "notice": (), "menu": (), "back_nothing": (), "simpler_on": (), "simpler_nothing": (),
        "repeat_nothing": (), "stop": (), "privacy_hint": (), "languages": (),
        "greeting": (), "thanks": (), "bye": (), "ok": (), "swearing": (), "howareyou": (),
        "answers_in_polish": (),
        "crisis": (), "crisis_after": (), "crisis_doubt": (),
        "erase_ask": (), "erase_done": (), "erase_kept": (),
        "handover": ("contact",), "choose": (), "choose_doubt": (), "also": ("title",), "unknown": (), "unknown_again": ("contact",),
        "nearest": (), "refused": (), "refused_attack": (), "too_long": (), "fault": ("contact",), "old_button": (), "media": (), "far": (), "in_group": (), "once_more": (), "listening": (), "heard": ("text",), "no_voice": (), "sheet_title": (), "sheet_what": (), "sheet_steps": (), "inline_none": (),
        "missing_facet": ("facet",), "ask_offices": ("offices",), "place_ask": (), "place_yours": ("place",), "place_which": (),
        "place_noted": ("place",), "place_abroad": ("place",), "place_contact": ("name", "contact"),
        "place_member": ("name", "contact"), "source": ("name", "date"), "published": ("date",), "link": ("name", "host"),
        "overdue": ("date",), "window_closed": ("date",), "window_ahead": ("date",), "interview_later": (),
        "label_human": (), "label_menu": (), "label_erase_yes": (), "label_erase_no": (), "label_heard_yes": (), "label_heard_no": (), "label_related": ("title",),
        "label_short": (), "label_what": (), "label_who": (), "label_amount": (), "label_where": (), "label_how": (),
        "label_documents": (), "label_deadline": (), "label_duties": (), "label_easy": (), "label_privacy": (),
        "contact_seen": ("date",), "contact_unknown": (), "term": ("term", "means"), "term_full": ("term", "full", "means"),
        "facet_what": (), "facet_who": (), "facet_amount": (), "facet_where": (), "facet_how": (),
        "facet_documents": (), "facet_deadline": (), "facet_duties": (),
    }.items()
}  # fmt: skip

ABROAD = frozenset({"answers_in_polish", "crisis", "label_human"})
"""What every language but Polish needs until answers are translated."""

_NAME = re.compile(r"\$\(([a-z]{1,20})\)")


def names_in(text: str) -> set[str]:
    """The names that stand in `$(...)`."""
    return set(_NAME.findall(text))


@dataclass(frozen=True, slots=True)
class Phrases:
    """The bot's own sentences in one language; Polish where a language has none."""

    texts: Mapping[str, str]

    def say(self, key: str, **values: str) -> str:
        """The sentence with its names filled in; values are shown as they are, never looked into."""
        return _NAME.sub(lambda match: values.get(match[1], match[0]), self.texts[key])


class OfficeKind(Value):
    """A kind of office and how to find the one that serves you."""

    name: Line
    find: Line
    contact: Line | None = None


class Controller(Value):
    name: Line
    address: Line | None = None


class OperatorContact(Value):
    phone: Line
    email: Line | None = None
    web: Line | None = None
    hours: Line | None = None
    seen: PartialDate | None = None


class Operator(Value):
    """Who runs this bot. `example` until a person has confirmed it."""

    example: bool = False
    controller: Controller
    contact: OperatorContact
    handover: Line
