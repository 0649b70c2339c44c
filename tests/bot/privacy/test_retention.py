"""The table of how long each kind is kept, against the figures of docs/trust.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.privacy import retention
from bot.privacy.retention import RETENTION, month_of

DAY = timedelta(days=1)


@pytest.mark.trust("T-72", "T-73", "T-74", "T-75", "T-76", "T-77", "T-78", "T-79")
def test_the_periods_are_the_promised_ones() -> None:
    assert [(period.promise, period.kept / DAY) for period in RETENTION] == [
        ("T-72", 1),
        ("T-73", 30),
        ("T-74", 1),
        ("T-75", 30),
        ("T-75", 180),
        ("T-75", 30),
        ("T-76", 30),
        ("T-76", 396),
        ("T-77", 60),
        ("T-77", 365),
        ("T-78", 30),
        ("T-79", 730),
    ]


def test_a_period_is_over_to_the_second() -> None:
    at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert retention.TEXT.over(at) == at - DAY


@pytest.mark.trust("T-29")
@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), "2026-01"),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), "2026-02"),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "2026-07"),  # summer time
    ],
)
def test_a_month_is_polands(at: datetime, month: str) -> None:
    assert month_of(at) == month
