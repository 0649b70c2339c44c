"""Learns topic, facet and danger from the phrasings. Slow (seconds), so what is learnt is kept as bytes, by content.

scikit-learn is imported only here and only when something has to be learnt: it costs half a second.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.knowledge.knowledge import NONE, Knowledge
from bot.search.classifier import Classifier
from bot.search.features import features_of, keys_of, phrase_features
from bot.text.normalise import fold, words

VERSION = 2
"""Part of the name under which the learnt is kept; goes up when features or training change."""

DANGER_ENTRY = "nagle-zagrozenie"
HARMLESS = "nocrisis"
"""The kind of unanswerable phrasing that only sounds like danger."""

MIN_TEXTS = 2
"""A feature that fewer texts have says nothing about others."""
FEATURES = 150_000
"""So many of the strongest are kept; the weakest two fifths of 240,000 changed no first hit in a hundred."""
SHARPNESS = {"topic": 7.0, "facet": 3.0, "danger": 3.0}
"""What turns margins into probabilities: see docs/decisions/0005, measured on texts that were not learnt from."""
GROUPS, AT_ONCE = 4, 2
"""Classes are learnt in groups, two at a time: liblinear lets go of the interpreter, and a group's weights fit in memory."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that training yields. `known` are the words that phrasings are made of."""

    topic: Classifier
    facet: Classifier
    danger: Classifier
    known: tuple[str, ...] = field(repr=False)


def name_of(knowledge: Knowledge) -> str:
    """The name of what is learnt from this knowledge by this program."""
    return f"search-{VERSION}-{knowledge.learnt_from}"


def plain_words(knowledge: Knowledge) -> frozenset[str]:
    """The commonest words and those without content of their own, folded."""
    table = knowledge.words["pl"]
    return frozenset(word for line in (*table.common, *table.filler) for word in words(fold(line)))


def learn(knowledge: Knowledge, progress: Progress) -> Learnt:
    """Train on every phrasing of every language; `progress` is told each step in Polish."""
    rows = list(_examples(knowledge))
    plain = plain_words(knowledge)
    found = [words(fold(row.text)) for row in rows]
    by_words = [features_of(one, plain) for one in found]
    progress(f"Uczę się rozpoznawać tematy z {len(rows)} pytań…")
    topical = [at for at, row in enumerate(rows) if not row.danger and not row.harmless]
    topic = _train([by_words[at] for at in topical], [rows[at].topic for at in topical], "topic", progress)
    progress("Uczę się rozpoznawać, o którą część odpowiedzi pytają…")
    asked = [row for row in rows if row.facet]
    facet = _train(
        [phrase_features(row.text) for row in asked], [str(row.facet) for row in asked], "facet", progress
    )
    progress("Uczę się rozpoznawać wołanie o pomoc…")
    danger = _train(by_words, ["danger" if row.danger else "other" for row in rows], "danger", progress)
    counts = Counter(word for one in found for word in set(one))
    known = tuple(sorted(word for word, count in counts.items() if count >= MIN_TEXTS))
    return Learnt(topic, facet, danger, known)


@dataclass(frozen=True, slots=True)
class _Example:
    text: str
    topic: str
    facet: str | None

    @property
    def danger(self) -> bool:
        return self.topic == DANGER_ENTRY

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


def _train(found: Sequence[list[str]], labels: Sequence[str], name: str, progress: Progress) -> Classifier:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer=_as_it_is, sublinear_tf=True, min_df=MIN_TEXTS if len(found) > 500 else 1
    )
    matrix = vectorizer.fit_transform(found)
    classes = np.unique(np.asarray(labels))
    weights, bias = _fit(matrix, np.asarray(labels), classes, progress)
    strongest = np.abs(weights).max(axis=1)
    kept = np.sort(np.argsort(-strongest, kind="stable")[:FEATURES])
    keys = keys_of(list(vectorizer.get_feature_names_out()[kept]))
    order = np.argsort(keys, kind="stable")
    kept, keys = kept[order], keys[order]
    scale = np.maximum(np.abs(weights[kept]).max(axis=0), 1e-6) / 127
    return Classifier(
        classes=tuple(str(label) for label in classes),
        keys=keys,
        idf=vectorizer.idf_[kept].astype(np.float32),
        weights=np.round(weights[kept] / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=bias,
        sharpness=SHARPNESS[name],
    )


def _as_it_is(found: list[str]) -> list[str]:
    return found


def _fit(
    matrix: object, labels: npt.NDArray[np.str_], classes: npt.NDArray[np.str_], progress: Progress
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float32]]:
    """Each class against all others (LinearSVC), as features x classes. The same as learning them at once."""
    groups = np.array_split(classes, min(GROUPS, max(1, len(classes) // 2)))
    parts: list[tuple[npt.NDArray[np.float16], npt.NDArray[np.float32]]] = []
    with ThreadPoolExecutor(AT_ONCE) as workers:
        for part in workers.map(lambda group: _fit_group(matrix, labels, group), groups):
            parts.append(part)
            if len(groups) > 1:
                progress(f"  {len(parts) * 100 // len(groups)} %")
    return np.hstack([weights for weights, _ in parts]), np.concatenate([bias for _, bias in parts])


def _fit_group(
    matrix: object, labels: npt.NDArray[np.str_], group: npt.NDArray[np.str_]
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float32]]:
    from sklearn.svm import LinearSVC

    rest = ""  # sorts before every class
    machine = LinearSVC(C=1.0, tol=1e-2, random_state=0)
    machine.fit(matrix, np.where(np.isin(labels, group), labels, rest))
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:  # one line tells both sides apart
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    mine = [at for at, label in enumerate(machine.classes_) if label != rest]
    return weights[mine].T.astype(np.float16), bias[mine].astype(np.float32)


# --- as bytes -----------------------------------------------------------------------------------------------------

_PARTS = ("topic", "facet", "danger")
_ARRAYS = ("keys", "idf", "weights", "scale", "bias")


def to_bytes(learnt: Learnt) -> bytes:
    """The learnt as one archive of arrays; no pickle, so reading it can run nothing."""
    texts = {part: list(getattr(learnt, part).classes) for part in _PARTS} | {"known": list(learnt.known)}
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
            return Learnt(parts[0], parts[1], parts[2], tuple(texts["known"]))
    except (KeyError, OSError, ValueError, EOFError) as error:
        raise ValueError("not what the search has learnt") from error


def _classifier(arrays: object, part: str, classes: Iterable[str]) -> Classifier:
    kept = {name: arrays[f"{part}.{name}"] for name in _ARRAYS}  # type: ignore[index]
    sharpness = float(arrays[f"{part}.sharpness"][0])  # type: ignore[index]
    return Classifier(classes=tuple(classes), sharpness=sharpness, **kept)
