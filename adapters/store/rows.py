"""Between values and what is kept of them: sealed bytes, each bound to its own row and column.

A seal that is moved to another row, or changed, does not open: a damaged row is skipped, never obeyed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.dialogue.conversation import (
    Conversation,
    dump_conversation,
    dump_reply,
    load_conversation,
    load_reply,
)
from bot.messages import Chat, Message, Reply
from bot.privacy.keys import Keys, joined


@dataclass(frozen=True, slots=True)
class Seals:
    """Seals and opens the columns of the tables. Everything that opens raises SealBroken."""

    keys: Keys

    def address(self, table: str, identity: bytes, chat: Chat, key: str) -> bytes:
        """Where an answer goes: the platform's id of the chat, and the message it answers."""
        return self._seal(table, "address", identity, json.dumps([chat.id, key]).encode())

    def open_address(self, table: str, identity: bytes, channel: str, sealed: bytes) -> tuple[Chat, str]:
        id, key = json.loads(self._unseal(table, "address", identity, sealed))
        return Chat(channel, id), key

    def body(self, identity: bytes, message: Message) -> bytes:
        """What was written or tapped."""
        body = json.dumps([message.text, message.choice, message.lang]).encode()
        return self._seal("inbox", "body", identity, body)

    def open_message(self, identity: bytes, channel: str, address: bytes, body: bytes) -> Message:
        chat, key = self.open_address("inbox", identity, channel, address)
        text, choice, lang = json.loads(self._unseal("inbox", "body", identity, body))
        return Message(chat, key, text, choice, lang)

    def reply(self, identity: bytes, reply: Reply) -> bytes:
        return self._seal("outbox", "reply", identity, dump_reply(reply))

    def open_reply(self, identity: bytes, sealed: bytes) -> Reply:
        return load_reply(self._unseal("outbox", "reply", identity, sealed))

    def conversation(self, person: bytes, conversation: Conversation) -> bytes:
        return self._seal("conversations", "state", person, dump_conversation(conversation))

    def open_conversation(self, person: bytes, sealed: bytes | None) -> Conversation:
        return load_conversation(
            None if sealed is None else self._unseal("conversations", "state", person, sealed)
        )

    def _seal(self, table: str, column: str, identity: bytes, data: bytes) -> bytes:
        return self.keys.seal(data, _place(table, column, identity))

    def _unseal(self, table: str, column: str, identity: bytes, sealed: bytes) -> bytes:
        return self.keys.unseal(sealed, _place(table, column, identity))


def inbox_identity(channel: str, person: bytes, key_hash: bytes) -> bytes:
    """What makes a message's row this one and no other."""
    return joined(channel.encode(), person, key_hash)


def outbox_identity(channel: str, person: bytes, key_hash: bytes, token: str) -> bytes:
    """What makes a reply's row this one and no other."""
    return joined(channel.encode(), person, key_hash, token.encode())


def _place(table: str, column: str, identity: bytes) -> bytes:
    return joined(table.encode(), column.encode(), identity)
