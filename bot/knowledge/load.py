"""The one door through which files become knowledge. `read` touches the disk, `assemble` does not.

All problems are reported at once, each with file, line and advice; with any problem there is no knowledge.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.knowledge.advice import advise
from bot.knowledge.check import LineOf, cross_check
from bot.knowledge.circumstances import Circumstance
from bot.knowledge.entry import FACETS, Entry, EntryId, Line
from bot.knowledge.figures import Figure
from bot.knowledge.glossary import Term
from bot.knowledge.knowledge import Asked, Knowledge
from bot.knowledge.phrases import ABROAD, PHRASES, OfficeKind, Operator, Phrases, names_in
from bot.knowledge.places import Places, PlacesFile
from bot.knowledge.plain import Style
from bot.knowledge.problems import KnowledgeError, Problem, did_you_mean, sentence_for
from bot.knowledge.profile import Profile
from bot.knowledge.tree import MAX_BYTES, Flat, Tree, parse
from bot.knowledge.words import SHORTEST_STEM, Words

VERSION = 1
"""Part of the name under which what was read is kept; goes up when reading changes."""
MAX_FILES = 5_000
GROUPS = ("business", "work", "abroad", "support", "money", "cluster", "about", "organisations")
SINGLE = ("places", "offices", "operator", "circumstances", "glossary", "style", "profile")
NONE_KINDS = ("far", "near", "advice", "gibberish", "attack", "smalltalk", "nocrisis")

_LEFTOVERS = re.compile(r"(\.sw[a-p]|~|\.tmp|\.bak|\.orig)$|^\.|^#|^4913$")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of reading: the knowledge when it can be used, everything that should be mended, and on which line
    a place in a file stands."""

    knowledge: Knowledge | None
    problems: tuple[Problem, ...]
    line_of: LineOf

    def usable(self) -> Knowledge:
        """The knowledge. Raises KnowledgeError where there is none."""
        if self.knowledge is None:
            raise KnowledgeError([problem for problem in self.problems if not problem.warning])
        return self.knowledge


class Kept(Protocol):
    """Where what was read is kept by the name of its content, so that a start need not take YAML apart again."""

    def load(self, name: str) -> bytes | None:
        """The bytes kept under this name; None where there are none or they are damaged."""

    def save(self, name: str, data: bytes) -> None:
        """Keep the bytes under this name, and drop what was kept before."""


def read(
    folder: Path, today: date, advice: bool = False, phrasings: bool = True, kept: Kept | None = None
) -> Loaded:
    """Read and check the whole folder; with `advice`, also what an editor should look at. Without `phrasings` the
    knowledge holds none: enough where they have been learnt from, and so checked, before."""
    files, problems = _files(folder)
    if kept is None:
        return assemble(files, today, problems, advice, phrasings)
    parts = {name: data for name, data in files.items() if not name.startswith("asked/")}
    content = f"read-{VERSION}-{_digest(parts)}"
    trees = _trees(kept.load(content))
    if trees is not None and not problems:
        loaded = assemble(files, today, problems, advice, phrasings, trees)
        if loaded.knowledge is not None:
            return loaded
    loaded = assemble(files, today, problems, advice, phrasings)
    if loaded.knowledge is not None and trees is None:
        plain = {name: parse(data, name)[0] for name, data in parts.items()}
        kept.save(content, json.dumps({name: tree.plain() for name, tree in plain.items() if tree}).encode())
    return loaded


def _trees(data: bytes | None) -> dict[str, Flat] | None:
    try:
        return None if data is None else {name: Flat(value) for name, value in json.loads(data).items()}
    except (ValueError, AttributeError):
        return None


