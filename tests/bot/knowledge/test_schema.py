"""What editors complete and check by: the schemas kept beside the knowledge are today's, and fit every real file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.knowledge.schema import schemas

ROOT = Path(__file__).parents[3]
KNOWLEDGE = ROOT / "knowledge"
VSCODE = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))["yaml.schemas"]
GROUPS = ("business", "work", "abroad", "support", "money", "cluster", "about", "organisations")


def as_an_editor_reads(path: Path) -> Any:
    """Dates are text to an editor's checker."""
    return json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=date.isoformat))


@pytest.mark.parametrize("name", ["entry", "figure", "asked"])
def test_the_kept_schema_is_the_one_that_the_program_prints(name: str) -> None:
    kept = json.loads((KNOWLEDGE / "schema" / f"{name}.json").read_text(encoding="utf-8"))
    assert kept == schemas()[name], f"klaster schema {name} > knowledge/schema/{name}.json"


@pytest.mark.parametrize("name", ["entry", "figure"])
def test_every_key_is_described_in_polish(name: str) -> None:
    schema = schemas()[name]
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False
        assert all(field.get("description") for field in part["properties"].values()), part["title"]


@pytest.mark.parametrize("group", [*GROUPS, "figures", "asked/pl"])
def test_an_editor_finds_no_fault_in_the_real_files(group: str) -> None:
    name = {"figures": "figure", "asked/pl": "asked"}.get(group, "entry")
    checker = Draft7Validator(schemas()[name])
    for path in sorted((KNOWLEDGE / group).glob("*.yaml")):
        if path.stem != "none":
            faults = [error.message for error in checker.iter_errors(as_an_editor_reads(path))]
            assert faults == [], path.name


def test_an_editor_sees_a_spoiled_key() -> None:
    entry = as_an_editor_reads(KNOWLEDGE / "business" / "dotacja-pfron.yaml")
    entry["tytul"] = entry.pop("title")
    faults = [error.message for error in Draft7Validator(schemas()["entry"]).iter_errors(entry)]
    assert any("tytul" in fault for fault in faults)
    assert any("title" in fault for fault in faults)


def test_every_folder_of_entries_has_its_schema_in_two_editors() -> None:
    wanted = {f"knowledge/{group}/*.yaml" for group in GROUPS}
    assert set(VSCODE["./knowledge/schema/entry.json"]) == wanted
    jetbrains = (ROOT / ".idea" / "jsonSchemas.xml").read_text(encoding="utf-8")
    assert all(f'value="knowledge/{group}"' in jetbrains for group in (*GROUPS, "figures", "asked/pl"))
