"""The editors' guide is true: who follows its worked example adds an entry that is clean and answered."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from adapters.console.single import turn_of
from bot.dialogue.engine import Engine
from bot.knowledge.entry import Entry
from bot.knowledge.load import assemble
from bot.search.learn import learn

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "knowledge" / "README.md").read_text(encoding="utf-8")
FILES = {
    path.relative_to(ROOT / "knowledge").as_posix(): path.read_bytes()
    for path in (ROOT / "knowledge").rglob("*.yaml")
}


def worked_example() -> dict[str, bytes]:
    """The files that the guide tells to write: a name in backquotes, then the content."""
    found = re.findall(
        r"^\*\*\d\.[^`]*`([\w/-]+\.yaml)`.*?```yaml\n(.*?)```", GUIDE, re.DOTALL | re.MULTILINE
    )
    return {name: content.encode() for name, content in found}


def test_the_worked_example_is_clean() -> None:
    example = worked_example()
    assert len(example) == 3
    loaded = assemble({**FILES, **example}, date(2026, 11, 27), advice=True)
    assert [str(problem) for problem in loaded.problems if problem.file in example] == []
    assert loaded.knowledge is not None


def test_the_worked_example_is_answered() -> None:
    # Learning all phrasings takes long; those of one folder are rivals enough for a guide.
    kept = {name for name in FILES if name.startswith("asked/pl/s") or not name.startswith("asked/")}
    files = {name: FILES[name] for name in kept | {"asked/pl/none.yaml"}}
    knowledge = assemble({**files, **worked_example()}, date(2026, 11, 27)).usable()
    engine = Engine(knowledge, learn(knowledge, lambda _line: None))
    question = re.findall(r'klaster ask "([^"]+)"', GUIDE)[0]
    turn = turn_of(engine, question, None, datetime(2026, 11, 27, 12, tzinfo=UTC))
    assert (turn.outcome, turn.entry, turn.facet) == ("answer", "rower-trojkolowy", "amount")
    assert "3\u00a0000\u00a0zł" in turn.replies[0].text


def test_every_key_of_an_entry_is_explained() -> None:
    for key in Entry.model_fields:
        if key != "id":
            assert f"`{key}" in GUIDE or f" {key}`" in GUIDE or f", `{key}`" in GUIDE, key
