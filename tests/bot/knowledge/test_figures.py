from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.knowledge.figures import Figure, figure_on, parse_formula
from bot.knowledge.wording import literal_amounts, long_date, number, tell


def figure(*rows: tuple[str, str, str | None], status: str = "announced") -> Figure:
    points = [
        {
            "value": value,
            "from": start,
            "until": until,
            "source": "GUS",
            "checked": "2026-11-23",
            "status": status,
        }
        for value, start, until in rows
    ]
    return Figure.model_validate({"label": "Kwota", "unit": "zł", "ask": "w ZUS", "series": points})


def formula(text: str) -> Figure:
    return Figure.model_validate({"label": "Wzór", "unit": "zł", "ask": "w urzędzie", "formula": text})


WAGE = figure(
    ("100", "2025-01-01", "2025-06-30"), ("200.5", "2025-07-01", None), ("300", "2026-01-01", "2026-03-31")
)
FIGURES = {
    "pensja": WAGE,
    "szesc": formula("6 * pensja"),
    "pol": formula("(pensja + 1) / 3"),
    "znow": formula("szesc - pensja"),
}


@pytest.mark.parametrize(
    ("day", "value", "held_until", "holds_from"),
    [
        ("2024-12-31", "100", None, "2025-01-01"),
        ("2025-01-01", "100", None, None),
        ("2025-06-30", "100", None, None),
        ("2025-07-01", "200.5", None, None),
        ("2025-12-31", "200.5", None, None),
        ("2026-01-01", "300", None, None),
        ("2026-04-01", "300", "2026-03-31", None),
        ("2036-01-01", "300", "2026-03-31", None),
    ],
)
def test_value_of_a_day(day: str, value: str, held_until: str | None, holds_from: str | None) -> None:
    amount = figure_on(FIGURES, "pensja", date.fromisoformat(day))
    assert amount.value == Decimal(value)
    assert amount.held_until == (held_until and date.fromisoformat(held_until))
    assert amount.holds_from == (holds_from and date.fromisoformat(holds_from))


@pytest.mark.parametrize(
    ("day", "last"),
    [("2025-06-30", None), ("2025-12-31", None), ("2026-03-31", "2026-03-31"), ("2026-04-01", None)],
)
def test_only_a_value_without_a_successor_has_a_last_day(day: str, last: str | None) -> None:
    for name in ("pensja", "szesc"):
        assert figure_on(FIGURES, name, date.fromisoformat(day)).last_day == (
            last and date.fromisoformat(last)
        )


def test_computed_value_follows_its_inputs_and_ends_with_them() -> None:
    assert figure_on(FIGURES, "szesc", date(2025, 8, 1)).value == Decimal("1203.00")
    assert figure_on(FIGURES, "pol", date(2025, 8, 1)).value == Decimal("67.17"), "half up to the grosz"
    late = figure_on(FIGURES, "znow", date(2030, 1, 1))
    assert (late.value, late.held_until) == (Decimal("1500.00"), date(2026, 3, 31))


@given(st.dates(date(2020, 1, 1), date(2036, 12, 31)))
def test_computed_value_always_equals_its_formula(day: date) -> None:
    wage, six = figure_on(FIGURES, "pensja", day), figure_on(FIGURES, "szesc", day)
    assert six.value == 6 * wage.value
    assert (six.held_until, six.holds_from) == (wage.held_until, wage.holds_from)


@given(st.integers(0, 6_000))
def test_an_expired_or_coming_amount_is_never_told_as_current(days: int) -> None:
    day = date(2020, 1, 1) + timedelta(days=days)
    amount = figure_on(FIGURES, "szesc", day)
    (told,), notes = tell(["Do $(szesc) zł."], FIGURES, day)
    if amount.held_until:
        assert long_date(amount.held_until) in told
        assert notes == ["Nowszej kwoty jeszcze nie znam. Sprawdź ją w urzędzie."]
    elif amount.holds_from:
        assert f"od {long_date(amount.holds_from)}" in told
    elif amount.last_day and amount.last_day - day <= timedelta(days=30):
        assert told == f"Do {number(amount.value)}\u00a0zł (do {long_date(amount.last_day)})."
    else:
        assert told == f"Do {number(amount.value)}\u00a0zł."
        assert not notes


def test_an_estimate_never_goes_without_its_word() -> None:
    figures = {
        "prognoza": figure(("10", "2026-01-01", None), status="estimated"),
        "dwa": formula("2 * prognoza"),
    }
    for name in figures:
        assert "szacunek" in tell([f"$({name}) zł"], figures, date(2026, 5, 1))[0][0]


@pytest.mark.trust("T-40")
@given(st.text(st.sampled_from("$(){}%s.0_a-b razyzł "), max_size=40))
def test_nothing_but_a_reference_is_looked_into(text: str) -> None:
    told, _ = tell([text.replace("$(", "$[")], FIGURES, date(2025, 8, 1))
    assert told == [text.replace("$(", "$[")]


@pytest.mark.trust("T-41")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "6 *",
        "6 ** 2",
        "a b",
        "(a",
        "a)",
        "import os",
        "a.b",
        "1e9",
        "a-",
        "9" * 40,
        "(" * 50 + "1" + ")" * 50,
    ],
)
def test_a_formula_is_numbers_ids_and_four_operators_or_nothing(text: str) -> None:
    with pytest.raises(Exception, match="wzoru"):
        parse_formula(text)


def test_overlapping_values_are_refused() -> None:
    with pytest.raises(ValidationError, match="zachodzi"):
        figure(("1", "2026-01-01", "2026-06-30"), ("2", "2026-06-01", None))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("do 500 zł", True),
        ("do 55 398,78 zł", True),
        ("50 tys. zł", True),
        ("300 000 euro", True),
        ("80% kosztów", True),
        ("80 procent", True),
        ("6 razy więcej", True),
        ("15-krotność", True),
        ("€ 20", True),
        ("12 miesięcy i 14 dni, 2 osoby", False),
        ("art. 12a, 31 sierpnia 2026", False),
        ("tel. 75 752 42 54", False),
        ("$(pensja) zł i $(pol) razy", False),
    ],
)
def test_amounts_written_as_digits_are_found(text: str, found: bool) -> None:
    assert bool(literal_amounts(text)) is found


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("500", "500"),
        ("1978.49", "1\u00a0978,49"),
        ("55398.78", "55\u00a0398,78"),
        ("4806.50", "4\u00a0806,50"),
    ],
)
def test_numbers_as_poles_write_them(value: str, shown: str) -> None:
    assert number(Decimal(value)) == shown
