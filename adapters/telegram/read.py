"""An update of Telegram -> a message of ours. Pure: nothing is asked, nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import telegram
from telegram.constants import ChatType, MessageEntityType

from bot.knowledge.places import Places
from bot.messages import Chat, Language, Message

CHANNEL = "telegram"
START = "start"

COMMANDS: Mapping[str, str] = {
    START: "c:menu", "menu": "c:menu", "pomoc": "e:jak-pytac", "help": "e:jak-pytac", "prosciej": "c:simpler",
    "powtorz": "c:repeat", "odsluchaj": "c:listen", "wroc": "c:back", "czlowiek": "c:human", "prywatnosc": "c:privacy",
    "jezyk": "c:language", "usun": "c:erase", "stop": "c:stop",
}  # fmt: skip
"""What a command opens; the profile in the knowledge tells people of them."""

Kind = Literal["question", "edit", "tap"]


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, what kind of update it was, and when it was edited last (0: never)."""

    message: Message
    kind: Kind
    edited: int = 0


def read(update: telegram.Update, me: telegram.User, places: Places, hears: bool = False) -> Heard | None:
    """What this update says to the bot; None where it says nothing to it (a group talks among itself). `hears`: voice
    messages will be listened to."""
    if update.callback_query is not None:
        return _tap(update.callback_query)
    said = update.message or update.edited_message
    if said is None or (said.from_user and said.from_user.is_bot and said.sender_chat is None):
        return None  # an administrator who hides speaks through a bot, for the group
    if not said.text and said.effective_attachment is None:
        return None  # somebody came, a message was pinned
    group = said.chat.type != ChatType.PRIVATE
    if group and not _addressed(said, me):
        return None
    chat = Chat(CHANNEL, str(said.chat.id))
    lang = _language(said.from_user)
    key = message_key(said.message_id)
    if update.edited_message is not None:
        moment = int(said.edit_date.timestamp()) if said.edit_date else 0
        return (
            Heard(_message(said, chat, key, lang, me, places, hears), "edit", moment) if said.text else None
        )
    return Heard(_message(said, chat, key, lang, me, places, hears), "question")


def message_key(message_id: int) -> str:
    """The key of a message in its chat: an edit has the same."""
    return f"m{message_id}"


def message_id(key: str) -> int | None:
    """The message that a key stands for; None where it stands for a tap."""
    return int(key[1:].partition(".")[0]) if key.startswith(("m", "e")) else None


def understood(heard: Heard, text: str) -> Message:
    """What a voice message seems to say, as a message of its own."""
    message = heard.message
    return Message(message.chat, f"v{message.key[1:]}", choice=f"h:{text}", lang=message.lang)


def anew(heard: Heard) -> Message:
    """The edit as a message of its own."""
    message = heard.message
    return Message(message.chat, f"e{message.key[1:]}.{heard.edited}", message.text, lang=message.lang)


def _tap(query: telegram.CallbackQuery) -> Heard | None:
    if query.message is None or query.data is None:
        return None
    chat = Chat(CHANNEL, str(query.message.chat.id))
    message = Message(chat, f"t{query.id}", choice=query.data, lang=_language(query.from_user))
    return Heard(message, "tap")


def _message(
    said: telegram.Message,
    chat: Chat,
    key: str,
    lang: Language | None,
    me: telegram.User,
    places: Places,
    hears: bool,
) -> Message:
    if said.location is not None:
        town = places.nearest(said.location.latitude, said.location.longitude)
        return (
            Message(chat, key, town.name, lang=lang)
            if town
            else Message(chat, key, choice="c:far", lang=lang)
        )
    if said.voice is not None and hears:
        return Message(chat, key, choice="c:listening", lang=lang)
    if not said.text:  # a photo, a voice message, a sticker, a document; a caption alone is no question
        return Message(chat, key, choice="c:media", lang=lang)
    command, _, rest = _words(said, me).partition(" ")
    if command.startswith("/"):
        name = command[1:].partition("@")[0].lower()
        if name == START and rest.strip():
            payload = rest.strip()
            return Message(chat, key, choice=COMMANDS.get(payload, f"e:{payload}"), lang=lang)
        if name in COMMANDS:
            return Message(chat, key, choice=COMMANDS[name], lang=lang)
    return Message(chat, key, _words(said, me), lang=lang)


def _words(said: telegram.Message, me: telegram.User) -> str:
    """The text without the bot's own name in it."""
    text = said.text or ""
    for name in said.parse_entities([MessageEntityType.MENTION]).values():
        if name.casefold() == f"@{me.username}".casefold():
            text = text.replace(name, " ")
    return text.strip()


def _addressed(said: telegram.Message, me: telegram.User) -> bool:
    """In a group: is the bot given a command, mentioned or replied to? Another bot's command is never ours."""
    mine = f"@{me.username}".casefold()
    marked = {**said.parse_entities(), **said.parse_caption_entities()}
    command = next((text for one, text in marked.items() if one.type == MessageEntityType.BOT_COMMAND), "")
    if command:
        return "@" not in command or command.casefold().endswith(mine)
    reply = said.reply_to_message
    if reply and reply.from_user and reply.from_user.id == me.id:
        return True
    return any(
        (one.type == MessageEntityType.MENTION and text.casefold() == mine)
        or (one.type == MessageEntityType.TEXT_MENTION and one.user is not None and one.user.id == me.id)
        for one, text in marked.items()
    )


def _language(user: telegram.User | None) -> Language | None:
    """The language that the person's Telegram is in, as a hint."""
    return user.language_code[:2].lower() if user and user.language_code else None
