"""The traps that the facts warn of: whoever believes the old story is led to the entry and is told the right one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.console.single import turn_of
from bot.dialogue.compose import Composer
from bot.dialogue.engine import Engine
from bot.knowledge.knowledge import Knowledge

TRAPS = yaml.safe_load((Path(__file__).parent / "traps.yaml").read_text(encoding="utf-8"))

LED_AT_LEAST, MISLED_AT_MOST = 0.90, 0.03
"""Floors a few points under what was measured on 2026-11-27."""


def test_there_are_traps_over_many_entries() -> None:
    assert len(TRAPS) >= 100
    assert len({row["entry"] for row in TRAPS}) >= 80


@pytest.mark.parametrize("row", TRAPS, ids=lambda row: f"{row['entry']}: {row['text'][:40]}")
def test_the_entry_corrects_what_misled_people_believe(
    row: dict[str, Any], knowledge: Knowledge, now: datetime
) -> None:
    entry = knowledge.entries[row["entry"]]
    told = Composer(knowledge, {}).entry(entry, row.get("facet"), now.date(), False, None).text
    for part in row["contains"]:
        assert part in told
    for part in row.get("not", ()):
        assert part not in told


def test_misled_people_reach_the_entry_that_corrects_them(engine: Engine, now: datetime) -> None:
    led, misled = [], []
    for row in TRAPS:
        turn = turn_of(engine, row["text"], None, now)
        offered = [turn.entry, *(match.entry for match in turn.candidates[:3])]
        right = {row["entry"], *row.get("also", ())}
        led.append(bool(right.intersection(offered)))
        if turn.outcome == "answer" and turn.entry not in right:
            misled.append(f"{row['text']} -> {turn.entry}, not {row['entry']}")
    assert sum(led) / len(TRAPS) >= LED_AT_LEAST
    assert len(misled) / len(TRAPS) <= MISLED_AT_MOST, "\n".join(misled)
