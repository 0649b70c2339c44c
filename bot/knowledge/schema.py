"""JSON Schemas with Polish descriptions, for editors that complete and check while one types.

Kept beside the knowledge as `knowledge/schema/<name>.json`; `.vscode` and `.idea` tell two common editors which
schema is for which files.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bot.knowledge.entry import FACETS, Entry
from bot.knowledge.figures import Figure

_TELLING = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
}
_PARTIAL_DATES = ("published", "seen")
_DRAFT = "http://json-schema.org/draft-07/schema#"  # the newest that the common editors share


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of an entry, of a figure and of a file of phrasings, by name."""
    return {"entry": entry_schema(), "figure": figure_schema(), "asked": asked_schema()}


def entry_schema() -> dict[str, Any]:
    """A facet may be one text or a list, dates are YYYY-MM-DD."""
    schema = _schema(Entry, "Wpis")
    for facet in schema["$defs"]["Answer"]["properties"].values():
        facet.update(_TELLING)
        for key in ("type", "items", "default"):
            facet.pop(key, None)
    return schema


def figure_schema() -> dict[str, Any]:
    """A figure with its series or its formula."""
    return _schema(Figure, "Kwota")


def asked_schema() -> dict[str, Any]:
    """Phrasings by facet."""
    texts = {"type": "array", "items": {"type": "string"}, "description": "Jak ludzie o to pytają"}
    return {
        "$schema": _DRAFT,
        "title": "Pytania ludzi",
        "type": "object",
        "properties": dict.fromkeys(FACETS, texts),
        "additionalProperties": False,
    }


def _schema(model: type[Any], title: str) -> dict[str, Any]:
    schema = TypeAdapter(model).json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, field in part.get("properties", {}).items():
            if name == "office":  # one kind may stand alone, and none is null
                field["anyOf"] = [
                    {"type": ["string", "null"]},
                    {"type": "array", "items": {"type": "string"}},
                ]
                field.pop("type", None)
                field.pop("items", None)
            if name in _PARTIAL_DATES:  # a bare year is a number to an editor
                field["anyOf"] = [{"type": "string"}, {"type": "integer"}]
    return {"$schema": _DRAFT, **schema, "title": title}
