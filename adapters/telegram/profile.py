"""Tells Telegram how the bot introduces itself: name, descriptions, commands, menu. Set only where it differs."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    MenuButtonCommands,
)

from bot.knowledge.profile import Profile

log = logging.getLogger(__name__)

DEFAULT = "pl"
"""The language of the texts for everybody whose own is missing."""


async def tell_profile(bot: Bot, profile: Profile) -> None:
    """Compare and set; a failure is logged and waits for the next start."""
    try:
        await _texts(profile.name, bot.get_my_name, bot.set_my_name, "name")
        await _texts(
            profile.about, bot.get_my_short_description, bot.set_my_short_description, "short_description"
        )
        await _texts(profile.description, bot.get_my_description, bot.set_my_description, "description")
        for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
            await _commands(bot, profile, scope)
        if not isinstance(await bot.get_chat_menu_button(), MenuButtonCommands):
            await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    except Exception as error:  # the profile is never worth the channel
        log.warning("profile: %s", type(error).__name__)


async def _texts(
    wanted: Mapping[str, str],
    told: Callable[..., Awaitable[Any]],
    tell: Callable[..., Awaitable[Any]],
    name: str,
) -> None:
    for lang, text in wanted.items():
        code = None if lang == DEFAULT else lang
        if getattr(await told(language_code=code), name) != text:
            await tell(**{name: text, "language_code": code})


async def _commands(bot: Bot, profile: Profile, scope: BotCommandScope) -> None:
    shown = [
        one for one in profile.commands if one.groups or not isinstance(scope, BotCommandScopeAllGroupChats)
    ]
    for lang in sorted({lang for one in shown for lang in one.says}):
        code = None if lang == DEFAULT else lang
        commands = [BotCommand(one.command, one.says.get(lang) or one.says[DEFAULT]) for one in shown]
        if list(await bot.get_my_commands(scope=scope, language_code=code)) != commands:
            await bot.set_my_commands(commands, scope=scope, language_code=code)
