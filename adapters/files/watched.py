"""Tells when something in the knowledge folder has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

SETTLED_MS = 400
"""So long nothing more must change: editors and git write several files, or one file twice."""


class _Yaml(DefaultFilter):
    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(".yaml") and super().__call__(change, path)


async def changes(folder: Path) -> AsyncIterator[None]:
    """One step for each change, or several close together. Where a mounted folder gives no notice of changes, the
    environment variable WATCHFILES_FORCE_POLLING makes watchfiles look for itself."""
    async for _ in awatch(folder, watch_filter=_Yaml(), debounce=SETTLED_MS * 2, step=SETTLED_MS):
        yield
