"""Over all real entries: every amount comes from a figure, every fact has a source, no day breaks an answer."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.compose import Composer
from bot.knowledge.entry import FACETS
from bot.knowledge.figures import changes, figure_on
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.load import read
from bot.knowledge.wording import figure_names, literal_amounts, long_date

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 27)
REAL = read(ROOT / "knowledge", TODAY)
ENTRIES = sorted(REAL.knowledge.entries) if REAL.knowledge else []

CATALOGUE = (Path(__file__).parent / "catalogue.txt").read_text(encoding="utf-8").split()
"""The ids of the entries are a contract: people, programs and old buttons point at them."""


def test_the_knowledge_has_no_errors() -> None:
    assert [str(problem) for problem in REAL.problems if not problem.warning] == []


def test_every_id_of_the_catalogue_is_an_entry(knowledge: Knowledge) -> None:
    assert len(CATALOGUE) == 196
    assert set(CATALOGUE) - set(knowledge.entries) == set()


@pytest.mark.parametrize("name", ENTRIES)
def test_every_amount_is_a_figure_and_every_fact_has_a_source(name: str, knowledge: Knowledge) -> None:
    entry = knowledge.entries[name]
    texts = [text for facet in (*FACETS, "easy") for text in entry.answer.facet(facet) or ()]
    assert [amount for text in texts for amount in literal_amounts(text)] == []
    assert all(figure in knowledge.figures for text in texts for figure in figure_names(text))
    assert entry.kind == "about" or (
        all(source.checked <= TODAY for source in entry.sources) and entry.sources
    )


@pytest.mark.trust("T-45")
@pytest.mark.parametrize("name", ENTRIES)
@settings(max_examples=25, deadline=None)
@given(day=st.dates(date(2020, 1, 1), date(2036, 12, 31)))
def test_every_facet_renders_on_every_day_and_degrades_honestly(name: str, day: date) -> None:
    knowledge = REAL.usable()
    entry = knowledge.entries[name]
    composer = Composer(knowledge, {})
    for facet in (*entry.facets(), "easy"):
        text = composer.entry(entry, facet if facet != "easy" else None, day, facet == "easy", None).text
        assert "$(" not in text
        for figure in figure_names(" ".join(entry.answer.facet(facet) or ())):
            _assert_honest(text, knowledge, figure, day)


def _assert_honest(text: str, knowledge: Knowledge, figure: str, day: date) -> None:
    amount = figure_on(knowledge.figures, figure, day)
    if amount.estimated:
        assert "szacunek" in text
    if amount.held_until:
        assert f"do {long_date(amount.held_until)}" in text
        assert amount.ask in text
    if amount.holds_from:
        assert f"od {long_date(amount.holds_from)}" in text


@pytest.mark.parametrize("name", sorted(REAL.knowledge.figures) if REAL.knowledge else [])
def test_figures_change_only_on_their_own_days(name: str, knowledge: Knowledge) -> None:
    days = changes(knowledge.figures, name)
    for day in days:
        after = figure_on(knowledge.figures, name, day)
        following = [other for other in days if other > day]
        last = (following[0] if following else date(2036, 12, 31)) - timedelta(days=1)
        assert figure_on(knowledge.figures, name, last) == after


def test_no_phrasing_is_a_test_question(knowledge: Knowledge) -> None:
    import yaml

    asked = {
        text.casefold()
        for by_facet in knowledge.asked["pl"].values()
        for texts in by_facet.values()
        for text in texts
    }
    for path in (ROOT / "tests" / "questions" / "pl").glob("*.yaml"):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert str(row["text"]).casefold() not in asked, f"{path.name}: {row['text']}"
