"""Finds the place that a question names: towns and counties of the region in any case form, typed with slips.

Names that are also words ("Góra", "Police", "Brzeg") count only after a preposition of place or on their own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.knowledge.places import County, Places, Town
from bot.text.normalise import fold, words

Case = Literal["nominative", "genitive", "locative", "instrumental"]

_BEFORE: Mapping[Case, frozenset[str]] = {
    "genitive": frozenset(["z", "ze", "do", "od", "kolo", "obok", "dla", "niedaleko", "okolic", "okolice", "okolicach", "okolicy", "powiatu", "gminy", "miasta", "k"]),
    "locative": frozenset(["w", "we", "powiecie", "gminie", "miescie"]),
    "instrumental": frozenset(["pod", "nad", "za", "przed", "miedzy"]),
    "nominative": frozenset(["powiat", "gmina", "miasto", "miasta", "miescie", "pup", "pcpr", "mops", "gops", "ops", "mgops", "pzon", "zus", "wtz", "zaz", "owes", "mieszkam"]),
}  # fmt: skip
"""What stands before a place in this case: a preposition that asks for it, or an office."""
_PREPOSITIONS = frozenset(["na", "przy", "po"]).union(*_BEFORE.values())
_RELUCTANT = frozenset(["barda", "bardo", "bardzie", "biala", "bialej", "brzeg", "brzegu", "buk", "dobra", "dobre", "dobrej", "gora", "gory", "gorze", "kola", "kole", "kolo", "komornik", "komorniki", "kornik", "krosno", "lesna", "lesnej", "most", "osno", "paczkow", "pila", "pile", "pily", "ploty", "police", "polic", "skokach", "skoki", "skokow", "skwierzyna", "slawa", "slawie", "slawna", "slawno", "slawy", "sroda", "srody", "turek", "turku", "ujscia", "ujscie", "walcz", "walcza", "wolow", "wolowa", "wrzesnia", "zar"])  # fmt: skip
"""Names that are also words: they count alone, or where what stands before them asks for their case."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


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
    """The places, indexed by every form in which they may be written.

    `ordinary` are folded words that are never a mistyped place: "polsce" is no slip of "Police".
    """

    places: Places
    ordinary: Collection[str] = frozenset()

    @cached_property
    def _forms(self) -> dict[tuple[str, ...], list[Place]]:
        """Folded words of a form -> what it may mean."""
        return self._tables[0]

    @cached_property
    def _tables(self) -> tuple[dict[tuple[str, ...], list[Place]], dict[str, set[Case]]]:
        """The forms, and the cases in which a form of one word may stand."""
        forms: dict[tuple[str, ...], list[Place]] = {}
        cases: dict[str, set[Case]] = {}
        for form, case, place in self._all_forms():
            key = tuple(words(fold(form)))
            known = forms.setdefault(key, [])
            if place not in known:
                known.append(place)
            cases.setdefault(" ".join(key), set()).add(case)
        return forms, cases

    def _all_forms(self) -> Iterator[tuple[str, Case, Place]]:
        voivodeships, counties = self.places.voivodeships, self.places.counties
        for town in self.places.file.towns:
            place = self._town(town)
            for form, case in _case_forms(town.name, town.genitive, town.locative):
                yield form, case, place
        for county in counties.values():
            if county.city:
                continue
            place = Place(county.name, county, voivodeships[county.voivodeship].name)
            for form in (county.name, county.genitive, county.locative, f"pow {county.adjective}"):
                yield form, "nominative", place
        for district in self.places.file.districts:
            town = self.places.towns[district.in_][0]
            for form, case in _case_forms(district.name, None, district.locative):
                yield form, case, self._town(town)
        for voivodeship in voivodeships.values():
            place = Place(voivodeship.name, None, voivodeship.name)
            for form in (voivodeship.name, voivodeship.genitive, voivodeship.locative, *voivodeship.regions):
                yield form, "nominative", place
        for abroad in self.places.file.abroad:
            place = Place(abroad.polish or abroad.name, None, None, land=abroad.land)
            for name in filter(None, (abroad.name, abroad.name.translate(_UMLAUTS), abroad.polish)):
                for form, case in _case_forms(name, None, None):
                    yield form, case, place
        for ambiguous in self.places.file.ambiguous:
            shown = (option for name in ambiguous.means for option in self._shown(name))
            options = tuple(dict.fromkeys(shown))
            for form in (ambiguous.form, *ambiguous.also):
                yield form, "nominative", Place(ambiguous.form, None, None, options)

    def named(self, shown: str) -> Place | None:
        """The town or county that was offered under this name."""
        return next((place for name, place in self._options if name == shown), None)

    @cached_property
    def _options(self) -> list[tuple[str, Place]]:
        counties = self.places.counties.values()
        voivodeships = self.places.voivodeships
        known = [self._town(town) for town in self.places.file.towns]
        known += [Place(county.name, county, voivodeships[county.voivodeship].name) for county in counties]
        return [(_option(place), place) for place in known]

    def _town(self, town: Town) -> Place:
        county = self.places.counties[town.county]
        return Place(town.name, county, self.places.voivodeships[county.voivodeship].name)

    def _shown(self, name: str) -> Iterator[str]:
        county = self.places.counties.get(name)
        known = [place for _, place in self._options if place.name == (county.name if county else name)]
        return (_option(place) for place in known if county is None or place.county == county)

    @cached_property
    def _single(self) -> dict[int, list[str]]:
        """Names of one word by their length, for mending slips."""
        by_length: dict[int, list[str]] = {}
        for key in self._forms:
            if len(key) == 1 and len(key[0]) >= 6:
                by_length.setdefault(len(key[0]), []).append(key[0])
        return by_length

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """The first words of names of several words."""
        return frozenset(key[0] for key in self._forms if len(key) > 1)

    def find(self, found: list[str]) -> Place | None:
        """The place named in these folded words: the longest name wins, then the one after a preposition."""
        best: tuple[int, Place] | None = None
        for start in range(len(found)):
            for size in (4, 3, 2, 1) if found[start] in self._beginnings else (1,):
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
        if not known or (len(key) == 1 and not self._counts(key[0], found, start)):
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
        if len(word) < 6 or start == 0 or found[start - 1] not in _PREPOSITIONS or word in self.ordinary:
            return None
        near = [
            name for size in (len(word) - 1, len(word), len(word) + 1) for name in self._single.get(size, ())
        ]
        hit = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=1)
        return self._exact((hit[0],), found, start) if hit else None

    def _counts(self, word: str, found: list[str], start: int) -> bool:
        """Does a one-word name that is also an ordinary word stand where a place stands?"""
        if word not in _RELUCTANT or len(found) == 1:
            return True
        if start == 0:  # "góra koło Leszna"
            return found[1] in {"kolo", "pod", "powiat"}
        if word == "gory" and found[start - 1] == "z":  # "z góry dziękuję"
            return False
        cases: set[Case] = self._tables[1].get(word, {"nominative"})
        return any(found[start - 1] in _BEFORE[case] for case in cases)


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


