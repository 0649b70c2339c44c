"""Inline mode: a few words after the bot's name in any chat give up to five entries with their source."""

from __future__ import annotations

import logging

from telegram import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError

from adapters.telegram.render import render
from bot.service import Service

SHORTEST = 3
KEPT_SECONDS = 300
DESCRIPTION_SIGNS = 120

log = logging.getLogger(__name__)


async def answer_inline(query: InlineQuery, service: Service) -> None:
    """Offer entries; nothing is stored, and nothing is sent unless the person picks one."""
    found = await service.suggestions(query.query) if len(query.query.strip()) >= SHORTEST else ()
    results = [
        InlineQueryResultArticle(
            id=entry,
            title=title,
            description=reply.text.partition("\n\n")[2][:DESCRIPTION_SIGNS],
            input_message_content=InputTextMessageContent(
                render(reply)[0].html,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
        )
        for entry, title, reply in found
    ]
    button = InlineQueryResultsButton(
        service.knowledge().phrases["pl"].say("inline_none"), start_parameter="menu"
    )
    try:
        await query.answer(results, cache_time=KEPT_SECONDS, button=None if results else button)
    except TelegramError as error:  # typed on, or too late
        log.debug("inline: %s", type(error).__name__)
