"""Names and seals: the same for the same secret for ever, nothing without it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Chat
from bot.privacy.keys import Keys, SealBroken, joined

SECRET = bytes(range(32))
KEYS = Keys.from_secret(SECRET)
ANNA = Chat("telegram", "123456789")


@pytest.mark.trust("T-50")
def test_known_answers() -> None:
    """A change here means that nobody is recognised any more and nothing opens."""
    assert KEYS.pseudonym(ANNA).hex() == "147f8571bdcfa338fa163690404b9c68"
    assert KEYS.key_hash(ANNA, "42").hex() == "1e0e2ee5f63360efdf99097dd05ccf56"
    assert KEYS.fingerprint == "a706c8e1fa0107a6"
    assert KEYS.web_session.hex() == "d97440ddbbcdf5b4b431aa0d7f0157c3771dd6d4dd58b6080f743d474ddc8fb2"
    sealed = bytes.fromhex("012172a2db82913b320d12d523b31c37daa0fd275263d551a969e23810b203ac")
    assert KEYS.unseal(sealed, b"x") == b"abc"


@pytest.mark.trust("T-50")
def test_a_pseudonym_is_hkdf_and_hmac_over_prefixed_lengths() -> None:
    extracted = hmac.digest(bytes(32), SECRET, hashlib.sha256)
    key = hmac.digest(extracted, b"klaster/pseudonym/1\x01", hashlib.sha256)
    message = (8).to_bytes(8, "big") + b"telegram" + (9).to_bytes(8, "big") + b"123456789"
    assert KEYS.pseudonym(ANNA) == hmac.digest(key, message, hashlib.sha256)[:16]


@pytest.mark.trust("T-50")
def test_every_purpose_has_a_key_of_its_own() -> None:
    chat = Chat("a", "b")
    names = {
        KEYS.pseudonym(chat),
        KEYS.key_hash(chat, ""),
        KEYS.web_session[:16],
        bytes.fromhex(KEYS.fingerprint),
    }
    assert len(names) == 4


@given(st.lists(st.binary(max_size=4), max_size=3), st.lists(st.binary(max_size=4), max_size=3))
def test_parts_put_together_differ_where_the_parts_differ(one: list[bytes], other: list[bytes]) -> None:
    assert (joined(*one) == joined(*other)) == (one == other)


@given(st.text(), st.text())
def test_any_id_has_a_pseudonym(channel: str, id: str) -> None:
    assert len(KEYS.pseudonym(Chat(channel, id + "\ud800"))) == 16


@given(st.binary(), st.binary())
def test_what_is_sealed_opens_again_in_its_place(data: bytes, place: bytes) -> None:
    assert KEYS.unseal(KEYS.seal(data, place), place) == data


@pytest.mark.trust("T-52")
def test_a_seal_opens_neither_elsewhere_nor_with_another_key() -> None:
    sealed = KEYS.seal(b"tajne", b"here")
    for keys, place in ((KEYS, b"there"), (Keys.from_secret(b"k" * 32), b"here")):
        with pytest.raises(SealBroken):
            keys.unseal(sealed, place)


@pytest.mark.trust("T-24", "T-52")
def test_one_changed_or_missing_bit_breaks_the_seal() -> None:
    sealed = KEYS.seal(b"tajne", b"here")
    flipped = (
        sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
        for place in range(len(sealed))
        for bit in range(8)
    )
    for spoiled in (*flipped, *(sealed[:length] for length in range(len(sealed)))):
        with pytest.raises(SealBroken):
            KEYS.unseal(spoiled, b"here")


def test_the_same_words_are_sealed_differently_each_time() -> None:
    assert KEYS.seal(b"tak", b"") != KEYS.seal(b"tak", b"")


@pytest.mark.trust("T-100")
def test_keys_show_nothing_of_themselves() -> None:
    assert repr(KEYS) == str(KEYS) == "Keys(...)"


@pytest.mark.trust("T-100")
def test_a_short_secret_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match=r"^a secret has at least 32 bytes, this one has 5$"):
        Keys.from_secret(b"12345")
