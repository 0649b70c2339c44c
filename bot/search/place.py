"""Finds the place that a question names: towns and counties of the region in any case form, typed with slips.

Names that are also words ("Góra", "Police", "Brzeg") count only after a preposition of place or on their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.knowledge.places import County, Places, Town
from bot.text.normalise import fold, words

_PREPOSITIONS = frozenset(["w", "we", "z", "ze", "do", "kolo", "pod", "nad", "obok", "okolice", "okolicach", "okolicy", "powiat", "powiatu", "powiecie", "gmina", "gminie", "gminy", "miasto", "miescie", "miasta", "mieszkam", "dla", "na", "od", "przy"])  # fmt: skip
_COMMON = frozenset(["gora", "gory", "gorze", "brzeg", "brzegu", "police", "polic", "trzebiel", "sroda", "srody", "most", "mosty", "biala", "nowe", "nowa", "pila", "pile", "pily", "sulow", "osno", "wolow", "rzepin", "skoki", "jutro", "lubin", "lubinie", "zary", "zarach", "zarow", "jawor", "jaworze", "olawa", "olesno", "turek", "kolo", "kole", "czaplinek", "krosno", "strzelce", "czempin", "sulechow", "swiebodzice", "glubczyce", "namyslow", "jelcz", "konin", "dobra", "dobre", "dobrej", "dobrym", "rawicz", "resko", "nysa", "nysie", "nysy"])  # fmt: skip
_RELUCTANT = frozenset(["gora", "gory", "gorze", "brzeg", "brzegu", "police", "polic", "sroda", "srody", "most", "pila", "pile", "turek", "kolo", "kole", "dobra", "dobre", "dobrej", "wolow", "krosno", "osno", "skoki", "skwierzyna"])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A place as it was understood; `county` is None while it is ambiguous or across the border.

    `span` are the positions of the words that named it.
    """

    name: str
    county: County | None
    voivodeship: str | None
    options: tuple[str, ...] = ()
    land: str | None = None
    span: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Gazetteer:
    """The places, indexed by every form in which they may be written."""

    places: Places

    @cached_property
    def _forms(self) -> dict[tuple[str, ...], list[Place]]:
        """Folded words of a form -> what it may mean."""
        forms: dict[tuple[str, ...], list[Place]] = {}
        for form, place in self._all_forms():
            key = tuple(words(fold(form)))
            known = forms.setdefault(key, [])
            if place not in known:
                known.append(place)
        return forms

    def _all_forms(self) -> Iterator[tuple[str, Place]]:
        voivodeships, counties = self.places.voivodeships, self.places.counties
        for town in self.places.file.towns:
            place = self._town(town)
            for form in _case_forms(town.name, town.genitive, town.locative):
                yield form, place
        for county in counties.values():
            if county.city:
                continue
            place = Place(county.name, county, voivodeships[county.voivodeship].name)
            for form in (county.name, county.genitive, county.locative, f"pow {county.adjective}"):
                yield form, place
        for district in self.places.file.districts:
            town = self.places.towns[district.in_][0]
            for form in _case_forms(district.name, None, district.locative):
                yield form, self._town(town)
        for voivodeship in voivodeships.values():
            place = Place(voivodeship.name, None, voivodeship.name)
            for form in (voivodeship.name, voivodeship.genitive, voivodeship.locative, *voivodeship.regions):
                yield form, place
        for abroad in self.places.file.abroad:
            place = Place(abroad.polish or abroad.name, None, None, land=abroad.land)
            for name in filter(None, (abroad.name, abroad.polish)):
                for form in _case_forms(name, None, None):
                    yield form, place
        for ambiguous in self.places.file.ambiguous:
            options = tuple(self._shown(name) for name in ambiguous.means)
            yield ambiguous.form, Place(ambiguous.form, None, None, options)

    def _town(self, town: Town) -> Place:
        county = self.places.counties[town.county]
        return Place(town.name, county, self.places.voivodeships[county.voivodeship].name)

    def _shown(self, name: str) -> str:
        return self.places.counties[name].name if name in self.places.counties else name

    @cached_property
    def _single(self) -> dict[int, list[str]]:
        """Names of one word by their length, for mending slips."""
        by_length: dict[int, list[str]] = {}
        for key in self._forms:
            if len(key) == 1 and len(key[0]) >= 6:
                by_length.setdefault(len(key[0]), []).append(key[0])
        return by_length

    def find(self, found: list[str]) -> Place | None:
        """The place named in these folded words: the longest name wins, then the one after a preposition."""
        best: tuple[int, Place] | None = None
        for start in range(len(found)):
            for size in (4, 3, 2, 1):
                key = tuple(found[start : start + size])
                if len(key) < size:
                    continue
                place = self._exact(key, found, start) or (
                    self._slipped(key[0], found, start) if size == 1 else None
                )
                if place is None:
                    continue
                weight = size * 2 + (start > 0 and found[start - 1] in _PREPOSITIONS)
                if best is None or weight > best[0]:
                    best = weight, _with_span(place, start, size)
                break
        return best[1] if best else None

    def _exact(self, key: tuple[str, ...], found: list[str], start: int) -> Place | None:
        known = self._forms.get(key)
        if not known or (len(key) == 1 and not _counts(key[0], found, start)):
            return None
        ambiguous = next((place for place in known if place.options), None)
        if ambiguous:
            return ambiguous
        towns = [place for place in known if place.county or place.land] or known
        if len(towns) == 1:
            return towns[0]
        return Place(towns[0].name, None, None, tuple(dict.fromkeys(_option(place) for place in towns)))

    def _slipped(self, word: str, found: list[str], start: int) -> Place | None:
        """A long name with one slip, only after a preposition: elsewhere it is more likely another word."""
        if len(word) < 6 or start == 0 or found[start - 1] not in _PREPOSITIONS or word in _COMMON:
            return None
        near = [
            name for size in (len(word) - 1, len(word), len(word) + 1) for name in self._single.get(size, ())
        ]
        hit = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=1)
        return self._exact((hit[0],), found, start) if hit else None


