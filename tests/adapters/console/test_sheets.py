"""Links and pages to print: the code on the paper opens the organisation."""

from __future__ import annotations

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp

from adapters.console.sheets import link, links, sheet
from bot.knowledge.knowledge import Knowledge
from tests.bot.knowledge.test_real_knowledge import REAL

BOT = "klaster_bot"
ORGANISATIONS = [entry.id for entry in REAL.usable().entries.values() if entry.kind == "organisation"]


def test_every_entry_has_a_link_that_telegram_takes(knowledge: Knowledge) -> None:
    found = list(links(knowledge, BOT))
    assert [entry for entry, _, _ in found] == list(knowledge.entries)
    for entry, _, address in found:
        assert address == f"https://t.me/{BOT}?start={entry}"
        assert len(entry) <= 64
        assert entry.replace("-", "").isalnum()


@pytest.mark.parametrize("name", [*ORGANISATIONS[:5], "organizacje-niepelnosprawnosc-intelektualna"])
def test_the_code_on_the_page_is_the_link(name: str, knowledge: Knowledge) -> None:
    document = pypdfium2.PdfDocument(sheet(knowledge, knowledge.entries[name], BOT))
    assert len(document) == 1
    page = document[0]
    [code] = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
    assert code.text == link(BOT, name)
    written = page.get_textpage().get_text_range()
    assert "Naciśnij Start" in written
    assert knowledge.entries[name].title.split()[0] in written
