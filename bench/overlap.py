"""Which entries take each other's questions: over the test questions of every entry, both names and the margin.

python -m bench.overlap [entry ...]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml

from adapters.console.single import turn_of
from bot.dialogue.engine import Engine

QUESTIONS = Path(__file__).parents[1] / "tests" / "questions" / "pl"
APART = ("none", "nocrisis")
BARELY = 0.10

Kind = Literal["stolen", "lost", "behind", "barely"]


@dataclass(frozen=True, slots=True)
class Overlap:
    """A question of `entry` that `rival` comes near to or takes: `stolen`: answered by the rival; `lost`: not among
    the first three; `behind`: among them; `barely`: first with a lead (`margin`) under BARELY."""

    kind: Kind
    entry: str
    rival: str
    margin: float
    text: str


def questions() -> dict[str, list[dict[str, Any]]]:
    """The test questions by entry."""
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(QUESTIONS.glob("*.yaml"))
        if path.stem not in APART
    }


def overlaps(
    engine: Engine, asked: Mapping[str, Iterable[Mapping[str, Any]]], now: datetime
) -> Iterator[Overlap]:
    """Every question that is not clearly its own entry's. `also` in a row names entries that are right too."""
    for entry, rows in asked.items():
        for row in rows:
            found = _overlap(engine, entry, row, now)
            if found:
                yield found


def _overlap(engine: Engine, entry: str, row: Mapping[str, Any], now: datetime) -> Overlap | None:
    right = {entry, *row.get("also", ())}
    turn = turn_of(engine, row["text"], None, now)
    scores = {match.entry: match.score for match in turn.candidates}
    own = max((scores.get(name, 0.0) for name in right), default=0.0)
    rival, other = max(
        ((name, score) for name, score in scores.items() if name not in right),
        key=lambda pair: pair[1],
        default=("", 0.0),
    )
    if turn.entry in right:
        return Overlap("barely", entry, rival, own - other, row["text"]) if 0 < own - other < BARELY else None
    if turn.outcome == "answer":
        return Overlap("stolen", entry, turn.entry or rival, own - other, row["text"])
    if own > other:
        return Overlap("barely", entry, rival, own - other, row["text"]) if own - other < BARELY else None
    near = right & {match.entry for match in turn.candidates[:3]}
    return Overlap("behind" if near else "lost", entry, rival, own - other, row["text"])


def report(found: Iterable[Overlap]) -> Iterator[str]:
    """Lines: what was taken first, then the pairs that meet most often."""
    order: tuple[Kind, ...] = ("stolen", "lost", "behind", "barely")
    listed = sorted(found, key=lambda one: (order.index(one.kind), one.entry, one.margin))
    for one in listed:
        yield f"{one.kind:7} {one.entry} / {one.rival or '-'} ({one.margin:+.2f}): {one.text}"
    pairs = Counter((one.entry, one.rival) for one in listed)
    yield "pairs: " + ", ".join(f"{a} / {b} {number}" for (a, b), number in pairs.most_common(25))
    yield "sums: " + ", ".join(f"{kind} {sum(one.kind == kind for one in listed)}" for kind in order)


def main() -> None:
    """Print the report over the real knowledge, for the named entries or all."""
    from adapters import app, settings
    from adapters.clock import SystemClock

    found = settings.load({}, Path.cwd())
    engine = app.engine(found, print)
    wanted = sys.argv[1:]
    asked = {entry: rows for entry, rows in questions().items() if not wanted or entry in wanted}
    for line in report(overlaps(engine, asked, SystemClock().now())):
        print(line)


if __name__ == "__main__":
    main()
