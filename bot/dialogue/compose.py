"""Finds the words: an entry's facet on a day, with its amounts, its source and date, and what may be asked next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

from bot.knowledge.entry import Contact, Entry
from bot.knowledge.glossary import Term
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.wording import long_date, long_partial_date, tell
from bot.messages import Choice, Link, Reply
from bot.search.place import Place
from bot.search.rank import Match

MAX_CHOICES = 6
MAX_FACETS = 4
MAX_LINKS = 2


class Composer:
    """Shapes replies in plain Polish from the knowledge; pure, and never adds a fact of its own."""

    def __init__(self, knowledge: Knowledge, asked: Mapping[str, Mapping[str, int]]) -> None:
        """`asked`: how often each part of an entry is asked for."""
        self._knowledge, self._asked = knowledge, asked
        self._phrases = knowledge.phrases["pl"]

    def say(self, key: str, **values: str) -> str:
        """One of the bot's own sentences."""
        return self._phrases.say(key, **values)

    def phrase(self, key: str, *choices: Choice, **values: str) -> Reply:
        """A reply of one of the bot's own sentences."""
        return Reply(self.say(key, **values), choices)

    def term(self, name: str, term: Term) -> Reply:
        """What a word of the glossary means."""
        key = "term_full" if term.full else "term"
        return self.phrase(key, self.human(), term=name, full=term.full or "", means=term.means)

    def human(self) -> Choice:
        """The way to another question or a person, last in every list."""
        return Choice("c:human", self.say("label_human"))

    def contact(self) -> str:
        """How to reach a person."""
        return self._knowledge.operator.handover

    def entry(self, entry: Entry, facet: str | None, day: date, easy: bool, place: Place | None) -> Reply:
        """The entry's answer to what was asked: the facet, or `short` (in its easy form when wished)."""
        told = facet if facet and entry.answer.facet(facet) else None
        part = told or ("easy" if easy else "short")
        lines, notes = tell(entry.answer.facet(part) or (), self._knowledge.figures, day)
        paragraphs = [self._headline(entry, told), *self._missing(entry, facet, told)]
        paragraphs.append("\n".join(_numbered(lines) if told == "how" else lines))
        paragraphs += notes
        paragraphs += self._place_lines(entry, told, place)
        paragraphs += self._dates(entry, day)
        paragraphs += self._source(entry, told or "short")
        choices = self._next(entry, told)
        if told == "where" and place is not None and place.options:
            paragraphs.append(self.say("place_which"))
            choices = (*_places(place), *choices)[: MAX_CHOICES - 1] + choices[-1:]
        return Reply("\n\n".join(filter(None, paragraphs)), choices, self._links(entry, told))

    def offer(self, key: str, matches: Iterable[Match]) -> Reply:
        """A choice between entries, by their titles."""
        entries = (self._knowledge.entries[match.entry] for match in matches)
        choices = [Choice(f"e:{entry.id}", entry.title) for entry in entries]
        return Reply(self.say(key), (*choices, self.human()))

    def also(self, reply: Reply, beside: Match) -> Reply:
        """The answer to one question of a message, with what its other question is about first among the choices."""
        entry = self._knowledge.entries[beside.entry]
        told = self.say("also", title=entry.title)
        first = Choice(f"e:{entry.id}", entry.title)
        *facets, human = [choice for choice in reply.choices if not choice.id.startswith("e:")]
        choices = (first, *facets[: MAX_CHOICES - 2], human)
        return replace(reply, text=f"{reply.text}\n\n{told}", choices=choices)

    def menu(self) -> Reply:
        """Where to begin."""
        first = (
            "dotacja-pfron",
            "staz-zagraniczny",
            "rejestracja-w-urzedzie",
            "orzeczenie-jak-uzyskac",
            "jak-pytac",
        )
        known = [self._knowledge.entries[name] for name in first if name in self._knowledge.entries]
        return Reply(
            self.say("menu"), (*(Choice(f"e:{entry.id}", entry.title) for entry in known), self.human())
        )

    def which_place(self, place: Place) -> Reply:
        """Asks which of several places is meant."""
        return Reply(self.say("place_which"), _places(place))

    def _headline(self, entry: Entry, told: str | None) -> str:
        return f"{entry.title}. {self.say(f'label_{told}')}:" if told else f"{entry.title}."

    def _missing(self, entry: Entry, facet: str | None, told: str | None) -> list[str]:
        """Says that the asked part is missing, and where to ask."""
        if not facet or told or facet == "short":
            return []
        missing = self.say("missing_facet", facet=self.say(f"facet_{facet}"))
        offices = [self._knowledge.offices[office].name for office in entry.offices[:2]]
        ask = self.say("ask_offices", offices=" albo ".join(offices)) if offices else ""
        return [" ".join(filter(None, (missing, ask)))]

    def _place_lines(self, entry: Entry, told: str | None, place: Place | None) -> list[str]:
        """The offices of the place that handle this entry, and how to find those whose address is not known."""
        if told != "where":
            return []
        lines = []
        if place is not None and place.county is not None:
            lines.append(self.say("place_yours", place=_with_county(place)))
            for office in self._serving(place, entry.offices):
                lines.append(self.say("place_contact", name=office.title, contact=self.contact_line(office)))
        lines += [self._knowledge.offices[kind].find for kind in entry.offices[:1]]
        return lines

    def member(self, place: Place) -> str:
        """The member organisation that serves the place, with its contact; empty where none does."""
        for entry in self._serving(place, None):
            contact = entry.contact
            if entry.member and contact and (contact.phones or contact.email or contact.web):
                return self.say("place_member", name=entry.title, contact=self.contact_line(entry))
        return ""

    def _serving(self, place: Place, kinds: Iterable[str] | None) -> list[Entry]:
        county = place.county
        wanted = None if kinds is None else set(kinds)
        return [
            entry
            for entry in self._knowledge.entries.values()
            if entry.serves
            and (wanted is None or wanted.intersection(entry.office))
            and county is not None
            and (county.id in entry.serves.counties or county.voivodeship in entry.serves.voivodeships)
        ]

    def contact_line(self, entry: Entry) -> str:
        """Address, phones, e-mail and page in one line, with the date on which they were seen."""
        contact = entry.contact or Contact()
        parts = [contact.address, *(f"tel. {phone}" for phone in contact.phones), contact.email, contact.web]
        known = ", ".join(filter(None, parts))
        if not known:
            return self.say("contact_unknown")
        seen = self.say("contact_seen", date=long_partial_date(contact.seen)) if contact.seen else ""
        return " ".join(filter(None, (known + ".", seen)))

    def _dates(self, entry: Entry, day: date) -> list[str]:
        lines = []
        if entry.window and entry.window.closes and entry.window.closes < day:
            lines.append(self.say("window_closed", date=long_date(entry.window.closes)))
        if entry.window and entry.window.opens and entry.window.opens > day:
            lines.append(self.say("window_ahead", date=long_date(entry.window.opens)))
        if entry.review_by < day:
            lines.append(self.say("overdue", date=long_date(entry.review_by)))
        return lines

    def _source(self, entry: Entry, facet: str) -> list[str]:
        source = entry.source_for(facet)
        if source is None:
            return []
        line = self.say("source", name=source.name, date=long_date(source.checked))
        if source.published:
            line += " " + self.say("published", date=long_partial_date(source.published))
        return [line]

    def _links(self, entry: Entry, told: str | None) -> tuple[Link, ...]:
        """The pages of the two best sources, those that support what was told first; the host is shown."""
        sources = sorted(entry.sources, key=lambda source: told not in source.supports)
        return tuple(
            Link(self.say("link", name=source.name, host=urlsplit(source.url).hostname or ""), source.url)
            for source in sources
            if source.url
        )[:MAX_LINKS]

    def _next(self, entry: Entry, told: str | None) -> tuple[Choice, ...]:
        """What to ask next: the facets most asked for, one related entry, a person."""
        asked = self._asked.get(entry.id, {})
        facets = [facet for facet in entry.facets() if facet not in ("short", told)]
        facets.sort(key=lambda facet: -asked.get(facet, 0))
        choices = [
            Choice(f"f:{entry.id}:{facet}", self.say(f"label_{facet}")) for facet in facets[:MAX_FACETS]
        ]
        related = next(
            (self._knowledge.entries[name] for name in entry.related if name in self._knowledge.entries), None
        )
        if related:
            choices.append(Choice(f"e:{related.id}", self.say("label_related", title=related.title)))
        return (*choices[: MAX_CHOICES - 1], self.human())


def _places(place: Place) -> tuple[Choice, ...]:
    return tuple(Choice(f"p:{option}", option) for option in place.options[:5])


def _with_county(place: Place) -> str:
    county = place.county.name if place.county else ""
    return place.name if place.name == county else f"{place.name}, {county}"


def _numbered(lines: list[str]) -> list[str]:
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)] if len(lines) > 1 else lines
