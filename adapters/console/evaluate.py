"""Answer quality on labelled questions and dialogues: figures, never a verdict."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.console.lines import CHANNEL
from adapters.console.single import turn_of
from bot.dialogue.conversation import Conversation
from bot.dialogue.engine import Engine
from bot.dialogue.turn import Turn
from bot.messages import Chat, Message

BINS = 10

Row = Mapping[str, Any]


def evaluate_file(engine: Engine, lines: Iterable[str], now: datetime) -> dict[str, Any]:
    """The figures for a file of questions, or of dialogues where its lines have `turns`."""
    rows = [json.loads(line) for line in lines if line.strip()]
    if rows and "turns" in rows[0]:
        return _dialogues(engine, rows, now)
    return _questions(engine, rows, now)


# --- questions ------------------------------------------------------------------------------------------------


def _questions(engine: Engine, rows: Sequence[Row], now: datetime) -> dict[str, Any]:
    judged, times = [], []
    for row in rows:
        started = time.perf_counter()
        turn = turn_of(engine, row["text"], row.get("lang"), now)
        times.append((time.perf_counter() - started) * 1000)
        judged.append(_judge(row, turn))
    known = [one for one in judged if one["scope"] == "known"]
    return {
        "questions": len(judged),
        "overall": _figures(known),
        "out of scope": _refusals([one for one in judged if one["scope"] == "none"]),
        "other languages": _refusals([one for one in judged if one["scope"] == "foreign"]),
        "by language": {name: _languages(part) for name, part in _parts(judged, "lang").items()},
        "by facet": {name: _figures(part) for name, part in _parts(known, "facet").items()},
        "by noise": {name: _figures(part) for name, part in _parts(known, "noise").items()},
        "by kind": {name: _figures(part) for name, part in _parts(known, "kind").items()},
        "outcome right": _share([one["outcome_right"] for one in judged]),
        "place right": _share([one["place_right"] for one in judged if one["place_right"] is not None]),
        "calibration": _calibration(known),
        "cost": _cost(judged),
        "ms": {
            "median": round(statistics.median(times), 2),
            "p99": round(sorted(times)[int(len(times) * 0.99)], 2),
        },
    }


def _languages(part: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Polish as it is answered; of another language, until it is answered, how it was refused."""
    known = [one for one in part if one["scope"] == "known"]
    return _figures(known) if known else _refusals(part)


def _judge(row: Row, turn: Turn) -> dict[str, Any]:
    gold = row["gold"]
    first = turn.entry or (turn.candidates[0].entry if turn.candidates else None)
    three = [match.entry for match in turn.candidates[:3]]
    three = [turn.entry, *three] if turn.entry else three
    scope = "foreign" if row["lang"] != "pl" else "known" if row["gold"] else "none"
    county = turn.place.county.shown if turn.place and turn.place.county else None
    return {
        "scope": scope,
        "first": first in gold,
        "three": any(entry in gold for entry in three[:3]),
        "facet": row.get("facet") or "none in particular",
        "facet_right": None if row.get("facet") is None else turn.facet == row["facet"],
        "lang": row["lang"],
        "noise": row.get("noise") or ["none"],
        "kind": [row.get("kind") or "plain"],
        "outcome": turn.outcome,
        "outcome_right": turn.outcome in row["outcome"],
        "score": turn.candidates[0].score if turn.candidates else 0.0,
        "place_right": county == row["county"] if row.get("county") else None,
        "cost": _question_cost(turn, gold, three),
    }


def _question_cost(turn: Turn, gold: Sequence[str], three: Sequence[str | None]) -> float:
    """The costs by which thresholds are chosen: a wrong answer hurts most, "I don't know" little."""
    if turn.outcome == "choose":
        return (0.3 if any(entry in gold for entry in three) else 1.5) if gold else 0.7
    if turn.outcome in ("answer", "place", "crisis") and turn.entry:
        return 0.0 if turn.entry in gold else 10.0
    return 1.0 if gold else 0.0


def _parts(judged: Sequence[Row], key: str) -> dict[str, list[Row]]:
    parts: dict[str, list[Row]] = defaultdict(list)
    for one in judged:
        for name in one[key] if isinstance(one[key], list) else [one[key]]:
            parts[name].append(one)
    return dict(sorted(parts.items()))


