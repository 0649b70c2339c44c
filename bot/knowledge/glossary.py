"""glossary.yaml: abbreviations and terms with one plain sentence each, for the reader and for the editor's check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field

from bot.knowledge.entry import EntryId, Line, Value
from bot.text.normalise import fold, words


class Term(Value):
    """What a word means. `full` is what an abbreviation stands for; `entry` tells more; `known` needs no explaining."""

    means: Line
    full: Line | None = None
    also: tuple[Line, ...] = Field((), description="Inne zapisy i odmiany")
    entry: EntryId | None = None
    known: bool = False


def by_name(glossary: Mapping[str, Term]) -> Iterator[tuple[str, str]]:
    """Each way of writing a term, folded, with the term."""
    for name, term in glossary.items():
        for written in (name, *term.also, *([term.full] if term.full else [])):
            yield " ".join(words(fold(written))), name
