"""Telegram as a platform that is sent to: the only place where its errors are met."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import TypeVar

import httpx
from telegram import Bot, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from adapters import speech
from adapters.telegram.read import message_id
from adapters.telegram.render import Shown, render
from bot.courier import Lost, NotSent, Refused
from bot.messages import Chat, Link
from bot.ports import Delivery

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What httpx raises before a request has left: Telegram has certainly not seen it."""
GONE = ("chat not found", "user is deactivated", "group chat was deleted")

PREVIEWS_OFF = LinkPreviewOptions(is_disabled=True)
T = TypeVar("T")

log = logging.getLogger(__name__)


class Telegram:
    """Sends through a bot; `say` finds the bot's own sentences by their key."""

    def __init__(self, bot: Bot, say: Callable[[str], str]) -> None:
        self._bot, self._say_of = bot, say
        self._voice = asyncio.Semaphore(1)  # a long text costs seconds of a processor

    async def send(self, delivery: Delivery) -> None:
        """Send the reply in as many messages as it takes, the buttons under the last one; in a group as an answer to
        the message; as a voice message where that is wanted and possible. Raises NotSent, Lost or Refused."""
        if delivery.reply.aloud and await self._read_aloud(delivery):
            return
        for number, shown in enumerate(self._rendered(delivery)):
            try:
                await self._say(delivery, shown, None if number else self._answered(delivery))
            except NotSent as error:
                if number:  # its beginning is there already
                    raise Lost from error
                raise

    async def _read_aloud(self, delivery: Delivery) -> bool:
        """Send the reply as sound; False where it cannot be made."""
        async with self._voice:
            text = speech.spoken(delivery.reply.text)
            sound = await speech.speak(text) if speech.available() else None
        if sound is None:
            return False
        try:
            await _met(self._bot.send_voice(int(delivery.chat.id), sound))
        except Refused as error:  # some people take no voice messages
            if error.gone:
                raise
            return False
        return True

    async def place(self, delivery: Delivery) -> int:
        """Send a sentence in whose place the reply will stand; its message id. Raises NotSent, Lost or Refused."""
        sentence = Shown(escape(self._say_of("once_more"), quote=False))
        return await self._say(delivery, sentence, self._answered(delivery))

    async def fill(self, delivery: Delivery) -> None:
        """Make the placed message the reply. Raises NotSent, Lost or Refused."""
        first, *rest = self._rendered(delivery)
        await _met(self._filled(delivery, first))
        for shown in rest:
            try:  # once only: what was edited may be edited again, what was sent may not be sent again
                await self._say(delivery, shown, None)
            except (NotSent, Lost) as error:
                log.warning("the end of a long reply may be missing: %s", type(error).__name__)

    async def _filled(self, delivery: Delivery, shown: Shown) -> None:
        try:
            await self._bot.edit_message_text(
                shown.html,
                int(delivery.chat.id),
                delivery.placed,
                parse_mode=ParseMode.HTML,
                reply_markup=shown.buttons,
                link_preview_options=PREVIEWS_OFF,
            )
        except BadRequest as error:
            if "not modified" not in str(error).lower():  # it had been done before
                raise

    async def _say(self, delivery: Delivery, shown: Shown, answered: int | None) -> int:
        sent = await _met(self._sent(int(delivery.chat.id), shown, answered))
        return sent.message_id

    async def _sent(self, chat: int, shown: Shown, answered: int | None) -> Message:
        """Send it; a group that has become a supergroup has another id from then on."""
        try:
            return await self._send_message(chat, shown, answered)
        except ChatMigrated as moved:
            return await self._send_message(moved.new_chat_id, shown, None)

    async def _send_message(self, chat: int, shown: Shown, answered: int | None) -> Message:
        return await self._bot.send_message(
            chat,
            shown.html,
            parse_mode=ParseMode.HTML,
            reply_markup=shown.buttons,
            link_preview_options=PREVIEWS_OFF,
            reply_parameters=ReplyParameters(answered, allow_sending_without_reply=True)
            if answered
            else None,
        )

    def _rendered(self, delivery: Delivery) -> list[Shown]:
        group = delivery.chat.id.startswith("-")
        private = Link(self._say_of("in_group"), f"{self._bot.link}?start=menu") if group else None
        reply = delivery.reply
        if reply.aloud:
            reply = replace(reply, text=f"{self._say_of('no_voice')}\n\n{reply.text}")
        return render(reply, private)

    def _answered(self, delivery: Delivery) -> int | None:
        """In a group: the message that is answered."""
        return message_id(delivery.key) if delivery.chat.id.startswith("-") else None

    async def reachable(self) -> bool:
        """Does Telegram answer?"""
        try:
            await self._bot.get_me()
        except InvalidToken:
            log.error("Telegram does not know the token. Put the right one into KLASTER_TELEGRAM_TOKEN.")
            return False
        except Exception as error:  # whatever it was, it was no answer
            log.debug("getMe: %s", type(error).__name__)
            return False
        return True

    async def typing(self, chat: Chat) -> None:
        """Show that an answer is coming; of no importance when it fails."""
        try:
            await self._bot.send_chat_action(int(chat.id), ChatAction.TYPING)
        except TelegramError as error:
            log.debug("typing: %s", type(error).__name__)


async def _met(call: Awaitable[T]) -> T:
    """Await a call; Telegram's errors become what the courier knows."""
    try:
        return await call
    except RetryAfter as error:
        raise NotSent(seconds(error.retry_after)) from error
    except Forbidden as error:
        raise Refused(gone=True) from error
    except BadRequest as error:
        raise Refused(gone=any(sign in str(error).lower() for sign in GONE)) from error
    except InvalidToken as error:
        raise NotSent from error
    except NetworkError as error:
        cause = error.__cause__
        if isinstance(cause, httpx.HTTPError) and not isinstance(cause, NEVER_LEFT):
            raise Lost from error
        raise NotSent from error  # it said no, in whatever words, or never heard it
    except TelegramError as error:  # half an answer: it may have been taken
        raise Lost from error


def seconds(after: int | timedelta) -> timedelta:
    """How long Telegram asks to be left alone."""
    return after if isinstance(after, timedelta) else timedelta(seconds=after)
