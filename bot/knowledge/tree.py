"""YAML text -> a tree that remembers its lines, built from the parser's events.

Every scalar stays the string that was written: `no`, `012`, `22:22` and `0000046016` (a KRS number) mean
themselves; dates and numbers arise only where the schema asks for them. Anchors, aliases, merge keys, tags,
several documents, duplicate keys, deep or huge trees and hidden characters are problems, seen before anything
is built: PyYAML's own composer dies on 40,000 nested brackets, and expands aliases without end.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from bot.knowledge.problems import Problem

MAX_BYTES = 256_000
MAX_DEPTH = 20
MAX_NODES = 20_000
MAX_TEXT = 10_000

_PARSER = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # both give the same events; the C one is ten times faster

_HIDDEN = {"Cc", "Cf", "Co", "Cs"}


@dataclass(slots=True)
class Node:
    """A value and the line (from 1) on which it stands: a text, a list of nodes, named nodes, or None when empty."""

    value: str | list[Node] | dict[str, Node] | None
    line: int
    key_lines: dict[str, int] | None = None

    def plain(self) -> object:
        """The same without lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def line_of(self, location: tuple[int | str, ...]) -> int:
        """The line of the value at this path, or of the nearest thing above it that exists."""
        node, line = self, self.line
        for part in location:
            if isinstance(node.value, dict) and str(part) in node.value:
                line, node = (node.key_lines or {})[str(part)], node.value[str(part)]
            elif isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.line
        return line


@dataclass(slots=True)
class Flat:
    """What a tree is without its lines: it was whole when it was read from YAML, so nobody will ask for them."""

    value: object

    def plain(self) -> object:
        """The value."""
        return self.value

    def line_of(self, _location: tuple[int | str, ...]) -> int:
        """The beginning of the file."""
        return 1


Tree = Node | Flat


class _Unusable(Exception):
    """The file cannot be read any further; the reason is in the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def parse(data: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one YAML file and its problems; no tree when the file cannot be read at all."""
    problems: list[Problem] = []
    try:
        text = _decode(data, file)
        problems += _hidden_characters(text, file)
        if problems:
            return None, problems
        return _build(text, file, problems), problems
    except _Unusable as stop:
        return None, [*problems, stop.problem]


def _decode(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        raise _Unusable(
            Problem(file, 1, f"Plik ma ponad {MAX_BYTES // 1000} kB.", "Podziel treść na mniejsze pliki.")
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        advice = "Zapisz plik jako UTF-8 (w edytorze: „Zapisz jako”, kodowanie UTF-8)."
        raise _Unusable(Problem(file, line, "Plik nie jest w kodowaniu UTF-8.", advice)) from None
    return unicodedata.normalize("NFC", text)


def _hidden_characters(text: str, file: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.isprintable():  # category by category only where something cannot be printed
            continue
        for column, sign in enumerate(line.removesuffix("\r"), 1):
            if unicodedata.category(sign) in _HIDDEN:
                what = f"Niewidoczny albo niedozwolony znak U+{ord(sign):04X} w kolumnie {column}."
                advice = (
                    "Usuń ten znak i wpisz tekst ręcznie."
                    if sign != "\t"
                    else "Zamiast tabulatora użyj spacji."
                )
                yield Problem(file, number, what, advice)
                break


def _build(text: str, file: str, problems: list[Problem]) -> Node | None:
    builder = _Builder(file, problems)
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        advice = (
            "Sprawdź wcięcia (spacje, nie tabulatory), dwukropki i cudzysłowy w tym wierszu i w wierszu nad nim. "
            "Tekst z dwukropkiem weź w cudzysłów."
        )
        raise _Unusable(Problem(file, line, "Nie umiem odczytać tego miejsca.", advice)) from None
    except yaml.YAMLError:
        raise _Unusable(Problem(file, 1, "Nie umiem odczytać pliku.", "Sprawdź, czy to plik YAML.")) from None
    return builder.root


class _Builder:
    """Takes events one by one; holds the open collections in a list, so that depth costs no recursion."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.root: Node | None = None
        self.open: list[Node] = []
        self.keys: list[tuple[str, int] | None] = []
        self.nodes = self.documents = 0

    def take(self, event: yaml.Event) -> None:
        """Add one event to the tree."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if type(event) is yaml.ScalarEvent:  # most are
            self._node(event, line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._stop(
                    line, "W pliku jest więcej niż jeden dokument.", "Usuń wiersz „---” i to, co po nim."
                )
        elif isinstance(event, yaml.AliasEvent):
            self._stop(line, "Odwołania YAML (*) nie są dozwolone.", "Wpisz treść jeszcze raz w tym miejscu.")
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.open.pop()
            self.keys.pop()

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop(line, f"Plik ma ponad {MAX_NODES} pozycji.", "Podziel go na mniejsze pliki.")
        if event.anchor:
            self._stop(
                line,
                "Kotwice YAML (&) nie są dozwolone.",
                "Usuń „&nazwa”; jeśli to tekst, weź go w cudzysłów.",
            )
        tag = getattr(event, "tag", None)
        if tag:
            what = f"Znacznik „{str(tag).replace('tag:yaml.org,2002:', '!!')}” nie jest dozwolony."
            self._stop(line, what, "Usuń słowo z wykrzyknikiem; jeśli to tekst, weź go w cudzysłów.")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
            return
        if len(self.open) >= MAX_DEPTH:
            self._stop(line, f"Zagnieżdżenie jest głębsze niż {MAX_DEPTH}.", "Uprość zapis.")
        node = Node({} if isinstance(event, yaml.MappingStartEvent) else [], line)
        self._place(node)
        self.open.append(node)
        self.keys.append(None)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if len(event.value) > MAX_TEXT:
            what = f"Tekst ma ponad {MAX_TEXT} znaków."
            self.problems.append(
                Problem(self.file, line, what, "Skróć go; odpowiedź ma zmieścić się na telefonie.")
            )
        parent = self.open[-1] if self.open else None
        if parent is not None and isinstance(parent.value, dict) and self.keys[-1] is None:
            self._key(event.value, line, parent)
            return
        empty = event.implicit[0] and event.value == ""
        self._place(Node(None if empty else event.value, line))

    def _key(self, key: str, line: int, parent: Node) -> None:
        if key == "<<":
            self._stop(line, "Scalanie („<<”) nie jest dozwolone.", "Wpisz pola jeszcze raz w tym miejscu.")
        lines = parent.key_lines = {} if parent.key_lines is None else parent.key_lines
        if key in lines:
            what = f"Pole „{key}” jest dwa razy (pierwszy raz w wierszu {lines[key]})."
            self.problems.append(Problem(self.file, line, what, "Zostaw jedno z nich."))
        lines.setdefault(key, line)
        self.keys[-1] = (key, line)

    def _place(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
            return
        key = self.keys[-1]
        if key is None or not isinstance(parent.value, dict):
            self._stop(node.line, "Nazwą pola jest lista albo grupa pól.", "Nazwa pola ma być słowem.")
        else:
            parent.value.setdefault(key[0], node)
            self.keys[-1] = None

    def _stop(self, line: int, what: str, advice: str) -> None:
        raise _Unusable(Problem(self.file, line, what, advice))
