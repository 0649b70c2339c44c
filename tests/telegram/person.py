"""People and groups at the other end of the emulated Telegram.

A person can only do what a person with an ordinary Telegram app can do: press buttons that are there, answer
messages that were not deleted, write where she is a member.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.telegram.emulator import BotApi, Chat, Json, Stored, found_entities, member, units


class Button(NamedTuple):
    """A button under a message: what it says, and what it does."""

    label: str
    data: str | None = None
    url: str | None = None


class Tap(NamedTuple):
    """A press on a button: the update it made, and the callback query that waits for an answer."""

    update_id: int
    query_id: str


@dataclass(frozen=True)
class Sent:
    """A message of the bot as it is now.

    `text` is what people see (a caption for files), `html` the source as the bot sent it, `buttons` the rows of
    the inline keyboard, `choices` the labels of the keyboard in place of the letters, `time` the
    `time.monotonic()` of its first appearance.
    """

    message_id: int
    text: str
    html: str
    buttons: list[list[Button]]
    choices: list[str]
    reply_to: int | None
    time: float
    edits: int
    silent: bool
    kind: str
    file_name: str
    content: bytes
    raw: Json

    @property
    def labels(self) -> list[str]:
        """What the buttons say, row by row."""
        return [button.label for row in self.buttons for button in row]

    @property
    def voice(self) -> bytes | None:
        """The sound of a voice message."""
        return self.content if self.kind == "voice" else None

    @property
    def document(self) -> bytes | None:
        """The content of a document."""
        return self.content if self.kind == "document" else None


Wanted = int | Callable[[list[Sent]], bool]


def as_sent(message_id: int, stored: Stored) -> Sent:
    """A stored message as a person sees it."""
    raw = stored.content
    rows = raw.get("reply_markup", {}).get("inline_keyboard", [])
    keyboard = (stored.keyboard or {}).get("keyboard", [])
    kind = next((name for name in ("text", "voice", "document") if name in raw), "")
    return Sent(
        message_id=message_id,
        text=str(raw.get("text", raw.get("caption", ""))),
        html=stored.html,
        buttons=[
            [Button(one["text"], one.get("callback_data"), one.get("url")) for one in row] for row in rows
        ],
        choices=[one["text"] for row in keyboard for one in row],
        reply_to=raw.get("reply_to_message", {}).get("message_id"),
        time=stored.time,
        edits=stored.edits,
        silent=stored.silent,
        kind=kind,
        file_name=stored.file.name if stored.file else "",
        content=stored.file.content if stored.file else b"",
        raw=raw,
    )


class Person:
    """Someone who talks with the bot, in private or (with `chat_id`) in a group.

    A chat exists for the bot only once the person has written; `known=True` says that she did before the test.
    """

    def __init__(
        self,
        api: BotApi,
        user_id: int,
        *,
        chat_id: int | None = None,
        first_name: str = "Ada",
        language_code: str = "pl",
        username: str = "",
        known: bool = False,
    ) -> None:
        self.api = api
        self.id = user_id
        self.user: Json = {
            "id": user_id,
            "is_bot": False,
            "first_name": first_name,
            "language_code": language_code,
        } | ({"username": username} if username else {})
        api.users[user_id] = self.user
        self.chat: Chat = api.chat(user_id if chat_id is None else chat_id, "private")
        if self.chat.kind == "private":
            self.chat.members.setdefault(user_id, "member")
            self.chat.started = self.chat.started or known

    # what she sees

    @property
    def seen(self) -> list[Sent]:
        """The bot's messages in this chat, in order, as they are now."""
        return [as_sent(number, one) for number, one in self.chat.messages.items() if one.by_bot]

    @property
    def last(self) -> Sent:
        """The bot's newest message."""
        seen = self.seen
        assert seen, "the bot has not written yet"
        return seen[-1]

    @property
    def texts(self) -> list[str]:
        """The texts of the bot's messages, in order."""
        return [sent.text for sent in self.seen]

    async def wait_for(self, wanted: Wanted, seconds: float = 10.0) -> list[Sent]:
        """Wait until the bot has written so many messages in all, or until the messages are as wanted."""
        seen: list[Sent] = []

        def come() -> bool:
            seen[:] = self.seen
            return len(seen) >= wanted if isinstance(wanted, int) else wanted(seen)

        await self._until(come, seconds, lambda: f"wanted {wanted}, seen {[one.text for one in self.seen]}")
        return seen

    async def wait_for_answer(self, tap: Tap, seconds: float = 10.0) -> None:
        """Wait until the bot has answered the callback query of a tap."""
        await self._until(lambda: self.answer_of(tap), seconds, lambda: f"{tap} was not answered")

    async def _until(self, come: Callable[[], bool], seconds: float, failing: Callable[[], str]) -> None:
        try:
            async with asyncio.timeout(seconds), self.chat.changed:
                await self.chat.changed.wait_for(come)
        except TimeoutError:
            raise AssertionError(f"after {seconds} s: {failing()}") from None

    def answer_of(self, tap: Tap) -> bool:
        """Whether the bot answered the callback query of a tap."""
        return bool(self.api.callbacks[tap.query_id].answers)

    def notice_of(self, tap: Tap) -> str:
        """What the bot's answer to a tap said, or nothing."""
        texts = [answer.get("text") for answer in self.api.callbacks[tap.query_id].answers]
        return next((text for text in texts if text), "")

    # what she does

    def say(
        self,
        text: str,
        reply_to: Sent | int | None = None,
        *,
        mentions: Mapping[str, Person] | None = None,
    ) -> int:
        """Write a text and return the update's id (0 if the bot does not get it).

        `mentions` names people without a username by a word of the text.
        """
        assert 1 <= units(text) <= 4096, "the app sends no such text"
        entities = found_entities(text)
        for word, person in (mentions or {}).items():
            place = {"offset": units(text[: text.index(word)]), "length": units(word)}
            entities.append({"type": "text_mention", **place, "user": person.user})
        entities.sort(key=lambda entity: int(entity["offset"]))
        return self._write({"text": text} | ({"entities": entities} if entities else {}), reply_to)

    def type_choice(self, choice: str | int, message: Sent | int | None = None) -> int:
        """Type what a button says, or its number from 1 on, instead of pressing it.

        The button must be there: under the message, or on the keyboard in place of the letters.
        """
        offered = [sent for sent in reversed(self.seen) if sent.labels or sent.choices]
        if message is not None:
            offered = [sent for sent in offered if sent.message_id == _number(message)]
        assert offered, "there is nothing to choose from"
        labels = offered[0].labels + offered[0].choices
        if isinstance(choice, int):
            assert 1 <= choice <= len(labels), f"there are {len(labels)} choices: {labels}"
        else:
            assert choice in labels, f"no choice {choice!r} among {labels}"
        return self.say(str(choice))

    def tap(self, choice: str | int, message: Sent | int | None = None) -> Tap:
        """Press a button by its label or by its place from 0 on: of that message, or of the newest that has it."""
        sent, button = self._button(choice, message)
        assert button.data is not None, f"{button.label!r} opens {button.url}, which the bot does not notice"
        query_id = str(7_000_000_000_000 + self.api.new_id())
        query = {
            "id": query_id,
            "from": self.user,
            "message": sent.raw,
            "chat_instance": str(self.chat.id),
            "data": button.data,
        }
        self.api.callback(query_id, self.chat)
        return Tap(self.api.push("callback_query", query, self.chat.id), query_id)

    def _button(self, choice: str | int, message: Sent | int | None) -> tuple[Sent, Button]:
        offered = [sent for sent in reversed(self.seen) if sent.buttons]
        if message is not None:
            offered = [sent for sent in offered if sent.message_id == _number(message)]
        for sent in offered:
            buttons = [button for row in sent.buttons for button in row]
            if isinstance(choice, int):
                if -len(buttons) <= choice < len(buttons):
                    return sent, buttons[choice]
            elif choice in sent.labels:
                return sent, buttons[sent.labels.index(choice)]
        raise AssertionError(f"no button {choice!r} among {[sent.labels for sent in offered]}")

    def edit(self, message: int, text: str) -> int:
        """Change an earlier message of her own, given by its message id."""
        stored = self.chat.messages.get(message)
        assert stored is not None, "this message is gone"
        assert stored.content["from"]["id"] == self.id, "only one's own messages can be changed"
        stored.content = {k: v for k, v in stored.content.items() if k != "entities"} | {
            "text": text,
            "edit_date": int(self.api.clock()),
        }
        if entities := found_entities(text):
            stored.content["entities"] = entities
        return self._deliver("edited_message", stored.content)

    @property
    def own_messages(self) -> list[int]:
        """The ids of the messages she wrote here, in order."""
        return [number for number, one in self.chat.messages.items() if one.content["from"]["id"] == self.id]

    def send_voice(
        self, sound: bytes = b"OggS", *, seconds: int = 3, reply_to: Sent | int | None = None
    ) -> int:
        """Send a voice message."""
        file = self.api.keep("voice.oga", sound, "voice")
        body = file.described() | {"duration": seconds, "mime_type": "audio/ogg"}
        return self._write({"voice": body}, reply_to)

    def send_photo(self, picture: bytes = b"JPEG", *, caption: str = "") -> int:
        """Send a picture."""
        size = self.api.keep("photo.jpg", picture, "photos").described() | {"width": 90, "height": 60}
        return self._write({"photo": [size]} | _captioned(caption))

    def send_sticker(self, emoji: str = "👍") -> int:
        """Send a sticker."""
        kind = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
        file = self.api.keep("sticker.webp", b"WEBP", "stickers")
        return self._write({"sticker": file.described() | kind | {"emoji": emoji}})

    def send_document(
        self,
        content: bytes = b"%PDF",
        *,
        name: str = "pismo.pdf",
        mime: str = "application/pdf",
        caption: str = "",
    ) -> int:
        """Send a file."""
        body = self.api.keep(name, content).described() | {"file_name": name, "mime_type": mime}
        return self._write({"document": body} | _captioned(caption))

    def send_location(self, latitude: float = 51.94, longitude: float = 15.5) -> int:
        """Send a place on the map."""
        return self._write({"location": {"latitude": latitude, "longitude": longitude}})

    def send_contact(self, phone: str = "+48600000000", first_name: str = "Ada") -> int:
        """Send a phone number as a contact."""
        return self._write({"contact": {"phone_number": phone, "first_name": first_name}})

    def inline(self, query: str) -> str:
        """Ask the bot from another chat's input line; returns the query's id, see `inline_results`."""
        query_id = str(8_000_000_000_000 + self.api.new_id())
        self.api.inline_query(query_id, self.chat)
        content = {"id": query_id, "from": self.user, "query": query, "offset": "", "chat_type": "private"}
        self.api.push("inline_query", content, self.id)
        return query_id

    def inline_results(self, query_id: str) -> list[Json] | None:
        """What the bot offered for an inline query, or None if it has not answered."""
        answers = self.api.inline_queries[query_id].answers
        return list(answers[-1]["results"]) if answers else None

    async def wait_for_inline(self, query_id: str, seconds: float = 10.0) -> list[Json]:
        """Wait until the bot has answered an inline query, and return what it offered."""
        await self._until(
            lambda: self.inline_results(query_id) is not None, seconds, lambda: f"{query_id} was not answered"
        )
        return self.inline_results(query_id) or []

    def block(self) -> int:
        """Block the bot."""
        assert self.chat.kind == "private", "only private chats can be blocked"
        self.chat.blocked = True
        return self._membership("member", "kicked")

    def unblock(self) -> int:
        """Let the bot write again."""
        self.chat.blocked = False
        return self._membership("kicked", "member")

    def delete_seen(self, message: Sent | int) -> None:
        """Delete a message for both sides."""
        del self.chat.messages[_number(message)]

    def _membership(self, before: str, after: str) -> int:
        return bot_moved(self.api, self.chat, self.user, before, after)

    def _write(self, body: Json, reply_to: Sent | int | None = None) -> int:
        if self.chat.kind == "private":
            assert not self.chat.blocked, "she has blocked the bot"
            self.chat.started = True
        else:
            assert self.chat.members.get(self.id) == "member", "she is not in this group"
        if reply_to is not None:
            target = self.chat.messages.get(_number(reply_to))
            assert target is not None, "the message she answers is gone"
            quoted = {name: value for name, value in target.content.items() if name != "reply_to_message"}
            body = body | {"reply_to_message": quoted}
        return self._deliver("message", self.api.put(self.chat, self.user, body).content)

    def _deliver(self, kind: str, content: Json) -> int:
        """Make the update, unless the bot cannot hear it."""
        if self.chat.kind != "private":
            if self.chat.bot_status not in ("member", "administrator"):
                return 0
            if self.api.privacy_mode and self.chat.bot_status == "member" and not self._meant(content):
                return 0
        return self.api.push(kind, content, self.chat.id)

    def _meant(self, content: Json) -> bool:
        """Whether a bot in privacy mode gets a group's message: commands, mentions, and answers to it."""
        name = f"@{self.api.me['username']}".lower()
        text = str(content.get("text", content.get("caption", "")))
        if content.get("reply_to_message", {}).get("from", {}).get("id") == self.api.me["id"]:
            return True
        if name in text.lower():
            return True
        commands = [one for one in content.get("entities", []) if one["type"] == "bot_command"]
        return any("@" not in _piece(text, one) for one in commands)


