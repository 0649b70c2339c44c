"""Learns topic, facet and danger from the phrasings. Slow (seconds), so what is learnt is kept as bytes, by content.

scikit-learn is imported only here and only when something has to be learnt: it costs half a second.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.knowledge.knowledge import NONE, Knowledge
from bot.search.classifier import Classifier
from bot.search.features import Keys, TopicFeatures, keys_of, phrase_features
from bot.search.place import Gazetteer
from bot.text.normalise import fold, words

VERSION = 16
"""Part of the name under which the learnt is kept; goes up when features or training change."""

DANGER_ENTRY = "nagle-zagrozenie"
HARMLESS = "nocrisis"
"""The kind of unanswerable phrasing that only sounds like danger."""

MIN_TEXTS = 3
"""A feature that fewer texts have says little about others; with two, learning takes a quarter longer for one first hit
in a thousand."""
NEXT_TO_NOTHING = 1
"""Of 127 steps; without these twelve weights in thirteen are gone and no first hit changes. At 3 it is one in 25 that stays,
and the tests lose 0.2 points."""
COST = {"topic": 1.0, "facet": 0.3, "danger": 1.0, "scope": 1.0}
"""LinearSVC's C."""
OUTSIDE_COUNTS = 3
"""One phrasing that no entry answers weighs as much as three others: there are few, and what is outside is endless."""
SHARPNESS = {"topic": 9.0, "facet": 4.0, "danger": 4.0, "scope": 3.0}
"""What turns margins into probabilities: see docs/decisions/0005, measured on texts that were not learnt from."""
CLASSES_AT_ONCE, AT_ONCE = 25, 2
"""Classes are learnt in groups, two at a time: liblinear lets go of the interpreter, and a group fits in memory."""
FEW = 500
"""Of so few texts every feature counts."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that training yields: which entry, which part, is it a cry for help, is it within what the bot knows about.

    `known` are the words that phrasings are made of; `asked`: how many Polish phrasings ask for each part of an entry.
    """

    topic: Classifier
    facet: Classifier
    danger: Classifier
    scope: Classifier
    known: tuple[str, ...] = field(repr=False)
    asked: Mapping[str, Mapping[str, int]] = field(repr=False)


def name_of(knowledge: Knowledge) -> str:
    """The name of what is learnt from this knowledge by this program."""
    return f"search-{VERSION}-{knowledge.learnt_from}"


def learn(knowledge: Knowledge, progress: Progress) -> Learnt:
    """Train on every phrasing of every language; `progress` is told each step in Polish."""
    bare = knowledge.words["pl"].politeness.bare
    rows = [replace(row, text=bare(row.text)) for row in _examples(knowledge)]
    features = TopicFeatures(knowledge)
    found = [words(fold(row.text)) for row in rows]
    counts = Counter(word for one in found for word in set(one))
    known = tuple(sorted(word for word, count in counts.items() if count >= MIN_TEXTS))
    gazetteer = Gazetteer(knowledge.places, frozenset(known))
    by_words = [keys_of(features.of(one, gazetteer.find(one))) for one in found]
    progress(f"Uczę się rozpoznawać tematy z {len(rows)} pytań…")
    texts = _Texts.of(by_words)
    topical = [at for at, row in enumerate(rows) if not row.danger and not row.harmless]
    topic = _train(texts.of_rows(topical), [rows[at].topic for at in topical], "topic", progress)
    with ThreadPoolExecutor(AT_ONCE) as workers:
        dangers = ["danger" if row.danger else "other" for row in rows]
        sides = ["outside" if rows[at].outside else "inside" for at in topical]
        cries = workers.submit(_train, texts, dangers, "danger", progress)
        reach = workers.submit(_train, texts.of_rows(topical), sides, "scope", progress)
        danger, scope = cries.result(), reach.result()
    del texts, by_words
    progress("Uczę się rozpoznawać, o którą część odpowiedzi pytają…")
    asked = [row for row in rows if row.facet]
    phrases = _Texts.of([keys_of(phrase_features(row.text)) for row in asked])
    facet = _train(phrases, [str(row.facet) for row in asked], "facet", progress)
    asked_for = {
        entry: {facet: len(texts) for facet, texts in lists.items()}
        for entry, lists in knowledge.asked.get("pl", {}).items()
    }
    return Learnt(topic, facet, danger, scope, known, asked_for)


@dataclass(frozen=True, slots=True)
class _Example:
    text: str
    topic: str
    facet: str | None

    @property
    def danger(self) -> bool:
        return self.topic == DANGER_ENTRY

    @property
    def outside(self) -> bool:
        return self.topic.startswith(f"{NONE}:")

    @property
    def harmless(self) -> bool:
        return self.topic == f"{NONE}:{HARMLESS}"


