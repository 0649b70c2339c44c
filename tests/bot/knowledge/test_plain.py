"""Plain language is measured: what a tired reader would stumble over is found, ordinary sentences are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.entry import Entry
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.plain import PlainCheck, fog, sentences, syllables, words_of

CASES = yaml.safe_load((Path(__file__).parent / "plain_cases.yaml").read_text(encoding="utf-8"))


def entry_with(facet: str, text: str) -> Entry:
    answer = {"short": "Idź do urzędu.", "easy": "Idź do urzędu.", facet: text}
    return Entry.model_validate(
        {"id": "proba", "kind": "about", "title": "Próba", "owner": "kson", "answer": answer, "review_by": "2027-01-01"}
    )  # fmt: skip


@pytest.mark.trust("T-129", "T-130")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:50])
def test_what_is_hard_to_read_is_found(case: dict[str, Any], knowledge: Knowledge) -> None:
    checker = PlainCheck(knowledge.style, knowledge.glossary)
    found = [what for _, what, _ in checker.entry(entry_with(case["facet"], case["text"]))]
    assert len(found) == len(case["found"]), found
    assert all(any(what.startswith(wanted) for what in found) for wanted in case["found"]), found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Idź. Zapytaj! Po co?", 3),
        ("Mieszkam przy ul. Długiej i al. Róż.", 1),
        ("Kwota to 5,50 zł. Termin: 31 sierpnia 2026. Zadzwoń.", 3),
        ("Strona pfron.org.pl działa. $(a-b) zł dostaniesz.", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_an_amount_and_an_address_are_one_word_each() -> None:
    assert len(words_of("Dostaniesz $(pfron-start-max) zł, zobacz sow.pfron.org.pl.")) == 5


def test_fog_grows_with_long_words_and_long_sentences() -> None:
    easy, hard = "Idź do biura. Weź papier.", "Przedsiębiorstwo współuczestniczące zobowiązane bezterminowo."
    assert fog([easy]) < 5 < 15 < fog([hard])
    assert fog([]) == 0
    assert syllables("niepełnosprawność") >= 5


@pytest.mark.trust("T-106")
@given(st.text(max_size=400))
def test_any_text_can_be_measured(knowledge: Knowledge, text: str) -> None:
    assert fog([text]) >= 0
    if text.strip():
        list(PlainCheck(knowledge.style, knowledge.glossary).entry(entry_with("what", text)))
