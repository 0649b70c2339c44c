from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.language import language_of
from bot.text.normalise import MAX_CHARACTERS, admit, clean, fold, words
from bot.text.patterns import Patterns

ANY_TEXT = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Wózek dla ŻÓŁWIA", "wozek dla zolwia"),
        ("ŁÓDŹ", "lodz"),
        ("dоtacja", "dotacja"),  # the о is Cyrillic
        ("дотація", "дотація"),
        ("Straße", "strasse"),
        ("𝓐𝓑", "ab"),
        ("e\u0301", "e"),
    ],
)
def test_fold_makes_spellings_comparable(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.trust("T-106")
@given(ANY_TEXT)
def test_fold_is_total_and_idempotent(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert all(word for word in words(once))


@pytest.mark.trust("T-106", "T-108")
@given(st.text(st.characters(exclude_categories=()), max_size=5_000))
def test_clean_is_total_and_leaves_nothing_hidden(text: str) -> None:
    cleaned, _ = clean(text)
    assert len(cleaned) <= MAX_CHARACTERS
    assert not any("\ud800" <= sign <= "\udfff" or sign in "\x00\u200b\u202e\ufeff" for sign in cleaned)
    cleaned.encode()


def test_clean_says_when_something_was_cut() -> None:
    assert clean("a" * MAX_CHARACTERS) == ("a" * MAX_CHARACTERS, False)
    assert clean("a" * (MAX_CHARACTERS + 1)) == ("a" * MAX_CHARACTERS, True)
    assert clean("\ufdfa" * 1_000)[1], "one such sign becomes eighteen letters"


@pytest.mark.trust("T-32")
def test_admit_keeps_no_nul_and_no_surrogate_but_shows_that_more_was_there() -> None:
    assert admit("a\x00b\ud800c") == "abc"
    assert clean(admit("a" * 9_000))[1]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("nie chc* ~ zyc", "ja nie chcę już żyć", True),
        ("nie chc* ~ zyc", "nie chcę żyć", True),
        ("nie chc* ~ zyc", "nie chcę bardzo długo i nudno o tym żyć", False),
        ("skocz* ~ z+mostu|pod+pociag", "skoczę dziś pod pociąg", True),
        ("skocz* ~ z+mostu|pod+pociag", "skoczę pod prysznic", False),
        ("zus", "zusowi", False),
        ("zus*", "zusowi", True),
        ("do _ urzedu", "do jakiego urzędu", True),
        ("do _ urzedu", "do urzędu", False),
    ],
)
def test_patterns_find_folded_words(pattern: str, text: str, found: bool) -> None:
    assert Patterns.of([pattern]).search(" ".join(words(fold(text)))) is found


def test_no_patterns_find_nothing() -> None:
    assert not Patterns.of([]).search("a")
    assert Patterns.of([]).remove("a b") == "a b"


def test_whole_message_patterns_do_not_match_a_part() -> None:
    stop = Patterns.of(["stop"])
    assert stop.matches("stop")
    assert not stop.matches("stop teraz")


COMMON = {
    "pl": {"i", "jak", "do"},
    "de": {"ich", "und", "wie"},
    "en": {"the", "how", "to"},
    "ru": {"как", "мне"},
    "uk": {"як", "мені"},
}


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("jak dostac pieniadze", "pl"),
        ("Wie bekomme ich Hilfe", "de"),
        ("how to get help", "en"),
        ("як отримати допомогу", "uk"),
        ("Підкажіть", "uk"),
        ("как получить помощь", "ru"),
        ("że", "pl"),
        ("12345", "pl"),
        ("renta", "pl"),
    ],
)
def test_language_by_script_and_common_words(text: str, lang: str) -> None:
    assert language_of(text, COMMON) == lang
