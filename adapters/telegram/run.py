"""The Telegram channel: takes updates by polling or by webhook, has them answered, lets the courier carry the answers.

An update is confirmed to Telegram only when the inbox holds it: while polling the next offset is asked for after that,
a webhook answers 200 after that.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram import Bot, Update, User, Voice
from telegram.constants import UpdateType
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from adapters.hearing import Hearing
from adapters.hearing import available as can_hear
from adapters.settings import Settings
from adapters.telegram.inline import answer_inline
from adapters.telegram.profile import tell_profile
from adapters.telegram.read import CHANNEL, Heard, anew, read, understood
from adapters.telegram.send import Telegram, seconds
from bot.courier import Courier
from bot.messages import Chat
from bot.ports import Clock, Store
from bot.service import Service

HOOK = "/telegram"
POLL_SECONDS = 50
READ_SECONDS = 30.0
TYPING_AFTER = 0.5
RESUMING_SECONDS = 30.0
STOPPING_SECONDS = 5.0
"""What is on its way gets so long to arrive when the program ends."""
FIRST_WAIT, LONGEST_WAIT, LONGEST_POLL_WAIT, CONFLICT_WAIT = 0.5, 60.0, 15.0, 3.0
WANTED = (
    UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.INLINE_QUERY,
    UpdateType.MY_CHAT_MEMBER,
)  # fmt: skip
MAX_BODY = 1_000_000
MAX_SOUND, MAX_HEARD = 2_000_000, 1_000
"""Bytes of a voice message that is listened to (about eight minutes), characters of what is shown of it."""

log = logging.getLogger(__name__)


def made_bot(settings: Settings) -> Bot:
    """The bot of these settings; polling has connections of its own, so a long poll keeps no answer waiting.

    The limiter holds thirty messages a second; where Telegram asks for more patience (a busy group), only that chat
    waits, in the outbox.
    """
    return ExtBot(
        settings.telegram_token or "",
        base_url=f"{settings.telegram_api}/bot",
        base_file_url=f"{settings.telegram_api}/file/bot",
        request=HTTPXRequest(connection_pool_size=32, read_timeout=READ_SECONDS, pool_timeout=READ_SECONDS),
        get_updates_request=HTTPXRequest(connection_pool_size=1, read_timeout=READ_SECONDS),
        rate_limiter=cast(Any, AIORateLimiter(group_max_rate=0, max_retries=0)),  # typed for applications
    )


async def user_name(settings: Settings) -> str | None:
    """The bot's user name; None where Telegram does not answer or does not know the token."""
    try:
        async with made_bot(settings) as bot:
            return bot.username
    except TelegramError:
        return None