def _figures(judged: Sequence[Row]) -> dict[str, Any]:
    outcomes = Counter(one["outcome"] for one in judged)
    return {
        "n": len(judged),
        "first": _share([one["first"] for one in judged]),
        "three": _share([one["three"] for one in judged]),
        "facet": _share([one["facet_right"] for one in judged if one["facet_right"] is not None]),
        "outcomes": dict(outcomes.most_common()),
    }


def _refusals(judged: Sequence[Row]) -> dict[str, Any]:
    """How questions fare that no entry answers: every `answer` is a false one."""
    return {
        "n": len(judged),
        "outcomes": dict(Counter(one["outcome"] for one in judged).most_common()),
        "false answers": sum(one["outcome"] == "answer" for one in judged),
    }


def _share(right: Sequence[bool | None]) -> float | None:
    return round(sum(map(bool, right)) / len(right), 3) if right else None


def _calibration(judged: Sequence[Row]) -> dict[str, Any]:
    """Reliability in ten bins and the expected calibration error: mean gap between score and share right."""
    bins: dict[int, list[Row]] = defaultdict(list)
    judged = [one for one in judged if one["score"] > 0]  # the others were settled without a search
    for one in judged:
        bins[min(BINS - 1, int(one["score"] * BINS))].append(one)
    rows, error = [], 0.0
    for number in sorted(bins):
        part = bins[number]
        score = statistics.fmean(one["score"] for one in part)
        right = sum(one["first"] for one in part) / len(part)
        error += abs(score - right) * len(part) / len(judged)
        rows.append(
            {"from": number / BINS, "n": len(part), "score": round(score, 3), "right": round(right, 3)}
        )
    return {"bins": rows, "expected error": round(error, 3)}


def _cost(judged: Sequence[Row]) -> float | None:
    relevant = [one["cost"] for one in judged if one["scope"] != "foreign"]
    return round(statistics.fmean(relevant), 3) if relevant else None


# --- dialogues ------------------------------------------------------------------------------------------------


def _dialogues(engine: Engine, rows: Sequence[Row], now: datetime) -> dict[str, Any]:
    whole, wrong, turns = [], [], []
    for row in rows:
        conversation, rights = Conversation(greeted=True), []
        for number, said in enumerate(row["turns"]):
            turn = engine.take_turn(conversation, Message(Chat(CHANNEL, ""), str(number), said["say"]), now)
            conversation = turn.conversation
            rights.append(_turn_right(said, turn))
            if not rights[-1]:
                got = [turn.outcome, turn.entry, turn.facet]
                wrong.append({"id": row["id"], "say": said["say"], "got": got})
        turns += rights
        whole.append(all(rights))
    return {
        "dialogues": len(rows),
        "turns": len(turns),
        "turns right": _share(turns),
        "whole dialogues": [sum(whole), len(whole)],
        "wrong": wrong,
    }


def _turn_right(said: Row, turn: Turn) -> bool:
    text = "\n".join(reply.text for reply in turn.replies)
    return (
        turn.outcome in said["outcome"]
        and (not said.get("entry") or turn.outcome == "choose" or turn.entry in said["entry"])
        and (not said.get("facet") or turn.facet == said["facet"])
        and all(part in text for part in said.get("contains", ()))
    )


# --- as text --------------------------------------------------------------------------------------------------


def report(result: Mapping[str, Any]) -> str:
    """The figures as lines of text."""
    return "\n".join(_lines(result, ""))


def _lines(value: Mapping[str, Any], indent: str) -> Iterable[str]:
    for name, part in value.items():
        if isinstance(part, Mapping) and any(isinstance(inner, Mapping | list) for inner in part.values()):
            yield f"{indent}{name}:"
            yield from _lines(part, indent + "  ")
        elif isinstance(part, Mapping):
            yield f"{indent}{name}: " + ", ".join(f"{key} {inner}" for key, inner in part.items())
        elif isinstance(part, list) and part and isinstance(part[0], Mapping):
            yield f"{indent}{name}:"
            yield from (f"{indent}  {json.dumps(row, ensure_ascii=False)}" for row in part)
        else:
            yield f"{indent}{name}: {part}"
