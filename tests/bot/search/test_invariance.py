"""What must not change the first hit, and that any text at all gets a result."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.console.single import turn_of
from bench.overlap import questions
from bot.dialogue.engine import Engine
from bot.dialogue.turn import Turn
from tests.conftest import NOW

TEXTS = [row["text"] for rows in questions().values() for row in rows]


def without_diacritics(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(str.maketrans("łŁ", "lL")))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


SAME: dict[str, Callable[[str], str]] = {
    "no diacritics, lower case": lambda text: without_diacritics(text).lower(),
    "upper case, double spaces": lambda text: text.upper().replace(" ", "  "),
    "manners": lambda text: f"Dzień dobry, mam pytanie. {text} Z góry dziękuję, pozdrawiam",
}


def first(turn: Turn) -> str | None:
    return turn.entry or (turn.candidates[0].entry if turn.candidates else None)


@pytest.fixture(scope="module")
def hits(engine: Engine) -> dict[str, str | None]:
    return {text: first(turn_of(engine, text, None, NOW)) for text in TEXTS}


@pytest.mark.parametrize("kind", SAME)
def test_spelling_and_manners_never_change_the_first_hit(
    kind: str, hits: dict[str, str | None], engine: Engine
) -> None:
    changed = [
        (text, hit, now_first)
        for text, hit in hits.items()
        if (now_first := first(turn_of(engine, SAME[kind](text), None, NOW))) != hit
    ]
    assert not changed, changed[:10]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=300), st.integers(1, 400))
def test_any_text_of_up_to_a_hundred_thousand_characters_gets_a_result(
    engine: Engine, text: str, times: int
) -> None:
    turn = turn_of(engine, (text * times)[:100_000], None, NOW)
    assert turn.replies
    assert turn.outcome
    assert all(0 <= match.score <= 1 for match in turn.candidates)
