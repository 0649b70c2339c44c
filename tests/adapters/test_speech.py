from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import regex
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from adapters import speech
from adapters.speech import LONGEST, available, speak, spoken

CASES = [
    (case["written"], case["spoken"])
    for case in yaml.safe_load((Path(__file__).parent / "speech_cases.yaml").read_text(encoding="utf-8"))
]
PIECES = st.sampled_from(
    [
        "1\u00a0978,49\u00a0zł",
        "75 752 42 54",
        "PFRON",
        "itp.",
        "2026 r.",
        "31.12.2026",
        "(",
        ")",
        "[[",
        "\n",
        "5 %",
        ",",
    ]
)
WRITTEN = st.lists(st.text() | PIECES | st.text("0123456789 \u00a0\u202f,.-–%zł")).map("".join)


@pytest.mark.parametrize(("written", "said"), CASES)
def test_written_is_spoken(written: str, said: str) -> None:
    assert spoken(written) == said


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 40


@given(WRITTEN)
@example("9" * 5000 + ",9 zł")
@example("\ud800 \x00")
@example(" " * 5000)
def test_any_text_can_be_spoken(written: str) -> None:
    said = spoken(written)
    assert not regex.search(r"\d[\u00a0\u2007\u2009\u202f]|[\u00a0\u2007\u2009\u202f]\d", said)
    assert not regex.search(r"[\[\](){}\x00]", said)


async def test_a_voice_message_is_ogg() -> None:
    sound = await speak("Renta socjalna to 1\u00a0978,49\u00a0zł. Zadzwoń do ZUS: 22 560 16 00.")
    assert sound is not None
    assert sound.startswith(b"OggS")
    assert b"OpusHead" in sound[:100]


async def test_silence_is_no_message() -> None:
    assert await speak(" \n 📞") is None


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, for programs that only look like the real ones."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def pretend(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


async def test_missing_programs_say_nothing(programs: Path) -> None:
    assert not available()
    assert await speak("Dzień dobry") is None


def test_one_program_is_not_enough(programs: Path) -> None:
    pretend(programs, "espeak-ng", "exit 0")
    assert not available()
    pretend(programs, "opusenc", "exit 0")
    assert available()


@pytest.mark.parametrize(
    ("speaker", "packer"), [("exit 1", "/bin/cat"), ("/bin/cat", "/bin/cat; exit 1"), ("exit 0", "/bin/cat")]
)
async def test_a_failing_program_says_nothing(programs: Path, speaker: str, packer: str) -> None:
    pretend(programs, "espeak-ng", speaker)
    pretend(programs, "opusenc", packer)
    assert await speak("Dzień dobry") is None


async def test_no_more_than_the_longest_is_given_to_the_speaker(programs: Path) -> None:
    pretend(programs, "espeak-ng", "exec /bin/cat")
    pretend(programs, "opusenc", "exec /bin/cat")
    sentence = "Złóż wniosek w swoim urzędzie."
    for text in (f"{sentence} " * 1000, f"{sentence}\n" * 1000, "słowo " * 1000, "ą" * 4000):
        said = ((await speak(text)) or b"").decode()
        assert LONGEST - 40 < len(said) <= LONGEST
        assert text.startswith(said)
        assert not text.startswith("Z") or said.endswith(".")


async def test_text_never_meets_a_shell(programs: Path) -> None:
    pretend(programs, "espeak-ng", 'echo "$@"; exec /bin/cat')
    pretend(programs, "opusenc", "exec /bin/cat")
    sound = await speak("$(id); `id` -v de")
    assert sound is not None
    options, said = sound.decode().splitlines()
    assert "id" not in options.replace("--stdin", "")
    assert said == "$, id; `id` -v de"


async def test_a_slow_program_is_killed(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "LIMIT_SECONDS", 0.5)
    pretend(programs, "espeak-ng", f"echo $$ > {programs}/pid; exec /bin/sleep 60")
    pretend(programs, "opusenc", "exec /bin/cat")
    began = time.monotonic()
    assert await speak("Dzień dobry") is None
    assert time.monotonic() - began < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int((programs / "pid").read_text()), 0)
