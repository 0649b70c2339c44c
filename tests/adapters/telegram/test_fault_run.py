"""A small run of tests/telegram/fault_run; the whole one is `python -m tests.telegram.fault_run`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.telegram.fault_run import prepared, run


@pytest.mark.trust("T-01", "T-02", "T-09", "T-146", "T-154")
async def test_every_message_is_answered_in_order_and_never_thrice(
    tmp_path: Path, trained_folder: Path, engine: object
) -> None:
    found = await run(160, 40, 3, prepared(tmp_path, trained_folder))
    assert (found.lost, found.disordered, found.thrice, found.twice_without_reason) == (0, 0, 0, 0), (
        found.report()
    )
