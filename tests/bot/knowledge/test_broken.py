"""Each spoiled file beside the advice that it must produce."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.knowledge.load import assemble

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 27)
CASES = sorted((ROOT / "tests" / "broken").glob("*.yaml"))


def knowledge_files() -> dict[str, bytes]:
    folder = ROOT / "knowledge"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}


FILES = knowledge_files()


def spoiled(case: dict[str, Any]) -> bytes:
    if "repeat" in case:
        sign, times = case["repeat"]
        return str(sign).encode() * int(times)
    if "bytes" in case:
        return bytes.fromhex(str(case["bytes"]))
    return str(case["content"]).encode()


@pytest.mark.trust("T-33", "T-34", "T-35", "T-36", "T-38", "T-41", "T-42")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_spoiled_file_is_told_by_line_with_advice(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    loaded = assemble({**FILES, case["file"]: spoiled(case)}, TODAY, advice="warning" in case["expect"])
    expected = case["expect"]
    warning = bool(
        expected.get("warning")
    )  # it asks for plainer words, and the bot goes on with what there is
    found = [
        problem for problem in loaded.problems if problem.file == case["file"] and problem.warning == warning
    ]
    assert (loaded.knowledge is None) != warning
    assert any(
        problem.line == expected["line"]
        and problem.what.startswith(expected["what"])
        and problem.advice.startswith(expected["advice"])
        for problem in found
    ), [str(problem) for problem in found]


def test_there_are_enough_spoiled_files() -> None:
    assert len(CASES) >= 30


def test_all_problems_are_told_at_once() -> None:
    bad = b"id: proba\nkind: program\ntytul: x\nreview_by: kiedys\n"
    found = [problem.what for problem in assemble({**FILES, "business/proba.yaml": bad}, TODAY).problems]
    assert {"Nieznane pole „tytul”.", "Brakuje pola „title”.", "Brakuje pola „owner”."} <= set(found)
    assert any("kind" in what for what in found)
    assert any("review_by" in what for what in found)
