"""Real questions against the real knowledge: which entry comes first, and what is confidently answered by another.

The floors are regression guards a few points under what was measured on 2026-11-27; the figures themselves are
printed by `make bench` and `klaster evaluate`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.console.single import turn_of
from bench.overlap import overlaps, questions, report
from bot.dialogue.engine import Engine
from bot.knowledge.knowledge import Knowledge

HERE = Path(__file__).parent / "pl"
APART = ("none", "nocrisis")
CRISIS = "nagle-zagrozenie"
"""Its questions are cries for help; they ask for no part of an answer."""
FILES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*.yaml"))}
ROWS = [(entry, row) for entry, rows in FILES.items() if entry not in APART for row in rows]

FIRST_AT_LEAST, THREE_AT_LEAST, FACET_AT_LEAST = 0.93, 0.97, 0.89


def test_every_entry_has_questions_of_every_kind(knowledge: Knowledge) -> None:
    assert set(FILES) - set(APART) == set(knowledge.entries)
    for name, rows in FILES.items():
        if name in APART:
            continue
        asked = {row["facet"] for row in rows if "facet" in row}
        missing = set(knowledge.entries[name].facets()) - {"short"} - asked
        assert len(rows) >= 8, name
        assert name == CRISIS or not missing, f"{name}: no question for {missing}"
        assert sum("facet" not in row for row in rows) >= 3, name
        assert any(row.get("noise") == "typo" and row["text"].isascii() for row in rows), name


def test_the_right_entry_comes_first_and_is_not_stolen(engine: Engine, now: datetime) -> None:
    first, three, facet = [], [], []
    for entry, row in ROWS:
        turn = turn_of(engine, row["text"], None, now)
        right = {entry, *row.get("also", ())}
        ranked = [name for name in (turn.entry, *(match.entry for match in turn.candidates)) if name]
        first.append(bool(right.intersection(ranked[:1])))
        three.append(bool(right.intersection(ranked[:4])))
        if "facet" in row and turn.outcome in ("answer", "choose"):
            facet.append(turn.facet == row["facet"])
    stolen = [one for one in overlaps(engine, questions(), now) if one.kind == "stolen"]
    assert sum(first) / len(ROWS) >= FIRST_AT_LEAST
    assert sum(three) / len(ROWS) >= THREE_AT_LEAST
    assert sum(facet) / len(facet) >= FACET_AT_LEAST
    assert not stolen, "\n".join(report(stolen))


@pytest.mark.parametrize("row", FILES["nagle-zagrozenie"], ids=lambda row: row["text"][:40])
def test_danger_gets_the_numbers_at_once(row: dict[str, Any], engine: Engine, now: datetime) -> None:
    turn = turn_of(engine, row["text"], None, now)
    assert turn.outcome == "crisis"
    assert "112" in turn.replies[0].text


@pytest.mark.parametrize("row", FILES["nocrisis"], ids=lambda row: row["text"][:40])
def test_ordinary_words_are_no_danger(row: dict[str, Any], engine: Engine, now: datetime) -> None:
    assert turn_of(engine, row["text"], None, now).outcome != "crisis"


def test_what_nothing_answers_is_hardly_ever_answered(engine: Engine, now: datetime) -> None:
    answered = [
        row["text"] for row in FILES["none"] if turn_of(engine, row["text"], None, now).outcome == "answer"
    ]
    assert len(answered) <= len(FILES["none"]) * 0.05, answered
