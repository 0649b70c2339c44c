"""What an editor is told: what is broken first, what grows old by owner and by how many people meet it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from adapters.console.check import addresses, as_json, link_problems, report
from adapters.links import Verdict
from bot.knowledge.load import Loaded, assemble

ROOT = Path(__file__).parents[3]
FILES = {
    path.relative_to(ROOT / "knowledge").as_posix(): path.read_bytes()
    for path in (ROOT / "knowledge").rglob("*.yaml")
}
FAR = date(2028, 1, 1)
"""By then every review date of today's knowledge has passed."""


def loaded_on(day: date, **changed: bytes) -> Loaded:
    return assemble({**FILES, **changed}, day, advice=True)


def test_what_grows_old_stands_under_its_owner_most_told_first() -> None:
    told = {"zaz": 7, "wtz": 50, "alma": 3}
    lines = list(report(loaded_on(FAR), told))
    heads = [line for line in lines if line.startswith("Do odświeżenia, opiekun ")]
    assert any("opiekun kson" in head for head in heads)
    assert heads == sorted(heads)
    kson = lines[lines.index(next(head for head in heads if "opiekun kson" in head)) + 1 :]
    at = {name: next(i for i, line in enumerate(kson) if f"/{name}.yaml:" in line) for name in told}
    assert at["wtz"] < at["zaz"] < at["alma"]
    assert "pokazano 50 razy" in kson[at["wtz"]]


def test_the_summary_counts_entries_facts_figures_and_sources() -> None:
    *_, amounts, counts = report(loaded_on(date(2026, 11, 27)), {})
    for word in ("Wpisów: ", "faktów: ", "kwot: ", "źródeł: ", "pytań ludzi: "):
        assert word in amounts
    assert counts.startswith("Błędów: 0, uwag: ")


def test_problems_as_json_name_file_line_and_advice() -> None:
    rows = json.loads(as_json(loaded_on(FAR).problems))
    assert {"file", "line", "what", "advice", "warning", "owner", "entries"} == set(rows[0])


def test_a_dead_address_is_told_at_every_place_where_it_stands() -> None:
    loaded = loaded_on(date(2026, 11, 27))
    knowledge = loaded.usable()
    places = addresses(knowledge)
    url, where = max(places.items(), key=lambda item: len(item[1]))
    found = link_problems(
        loaded, knowledge, [Verdict(url, "gone", "404"), Verdict(min(places), "fine", "200")]
    )
    assert len(found) == len(where) > 1
    for problem in found:
        assert problem.warning
        line = FILES[problem.file].decode().splitlines()[problem.line - 1]
        assert url in line or line.strip().startswith("- ")
