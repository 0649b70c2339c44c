"""The words at the seam between a platform and the bot.

Structure only: no markup, no platform's own terms. Whoever renders a `Reply` decides what a choice looks like.
"""

from __future__ import annotations

from dataclasses import dataclass

Language = str
"""A two-letter code: pl, uk, de, en, ru."""

LANGUAGES: tuple[Language, ...] = ("pl", "uk", "de", "en", "ru")


@dataclass(frozen=True, slots=True)
class Chat:
    """Where a conversation takes place: a channel and the platform's own id there.

    The id is an address. It is needed to answer and is personal data, so it hides itself.
    """

    channel: str
    id: str

    def __repr__(self) -> str:
        return f"Chat({self.channel!r}, ...)"


@dataclass(frozen=True, slots=True)
class Message:
    """What came in: words, or the id of a choice that was tapped. `key` is unique within the chat."""

    chat: Chat
    key: str
    text: str = ""
    choice: str | None = None
    lang: Language | None = None

    def __repr__(self) -> str:
        return f"Message({self.chat!r}, ...)"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a person may tap or type. The id says what it opens, so an old button works after a restart."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address with the words that name it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out: paragraphs separated by an empty line, choices in the order to be shown, links.

    `aloud`: it is wanted as sound; a channel that has none shows the words.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    lang: Language = "pl"
    aloud: bool = False

    def __repr__(self) -> str:
        return f"Reply(<{len(self.text)} characters>, {len(self.choices)} choices)"