def _examples(knowledge: Knowledge) -> Iterator[_Example]:
    """Texts, their topics (`none:<kind>` where no entry answers) and facets; titles and aliases are examples too."""
    for lists in knowledge.asked.values():
        for topic, by_key in lists.items():
            none = topic == NONE
            for key, texts in by_key.items():
                for text in texts:
                    yield _Example(text, f"{NONE}:{key}" if none else topic, None if none else key)
    for entry in knowledge.entries.values():
        for text in (entry.title, *entry.aliases):
            yield _Example(text, entry.id, None)


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts as rows of TF-IDF values with unit length: sublinear tf, and idf as scikit-learn smooths it."""

    matrix: Any
    keys: Keys
    idf: npt.NDArray[np.float32]

    @classmethod
    def of(cls, found: Sequence[Keys]) -> _Texts:
        from scipy.sparse import csr_matrix

        keys, columns = np.unique(np.concatenate(found), return_inverse=True)
        ends = np.concatenate([[0], np.cumsum([len(one) for one in found])])
        counts = csr_matrix((np.ones(len(columns), np.float32), columns, ends), (len(found), len(keys)))
        counts.sum_duplicates()
        texts = np.bincount(counts.indices, minlength=len(keys))
        common = texts >= (MIN_TEXTS if len(found) > FEW else 1)
        counts, keys, texts = counts[:, common], keys[common], texts[common]
        idf = np.log((1 + len(found)) / (1 + texts)) + 1
        values = counts.astype(np.float64)  # liblinear wants doubles
        values.data = (1 + np.log(values.data)) * idf[values.indices]
        lengths = np.sqrt(np.asarray(values.multiply(values).sum(axis=1)).ravel())
        values.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(values.indptr))
        return cls(values, keys, idf.astype(np.float32))

    def of_rows(self, rows: Sequence[int]) -> _Texts:
        """Some of the texts."""
        return replace(self, matrix=self.matrix[rows])


def _train(texts: _Texts, labels: Sequence[str], name: str, progress: Progress) -> Classifier:
    """Each class against all others (LinearSVC); weights that say next to nothing are dropped."""
    from scipy.sparse import hstack

    marked = np.asarray(labels)
    classes = np.unique(marked)
    groups = np.array_split(classes, max(AT_ONCE if len(classes) > 2 else 1, len(classes) // CLASSES_AT_ONCE))
    parts: list[tuple[npt.NDArray[np.float16], npt.NDArray[np.float32]]] = []
    with ThreadPoolExecutor(AT_ONCE) as workers:
        for part in workers.map(lambda group: _fit(texts.matrix, marked, group, COST[name]), groups):
            parts.append(part)
            if len(groups) > AT_ONCE:
                progress(f"  {len(parts) * 100 // len(groups)} %")
    weights, scale = zip(*(_as_bytes(part) for part, _ in parts), strict=True)
    told = hstack(weights, format="csr")
    speaking = np.diff(told.indptr) > 0
    told = told[speaking]
    return Classifier(
        classes=tuple(str(label) for label in classes),
        keys=texts.keys[speaking],
        idf=texts.idf[speaking],
        starts=told.indptr.astype(np.int64),
        columns=told.indices.astype(np.min_scalar_type(len(classes))),
        weights=told.data,
        scale=np.concatenate(scale),
        bias=np.concatenate([bias for _, bias in parts]),
        sharpness=SHARPNESS[name],
    )


def _fit(
    matrix: Any, labels: npt.NDArray[np.str_], group: npt.NDArray[np.str_], cost: float
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float32]]:
    """The classes of a group, each against all others: features x classes. The same as learning all at once."""
    from sklearn.svm import LinearSVC

    rest = ""  # sorts before every class
    machine = LinearSVC(
        C=cost,
        tol=1.0,
        random_state=0,
        class_weight={"outside": OUTSIDE_COUNTS} if "outside" in group else None,
    )  # a finer border changed no answer
    machine.fit(matrix, np.where(np.isin(labels, group), labels, rest))
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:  # one line tells both sides apart
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    mine = [at for at, label in enumerate(machine.classes_) if label != rest]
    return weights[mine].T.astype(np.float16), bias[mine].astype(np.float32)


def _as_bytes(weights: npt.NDArray[np.float16]) -> tuple[Any, npt.NDArray[np.float32]]:
    """Weights as a sparse matrix of -127..127 and what one step is worth, class by class."""
    from scipy.sparse import csr_matrix

    scale = np.maximum(np.abs(weights).max(axis=0).astype(np.float32), 1e-6) / 127
    steps = np.round(weights / scale).astype(np.int8)
    steps[np.abs(steps) <= NEXT_TO_NOTHING] = 0
    return csr_matrix(steps), scale


# --- as bytes -----------------------------------------------------------------------------------------------------

_PARTS = ("topic", "facet", "danger", "scope")
_ARRAYS = ("keys", "idf", "starts", "columns", "weights", "scale", "bias")


def to_bytes(learnt: Learnt) -> bytes:
    """The learnt as one archive of arrays; no pickle, so reading it can run nothing."""
    texts: dict[str, Any] = {part: list(getattr(learnt, part).classes) for part in _PARTS}
    texts |= {"known": learnt.known, "asked": learnt.asked}
    arrays = {"texts": np.frombuffer(json.dumps(texts).encode(), np.uint8)}
    for part in _PARTS:
        classifier: Classifier = getattr(learnt, part)
        arrays |= {f"{part}.{name}": getattr(classifier, name) for name in _ARRAYS}
        arrays[f"{part}.sharpness"] = np.asarray([classifier.sharpness])
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def from_bytes(data: bytes) -> Learnt:
    """The learnt of these bytes. Raises ValueError when they are not such an archive."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            texts = json.loads(arrays["texts"].tobytes())
            parts = [_classifier(arrays, part, texts[part]) for part in _PARTS]
            return Learnt(parts[0], parts[1], parts[2], parts[3], tuple(texts["known"]), texts["asked"])
    except (KeyError, OSError, ValueError, EOFError) as error:
        raise ValueError("not what the search has learnt") from error


def _classifier(arrays: object, part: str, classes: Iterable[str]) -> Classifier:
    kept = {name: arrays[f"{part}.{name}"] for name in _ARRAYS}  # type: ignore[index]
    sharpness = float(arrays[f"{part}.sharpness"][0])  # type: ignore[index]
    return Classifier(classes=tuple(classes), sharpness=sharpness, **kept)
