"""How the search grows with the number of entries: time a question, memory, time to learn.

python -m bench.scale            the index at 100 to 100,000 entries; learning at 50 to 392 entries
python -m bench.scale 100 1000   the index at these numbers only

The index is made from what was really learnt: other entries are the real ones with their features shifted, so each says
as much of as many words as a real one. Nobody has learnt 100,000 entries here; only asking them is measured.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from bench.__main__ import in_a_process_of_its_own, rows_of
from bot.knowledge.knowledge import NONE, Knowledge
from bot.knowledge.load import read
from bot.search.classifier import Classifier
from bot.search.learn import Learnt, learn
from bot.search.rank import Search

ROOT = Path(__file__).parents[1]
NUMBERS = (100, 1_000, 10_000, 100_000)
LEARNT_SHARES = (0.25, 0.5, 1.0, 2.0)
SHIFT = 7_919
"""Features are shifted by multiples of this, so that no two copies of an entry say the same."""


def grown(real: Classifier, number: int) -> Classifier:
    """The classifier with as many classes, made of shifted copies of the real ones."""
    kinds = len(real.classes)
    sizes = np.diff(real.starts)
    copies = -(-number // kinds)
    shifts = [copy * SHIFT % len(sizes) for copy in range(copies)]
    wanted = [
        np.arange(len(real.weights)) if (copy + 1) * kinds <= number else None for copy in range(copies)
    ]
    partial = np.flatnonzero(real.columns < number - (copies - 1) * kinds)
    parts = [kept if kept is not None else partial for kept in wanted]
    rows = np.repeat(np.arange(len(sizes)), sizes)
    counts = np.zeros(len(sizes), np.int64)
    for shift, kept in zip(shifts, parts, strict=True):
        counts += np.roll(np.bincount(rows[kept], minlength=len(sizes)), shift)
    starts = np.concatenate([[0], np.cumsum(counts)])
    columns = np.empty(starts[-1], np.min_scalar_type(number))
    weights = np.empty(starts[-1], np.int8)
    filled = starts[:-1].copy()
    for copy, (shift, kept) in enumerate(zip(shifts, parts, strict=True)):
        row = (rows[kept] + shift) % len(sizes)
        first = np.concatenate([[0], np.flatnonzero(np.diff(row)) + 1])
        inside = np.arange(len(row)) - np.repeat(first, np.diff(np.append(first, len(row))))
        at = filled[row] + inside
        columns[at], weights[at] = real.columns[kept].astype(np.int64) + copy * kinds, real.weights[kept]
        filled += np.bincount(row, minlength=len(sizes))
    names = [f"{name}~{copy}" if copy else name for copy in range(copies) for name in real.classes]
    return replace(
        real,
        classes=tuple(names[:number]),
        starts=starts,
        columns=columns,
        weights=weights,
        scale=np.tile(real.scale, copies)[:number],
        bias=np.tile(real.bias, copies)[:number],
    )


def asked(knowledge: Knowledge, learnt: Learnt, number: int) -> str:
    """One line: the index with so many entries, asked the test questions."""
    started = time.perf_counter()
    topic = grown(learnt.topic, number)
    entries = {name: knowledge.entries.get(name.split("~")[0]) for name in topic.classes}
    known = {name: replace_id for name, replace_id in entries.items() if replace_id is not None}
    search = Search(replace(knowledge, entries={**knowledge.entries, **known}), replace(learnt, topic=topic))
    built = time.perf_counter() - started
    times = []
    for question, _ in rows_of([]):
        started = time.perf_counter()
        search.rank(question)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    index = topic.weights.nbytes + topic.columns.nbytes + topic.starts.nbytes
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"| {number:,} | {statistics.median(times):.1f} | {times[int(len(times) * 0.99)]:.1f} "
        f"| {index / 2**20:,.0f} | {memory:,.0f} | {built:.1f} |"
    )


def learning(knowledge: Knowledge, share: float) -> str:
    """One line: learning from nothing with this share of the entries; beyond 1 with copies in other words."""
    asked_for = dict(knowledge.asked["pl"])
    names = [name for name in asked_for if name != NONE]
    kept = {name: asked_for[name] for name in names[: int(len(names) * min(share, 1.0))]}
    for copy in range(1, int(share)):
        kept |= {
            f"{name}-{copy}": {facet: tuple(map(_other, texts)) for facet, texts in asked_for[name].items()}
            for name in names
        }
    phrasings = sum(len(texts) for lists in kept.values() for texts in lists.values())
    started = time.perf_counter()
    learn(replace(knowledge, asked={"pl": {**kept, NONE: asked_for[NONE]}}), lambda _line: None)
    took = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| {len(kept)} | {phrasings:,} | {took:.1f} | {memory:,.0f} |"


def _other(text: str) -> str:
    """The text with its longer words made into others."""
    return " ".join(word[::-1] if len(word) > 4 else word for word in text.split())


def lines(numbers: tuple[int, ...]) -> Iterator[str]:
    """The tables, line by line; each figure from a process of its own."""
    knowledge = read(ROOT / "knowledge", date.today()).usable()  # noqa: DTZ011 - a measurement of today
    learnt = learn(knowledge, lambda _line: None)
    yield "| entries | ms median | ms p99 | index MB | most MB | made in s |\n|---|---|---|---|---|---|"
    for number in numbers:
        yield in_a_process_of_its_own(lambda number=number: asked(knowledge, learnt, number))  # type: ignore[misc]
    if numbers == NUMBERS:
        yield "\n| entries | phrasings | learnt in s | most MB |\n|---|---|---|---|"
        for share in LEARNT_SHARES:
            yield in_a_process_of_its_own(lambda share=share: learning(knowledge, share))  # type: ignore[misc]


def main() -> None:
    """Print the tables."""
    for line in lines(tuple(map(int, sys.argv[1:])) or NUMBERS):
        print(line, flush=True)


if __name__ == "__main__":
    main()
