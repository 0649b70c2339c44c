"""Links that open an entry in Telegram, and a page to print for an organisation, with the link as a QR code."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files

import segno
from fpdf import FPDF

from bot.knowledge.entry import Entry
from bot.knowledge.knowledge import Knowledge

FONTS = {"": "SourceSansPro-Regular.ttf", "B": "SourceSansPro-Bold.ttf"}
"""Source Sans Pro has every Polish letter; the PDF holds only the letters used."""
MARGIN, CODE = 20.0, 110.0
"""Millimetres."""


def link(bot: str, entry: str) -> str:
    """The address that opens the entry in a talk with the bot of this user name."""
    return f"https://t.me/{bot}?start={entry}"


def links(knowledge: Knowledge, bot: str) -> Iterator[tuple[str, str, str]]:
    """Id, title and link of every entry."""
    for entry in knowledge.entries.values():
        yield entry.id, entry.title, link(bot, entry.id)


def sheet(knowledge: Knowledge, organisation: Entry, bot: str) -> bytes:
    """A4 as PDF: what one may ask, the code, the steps, the organisation."""
    say = knowledge.phrases["pl"].say
    address = link(bot, organisation.id)
    page = FPDF(format="A4")
    page.set_title(f"{say('sheet_title')} – {organisation.title}")
    page.set_lang("pl")
    folder = files("font_source_sans_pro") / "files"
    for style, name in FONTS.items():
        with as_file(folder / name) as path:
            page.add_font("Sans", style, path)
    page.set_margin(MARGIN)
    page.add_page()
    _line(page, say("sheet_title"), 30, "B")
    _line(page, say("sheet_what"), 16)
    _code(page, address)
    _line(page, say("sheet_steps"), 16)
    _line(page, address, 12)
    _line(page, organisation.title, 14, "B")
    return bytes(page.output())


def _line(page: FPDF, text: str, points: int, style: str = "") -> None:
    page.set_font("Sans", style, points)
    page.multi_cell(0, points * 0.45, text, align="C", new_x="LMARGIN", new_y="NEXT")
    page.ln(4)


def _code(page: FPDF, address: str) -> None:
    """The QR code, drawn as squares, so that it is sharp at every size."""
    rows = list(segno.make(address, error="m", micro=False).matrix_iter(border=2))
    size = CODE / len(rows)
    left, top = (page.w - CODE) / 2, page.get_y()
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                page.rect(left + across * size, top + down * size, size, size, style="F")
    page.set_y(top + CODE + 2)
