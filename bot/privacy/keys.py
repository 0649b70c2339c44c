"""One secret, several keys: names for people, seals for what is kept, sessions of the web.

Whoever holds the database without the secret learns neither who wrote nor what. A bare hash
would not do that: platform ids are few enough to be tried one by one.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.messages import Chat

SECRET_BYTES = 32
"""The least length of a secret."""

_NAME_BYTES = 16
_NONCE_BYTES = 12
_FORMAT = b"\x01"


class SealBroken(Exception):
    """These bytes were not sealed with this key for this place, or have been changed since."""


class Keys:
    """The keys derived from one secret, each for one purpose. Shows nothing of them but a fingerprint."""

    __slots__ = ("_message_key", "_pseudonym", "_seal", "fingerprint", "web_session")

    def __init__(
        self, *, pseudonym: bytes, message_key: bytes, seal: bytes, web_session: bytes, fingerprint: str
    ) -> None:
        self._pseudonym = pseudonym
        self._message_key = message_key
        self._seal = AESGCM(seal)
        self.web_session = web_session
        self.fingerprint = fingerprint

    @classmethod
    def from_secret(cls, secret: bytes) -> Keys:
        """Raises ValueError when the secret is shorter than SECRET_BYTES."""
        if len(secret) < SECRET_BYTES:
            raise ValueError(f"a secret has at least {SECRET_BYTES} bytes, this one has {len(secret)}")
        return cls(
            pseudonym=_derive(secret, "pseudonym"),
            message_key=_derive(secret, "message key"),
            seal=_derive(secret, "seal"),
            web_session=_derive(secret, "web session"),
            fingerprint=_derive(secret, "fingerprint")[:8].hex(),
        )

    def __repr__(self) -> str:
        return "Keys(...)"

    def pseudonym(self, chat: Chat) -> bytes:
        """The name under which a chat is kept: the same for the same chat, and nothing without the key."""
        return _name(self._pseudonym, chat.channel, chat.id)

    def key_hash(self, chat: Chat, key: str) -> bytes:
        """What is kept of a platform's message key, so that a repeat is known again."""
        return _name(self._message_key, chat.channel, chat.id, key)

    def seal(self, data: bytes, bound_to: bytes) -> bytes:
        """Encrypt for one place: the bytes open only together with the same `bound_to`."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._seal.encrypt(nonce, data, bound_to)

    def unseal(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Raises SealBroken."""
        nonce, encrypted = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT or len(nonce) < _NONCE_BYTES:
            raise SealBroken
        try:
            return self._seal.decrypt(nonce, encrypted, bound_to)
        except InvalidTag:
            raise SealBroken from None


def joined(*parts: bytes) -> bytes:
    """The parts in one row, each after its length, so that no two rows of parts look alike."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"klaster/{purpose}/1".encode()).derive(secret)


def _name(key: bytes, *parts: str) -> bytes:
    # "surrogatepass": an id of a stranger's making must not stop us, and must not meet another id either
    message = joined(*(part.encode("utf-8", "surrogatepass") for part in parts))
    return hmac.digest(key, message, sha256)[:_NAME_BYTES]