def _option(place: Place) -> str:
    return f"{place.name} ({place.voivodeship})" if place.voivodeship else place.name


_ENDINGS: tuple[tuple[str, tuple[tuple[str, Case], ...]], ...] = (
    ("a", (("y", "genitive"), ("i", "genitive"), ("e", "locative"), ("ie", "locative"), ("ę", "nominative"))),
    ("o", (("a", "genitive"), ("ie", "locative"))),
    ("e", (("ego", "genitive"), ("em", "locative"), ("ach", "locative"))),
    ("y", (("ach", "locative"), ("", "genitive"))),
)
_OTHERWISE: tuple[tuple[str, Case], ...] = (
    ("u", "locative"), ("ie", "locative"), ("em", "instrumental"), ("a", "genitive"),
)  # fmt: skip


def _case_forms(name: str, genitive: str | None, locative: str | None) -> Iterator[tuple[str, Case]]:
    """The forms given, the instrumental that follows from them, and where no genitive is known the commonest ones."""
    yield name, "nominative"
    if genitive:
        yield genitive, "genitive"
        yield from ((form, "instrumental") for form in _instrumental(name, genitive))
    if locative:
        yield locative, "locative"
    if " " in name or "-" in name or genitive:
        if (
            " " in name and genitive and locative
        ):  # "Zielonej Górze" is also typed "zielona góra" in every case
            yield re.sub(r"\s+", "-", name), "nominative"
        return
    others = next((forms for ending, forms in _ENDINGS if name.endswith(ending)), None)
    bare = name[:-1] if others else name
    for ending, case in others or _OTHERWISE:
        if ending or len(name) > 5:
            yield bare + ending, case


def _instrumental(name: str, genitive: str) -> Iterator[str]:
    """As in "pod Mirskiem", "pod Wałczem", "pod Świdnicą", "pod Żarami": made from nominative and genitive, word by word."""
    made = [_instrumental_word(*pair) for pair in zip(name.split(), genitive.split(), strict=False)]
    if all(made) and len(name.split()) == len(genitive.split()):
        yield " ".join(filter(None, made))


def _instrumental_word(name: str, genitive: str) -> str | None:
    """The instrumental of one word of a name; None where the pattern is not known."""
    if genitive.endswith("ego"):  # Odrzańskiego, Zakopanego
        return genitive[:-3] + ("m" if genitive[-4] in "i" else "ym")
    if name.endswith("a"):  # Świdnica, Zielona; Pobiedziska
        return name[:-1] + ("ą" if genitive[-1] in "yij" else "ami")
    if genitive.endswith(("a", "u")):  # Mirska, Wałcza, Kłodzka, Kołobrzegu
        return genitive[:-1] + ("iem" if genitive[-2] in "kg" else "em")
    if genitive.endswith(("i", "y")):  # Sól, Soli
        return genitive[:-1] + "ą"
    if name.endswith(("e", "y", "i")) and not genitive.endswith("ich"):  # Police, Żary, Skoki
        return name[:-1] + "ami"
    return None