PLACE_WEIGHT = 2
"""How often a place's county and voivodeship count among the features: offices differ in little else."""


def place_features(place: Place | None) -> list[str]:
    """What a place adds to the features of a text: a village nobody wrote about counts as its county does."""
    if place is None:
        return []
    names = [place.county.id if place.county else None, place.voivodeship, place.land]
    return [f"v:{name}" for name in names if name] * PLACE_WEIGHT


def _with_span(place: Place, start: int, size: int) -> Place:
    return Place(
        place.name, place.county, place.voivodeship, place.options, place.land, (start, start + size)
    )


def _counts(word: str, found: list[str], start: int) -> bool:
    """Does a one-word name that is also an ordinary word stand where a place stands?"""
    if word not in _RELUCTANT:
        return True
    if word == "gory" and start > 0 and found[start - 1] == "z":  # "z góry dziękuję"
        return False
    return (
        len(found) == 1
        or (start > 0 and found[start - 1] in {"w", "we", "z", "ze", "kolo", "pod", "do"} and word != "kolo")
        or (start == 0 and len(found) > 1 and found[1] in {"kolo", "pod", "powiat"})
    )


def _option(place: Place) -> str:
    return f"{place.name} ({place.voivodeship})" if place.voivodeship else place.name


_ENDINGS = (
    ("a", ("y", "i", "e", "ie", "ę")),
    ("o", ("a", "ie")),
    ("e", ("ego", "em", "ach")),
    ("y", ("ach", "")),
)


def _case_forms(name: str, genitive: str | None, locative: str | None) -> Iterator[str]:
    """The forms given, and for names in -a and -o of one word the commonest other ones."""
    yield name
    for form in (genitive, locative):
        if form:
            yield form
    if " " in name or "-" in name or genitive:
        if (
            " " in name and genitive and locative
        ):  # "Zielonej Górze" is also typed "zielona góra" in every case
            yield re.sub(r"\s+", "-", name)
        return
    for ending, others in _ENDINGS:
        if name.endswith(ending):
            yield from (name[: -len(ending)] + other for other in others if other or len(name) > 5)
            return
    yield from (name + other for other in ("u", "ie", "em", "a"))