def _files(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """The YAML files under the folder by their path in it: regular ones only, never through a link that leads out."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    root = folder.resolve()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if any(_LEFTOVERS.search(part) for part in name.split("/")) or path.suffix != ".yaml":
            continue
        if len(files) >= MAX_FILES:
            problems.append(Problem(name, 1, f"Plików jest ponad {MAX_FILES}.", "Usuń niepotrzebne pliki."))
            break
        try:
            files[name] = _bytes(path, root)
        except OSError as error:
            advice = "Zostaw tu zwykły plik, który program może odczytać."
            problems.append(Problem(name, 1, f"Nie mogę odczytać pliku ({error.strerror or error}).", advice))
    if not files and not problems:
        problems.append(
            Problem(str(folder), 1, "W folderze nie ma wiedzy.", "Sprawdź ustawienie KLASTER_KNOWLEDGE.")
        )
    return files, problems


def _bytes(path: Path, root: Path) -> bytes:
    if not path.resolve().is_relative_to(root):
        raise OSError(0, "to dowiązanie poza folder wiedzy")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO must not make us wait
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "to nie jest zwykły plik")
        return file.read(MAX_BYTES + 1)


def assemble(
    files: Mapping[str, bytes],
    today: date,
    problems: Iterable[Problem] = (),
    advice: bool = False,
    phrasings: bool = True,
    trees: Mapping[str, Flat] = MappingProxyType({}),
) -> Loaded:
    """Files by path -> knowledge and problems, and warnings where there is `advice` to give. `trees` are what some of the
    files were read as before."""
    work = _Assembly(list(problems))
    for name, data in files.items():
        if phrasings or not name.startswith("asked/"):
            work.take(name, data, trees.get(name))
    found = work.problems
    if not found:
        try:
            knowledge = work.knowledge(files)
        except KnowledgeError as error:
            found += error.problems
        else:
            found += cross_check(knowledge, work.line_of, today)
            if not found:
                warnings = advise(knowledge, work.line_of, today) if advice else ()
                return Loaded(knowledge, tuple(sorted(warnings)), work.line_of)
    return Loaded(None, tuple(sorted(set(found))), work.line_of)


class _Assembly:
    """Collects the parts file by file; knows for each path what it should hold."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.trees: dict[str, Tree] = {}
        self.parts: dict[str, dict[str, Any]] = {}

    def take(self, name: str, data: bytes, known: Flat | None = None) -> None:
        """Read one file into its part; `known` is what it was read as before."""
        handler = self._handler(name)
        if handler is None:
            where = ", ".join((*GROUPS, "figures", "asked/pl", "phrases", "words", "synonyms"))
            self.problems.append(
                Problem(name, 1, "Nie wiem, co to za plik.", f"Pliki wiedzy leżą w: {where}.")
            )
            return
        tree, found = (known, []) if known is not None else parse(data, name)
        self.problems += found
        if tree is None:
            if not found:
                self.problems.append(Problem(name, 1, "Plik jest pusty.", "Wpisz treść albo usuń plik."))
            return
        self.trees[name] = tree
        handler(name, tree)

    def _handler(self, name: str) -> Callable[[str, Tree], None] | None:
        match name.removesuffix(".yaml").split("/"):
            case [group, _] if group in GROUPS:
                return self._entry
            case ["figures", _]:
                return self._figure
            case ["asked", lang, _] if len(lang) == 2:
                return self._asked
            case ["phrases", lang] if len(lang) == 2:
                return self._phrases
            case ["words", lang] if len(lang) == 2:
                return self._words
            case ["synonyms", lang] if len(lang) == 2:
                return self._synonyms
            case [single] if single in SINGLE:
                return self._single
        return None

    def _entry(self, name: str, tree: Tree) -> None:
        entry = self._model(Entry, name, tree)
        if entry is None:
            return
        stem = _stem(name)
        if entry.id != stem:
            what = f"„id” to „{entry.id}”, a plik nazywa się „{stem}”."
            self._problem(name, tree.line_of(("id",)), what, "Nazwij plik tak jak „id”.")
        twin = self.parts.setdefault("entries", {}).setdefault(entry.id, (name, entry))
        if twin[0] != name:
            self._problem(
                name, tree.line_of(("id",)), f"Ten sam „id” jest w pliku {twin[0]}.", "Zmień jeden z nich."
            )
        if (entry.kind == "organisation") != name.startswith("organisations/"):
            self._problem(
                name, tree.line_of(("kind",)), f"Rodzaj „{entry.kind}” nie pasuje do folderu.",
                "Organizacje leżą w folderze organisations, inne wpisy nie.",
            )  # fmt: skip

    def _figure(self, name: str, tree: Tree) -> None:
        stem = _stem(name)
        if not _ID.fullmatch(stem) or len(stem) > 64:
            self._problem(
                name, 1, f"Zła nazwa pliku „{stem}”.", "Wolno: małe litery bez ogonków, cyfry i łączniki."
            )
        figure = self._model(Figure, name, tree)
        if figure is not None:
            self.parts.setdefault("figures", {})[stem] = figure

    def _asked(self, name: str, tree: Tree) -> None:
        lang, stem = name.split("/")[1], _stem(name)
        allowed = NONE_KINDS if stem == "none" else FACETS
        lists = self._model(dict[str, tuple[Line, ...]], name, tree)
        if lists is None:
            return
        for key in lists.keys() - set(allowed):
            self._problem(name, tree.line_of((key,)), f"Nieznana część „{key}”.", did_you_mean(key, allowed))
        self.parts.setdefault("asked", {}).setdefault(lang, {})[stem] = MappingProxyType(lists)

    def _phrases(self, name: str, tree: Tree) -> None:
        lang = _stem(name)
        texts = self._model(dict[str, Line], name, tree)
        if texts is None:
            return
        needed = PHRASES.keys() if lang == "pl" else ABROAD
        for key in sorted(needed - texts.keys()):
            self._problem(name, 1, f"Brakuje zdania „{key}”.", "Dopisz je; zobacz phrases/pl.yaml.")
        for key in texts:
            self._phrase(name, tree, key, texts[key])
        self.parts.setdefault("phrases", {})[lang] = texts

    def _phrase(self, name: str, tree: Tree, key: str, text: str) -> None:
        line = tree.line_of((key,))
        if key not in PHRASES:
            self._problem(name, line, f"Nieznane zdanie „{key}”.", did_you_mean(key, PHRASES))
            return
        for unknown in sorted(names_in(text) - PHRASES[key]):
            self._problem(
                name, line, f"Zdanie „{key}” nie zna „$({unknown})”.", did_you_mean(unknown, PHRASES[key])
            )

    def _words(self, name: str, tree: Tree) -> None:
        words = self._model(Words, name, tree)
        if words is not None:
            self.parts.setdefault("words", {})[_stem(name)] = words

    def _synonyms(self, name: str, tree: Tree) -> None:
        texts = self._model(dict[EntryId, str], name, tree)
        if texts is None:
            return
        groups = {
            group: tuple(filter(None, map(str.strip, text.split(",")))) for group, text in texts.items()
        }
        owner: dict[str, str] = {}
        for group, items in groups.items():
            for item in items:
                line, first = tree.line_of((group,)), owner.setdefault(item, group)
                if first != group:
                    self._problem(name, line, f"„{item}” jest też w „{first}”.", "Zostaw je w jednej grupie.")
                if "*" in item and any(0 < part.find("*") < SHORTEST_STEM for part in item.split()):
                    advice = f"Przed gwiazdką wpisz co najmniej {SHORTEST_STEM} litery."
                    self._problem(name, line, f"Początek „{item}” jest za krótki.", advice)
        self.parts.setdefault("synonyms", {})[_stem(name)] = MappingProxyType(groups)

    def _single(self, name: str, tree: Tree) -> None:
        kind: Any = {
            "places": PlacesFile,
            "offices": dict[str, OfficeKind],
            "operator": Operator,
            "circumstances": dict[EntryId, Circumstance],
            "glossary": dict[Line, Term],
            "style": Style,
            "profile": Profile,
        }[_stem(name)]
        part = self._model(kind, name, tree)
        if part is not None:
            self.parts[_stem(name)] = {"": part}

    def _model(self, kind: type[M], name: str, tree: Tree) -> M | None:
        try:
            return TypeAdapter(kind).validate_python(tree.plain())
        except ValidationError as error:
            for found in error.errors(include_url=False):
                location = tuple(part for part in found["loc"] if isinstance(part, int | str))
                what, advice = sentence_for(dict(found), _known_fields(kind, location))
                self._problem(name, tree.line_of(location), what, advice)
            return None

    def _problem(self, name: str, line: int, what: str, advice: str) -> None:
        self.problems.append(Problem(name, line, what, advice))

    def line_of(self, name: str, location: Sequence[int | str]) -> int:
        """The line of this place in this file."""
        return self.trees[name].line_of(tuple(location)) if name in self.trees else 1

    def knowledge(self, files: Mapping[str, bytes]) -> Knowledge:
        """All parts together. Raises KnowledgeError when a file that must be there is not."""
        missing = [f"{part}.yaml" for part in SINGLE if part not in self.parts]
        missing += [
            f"{part}/pl.yaml" for part in ("phrases", "words") if "pl" not in self.parts.get(part, {})
        ]
        if missing:
            raise KnowledgeError(
                [Problem(file, 1, "Brakuje tego pliku.", "Przywróć go.") for file in missing]
            )
        phrases = self.parts["phrases"]
        return Knowledge(
            entries=_frozen({key: entry for key, (_, entry) in self.parts.get("entries", {}).items()}),
            files=_frozen({key: name for key, (name, _) in self.parts.get("entries", {}).items()}),
            figures=_frozen(self.parts.get("figures", {})),
            places=Places(self.parts["places"][""]),
            offices=_frozen(self.parts["offices"][""]),
            circumstances=_frozen(self.parts["circumstances"][""]),
            glossary=_frozen(self.parts["glossary"][""]),
            style=self.parts["style"][""],
            profile=self.parts["profile"][""],
            operator=self.parts["operator"][""],
            phrases=_frozen(
                {lang: Phrases(_frozen({**phrases["pl"], **texts})) for lang, texts in phrases.items()}
            ),
            words=_frozen(self.parts["words"]),
            synonyms=_frozen(self.parts.get("synonyms", {})),
            asked=self._lists("asked"),
            learnt_from=_learnt_from(files, [entry for _, entry in self.parts.get("entries", {}).values()]),
        )

    def _lists(self, part: str) -> Mapping[str, Mapping[str, Asked]]:
        return _frozen({lang: _frozen(lists) for lang, lists in self.parts.get(part, {}).items()})


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(".yaml")


def _frozen(parts: Mapping[str, M]) -> Mapping[str, M]:
    return MappingProxyType(dict(sorted(parts.items())))


def _digest(files: Mapping[str, bytes]) -> str:
    """A name for the content of files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return digest.hexdigest()[:32]


def _learnt_from(files: Mapping[str, bytes], entries: Iterable[Entry]) -> str:
    """A name for the content that the search learns from: phrasings, words, places, the entries' names. It changes when,
    and only when, those do."""
    told = {
        name: data
        for name, data in files.items()
        if name.startswith(("asked/", "words/", "synonyms/", "places"))
    }
    digest = hashlib.sha256(_digest(told).encode())
    for entry in sorted(entries, key=lambda entry: entry.id):
        digest.update("\0".join((entry.id, entry.title, *entry.aliases, "\n")).encode())
    return digest.hexdigest()[:32]


def _known_fields(kind: Any, location: Sequence[int | str]) -> Sequence[str]:
    """The fields allowed where an unknown one was found."""
    for part in location[:-1]:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(part, str):
            field = kind.model_fields.get(part)
            kind = _model_inside(field.annotation) if field else None
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return ()


def _model_inside(annotation: Any) -> Any:
    """The model in `Model | None` or `tuple[Model, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inside = (_model_inside(argument) for argument in getattr(annotation, "__args__", ()))
    return next((model for model in inside if model is not None), None)


__all__ = ["Asked", "Loaded", "assemble", "read"]
