"""Takes one turn: understand, rank, decide, find the words. Pure: no clock, no chance, no I/O.

`take_turn` asks a row of small deciders, most urgent first; the first that has a turn to give ends the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from bot.dialogue.compose import Composer
from bot.dialogue.conversation import Conversation
from bot.dialogue.events import Answered, CrisisMet, Event, ForgetAsked, HandoverAsked, Unanswered
from bot.dialogue.turn import Outcome, Turn
from bot.dialogue.understand import Ear, Said
from bot.knowledge.entry import FACETS
from bot.knowledge.knowledge import Knowledge
from bot.messages import Choice, Message, Reply
from bot.privacy.redact import redact
from bot.search.learn import Learnt
from bot.search.place import Place
from bot.search.rank import CHOOSE_AT, OFFER_AT, Match, Ranking, Search
from bot.text.normalise import clean, fold, words

CRISIS = "nagle-zagrozenie"
HUMAN = "kontakt-z-czlowiekiem"
PRIVACY = "prywatnosc"
LANGUAGES_ENTRY = "jezyki"
HOW_TO_ASK = "jak-pytac"
WHO_AM_I = "o-bocie"

CRISIS_AT, CRISIS_DOUBT_AT = 0.75, 0.25
"""From the first the numbers are the answer, from the second they come before it. Of 2,300 ordinary test questions two
reach the first and none lies between; cries for help that no pattern names reach 0.98."""
CRISIS_WORDS = 3
"""Fewer words are danger only where a pattern says so: a bare "no" is near many cries for help."""
MISSES_UNTIL_PERSON = 2
TRAIL = 5
REDACTED_CHARACTERS = 1_000

# How much more likely the subject of the talk is than the words alone tell: short messages lean on it most.
POINTING, LEANING, SHORT, MIDDLING, LONG = 1.0, 0.40, 0.25, 0.18, 0.05
SHORT_WORDS, MIDDLING_WORDS = 4, 9
SUBJECT_AGAIN = 3
"""How many times more a short message's own share of the subject counts: "how many people must found it?"."""
RELATED_AT = 0.03
"""A message of more than four words that neither leans nor asks for a part must have this much to do with it."""

WARSAW = ZoneInfo("Europe/Warsaw")


@dataclass(frozen=True, slots=True)
class _Heard:
    """One message on its way through the deciders."""

    said: Said
    message: Message
    conversation: Conversation
    day: date
    cut: bool


