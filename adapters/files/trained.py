"""Keeps what the search has learnt in a folder, one file a content."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


class TrainedFiles:
    """A folder with one archive; damage is seen by a checksum in front and means "learn again"."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, name: str) -> bytes | None:
        """The bytes kept under this name; None where there are none or they are damaged."""
        try:
            kept = self._path(name).read_bytes()
        except OSError:
            return None
        checksum, data = kept[:32], kept[32:]
        return data if hashlib.sha256(data).digest() == checksum else None

    def has(self, name: str) -> bool:
        """Is something kept under this name, whole or not?"""
        return self._path(name).exists()

    def save(self, name: str, data: bytes) -> None:
        """Keep the bytes, whole or not at all, and drop what was learnt from older content."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self._folder / f".{name}.{os.getpid()}.tmp"
        with open(temporary, "wb") as file:
            file.write(hashlib.sha256(data).digest() + data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path(name))
        for old in self._folder.glob("*.npz"):
            if old != self._path(name):
                old.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.npz"
