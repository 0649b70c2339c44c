"""A question -> entries with probabilities, and whether they are sure enough to be told.

All thresholds stand here, with the measurement that chose them beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz import fuzz, process

from bot.knowledge.entry import Entry
from bot.knowledge.knowledge import NONE, Knowledge
from bot.search.facets import FacetFinder
from bot.search.features import Spelling, features_of
from bot.search.learn import Learnt, plain_words
from bot.search.place import Gazetteer, Place, without
from bot.text.normalise import fold, words
from bot.text.patterns import Patterns

# Chosen on the development sample by the costs of docs/decisions/0003: a wrong answer 10, a choice without the
# right entry 1.5, "I don't know" 1, a choice with it 0.3. `klaster evaluate` prints what they lead to.
ANSWER_AT = 0.62
CHOOSE_AT = 0.06
OFFER_AT = 0.04
MARGIN = 0.15

FAR_AWAY = 0.1
"""The share that an organisation keeps when another one serves the place that was named."""

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
    `broad`: the message only names a field; so many entries belong to it, the first matches.
    """

    matches: tuple[Match, ...]
    none: Mapping[str, float]
    facet: str | None
    place: Place | None
    broad: int = 0

    def verdict(self) -> Literal["answer", "choose", "unknown"]:
        """Sure enough to tell, to offer, or neither."""
        if self.broad:
            return "choose"
        best, second = (*self.matches, Match("", 0.0), Match("", 0.0))[:2]
        rival = max(second.score, *self.none.values(), 0.0)
        if best.score >= ANSWER_AT and best.score - rival >= MARGIN:
            return "answer"
        if best.score >= CHOOSE_AT and best.score * 1.5 >= rival:
            return "choose"
        return "unknown"

    def offered(self) -> tuple[Match, ...]:
        """The two to four entries worth offering."""
        if self.broad:
            return self.matches[: self.broad]
        return tuple(match for at, match in enumerate(self.matches[:4]) if at < 2 or match.score >= OFFER_AT)


def _serves(entry: Entry, place: Place) -> bool:
    county, serves = place.county, entry.serves
    if county is None or serves is None:
        return False
    return county.id in serves.counties or county.voivodeship in serves.voivodeships


class Search:
    """Everything that ranks: made once from knowledge and what was learnt from it, then only read."""

    def __init__(self, knowledge: Knowledge, learnt: Learnt) -> None:
        self._knowledge, self._learnt = knowledge, learnt
        self._gazetteer = Gazetteer(knowledge.places)
        self.facets = FacetFinder(knowledge.words["pl"], learnt.facet)
        self._spelling = Spelling(learnt.known)
        self._plain = plain_words(knowledge)
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

    def words_of(self, text: str) -> list[str]:
        """The folded words of a question, wrong names replaced by right ones."""
        return self._rewritten(words(fold(text)))

    def place_in(self, text: str) -> Place | None:
        """The place that the text names."""
        return self._gazetteer.find(words(fold(text)))

    def danger(self, text: str) -> float:
        """The probability that the text is a cry for help."""
        found = features_of(words(fold(text)), self._plain)
        return float(self._learnt.danger.probabilities(found)[self._learnt.danger.classes.index("danger")])

    def rank(self, text: str) -> Ranking:
        """Rank all entries for one question."""
        raw = words(fold(text))
        place = self._gazetteer.find(raw)
        found = self._spelling.mend(self._rewritten(without(place, raw)))
        named = self._named(raw)
        scores = dict(
            zip(
                self._learnt.topic.classes,
                self._learnt.topic.probabilities(features_of(found, self._plain)).tolist(),
                strict=True,
            )
        )
        broad = self._broad_entries(found)
        if broad:
            scores = {name: score * 0.01 for name, score in scores.items()}
            scores |= {entry: 0.9 / len(broad) - 0.01 * at for at, entry in enumerate(broad)}
        elif named:
            scores = {name: score * 0.05 for name, score in scores.items()} | {named: 0.95}
        ranking = self._ranking(self._nearby(scores, place), self.facets.find(text), place)
        return replace(ranking, broad=len(broad), facet=None) if broad else ranking

    def _nearby(self, scores: dict[str, float], place: Place | None) -> dict[str, float]:
        """Organisations are told apart by where they work: one that serves the named place takes the others' share."""
        entries = self._knowledge.entries
        organisations = {
            name: s for name, s in scores.items() if name in entries and entries[name].kind == "organisation"
        }
        serving = [name for name in organisations if place is not None and _serves(entries[name], place)]
        if not serving:
            return scores
        total = sum(organisations.values())
        wanted = sum(organisations[name] for name in serving) + 1e-9
        moved = {name: score * FAR_AWAY for name, score in organisations.items()}
        for name in serving:
            moved[name] += (1 - FAR_AWAY) * total * (organisations[name] + 1e-9 / len(serving)) / wanted
        return scores | moved

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
