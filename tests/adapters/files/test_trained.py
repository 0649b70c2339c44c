from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files.trained import TrainedFiles
from bot.knowledge.knowledge import Knowledge
from bot.search.learn import Learnt, from_bytes, to_bytes
from bot.service import learnt_for


def test_what_was_saved_is_loaded_and_older_content_dropped(tmp_path: Path) -> None:
    files = TrainedFiles(tmp_path / "trained")
    assert files.load("a") is None
    files.save("a", b"one")
    files.save("b", b"two")
    assert (files.load("a"), files.load("b")) == (None, b"two")


@given(st.integers(0, 40), st.integers(0, 255))
def test_damage_is_seen(tmp_path_factory: pytest.TempPathFactory, at: int, value: int) -> None:
    folder = tmp_path_factory.mktemp("trained")
    files = TrainedFiles(folder)
    files.save("a", b"something learnt")
    path = folder / "a.npz"
    kept = bytearray(path.read_bytes())
    changed = kept[at] != value
    kept[at] = value
    path.write_bytes(kept)
    assert (files.load("a") is None) is changed


def test_it_is_learnt_anew_only_when_the_content_changed(
    knowledge: Knowledge, trained_folder: Path, engine: object
) -> None:
    told: list[str] = []
    learnt = learnt_for(knowledge, TrainedFiles(trained_folder), told.append)
    assert told == []
    again = from_bytes(to_bytes(learnt))
    assert isinstance(again, Learnt)
    assert again.topic.classes == learnt.topic.classes
    assert again.topic.probabilities(["w:pfron"]).tolist() == learnt.topic.probabilities(["w:pfron"]).tolist()


@pytest.mark.parametrize("data", [b"", b"PK", b"\x93NUMPY", b"x" * 1000])
def test_other_bytes_are_not_taken_for_it(data: bytes) -> None:
    with pytest.raises(ValueError, match="learnt"):
        from_bytes(data)
