"""A question -> entries with probabilities, and whether they are sure enough to be told.

All thresholds stand here, with the measurement that chose them beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from rapidfuzz import fuzz, process

from bot.knowledge.entry import Entry
from bot.knowledge.knowledge import NONE, Knowledge
from bot.search.classifier import Classifier
from bot.search.facets import FacetFinder
from bot.search.features import Spelling, TopicFeatures, questions_in
from bot.search.learn import Learnt
from bot.search.place import Gazetteer, Place
from bot.text.normalise import fold, words
from bot.text.patterns import Patterns

# Chosen by the costs of docs/decisions/0003 (a wrong answer 10, a choice without the right entry 1.5, "I don't know" 1,
# a choice with it 0.3) on 2,616 questions by strangers, 79 of them out of scope: docs/decisions/0005 has the table.
ANSWER_AT = 0.95
CHOOSE_AT = 0.06
OFFER_AT = 0.04

NAMED = 0.99
"""The probability of an entry whose title or alias is the whole message."""

BESIDE_AT = 0.9
"""From here a single question of a longer message counts as one about another matter, and that is offered too. Of
1,000 messages with more than one question 6 % get such an offer; in one of eight the asked one is only among these."""
TWO_QUESTIONS_FROM, QUESTIONS = 8, 4

LIKELY = 64
"""So many entries are weighed further; those after them have no part in anything."""

FAR_AWAY = 0.1
"""The share that an office keeps when another of its kind serves the place that was named."""

ALIAS_AT = 92.0
"""rapidfuzz ratio from which a short message is a typed title or alias: one slip in twelve letters."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and the probability that it is the right one."""

    entry: str
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """What search makes of a question.

    `matches` are the best entries; `none` the kinds of unanswerable question with their probability;
    `broad`: the message only names a field; so many entries belong to it, the first matches. `beside`: entries that
    another question of the same message asks for.
    """

    matches: tuple[Match, ...]
    none: Mapping[str, float]
    facet: str | None
    place: Place | None
    broad: int = 0
    beside: tuple[Match, ...] = ()

    def verdict(self) -> Literal["answer", "choose", "unknown"]:
        """Sure enough to tell, to offer, or neither."""
        if self.broad:
            return "choose"
        best = self.matches[0] if self.matches else Match("", 0.0)
        rival = max(self.none.values(), default=0.0)
        if best.score >= ANSWER_AT:
            return "answer"
        if best.score >= CHOOSE_AT and best.score >= rival:
            return "choose"
        return "unknown"

    def offered(self) -> tuple[Match, ...]:
        """The two to four entries worth offering."""
        if self.broad:
            return self.matches[: self.broad]
        likely = [match for at, match in enumerate(self.matches[:4]) if at < 2 or match.score >= OFFER_AT]
        names = {match.entry for match in likely}
        beside = [match for match in self.beside if match.entry not in names]
        return (*likely[: 4 - len(beside)], *beside)


def _serves(entry: Entry, place: Place) -> bool:
    county, serves = place.county, entry.serves
    if county is None or serves is None:
        return False
    return county.id in serves.counties or county.voivodeship in serves.voivodeships


def _probability(learnt: Classifier, features: list[str], name: str) -> float:
    return float(learnt.probabilities(features)[learnt.classes.index(name)])