class Engine:
    """The dialogue over one knowledge. Made once, then only read; a reload makes a new one."""

    def __init__(self, knowledge: Knowledge, learnt: Learnt) -> None:
        self.knowledge, self._learnt = knowledge, learnt
        self._search = Search(knowledge, learnt)
        self._ear = Ear(knowledge)
        self._words = Composer(knowledge, learnt.asked)
        self._known = _known_contacts(knowledge)
        self._deciders: tuple[Callable[[_Heard], Turn | None], ...] = (
            self._empty, self._tapped, self._danger, self._confirmation, self._picked,
            self._command, self._smalltalk, self._attack, self._term, self._foreign, self._place, self._question,
        )  # fmt: skip

    def over(self, knowledge: Knowledge) -> Engine:
        """An engine over changed knowledge, with what was learnt before: an approximation until it is learnt anew."""
        return Engine(knowledge, self._learnt)

    def take_turn(self, conversation: Conversation, message: Message, now: datetime) -> Turn:
        """The turn that follows from this message in this conversation at this moment (aware, any zone)."""
        text, cut = clean(message.text)
        said = self._ear.hear(text, message.lang)
        heard = _Heard(said, message, conversation, now.astimezone(WARSAW).date(), cut)
        turn = next(turn for decide in self._deciders if (turn := decide(heard)) is not None)
        return _finished(turn, heard, self._words, self._in_doubt(turn, said))

    def suggest(self, text: str, now: datetime) -> tuple[tuple[str, str, Reply], ...]:
        """Up to five entries that fit the text: id, title, answer without choices; the crisis answer first in danger."""
        text, _ = clean(text)
        matches = self._search.rank(text).matches
        likely = [match.entry for match in matches if match.score >= OFFER_AT and match.entry != HUMAN]
        danger = self._in_danger(self._ear.hear(text, None))
        day = now.astimezone(WARSAW).date()
        found = []
        for name in dict.fromkeys([CRISIS, *likely] if danger else likely):
            entry = self.knowledge.entries[name]
            found.append(
                (name, entry.title, replace(self._words.entry(entry, None, day, False, None), choices=()))
            )
        return tuple(found)

    def _in_doubt(self, turn: Turn, said: Said) -> bool:
        """May there be danger, though the ordinary answer is given? Then the numbers come before it."""
        if turn.outcome == "crisis" or said.lang != "pl":
            return False
        if self._ear.danger(said) == "doubt":
            return True
        return not self._ear.harmless(said) and self._search.danger(said.text) >= CRISIS_DOUBT_AT

    # --- deciders, most urgent first ---------------------------------------------------------------------------

    def _empty(self, heard: _Heard) -> Turn | None:
        if heard.message.choice is not None or heard.said.found:
            return None
        return self._turn(heard, "refused", self._words.phrase("refused"))

    def _tapped(self, heard: _Heard) -> Turn | None:
        choice = heard.message.choice
        return None if choice is None else self._open(heard, choice)

    def _danger(self, heard: _Heard) -> Turn | None:
        if self._in_danger(heard.said):
            return self._numbers(heard)
        return self._after_danger(heard)

    def _numbers(self, heard: _Heard) -> Turn:
        """The crisis answer: the numbers at once, no question before them."""
        if heard.said.lang != "pl":
            reply = Reply(self._abroad(heard, "crisis"), lang=heard.said.lang)
        else:
            entry = self.knowledge.entries[CRISIS]
            told = self._words.entry(entry, None, heard.day, False, None)
            text = "\n\n".join(
                [self._words.say("crisis"), *entry.answer.short, self._words.say("crisis_after")]
            )
            reply = Reply(text, (self._words.human(),), told.links)
        return self._turn(heard, "crisis", reply, entry=CRISIS, events=(CrisisMet(),))

    def _in_danger(self, said: Said) -> bool:
        """Do the words say so, or do they sound like it?"""
        if self._ear.danger(said) == "sure":
            return True
        if said.lang != "pl" or self._ear.harmless(said) or len(said.found) < CRISIS_WORDS:
            return False
        return self._search.danger(said.text) >= CRISIS_AT

    def _after_danger(self, heard: _Heard) -> Turn | None:
        """Right after a crisis answer: "it is all right now" is not small talk, the numbers stay in sight."""
        last = heard.conversation.replies[-1].text if heard.conversation.replies else ""
        if not last.startswith(self._words.say("crisis")) or not self._ear.danger_over(heard.said):
            return None
        return self._turn(
            heard, "crisis", self._words.phrase("crisis_after", self._words.human()), entry=CRISIS
        )

    def _confirmation(self, heard: _Heard) -> Turn | None:
        asked = heard.conversation.expects
        command = self._ear.command(heard.said)
        if asked not in ("erase", "heard") or command not in ("yes", "no"):
            return None
        return self._open(heard, f"c:{asked}-{command}")

    def _picked(self, heard: _Heard) -> Turn | None:
        choice = self._ear.pick(heard.said, heard.conversation.offered)
        return None if choice is None else self._open(heard, choice.id)

    def _command(self, heard: _Heard) -> Turn | None:
        command = self._ear.command(heard.said)
        if command in ("yes", "no"):  # to nothing that was asked
            return self._turn(heard, "smalltalk", self._words.phrase("ok"))
        return None if command is None else self._open(heard, f"c:{command}")

    def _smalltalk(self, heard: _Heard) -> Turn | None:
        kind = self._ear.smalltalk(heard.said)
        if kind is None:
            return None
        choices = self._words.menu().choices if kind == "greeting" else ()
        return self._turn(heard, "smalltalk", self._words.phrase(kind, *choices))

    def _attack(self, heard: _Heard) -> Turn | None:
        return (
            self._turn(heard, "refused", self._words.phrase("refused_attack"))
            if self._ear.attack(heard.said)
            else None
        )

    def _term(self, heard: _Heard) -> Turn | None:
        """What a word means: from the entry that tells more, else from the glossary. A bare name of an entry is no
        question about a word; the search knows it."""
        name = self._ear.term(heard.said)
        if name is None:
            return None
        term = self.knowledge.glossary[name]
        asked = len(heard.said.found) > len(words(fold(name)))
        if term.entry is None:
            return self._turn(heard, "answer", self._words.term(name, term))
        return self._tell(heard, term.entry, "what") if asked else None

    def _foreign(self, heard: _Heard) -> Turn | None:
        if heard.said.lang == "pl":
            return None
        choice = Choice("c:human", self._abroad(heard, "label_human"))
        reply = Reply(self._abroad(heard, "answers_in_polish"), (choice,), lang=heard.said.lang)
        return self._turn(heard, "unknown", reply, events=(self._unanswered(heard, ()),))

    def _place(self, heard: _Heard) -> Turn | None:
        """A message that is nothing but a place: the answer to "where?", or something to remember."""
        place = self._search.place_in(heard.said.text)
        return self._at(heard, place) if place and self._only_place(heard, place) else None

    def _at(self, heard: _Heard, place: Place) -> Turn:
        """The subject of the talk in this place; without a subject the place is remembered."""
        heard = _with_place(heard, place)
        subject = self.knowledge.entries.get(heard.conversation.entry or "")
        if place.options:
            entry = subject.id if subject else None
            return self._turn(heard, "place", self._words.which_place(place), entry=entry, place=place)
        if subject is not None:
            facet = self._search.facets.cue(list(self._beside(heard, place))) or "where"
            return self._tell(heard, subject.id, facet, place=place)
        member = self._words.member(place)
        key = "place_abroad" if place.land else "place_noted"
        text = "\n\n".join(filter(None, (self._words.say(key, place=place.name), member)))
        return self._turn(heard, "place", Reply(text, (self._words.human(),)), place=place)

    def _question(self, heard: _Heard) -> Turn:
        """Everything else is a question: about the subject of the talk, or a new one."""
        likeliest = _likeliest(heard.conversation)
        subject = likeliest if likeliest in self.knowledge.entries else heard.conversation.entry
        ranking = self._search.rank(heard.said.text)
        found = list(heard.said.found)
        nothing = all(word.isdigit() for word in found) or self._search.facets.only_cues(
            found, self._ear.filler
        )
        if nothing and likeliest in self.knowledge.entries:  # "how much?", after a choice was offered
            return self._tell(heard, str(likeliest), self._followed(heard, ranking), place=ranking.place)
        if nothing and subject is None and ranking.verdict() != "answer":  # the same, asked about nothing
            return self._turn(heard, "refused", self._words.phrase("refused", *self._words.menu().choices))
        heard = _with_place(heard, ranking.place)
        if (
            subject in self.knowledge.entries
            and not ranking.broad
            and self._goes_on(heard, ranking, str(subject))
        ):
            return self._tell(
                heard, str(subject), self._followed(heard, ranking), ranking.matches, ranking.place
            )
        match ranking.verdict():
            case "answer":
                return self._answer(heard, ranking)
            case "choose":
                offered = ranking.offered()
                rest = tuple(match for match in ranking.matches if match not in offered)
                return self._turn(
                    heard,
                    "choose",
                    self._words.offer("choose", offered),
                    facet=ranking.facet,
                    candidates=(*offered, *rest)[:5],
                    place=ranking.place,
                )
        return self._unknown(heard, ranking)

    # --- what they share -----------------------------------------------------------------------------------------

    def _answer(self, heard: _Heard, ranking: Ranking) -> Turn:
        best = ranking.matches[0].entry
        if best == HUMAN:
            return self._human(heard, ranking.matches)
        if best == CRISIS:
            return self._numbers(heard)
        if best == WHO_AM_I:
            return self._about(heard, best, "smalltalk")
        turn = self._tell(heard, best, ranking.facet, ranking.matches, ranking.place)
        beside = next((match for match in ranking.beside if match.entry not in (CRISIS, HUMAN)), None)
        reply, *rest = turn.replies
        return replace(turn, replies=(self._words.also(reply, beside), *rest)) if beside else turn

    def _unknown(self, heard: _Heard, ranking: Ranking) -> Turn:
        near = [
            match
            for match in ranking.matches[:3]
            if match.score >= CHOOSE_AT / 2 and match.entry not in (CRISIS, HUMAN)
        ]
        again = heard.conversation.misses >= MISSES_UNTIL_PERSON
        text = (
            self._words.say("unknown_again", contact=self._words.contact())
            if again
            else self._words.say("unknown")
        )
        choices = self._words.offer("nearest", near).choices if near else (self._words.human(),)
        text = f"{text}\n\n{self._words.say('nearest')}" if near else text
        heard = replace(heard, conversation=replace(heard.conversation, misses=heard.conversation.misses + 1))
        event = self._unanswered(heard, ranking.matches)
        return self._turn(
            heard, "unknown", Reply(text, choices), facet=ranking.facet, candidates=ranking.matches,
            events=(event,), place=ranking.place,
        )  # fmt: skip

    def _unanswered(self, heard: _Heard, matches: tuple[Match, ...]) -> Event:
        text = redact(heard.said.text, self._known)[:REDACTED_CHARACTERS]
        nearest = tuple((match.entry, round(match.score, 4)) for match in matches[:3])
        return Unanswered(text, nearest, heard.said.lang, heard.conversation.county)

    def _goes_on(self, heard: _Heard, ranking: Ranking, subject: str) -> bool:
        """Does the message go on about the subject of the talk rather than begin another?"""
        found = list(self._beside(heard, ranking.place))
        facets = self._search.facets
        if facets.only_cues(found, self._ear.filler | _PLACE_WORDS if ranking.place else self._ear.filler):
            return True
        scores = {match.entry: match.score for match in ranking.matches}
        other = max((score for entry, score in scores.items() if entry != subject), default=0.0)
        # Short follow-ups ("and for mum?") look like small talk or like nothing; only strangers' topics count.
        strange = max((ranking.none.get(kind, 0.0) for kind in ("far", "near", "advice")), default=0.0)
        leans = self._ear.leans(heard.said) or facets.cue(found) not in (
            None,
            "how",
        )  # "jak" is in any sentence
        if len(found) > SHORT_WORDS and not leans and scores.get(subject, 0.0) < RELATED_AT:
            return False
        own = scores.get(subject, 0.0)
        own += own * SUBJECT_AGAIN if len(found) <= MIDDLING_WORDS else 0.0
        return own + self._prior(heard.said, leans) >= max(other, strange)

    def _prior(self, said: Said, leans: bool) -> float:
        """How much the subject of the talk is favoured before the words are weighed."""
        size = len(said.found)
        if size > MIDDLING_WORDS:
            return LONG
        if self._ear.points(said):
            return POINTING
        if leans:
            return LEANING
        return SHORT if size <= SHORT_WORDS else MIDDLING

    def _followed(self, heard: _Heard, ranking: Ranking) -> str | None:
        return self._search.facets.cue(list(heard.said.found)) or ranking.facet

    def _only_place(self, heard: _Heard, place: Place) -> bool:
        """Is there nothing beside the place but where it lies, the cue of a facet, or another place?"""
        rest = self._beside(heard, place)
        return self._search.facets.only_cues(list(rest), self._ear.filler | _PLACE_WORDS) or (
            len(rest) <= 3 and self._search.place_in(" ".join(rest)) is not None
        )

    def _beside(self, heard: _Heard, place: Place | None) -> tuple[str, ...]:
        """The words of the message without those that name the place."""
        start, end = place.span if place else (0, 0)
        return (*heard.said.found[:start], *heard.said.found[end:])

    def _tell(
        self,
        heard: _Heard,
        name: str,
        facet: str | None,
        matches: tuple[Match, ...] = (),
        place: Place | None = None,
        outcome: Outcome = "answer",
    ) -> Turn:
        entry = self.knowledge.entries[name]
        conversation = heard.conversation
        reply = self._words.entry(
            entry, facet, heard.day, conversation.easy, place or self._remembered(heard)
        )
        trail = conversation.trail
        if conversation.entry and conversation.entry != name:
            trail = (*trail, conversation.entry)[-TRAIL:]
        county = conversation.county
        heard = replace(
            heard, conversation=replace(conversation, entry=name, facet=facet, trail=trail, misses=0)
        )
        events = (Answered(name, facet, heard.said.lang, county),) if outcome == "answer" else ()
        return self._turn(
            heard, outcome, reply, entry=name, facet=facet, candidates=matches, events=events, place=place
        )

    def _remembered(self, heard: _Heard) -> Place | None:
        conversation = heard.conversation
        county = self.knowledge.places.counties.get(conversation.county or "")
        return Place(county.name, county, conversation.voivodeship) if county else None

    def _human(self, heard: _Heard, matches: tuple[Match, ...] = ()) -> Turn:
        reply = self._words.phrase("handover", contact=self._words.contact())
        place = self._remembered(heard)
        member = self._words.member(place) if place else ""
        reply = replace(reply, text="\n\n".join(filter(None, (reply.text, member))))
        return self._turn(
            heard,
            "handover",
            reply,
            entry=HUMAN,
            candidates=matches,
            events=(HandoverAsked(),),
        )

    # --- choices and commands --------------------------------------------------------------------------------------

    def _open(self, heard: _Heard, choice: str) -> Turn:
        """What a choice stands for; an unknown or outdated one gets a polite sentence and does nothing."""
        kind, _, rest = choice.partition(":")
        entry, _, facet = rest.partition(":")
        if kind == "e" and entry == HUMAN:
            return self._human(heard)
        if kind in ("e", "f") and entry in self.knowledge.entries and facet in ("", *FACETS):
            return self._tell(heard, entry, facet or None)
        if kind == "p":
            return self._place_chosen(heard, rest)
        if kind == "h":
            return self._understood(heard, rest)
        if kind == "c":
            return self._commanded(heard, rest)
        return self._turn(heard, "refused", self._words.phrase("old_button", self._words.human()))

    def _place_chosen(self, heard: _Heard, name: str) -> Turn:
        place = self._search.place_named(name)
        if place is None:
            return self._turn(heard, "refused", self._words.phrase("old_button", self._words.human()))
        return self._at(heard, place)

    def _commanded(self, heard: _Heard, command: str) -> Turn:
        conversation = heard.conversation
        match command:
            case "human":
                return self._human(heard)
            case "menu" | "stop":
                reply = self._words.menu() if command == "menu" else self._words.phrase("stop")
                return self._turn(heard, "settings", reply)
            case "listen":
                last = (
                    conversation.replies[0] if conversation.replies else self._words.phrase("repeat_nothing")
                )
                aloud = Reply(last.text, aloud=bool(conversation.replies))
                return self._turn(heard, "settings", aloud, entry=conversation.entry)
            case "listening":
                return self._turn(heard, "settings", self._words.phrase("listening"))
            case "heard-yes" if conversation.expects == "heard":
                said = self._ear.hear(conversation.heard, heard.message.lang)
                return self._again(replace(heard, said=said))
            case "heard-no" if conversation.expects == "heard":
                return self._turn(heard, "settings", self._words.phrase("media", self._words.human()))
            case "media" | "far":  # what a channel could not make words of
                return self._turn(heard, "refused", self._words.phrase(command, self._words.human()))
            case "privacy":
                return self._about(heard, PRIVACY)
            case "language":
                return self._about(heard, LANGUAGES_ENTRY)
            case "interview":
                reply = self._words.phrase("interview_later", *self._words.menu().choices)
                return self._turn(heard, "smalltalk", reply, entry=HOW_TO_ASK)
            case "simpler":
                return self._simpler(heard)
            case "repeat":
                replies = conversation.replies or (self._words.phrase("repeat_nothing"),)
                return self._turn(heard, "settings", *replies, entry=conversation.entry)
            case "back":
                return self._back(heard)
            case "erase":
                reply = self._words.phrase("erase_ask", *self._yes_no("erase"))
                return self._turn(heard, "settings", reply, entry=PRIVACY)
            case "erase-yes" | "erase-no" if conversation.expects == "erase":
                return self._erased(heard, command == "erase-yes")
        return self._turn(heard, "refused", self._words.phrase("old_button", self._words.human()))

    def _understood(self, heard: _Heard, text: str) -> Turn:
        """What a voice message seems to say is shown before it is acted on; danger is answered at once."""
        text = clean(text)[0]
        danger = self._danger(replace(heard, said=self._ear.hear(text, heard.message.lang)))
        if danger is not None:
            return danger
        if not words(fold(text)):
            return self._turn(heard, "refused", self._words.phrase("media", self._words.human()))
        heard = replace(heard, conversation=replace(heard.conversation, heard=text))
        return self._turn(heard, "settings", self._words.phrase("heard", *self._yes_no("heard"), text=text))

    def _again(self, heard: _Heard) -> Turn:
        """The turn for words that were said in another way than typed."""
        heard = replace(heard, message=replace(heard.message, choice=None, text=heard.said.text))
        return next(turn for decide in self._deciders if (turn := decide(heard)) is not None)

    def _yes_no(self, about: str) -> tuple[Choice, Choice]:
        """A yes and a no to what the bot asks back; their labels say what they do."""
        yes, no = (
            Choice(f"c:{about}-{word}", self._words.say(f"label_{about}_{word}")) for word in ("yes", "no")
        )
        return yes, no

    def _about(self, heard: _Heard, name: str, outcome: Outcome = "settings") -> Turn:
        return self._tell(heard, name, None, outcome=outcome)

    def _simpler(self, heard: _Heard) -> Turn:
        heard = replace(heard, conversation=replace(heard.conversation, easy=True))
        if heard.conversation.entry not in self.knowledge.entries:
            return self._turn(heard, "settings", self._words.phrase("simpler_nothing"))
        return self._tell(heard, str(heard.conversation.entry), None, outcome="settings")

    def _back(self, heard: _Heard) -> Turn:
        trail = heard.conversation.trail
        if not trail or trail[-1] not in self.knowledge.entries:
            return self._turn(heard, "settings", self._words.phrase("back_nothing", self._words.human()))
        heard = replace(heard, conversation=replace(heard.conversation, entry=None, trail=trail[:-1]))
        return self._tell(heard, trail[-1], None, outcome="settings")

    def _erased(self, heard: _Heard, sure: bool) -> Turn:
        if not sure:
            return self._turn(heard, "settings", self._words.phrase("erase_kept"), entry=PRIVACY)
        fresh = replace(heard, conversation=Conversation(greeted=True))
        return self._turn(
            fresh, "settings", self._words.phrase("erase_done"), entry=PRIVACY, events=(ForgetAsked(),)
        )

    def _abroad(self, heard: _Heard, key: str) -> str:
        phrases = self.knowledge.phrases.get(heard.said.lang) or self.knowledge.phrases["pl"]
        return phrases.say(key)

    def _turn(
        self,
        heard: _Heard,
        outcome: Outcome,
        *replies: Reply,
        entry: str | None = None,
        facet: str | None = None,
        candidates: tuple[Match, ...] = (),
        events: tuple[Event, ...] = (),
        place: Place | None = None,
    ) -> Turn:
        conversation = replace(heard.conversation, lang=heard.said.lang)
        return Turn(conversation, replies, outcome, entry, facet, candidates, events, place)


