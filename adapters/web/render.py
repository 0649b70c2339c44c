"""Replies as structure for the templates. Escaping happens in one place: the templates' autoescape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.messages import Choice, Link, Reply

_STEP = re.compile(r"\d{1,2}\. ")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or the lines of a list."""

    kind: Literal["paragraph", "steps", "things"]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownReply:
    """A reply ready for the page: its first paragraph heads it."""

    heading: str
    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...]
    links: tuple[Link, ...]
    lang: str


def shown(replies: Sequence[Reply]) -> list[ShownReply]:
    """The replies for the page."""
    return [_shown(reply) for reply in replies]


def _shown(reply: Reply) -> ShownReply:
    paragraphs = [paragraph for paragraph in reply.text.split("\n\n") if paragraph.strip()]
    headed = len(paragraphs) > 1 and "\n" not in paragraphs[0] and len(paragraphs[0]) <= 120
    heading = paragraphs[0] if headed else ""
    blocks = tuple(_block(paragraph) for paragraph in paragraphs[headed:])
    return ShownReply(heading, blocks, reply.choices, reply.links, reply.lang)


def _block(paragraph: str) -> Block:
    lines = tuple(line for line in paragraph.split("\n") if line.strip())
    if len(lines) == 1:
        return Block("paragraph", lines)
    if all(_STEP.match(line) for line in lines):
        return Block("steps", tuple(_STEP.sub("", line, count=1) for line in lines))
    return Block("things", lines)


def environment() -> Environment:
    """Templates that escape everything and know every name that they use."""
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
