"""What was read is kept by content: the same knowledge comes of it, and every problem has its line all the same."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.knowledge.load import read
from tests.conftest import ROOT, TODAY


@dataclass
class Kept:
    """In memory; `asked` counts."""

    data: dict[str, bytes] = field(default_factory=dict)
    hits: int = 0

    def load(self, name: str) -> bytes | None:
        found = self.data.get(name)
        self.hits += found is not None
        return found

    def save(self, name: str, data: bytes) -> None:
        self.data = {name: data}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge"))


def test_the_same_knowledge_comes_of_what_was_kept(folder: Path) -> None:
    kept = Kept()
    first = read(folder, TODAY, phrasings=False, kept=kept).usable()
    again = read(folder, TODAY, phrasings=False, kept=kept).usable()
    assert kept.hits == 1
    assert again == first
    assert again == read(folder, TODAY, phrasings=False).usable()


def test_a_change_is_read_anew_and_a_mistake_has_its_line(folder: Path) -> None:
    kept = Kept()
    read(folder, TODAY, phrasings=False, kept=kept)
    path = folder / "about" / "zglos-blad.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("owner: kson", "owner: nikt"), encoding="utf-8")
    loaded = read(folder, TODAY, phrasings=False, kept=kept)
    assert loaded.knowledge is None
    assert [(problem.file, problem.line) for problem in loaded.problems] == [("about/zglos-blad.yaml", 4)]
    assert kept.hits == 0


@pytest.mark.parametrize("damage", [b"", b"[]", b"nonsense", b'{"about/zglos-blad.yaml": 3}'])
def test_damage_means_that_yaml_is_read(damage: bytes, folder: Path) -> None:
    kept = Kept()
    first = read(folder, TODAY, phrasings=False, kept=kept).usable()
    kept.data = dict.fromkeys(kept.data, damage)
    assert read(folder, TODAY, phrasings=False, kept=kept).usable() == first
