"""Real questions against the real knowledge: which entry comes first, and what is confidently answered by another.

The floors are regression guards a few points under what was measured on 2026-11-24; the figures themselves are
printed by `make bench` and `klaster evaluate`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.console.single import turn_of
from bot.dialogue.engine import Engine
from bot.knowledge.knowledge import Knowledge

HERE = Path(__file__).parent / "pl"
APART = ("none", "nocrisis")
FILES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*.yaml"))}
ROWS = [(entry, row) for entry, rows in FILES.items() if entry not in APART for row in rows]

FIRST_AT_LEAST, THREE_AT_LEAST, WRONG_AT_MOST = 0.82, 0.90, 0.05


def test_every_entry_has_questions(knowledge: Knowledge) -> None:
    assert set(FILES) - set(APART) == set(knowledge.entries)
    assert all(len(rows) >= 4 for rows in FILES.values())


def test_the_right_entry_comes_first_and_is_seldom_stolen(engine: Engine, now: datetime) -> None:
    first, three, stolen = [], [], []
    for entry, row in ROWS:
        turn = turn_of(engine, row["text"], None, now)
        names = [turn.entry, *(match.entry for match in turn.candidates)]
        ranked = [name for name in names if name]
        first.append(ranked[:1] == [entry])
        three.append(entry in ranked[:4])
        if turn.outcome == "answer" and turn.entry != entry:
            stolen.append(f"{row['text']} -> {turn.entry}, not {entry} ({turn.candidates[0].score:.2f})")
    assert sum(first) / len(ROWS) >= FIRST_AT_LEAST
    assert sum(three) / len(ROWS) >= THREE_AT_LEAST
    assert len(stolen) / len(ROWS) <= WRONG_AT_MOST, "\n".join(stolen)


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
    assert len(answered) <= len(FILES["none"]) * 0.08, answered