class Search:
    """Everything that ranks: made once from knowledge and what was learnt from it, then only read."""

    def __init__(self, knowledge: Knowledge, learnt: Learnt) -> None:
        self._knowledge, self._learnt = knowledge, learnt
        self._gazetteer = Gazetteer(knowledge.places, frozenset(learnt.known))
        self.facets = FacetFinder(knowledge.words["pl"], learnt.facet)
        self._spelling = Spelling(learnt.known)
        self._outside = [at for at, name in enumerate(learnt.topic.classes) if name.startswith(f"{NONE}:")]
        self._politeness = knowledge.words["pl"].politeness
        self._features = TopicFeatures(knowledge)
        kinds: dict[str, list[str]] = {}
        for entry in knowledge.entries.values():
            for kind in (*entry.office, *(["member"] if entry.member else [])):
                kinds.setdefault(kind, []).append(entry.id)
        self._of_a_kind = tuple(names for names in kinds.values() if len(names) > 1)
        self._rewrites = {
            tuple(words(fold(k))): words(fold(v)) for k, v in knowledge.words["pl"].rewrites.items()
        }
        self._names = {
            " ".join(words(fold(name))): entry.id
            for entry in knowledge.entries.values()
            for name in (entry.title, *entry.aliases)
        }
        table = knowledge.words["pl"].broad
        self._broad = [(Patterns.of([pattern]), entries) for pattern, entries in table.items()]

    def place_in(self, text: str) -> Place | None:
        """The place that the text names."""
        return self._gazetteer.find(words(fold(text)))

    def place_named(self, name: str) -> Place | None:
        """The one place of this name, as it was offered."""
        return self._gazetteer.named(name)

    def danger(self, text: str) -> float:
        """The probability that the text is a cry for help."""
        found = words(fold(self._politeness.bare(text)))
        features = self._features.of(found, self._gazetteer.find(found))
        return _probability(self._learnt.danger, features, "danger")

    def rank(self, text: str) -> Ranking:
        """Rank all entries for one message, which may ask two things."""
        text = self._politeness.bare(text)
        ranking = self._rank(text)
        questions = questions_in(text) if len(words(text)) >= TWO_QUESTIONS_FROM else []
        if ranking.broad or not ranking.matches or questions == [text]:
            return ranking
        alone = [self._rank(question).matches[:1] for question in questions[-QUESTIONS:]]
        sure = {match.entry: match for matches in alone for match in matches if match.score >= BESIDE_AT}
        return replace(
            ranking, beside=tuple(sure[name] for name in sure if name != ranking.matches[0].entry)[:2]
        )

    def _rank(self, text: str) -> Ranking:
        raw = words(fold(text))
        place = self._gazetteer.find(raw)
        found = self._spelling.mend(self._rewritten(raw))
        named = self._named(raw)
        features = self._features.of(found, place)
        inside = _probability(self._learnt.scope, features, "inside")
        scores = self._scores(features, inside)
        broad = self._broad_entries(found)
        if broad:
            scores = {name: score * 0.01 for name, score in scores.items()}
            scores |= {entry: 0.9 / len(broad) - 0.01 * at for at, entry in enumerate(broad)}
        elif named:
            scores = {name: score * (1 - NAMED) for name, score in scores.items()} | {named: NAMED}
        facet = None if named else self.facets.find(text)  # a bare name asks for no part
        ranking = self._ranking(self._nearby(scores, place), facet, place)
        return replace(ranking, broad=len(broad), facet=None) if broad else ranking

    def _scores(self, features: list[str], inside: float) -> dict[str, float]:
        """The probabilities of the likeliest entries, and of all kinds of unanswerable question."""
        topic = self._learnt.topic
        found = topic.probabilities(features)
        likely = np.argpartition(-found, LIKELY)[:LIKELY] if len(found) > LIKELY else np.arange(len(found))
        scores = {topic.classes[at]: float(found[at]) * inside for at in likely}
        return scores | {topic.classes[at]: float(found[at]) for at in self._outside}

    def _nearby(self, scores: dict[str, float], place: Place | None) -> dict[str, float]:
        """Offices of one kind are told apart by where they work: those that serve the named place take the others'
        share."""
        if place is None or place.county is None:
            return scores
        moved = dict(scores)
        for names in self._of_a_kind:
            serving = [name for name in names if _serves(self._knowledge.entries[name], place)]
            if serving and len(serving) < len(names):
                total = sum(moved.get(name, 0.0) for name in names)
                wanted = sum(moved.get(name, 0.0) for name in serving)
                shares = {
                    name: moved.get(name, 0.0) / wanted if wanted else 1 / len(serving) for name in serving
                }
                for name in names:
                    moved[name] = moved.get(name, 0.0) * FAR_AWAY
                    moved[name] += (1 - FAR_AWAY) * total * shares.get(name, 0.0)
        return moved

    def _broad_entries(self, found: list[str]) -> tuple[str, ...]:
        """The entries between which a message chooses that is nothing but the name of a field: "staż"."""
        text = " ".join(found)
        return next((entries for patterns, entries in self._broad if patterns.matches(text)), ())

    def _ranking(self, scores: Mapping[str, float], facet: str | None, place: Place | None) -> Ranking:
        ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        entries = self._knowledge.entries
        matches = tuple(Match(name, score) for name, score in ordered if name in entries)[:5]
        none = {
            name.removeprefix(NONE + ":"): score for name, score in ordered if name.startswith(NONE + ":")
        }
        return Ranking(matches, none, facet, place)

    def _rewritten(self, found: list[str]) -> list[str]:
        result: list[str] = []
        at = 0
        while at < len(found):
            for size in (2, 1):
                new = self._rewrites.get(tuple(found[at : at + size]))
                if new is not None and len(found[at : at + size]) == size:
                    result += new
                    at += size
                    break
            else:
                result.append(found[at])
                at += 1
        return result

    def _named(self, found: list[str]) -> str | None:
        """The entry whose title or alias the whole message is, a slip allowed."""
        text = " ".join(found)
        if not text or len(found) > 8:
            return None
        if text in self._names:
            return self._names[text]
        if len(text) < 8:
            return None
        hit = process.extractOne(text, self._names.keys(), scorer=fuzz.ratio, score_cutoff=ALIAS_AT)
        return self._names[hit[0]] if hit else None
