"""Measures answer quality and speed beside a baseline, in one run. Figures are printed, never asserted.

The baseline is what one would write in an afternoon: rapidfuzz's token_set_ratio over titles, aliases and phrasings.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process, utils

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.load import read
from bot.search.learn import Learnt, from_bytes, learn, to_bytes
from bot.search.rank import Search

ROOT = Path(__file__).parents[1]
Ranker = Callable[[str], list[str]]


def questions() -> list[tuple[str, str]]:
    """The test questions with the entry that each is about."""
    found = []
    for path in sorted((ROOT / "tests" / "questions" / "pl").glob("*.yaml")):
        if path.stem not in ("none", "nocrisis"):
            rows = yaml.safe_load(path.read_text(encoding="utf-8"))
            found += [(str(row["text"]), path.stem) for row in rows]
    return found


def fuzzy_titles(knowledge: Knowledge) -> Ranker:
    """token_set_ratio over titles and aliases."""
    names = [
        (name, entry.id) for entry in knowledge.entries.values() for name in (entry.title, *entry.aliases)
    ]
    return _fuzzy(names)


def fuzzy_phrasings(knowledge: Knowledge) -> Ranker:
    """token_set_ratio over phrasings."""
    lists = knowledge.asked["pl"]
    names = [
        (text, entry)
        for entry in knowledge.entries
        for texts in lists.get(entry, {}).values()
        for text in texts
    ]
    return _fuzzy(names)


def _fuzzy(names: list[tuple[str, str]]) -> Ranker:
    texts = [utils.default_process(text) for text, _ in names]

    def rank(question: str) -> list[str]:
        found = process.extract(utils.default_process(question), texts, scorer=fuzz.token_set_ratio, limit=20)
        return list(dict.fromkeys(names[at][1] for _, _, at in found))

    return rank


def ours(knowledge: Knowledge, learnt: Learnt) -> Ranker:
    """The product's search."""
    search = Search(knowledge, learnt)
    return lambda question: [match.entry for match in search.rank(question).matches]


def measure(name: str, rank: Ranker, rows: list[tuple[str, str]]) -> None:
    """One line of the table."""
    times, first, three = [], 0, 0
    for question, entry in rows:
        started = time.perf_counter()
        ranked = rank(question)
        times.append((time.perf_counter() - started) * 1000)
        first += ranked[:1] == [entry]
        three += entry in ranked[:3]
    times.sort()
    shares = f"{first / len(rows):6.1%} {three / len(rows):6.1%}"
    print(f"{name:28} {shares} {statistics.median(times):8.2f} {times[int(len(times) * 0.99)]:8.2f}")


def main() -> None:
    """Print the table."""
    started = time.perf_counter()
    knowledge = read(ROOT / "knowledge", date.today()).usable()  # noqa: DTZ011 - a measurement of today
    loaded = time.perf_counter()
    learnt = learn(knowledge, lambda _line: None)
    trained = time.perf_counter()
    kept = to_bytes(learnt)
    read_back = time.perf_counter()
    from_bytes(kept)
    end = time.perf_counter()
    rows = questions()
    print(f"{len(knowledge.entries)} entries, {len(rows)} questions")
    print(
        f"loading {loaded - started:.2f} s, learning {trained - loaded:.1f} s, what was learnt {len(kept) / 1e6:.1f} MB,"
    )
    print(f"reading it back {end - read_back:.2f} s\n")
    print(f"{'':28} {'first':>6} {'three':>6} {'ms med':>8} {'ms p99':>8}")
    measure("rapidfuzz, titles", fuzzy_titles(knowledge), rows)
    measure("rapidfuzz, phrasings", fuzzy_phrasings(knowledge), rows)
    measure("klaster", ours(knowledge, learnt), rows)
    print(f"\nmost memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