class Group:
    """A group that the bot is in."""

    def __init__(self, api: BotApi, chat_id: int, title: str = "Grupa", kind: str = "supergroup") -> None:
        assert chat_id < 0, "groups have negative ids"
        self.api = api
        self.chat = api.chat(chat_id, kind, title)

    @property
    def seen(self) -> list[Sent]:
        """The bot's messages in the group, in order."""
        return [as_sent(number, one) for number, one in self.chat.messages.items() if one.by_bot]

    def join(self, person: Person) -> Person:
        """Let someone in, and return her as she is in this group."""
        self.chat.members[person.id] = "member"
        self._notice({"new_chat_members": [person.user]}, person.user)
        return self._inside(person)

    def leave(self, person: Person) -> None:
        """Let someone go."""
        self._notice({"left_chat_member": person.user}, person.user)
        self.chat.members[person.id] = "left"

    def add_bot(self, by: Person) -> int:
        """Let the bot in (again)."""
        before, self.chat.bot_status = self.chat.bot_status, "member"
        return bot_moved(self.api, self.chat, by.user, before, "member")

    def kick_bot(self, by: Person) -> int:
        """Throw the bot out."""
        before, self.chat.bot_status = self.chat.bot_status, "kicked"
        return bot_moved(self.api, self.chat, by.user, before, "kicked")

    def _inside(self, person: Person) -> Person:
        user = person.user
        return Person(
            self.api,
            person.id,
            chat_id=self.chat.id,
            first_name=user["first_name"],
            language_code=user["language_code"],
            username=user.get("username", ""),
        )

    def _notice(self, body: Json, user: Json) -> None:
        stored = self.api.put(self.chat, user, body)
        if self.chat.bot_status in ("member", "administrator"):
            self.api.push("message", stored.content, self.chat.id)


def bot_moved(api: BotApi, chat: Chat, user: Json, before: str, after: str) -> int:
    """Tell the bot that it was let in, thrown out, blocked or unblocked."""
    me = {name: api.me[name] for name in ("id", "is_bot", "first_name", "username")}
    content: dict[str, Any] = {
        "chat": api.described_chat(chat),
        "from": user,
        "date": int(api.clock()),
        "old_chat_member": member(me, before),
        "new_chat_member": member(me, after),
    }
    return api.push("my_chat_member", content, chat.id)


def _number(message: Sent | int) -> int:
    return message if isinstance(message, int) else message.message_id


def _captioned(caption: str) -> Json:
    return {"caption": caption} if caption else {}


def _piece(text: str, entity: Json) -> str:
    """The part of a text that an entity marks."""
    raw = text.encode("utf-16-le")
    return raw[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