class Channel:
    """Telegram as one of the bot's channels."""

    def __init__(
        self, bot: Bot, service: Service, courier: Courier, platform: Telegram, hearing: Hearing | None
    ) -> None:
        self._bot, self._service, self._courier, self._platform = bot, service, courier, platform
        self._hearing = hearing
        self._me: User | None = None
        self.thinking: set[asyncio.Task[None]] = set()

    @property
    def knows_itself(self) -> bool:
        """Has Telegram told who the bot is? Before, no update can be read."""
        return self._me is not None

    async def take(self, update: Update) -> None:
        """Make what the update says durable and have it answered; returns when it is durable."""
        if update.inline_query is not None:
            self._start(answer_inline(update.inline_query, self._service))
            return
        if update.my_chat_member is not None:
            await self._member(update)
            return
        heard = self._read(update)
        if heard is None:
            return
        fresh = await self._received(heard)
        if fresh and self._hearing and update.message and update.message.voice:
            self._start(self._hear(heard, update.message.voice, self._hearing))
        if heard.kind == "tap" and update.callback_query is not None:
            self._start(self._tapped(update.callback_query.id))
        if fresh:
            self._start(self._answer(heard.message.chat))

    def _read(self, update: Update) -> Heard | None:
        if self._me is None:
            raise RuntimeError("Telegram has not told who the bot is")
        try:
            return read(update, self._me, self._service.knowledge().places, self._hearing is not None)
        except Exception as error:  # fetched again it would be no better, and everybody would wait behind it
            log.error("update not understood: %s", type(error).__name__)
            return None

    async def _hear(self, heard: Heard, voice: Voice, hearing: Hearing) -> None:
        """What a voice message seems to say goes into the inbox as words that ask back."""
        if (voice.file_size or 0) > MAX_SOUND:
            text = None
        else:
            file = await self._bot.get_file(voice.file_id)
            text = await hearing.words(bytes(await file.download_as_bytearray()))
        message = understood(heard, (text or "")[:MAX_HEARD])
        if await self._service.receive(message):
            await self._answer(message.chat)

    async def _received(self, heard: Heard) -> bool:
        """Into the inbox. An edit is a question when its first wording never came or got no answer."""
        if await self._service.receive(heard.message):
            return True
        if heard.kind != "edit":
            return False
        await self._service.handle(heard.message.chat)  # the first wording may be waiting still
        if not await self._service.unanswered(heard.message.chat):
            return False
        return await self._service.receive(anew(heard))

    async def _member(self, update: Update) -> None:
        """Blocked, or thrown out of a group: all about that chat goes."""
        change = update.my_chat_member
        if change and change.new_chat_member.status in ("kicked", "left"):
            await self._service.forget(Chat(CHANNEL, str(change.chat.id)))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self.thinking.add(task)
        task.add_done_callback(self.thinking.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # one chat's trouble is not the others'; what is durable is taken up again
            log.error("telegram: %s", type(error).__name__)

    async def _answer(self, chat: Chat) -> None:
        turns = asyncio.ensure_future(self._service.handle(chat))
        done, _ = await asyncio.wait([turns], timeout=TYPING_AFTER)
        if not done:
            await self._platform.typing(chat)
        await turns
        self._courier.wake()

    async def _tapped(self, query: str) -> None:
        try:
            await self._bot.answer_callback_query(query)
        except TelegramError as error:  # too old: the person sees the answer all the same
            log.debug("callback query: %s", type(error).__name__)

    async def ready(self) -> None:
        """Wait until Telegram tells who the bot is."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._bot.initialize()
                self._me = await self._bot.get_me()
                return
            except InvalidToken:
                log.error("Telegram nie zna tego tokenu. Popraw KLASTER_TELEGRAM_TOKEN.")
                wait = LONGEST_WAIT
            except TelegramError as error:
                log.warning("Telegram nie odpowiada: %s", type(error).__name__)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def poll(self) -> None:
        """Ask for updates until cancelled."""
        offset: int | None = None
        wait = 0.0
        await self._without_webhook()
        while True:
            await asyncio.sleep(wait)
            try:
                updates = await self._bot.get_updates(offset, timeout=POLL_SECONDS, allowed_updates=WANTED)
                offset = await self._all_taken(updates, offset)
                wait = 0.0
            except RetryAfter as error:
                wait = seconds(error.retry_after).total_seconds()
            except Conflict:
                log.error("Ktoś inny odbiera wiadomości tego bota. Zatrzymaj drugi program.")
                await self._without_webhook()
                wait = min(max(wait * 2, CONFLICT_WAIT), LONGEST_WAIT)
            except TelegramError as error:
                log.warning("Telegram: %s", type(error).__name__)
                wait = min(max(wait * 2, FIRST_WAIT), LONGEST_POLL_WAIT)
            except Exception as error:  # the store is away: the updates stay with Telegram
                log.error("inbox: %s", type(error).__name__)
                wait = min(max(wait * 2, FIRST_WAIT), LONGEST_POLL_WAIT)

    async def _all_taken(self, updates: Sequence[Update], offset: int | None) -> int | None:
        for update in updates:
            await self.take(update)
        return updates[-1].update_id + 1 if updates else offset

    async def _without_webhook(self) -> None:
        try:
            if (await self._bot.get_webhook_info()).url:
                await self._bot.delete_webhook()
        except TelegramError as error:
            log.warning("webhook: %s", type(error).__name__)


def hook(channel: Channel, bot: Bot, secret: str) -> Route:
    """Where Telegram delivers: 200 only when the inbox holds the update; a wrong secret is refused."""

    async def deliver(request: Request) -> Response:
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return PlainTextResponse("", 403)
        if not channel.knows_itself:  # Telegram delivers again
            return PlainTextResponse("", 503)
        body = await request.body()
        if len(body) > MAX_BODY:
            return PlainTextResponse("", 413)
        try:
            update = Update.de_json(await request.json(), bot)
        except (ValueError, KeyError, TypeError, AttributeError):
            return PlainTextResponse("", 400)
        await channel.take(update)
        return PlainTextResponse("")

    return Route(HOOK, deliver, methods=["POST"])


@asynccontextmanager
async def opened(
    settings: Settings, service: Service, store: Store, clock: Clock
) -> AsyncIterator[list[Route]]:
    """The channel at work until the end of the block; the routes that a webhook needs."""
    bot = made_bot(settings)
    platform = Telegram(bot, lambda key: service.knowledge().phrases["pl"].say(key))
    courier = Courier(store, clock, CHANNEL, platform)
    hearing = Hearing(settings.data / "hearing") if settings.voice and can_hear() else None
    if settings.voice and hearing is None:
        log.error(
            "KLASTER_VOICE: brakuje pakietów do rozpoznawania mowy. Zainstaluj: pip install klaster[voice]"
        )
    channel = Channel(bot, service, courier, platform, hearing)
    secret = settings.telegram_webhook_secret
    carrying = asyncio.create_task(_unending(courier.run, lambda: courier.stopped))
    work = asyncio.create_task(_unending(lambda: _work(settings, service, courier, bot, channel)))
    try:
        yield [hook(channel, bot, secret)] if secret else []
    finally:
        work.cancel()
        courier.stop()
        await asyncio.wait([carrying, *channel.thinking], timeout=STOPPING_SECONDS)
        carrying.cancel()
        await asyncio.gather(work, carrying, return_exceptions=True)
        await bot.shutdown()


async def _unending(work: Callable[[], Awaitable[None]], done: Callable[[], bool] = lambda: False) -> None:
    """Work that starts again when a fault has ended it."""
    while not done():
        try:
            await work()
        except Exception as error:
            log.error("telegram began again: %s", type(error).__name__)
            await asyncio.sleep(FIRST_WAIT)


async def _again_and_again(service: Service, courier: Courier) -> None:
    """What the store could not take at its time is taken up."""
    while True:
        await asyncio.sleep(RESUMING_SECONDS)
        await service.resume()
        courier.wake()


async def _work(settings: Settings, service: Service, courier: Courier, bot: Bot, channel: Channel) -> None:
    await channel.ready()
    async with asyncio.TaskGroup() as group:
        group.create_task(_again_and_again(service, courier))
        group.create_task(tell_profile(bot, service.knowledge().profile))
        group.create_task(_hooked(settings, bot) if settings.telegram_webhook_secret else channel.poll())


async def _hooked(settings: Settings, bot: Bot) -> None:
    """Tell Telegram where to deliver, as often as it takes."""
    wait = FIRST_WAIT
    while True:
        try:
            await bot.set_webhook(
                f"{settings.public_url}{HOOK}",
                secret_token=settings.telegram_webhook_secret,
                allowed_updates=WANTED,
            )
            return
        except TelegramError as error:
            log.warning("webhook: %s", type(error).__name__)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
