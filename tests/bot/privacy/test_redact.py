from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.privacy.redact import redact

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "redact_cases.yaml").read_text(encoding="utf-8"))
TRAPS = yaml.safe_load((HERE / "redact_traps.yaml").read_text(encoding="utf-8"))
KNOWN = frozenset({"112", "116 123", "800 70 2222", "75 752 42 54", "info@kson.pl"})


@pytest.mark.trust(
    "T-53", "T-54", "T-55", "T-56", "T-57", "T-58", "T-59", "T-60", "T-61", "T-62", "T-63", "T-64", "T-65"
)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:30])
def test_what_tells_who_wrote_is_masked_by_its_kind(case: dict[str, Any]) -> None:
    masked = redact(case["text"], KNOWN)
    assert case["mask"] in masked
    assert not [part for part in case["gone"] if part in masked]


@pytest.mark.trust("T-66")
@pytest.mark.parametrize("text", TRAPS)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redact(text, KNOWN) == text


def test_contacts_of_the_knowledge_stay() -> None:
    text = "czy 75 752 42 54 i info@kson.pl są aktualne"
    assert redact(text, KNOWN) == text


@pytest.mark.trust("T-53", "T-106")
@given(st.text(max_size=300))
def test_redaction_is_total_and_idempotent(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(st.lists(st.sampled_from(["", " ", "-", ".", "\u200b", "\u00a0"]), min_size=10, max_size=10))
def test_a_pesel_survives_behind_no_separators(separators: list[str]) -> None:
    number = "".join(digit + gap for digit, gap in zip("44051401359", [*separators, ""], strict=True))
    assert not any(sign.isdigit() for sign in redact(f"mój {number} numer"))


@pytest.mark.trust("T-107")
@settings(max_examples=30, deadline=20_000)
@given(
    st.sampled_from(
        ["1", "1 ", "a", "a.", "@", "ul. ", "a@", "nazywam się ", "AB1 ", "mieszkam na ", "-", "pesel "]
    )
)
def test_long_attacks_end(part: str) -> None:
    text = (part * 50_000)[:50_000]
    assert len(redact(text)) <= len(text) * 12
