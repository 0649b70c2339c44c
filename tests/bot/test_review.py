from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from adapters.console.questions import as_csv, listed
from bot.ports import LoggedQuestion
from bot.review import groups

START = datetime(2026, 11, 27, 12, tzinfo=UTC)


def question(number: int, text: str, channel: str = "web") -> LoggedQuestion:
    return LoggedQuestion(
        number, START + timedelta(hours=number), channel, "pl", None, text, (("staz-pup", 0.2),)
    )


def test_the_same_question_in_other_spelling_is_one_group() -> None:
    found = groups([question(1, "Jaka pogoda?"), question(2, "inne"), question(3, "jaka POGODA", "console")])
    first = found[0]
    assert (first.number, first.count, first.channels) == (1, 2, ("console", "web"))
    assert (first.first, first.last) == (START + timedelta(hours=1), START + timedelta(hours=3))
    assert [group.number for group in found] == [1, 2]


@pytest.mark.trust("T-112")
@pytest.mark.parametrize("text", ["=1+1", "+48", "-2", "@a", " =x", "\t=x"])
def test_a_spreadsheet_computes_nothing(text: str) -> None:
    exported = as_csv(groups([question(1, text)]))
    assert exported.startswith("\ufeff")
    row = list(csv.reader(io.StringIO(exported.removeprefix("\ufeff"))))[1]
    assert row[1] == f"'{text}"


@pytest.mark.trust("T-113")
def test_a_question_forges_no_line_of_the_list() -> None:
    shown = listed(groups([question(1, "a\n2. fałszywe\x1b[2J")]))
    assert len(shown.splitlines()) == 4
    assert "\x1b" not in shown


def test_an_empty_log_says_so() -> None:
    assert listed([]) == "Nie ma pytań bez odpowiedzi."
