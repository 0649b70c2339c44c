"""Answer quality and speed beside others' ways, in one run on one core. Figures are printed, never asserted.

make bench                         every peer, over each eighth test question
python -m bench FILE.jsonl ...     over labelled questions in files (rows with `text`, `gold`, `lang`)
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from bench.overlap import questions
from bench.peers import Ranker, peers
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.load import read
from bot.search.learn import from_bytes, learn, to_bytes
from bot.search.rank import Search

ROOT = Path(__file__).parents[1]

EACH = 8
"""The slowest peer needs a fifth of a second a question."""

Row = tuple[str, frozenset[str]]
"""A question and the entries that are right."""


def rows_of(files: list[str]) -> list[Row]:
    """The questions of these files, or some of the test questions."""
    if not files:
        return [
            (str(row["text"]), frozenset([entry, *row.get("also", ())]))
            for entry, rows in questions().items()
            for row in rows
        ][::EACH]
    lines = (line for name in files for line in Path(name).read_text(encoding="utf-8").splitlines())
    found = (json.loads(line) for line in lines if line.strip())
    return [
        (row["text"], frozenset(row["gold"]))
        for row in found
        if row["gold"] and row.get("lang", "pl") == "pl"
    ]


def ours(knowledge: Knowledge) -> Iterator[tuple[str, Callable[[], Ranker]]]:
    """The product's search: learnt from nothing, and read back as a start does."""
    kept: list[bytes] = []

    def learnt() -> Ranker:
        kept.append(to_bytes(learn(knowledge, lambda _line: None)))
        return _ranker(Search(knowledge, from_bytes(kept[0])))

    yield "klaster, learnt from nothing", learnt
    yield "klaster, started from what is kept", lambda: _ranker(Search(knowledge, from_bytes(kept[0])))


def _ranker(search: Search) -> Ranker:
    return lambda question: [match.entry for match in search.rank(question).matches]


def measure(name: str, build: Callable[[], Ranker], rows: list[Row]) -> str:
    """One line of the table."""
    started = time.perf_counter()
    rank = build()
    built = time.perf_counter() - started
    times, first, three = [], 0, 0
    for question, right in rows:
        started = time.perf_counter()
        ranked = rank(question)
        times.append((time.perf_counter() - started) * 1000)
        first += bool(right.intersection(ranked[:1]))
        three += bool(right.intersection(ranked[:3]))
    times.sort()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"| {name} | {first / len(rows):.1%} | {three / len(rows):.1%} | {statistics.median(times):.1f} "
        f"| {times[int(len(times) * 0.99)]:.1f} | {built:.1f} | {memory:.0f} |"
    )


def in_a_process_of_its_own(act: Callable[[], str]) -> str:
    """What `act` returns, so that each line's memory is its own."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        with open(writing, "w") as pipe:
            pipe.write(act())
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        told = pipe.read()
    os.wait()
    return told


def main() -> None:
    """Print the table."""
    knowledge = read(ROOT / "knowledge", date.today()).usable()  # noqa: DTZ011 - a measurement of today
    rows = rows_of(sys.argv[1:])
    print(f"{len(knowledge.entries)} entries, {len(rows)} questions, {date.today()}\n")  # noqa: DTZ011
    print("| | first | of three | ms median | ms p99 | built in s | most MB |\n|---|---|---|---|---|---|---|")
    for name, build in peers(knowledge):
        print(in_a_process_of_its_own(lambda name=name, build=build: measure(name, build, rows)), flush=True)  # type: ignore[misc]
    print(
        in_a_process_of_its_own(
            lambda: "\n".join(measure(name, build, rows) for name, build in ours(knowledge))
        )
    )


if __name__ == "__main__":
    main()
