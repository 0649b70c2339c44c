"""The contract of lines of JSON, through the real program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def klaster(tmp_path: Path, trained_folder: Path, engine: object) -> Any:
    """Runs the program on a fresh state folder that knows what was learnt."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "trained").symlink_to(trained_folder)
    environment = {**os.environ, "KLASTER_DATA": str(data), "KLASTER_KNOWLEDGE": str(ROOT / "knowledge")}

    def run(
        *arguments: str, lines: list[Any] | None = None, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from adapters.cli import main; main()", *arguments]
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines or [])
        return subprocess.run(
            command,
            cwd=ROOT,
            env={**environment, **extra},
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_talk_that_the_first_release_is_judged_by(klaster: Any) -> None:
    said = [
        ("a", "ile dostane z pefronu na wlasna firme"),
        ("a", "a jakie papiery?"),
        ("b", "jaka bedzie jutro pogoda w Jeleniej Gorze"),
        ("c", "staż"),
        ("c", "2"),
    ]
    answers = rows(klaster("chat", "--jsonl", lines=[{"chat": chat, "text": text} for chat, text in said]))
    assert [answer["outcome"] for answer in answers] == ["answer", "answer", "unknown", "choose", "answer"]
    assert [(answer["entry"], answer["facet"]) for answer in answers[:2]] == [
        ("dotacja-pfron", "amount"),
        ("dotacja-pfron", "documents"),
    ]
    assert answers[4]["entry"] == answers[3]["candidates"][1]["entry"]
    assert answers[3]["replies"][0]["choices"][1]["id"] == f"e:{answers[4]['entry']}"
    assert "jaka bedzie jutro pogoda w Jeleniej Gorze" in klaster("questions", "list").stdout
    assert rows_of(klaster("questions", "list", "--json"))[0]["count"] == 1
    assert "pogoda" in klaster("questions", "show", "1").stdout
    assert "pogoda" in klaster("questions", "export").stdout


def rows_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_ask_tells_how_it_understood(klaster: Any) -> None:
    done = klaster(
        "ask",
        "--jsonl",
        lines=[
            {"id": "q1", "text": "ile dostane z pefronu na wlasna firme w zgorzelcu"},
            {"text": "Wie geht das?"},
        ],
    )
    first, second = rows(done)
    assert done.returncode == 0
    assert set(first) == {"id", "outcome", "entry", "facet", "candidates", "lang", "place", "ms"}
    assert first["place"] == {"name": "Zgorzelec", "county": "zgorzelecki", "voivodeship": "dolnośląskie"}
    assert first["candidates"][0]["entry"] == "dotacja-pfron"
    assert (second["lang"], second["outcome"], second["entry"]) == ("de", "unknown", None)


def test_ask_shows_amount_source_and_date(klaster: Any) -> None:
    answer = klaster("ask", "ile dostane z pefronu na wlasna firme").stdout
    assert "55\u00a0398,78\u00a0zł" in answer
    assert "Źródło: " in answer
    assert "sprawdzone 23 listopada 2026" in answer


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "3", '"a"', '{"chat": "a"}', '{"text": "a"}', '{"chat": 1, "text": "a"}', '{"chat": "a", "text": "b", "choice": "c"}',
     '{"chat": "a", "text": null}', '{"chat": "\\ud800", "text": "a"}', "[" * 5_000],
)  # fmt: skip
def test_a_malformed_line_is_answered_in_its_place(klaster: Any, line: str) -> None:
    done = klaster(
        "chat", "--jsonl", lines=[{"chat": "a", "text": "dzień dobry"}, line, {"chat": "a", "text": "dzięki"}]
    )
    answers = rows(done)
    assert done.returncode == 1
    assert list(answers[1]) == ["error"]
    assert [answers[0]["outcome"], answers[2]["outcome"]] == ["smalltalk", "smalltalk"]
    assert "Traceback" not in done.stderr


def test_a_repeated_id_is_handled_once_also_after_a_restart(klaster: Any) -> None:
    line = {"chat": "a", "text": "staż", "id": "m1"}
    first, again = rows(klaster("chat", "--jsonl", lines=[line, line]))
    assert (first["id"], first["outcome"]) == ("m1", "choose")
    assert again == {"chat": "a", "id": "m1", "repeat": True, "replies": []}
    assert rows(klaster("chat", "--jsonl", lines=[line]))[0]["repeat"]


def test_a_choice_is_tapped_by_its_id(klaster: Any) -> None:
    lines = [
        {"chat": "a", "text": "staż"},
        {"chat": "a", "choice": "e:staz-zagraniczny"},
        {"chat": "a", "choice": "nic"},
    ]
    answers = rows(klaster("chat", "--jsonl", lines=lines))
    assert [answer["outcome"] for answer in answers] == ["choose", "answer", "refused"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ask"], 2),
        (["nie-ma"], 2),
        (["ask", "a", "--jsonl"], 2),
        (["questions", "show", "7"], 2),
        (["run", "--only", "gołąb"], 2),
    ],
)
def test_wrong_use_is_one_readable_line(klaster: Any, arguments: list[str], code: int) -> None:
    done = klaster(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Error" in done.stderr


def test_wrong_settings_are_told_together(klaster: Any) -> None:
    wrong = {"KLASTER_WEB_PORT": "x", "KLASTER_LOG": "głośno", "KLASTER_SECRET": "krótki"}
    done = klaster("chat", **wrong)
    assert done.returncode == 2
    assert {line.split(":")[0] for line in done.stderr.splitlines()} == set(wrong)


def test_broken_knowledge_is_told_by_file_and_line(klaster: Any, tmp_path: Path) -> None:
    (tmp_path / "wiedza" / "business").mkdir(parents=True)
    (tmp_path / "wiedza" / "business" / "x.yaml").write_text("id: x\nkinnd: programme\n")
    for command in (["check"], ["ask", "staż"]):
        done = klaster(*command, KLASTER_KNOWLEDGE=str(tmp_path / "wiedza"))
        assert done.returncode == 1
        assert (
            "business/x.yaml:2: błąd: Nieznane pole „kinnd”. Czy chodziło o „kind”?"
            in done.stdout + done.stderr
        )


@pytest.mark.trust("T-68")
def test_no_word_of_a_person_is_in_any_output_or_file(klaster: Any, tmp_path: Path) -> None:
    marker = "Zyrafowicz"
    lines = [
        {"chat": "a", "text": f"nazywam się Jan {marker}, staż"},
        {"chat": marker, "text": "nie chce mi sie zyc"},
        {"chat": "c", "text": f"przepis na zupę, nazywam się Jan {marker}"},
    ]
    done = klaster("chat", "--jsonl", lines=lines, KLASTER_LOG="debug")
    assert marker not in done.stderr
    assert done.stdout.count(marker) == 1, "only the chat's own id comes back"
    for path in (tmp_path / "data").iterdir():
        if path.is_file():
            assert marker.encode() not in path.read_bytes(), path.name