_PLACE_WORDS = frozenset(["kolo", "pod", "nad", "okolice", "okolicach", "powiat", "powiecie", "powiatu", "gmina", "gminie", "miasto", "mieszkam", "mieszkamy", "miescie", "wies", "wsi", "niedaleko", "obok", "jestem"])  # fmt: skip


def _likeliest(conversation: Conversation) -> str | None:
    """The first entry of a list that was just offered: a bare "how much?" asks about that one."""
    first = conversation.offered[0].id if conversation.offered else ""
    return first.removeprefix("e:") if first.startswith("e:") else None


def _finished(turn: Turn, heard: _Heard, words: Composer, doubt: bool) -> Turn:
    """The turn with what every turn carries: the notice at first contact, what was offered, the last replies."""
    replies = list(turn.replies)
    if doubt:
        replies[0] = replace(replies[0], text=f"{words.say('crisis_doubt')}\n\n{replies[0].text}")
    if heard.cut:
        replies[0] = replace(replies[0], text=f"{words.say('too_long')}\n\n{replies[0].text}")
    if (
        turn.outcome not in ("crisis", "refused")
        and not heard.conversation.greeted
        and heard.said.lang == "pl"
    ):
        replies[-1] = replace(replies[-1], text=f"{replies[-1].text}\n\n{words.say('notice')}")
    expects = _asked_back(replies[-1].choices)
    conversation = replace(
        turn.conversation,
        greeted=heard.conversation.greeted or turn.outcome not in ("crisis", "refused"),
        offered=replies[-1].choices,
        replies=tuple(replies),
        expects=expects,
        heard=turn.conversation.heard if expects == "heard" else "",
    )
    return replace(turn, conversation=conversation, replies=tuple(replies))


def _asked_back(offered: Sequence[Choice]) -> Literal["erase", "heard"] | None:
    """What a yes or a no would now be about."""
    first = offered[0].id if offered else ""
    return "erase" if first == "c:erase-yes" else "heard" if first == "c:heard-yes" else None


def _with_place(heard: _Heard, place: Place | None) -> _Heard:
    if place is None or place.county is None:
        return heard
    # of the place only the county is remembered
    conversation = replace(heard.conversation, county=place.county.id, voivodeship=place.voivodeship)
    return replace(heard, conversation=conversation)


def _known_contacts(knowledge: Knowledge) -> frozenset[str]:
    """Phone numbers, e-mails and pages that stand in the knowledge: they are nobody's private ones."""
    return frozenset(_contacts(knowledge))


def _contacts(knowledge: Knowledge) -> Iterator[str]:
    operator = knowledge.operator.contact
    yield from filter(None, (operator.phone, operator.email, operator.web))
    for entry in knowledge.entries.values():
        if entry.contact:
            yield from filter(None, (*entry.contact.phones, entry.contact.email, entry.contact.web))
