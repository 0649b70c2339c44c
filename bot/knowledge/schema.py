"""The JSON Schema of an entry, with Polish descriptions, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bot.knowledge.entry import Entry

_TELLING = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
}


def entry_schema() -> dict[str, Any]:
    """The schema; a facet may be one text or a list, dates are YYYY-MM-DD."""
    schema = TypeAdapter(Entry).json_schema()
    schema["title"] = "Wpis"
    for facet in schema["$defs"]["Answer"]["properties"].values():
        facet.update(_TELLING)
        facet.pop("type", None)
        facet.pop("items", None)
        facet.pop("default", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
