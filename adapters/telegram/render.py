"""A reply of ours -> Telegram messages. The only place where text is escaped for Telegram.

Lengths are counted as Telegram counts them: UTF-16 units of the text as it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import regex
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.messages import Choice, Link, Reply

MAX_UNITS = 4_096
MAX_DATA_BYTES = 64
MAX_BUTTONS = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """One Telegram message: HTML, and the buttons of the last one."""

    html: str
    buttons: InlineKeyboardMarkup | None = None


def render(reply: Reply, private: Link | None = None) -> list[Shown]:
    """The messages that show this reply, in order; in a group with a way to a private talk as the last button."""
    paragraphs = [(paragraph, escape(paragraph, quote=False)) for paragraph in reply.text.split("\n\n")]
    if reply.links:
        plain = "\n".join(link.label for link in reply.links)
        paragraphs.append((plain, "\n".join(map(_anchor, reply.links))))
    texts = list(_packed([piece for paragraph in paragraphs for piece in _pieces(*paragraph)]))
    return [*map(Shown, texts[:-1]), Shown(texts[-1], buttons(reply.choices, private))]


def buttons(choices: tuple[Choice, ...], private: Link | None = None) -> InlineKeyboardMarkup | None:
    """One button a row; where there are too many the last ones but the very last go."""
    room = MAX_BUTTONS - (private is not None)
    shown = [*choices[: room - 1], choices[-1]] if len(choices) > room else choices
    rows = [[InlineKeyboardButton(one.label, callback_data=one.id)] for one in shown]
    if private is not None:
        rows.append([InlineKeyboardButton(private.label, url=private.url)])
    return InlineKeyboardMarkup(rows) if rows else None


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _anchor(link: Link) -> str:
    return f'<a href="{escape(link.url)}">{escape(link.label, quote=False)}</a>'


def _pieces(plain: str, html: str) -> list[tuple[str, str]]:
    """The paragraph, or where it is too long its parts: lines, then clusters that are shown as one sign."""
    if units(plain) <= MAX_UNITS:
        return [(plain, html)]
    parts = [part for line in plain.split("\n") for part in _cut(line)]
    return [(part, escape(part, quote=False)) for part in parts]


def _cut(line: str) -> list[str]:
    parts, size = [""], 0
    for cluster in regex.findall(r"\X", line):
        more = units(cluster)
        if size + more > MAX_UNITS:
            parts.append("")
            size = 0
        parts[-1] += cluster
        size += more
    return parts


def _packed(pieces: list[tuple[str, str]]) -> list[str]:
    """As few messages as hold the pieces, an empty line between two of them."""
    texts: list[str] = []
    size = MAX_UNITS + 1
    for plain, html in pieces:
        more = units(plain)
        if size + 2 + more > MAX_UNITS:
            texts.append(html)
            size = more
        else:
            texts[-1] += f"\n\n{html}"
            size += 2 + more
    return texts
