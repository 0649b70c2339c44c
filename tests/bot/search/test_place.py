"""Places in running text: every case form, no ordinary word taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import morfeusz2
import pytest
import yaml

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.places import Town
from bot.search.learn import Learnt
from bot.search.place import Gazetteer, Place
from bot.text.normalise import fold, words

CASES = yaml.safe_load((Path(__file__).parent / "place_cases.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def gazetteer(knowledge: Knowledge, learnt: Learnt) -> Gazetteer:
    return Gazetteer(knowledge.places, frozenset(learnt.known))


def found_in(gazetteer: Gazetteer, text: str) -> Place | None:
    return gazetteer.find(words(fold(text)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_place(case: dict[str, Any], gazetteer: Gazetteer) -> None:
    place = found_in(gazetteer, case["text"])
    assert (place.name if place else None) == case["place"]
    assert (place.county.id if place and place.county else None) == case.get("county")


BEFORE = {"gen": "z", "loc": "w", "inst": "pod"}


def declined(town: Town) -> Iterator[tuple[str, str]]:
    """The referee: morfeusz2's case forms of the town, of the lexeme whose genitive is the gazetteer's."""
    lexemes: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for form, lemma, tag, kinds, _ in morfeusz2.Morfeusz().generate(town.name):
        if "nazwa_geograficzna" in kinds and tag.startswith("subst"):
            _, number, cases, *gender = tag.split(":")
            for case in cases.split("."):
                lexemes.setdefault((lemma, number + str(gender)), set()).add((case, form))
    for forms in lexemes.values():
        if {("gen", town.genitive), ("loc", town.locative)} <= forms:
            yield from ((case, form) for case, form in forms if case in BEFORE)


def test_every_case_form_of_every_town_is_found(knowledge: Knowledge, gazetteer: Gazetteer) -> None:
    """The town of Góra is left out: "z góry" is nearly always the beginning of thanks."""
    towns = [town for town in knowledge.places.file.towns if " " not in town.name and town.name != "Góra"]
    asked = [(town, f"mieszkam {BEFORE[case]} {form}") for town in towns for case, form in declined(town)]
    places = [(town, text, found_in(gazetteer, text)) for town, text in asked]
    missed = [
        text
        for town, text, place in places
        if place is None or (place.name != town.name and not place.options)
    ]
    assert len(asked) > 400
    assert len(missed) <= len(asked) * 0.01, "\n".join(missed)


def test_offered_places_are_found_by_the_name_under_which_they_were_offered(gazetteer: Gazetteer) -> None:
    for form in ("Brzeg", "Kalisz", "Świdnica", "Środzie", "powiat średzki"):
        place = found_in(gazetteer, form if form != "Środzie" else "w Środzie")
        assert place is not None
        assert len(place.options) == 2
        for option in place.options:
            chosen = gazetteer.named(option)
            assert chosen is not None
            assert chosen.county is not None
