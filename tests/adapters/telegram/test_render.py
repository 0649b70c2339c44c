"""A reply as Telegram messages: parsed back it is the text that was meant, and no part is too long."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.telegram.render import MAX_BUTTONS, MAX_DATA_BYTES, MAX_UNITS, render, units
from bot.dialogue.compose import Composer
from bot.knowledge.knowledge import Knowledge
from bot.messages import Choice, Link, Reply
from tests.conftest import TODAY

PRINTABLE = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=400)


class _Text(HTMLParser):
    """What a person sees, and where links lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.hrefs = "", list[str]()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "a"
        self.hrefs += [value or "" for name, value in attrs if name == "href"]


def seen(html: str) -> _Text:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return parser


@pytest.mark.trust("T-110", "T-115")
@settings(deadline=None)
@given(st.lists(PRINTABLE.filter(str.strip), min_size=1, max_size=6), st.integers(1, 40))
def test_parsed_back_it_is_the_text_and_no_part_is_too_long(paragraphs: list[str], times: int) -> None:
    text = "\n\n".join(paragraph.replace("\n", " ") * times for paragraph in paragraphs)
    parts = [seen(shown.html).text for shown in render(Reply(text))]
    assert all(0 < units(part) <= MAX_UNITS for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.trust("T-115")
def test_a_sign_of_several_characters_is_never_cut() -> None:
    family = "👩‍👩‍👧‍👦"
    for before in range(12):
        for shown in render(Reply("a" * before + family * 600)):
            assert seen(shown.html).text.strip("a").replace(family, "") == ""


def test_links_and_buttons() -> None:
    choices = tuple(Choice(f"f:{number}", f"<{number}>") for number in range(9))
    link = Link('a & "b"', 'https://a.pl/?a=1&b="2"')
    (shown,) = render(Reply("tekst", choices, (link,)))
    assert seen(shown.html).hrefs == [link.url]
    assert shown.buttons
    rows = shown.buttons.inline_keyboard
    assert len(rows) == MAX_BUTTONS
    assert all(len(row) == 1 for row in rows)
    assert rows[-1][0].text == "<8>"


def test_every_choice_fits_into_a_button(knowledge: Knowledge) -> None:
    composer = Composer(knowledge, {})
    replies = [
        composer.entry(entry, facet, TODAY, False, None)
        for entry in knowledge.entries.values()
        for facet in entry.facets()
    ]
    ids = {choice.id for reply in replies for choice in reply.choices}
    ids |= {f"p:{town.name} (zachodniopomorskie)" for town in knowledge.places.file.towns}
    assert max(len(one.encode()) for one in ids) <= MAX_DATA_BYTES
    assert all(len(render(reply)) == 1 for reply in replies)
