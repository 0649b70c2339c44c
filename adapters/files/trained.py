"""Keeps what was learnt or read in a folder, one file a kind and content."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)


class TrainedFiles:
    """A folder with one file of a kind; damage is seen by a checksum in front and means "do it again"."""

    def __init__(self, folder: Path, kind: str = "npz") -> None:
        self._folder, self._kind = folder, kind

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
        """Keep the bytes, whole or not at all, and drop what was kept of older content. Without room the next start does
        the work again."""
        temporary = self._folder / f".{name}.{os.getpid()}.tmp"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(temporary, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path(name))
        except OSError as error:
            log.warning("%s cannot be kept: %s", self._path(name), error.strerror)
            temporary.unlink(missing_ok=True)
            return
        for old in self._folder.glob(f"*.{self._kind}"):
            if old != self._path(name):
                old.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.{self._kind}"
