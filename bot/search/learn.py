"""Learns topic and facet from the phrasings. Slow (seconds), so what is learnt is kept as bytes, by content.

scikit-learn is imported only here and only when something has to be learnt: it costs half a second.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.knowledge.knowledge import NONE, Knowledge
from bot.search.features import features, phrase_features, vector

VERSION = 1
"""Part of the name under which the learnt is kept; goes up when features or training change."""

Progress = Callable[[str], None]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Classifier:
    """A linear classifier over TF-IDF features; `sharpness` turns its margins into probabilities."""

    classes: tuple[str, ...]
    vocabulary: dict[str, int] = field(repr=False)
    idf: Floats = field(repr=False)
    weights: npt.NDArray[np.float16] = field(repr=False)  # features x classes
    bias: Floats = field(repr=False)
    sharpness: float

    def probabilities(self, found: list[str]) -> Floats:
        """A probability for each class."""
        positions, values = vector(found, self.vocabulary, self.idf)
        margins = values @ self.weights[positions].astype(np.float32) + self.bias
        powers = np.exp(self.sharpness * (margins - margins.max()))
        return np.asarray(powers / powers.sum(), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that training yields."""

    topic: Classifier
    facet: Classifier


def name_of(knowledge: Knowledge) -> str:
    """The name of what is learnt from this knowledge by this program."""
    return f"search-{VERSION}-{knowledge.learnt_from}"


def learn(knowledge: Knowledge, progress: Progress) -> Learnt:
    """Train on every phrasing of every language; `progress` is told each step in Polish."""
    texts, topics, facets = _examples(knowledge)
    progress(f"Uczę się rozpoznawać tematy z {len(texts)} pytań…")
    topic = _train(texts, topics, features, progress)
    progress("Uczę się rozpoznawać, o którą część odpowiedzi pytają…")
    asked = [(text, facet) for text, facet in zip(texts, facets, strict=True) if facet]
    facet = _train([text for text, _ in asked], [facet for _, facet in asked], phrase_features, progress)
    return Learnt(topic, facet)


def _examples(knowledge: Knowledge) -> tuple[list[str], list[str], list[str | None]]:
    """Texts, their topics (`none:<kind>` where no entry answers) and facets; titles and aliases are examples too."""
    rows: list[tuple[str, str, str | None]] = []
    for lists in knowledge.asked.values():
        for topic, by_key in lists.items():
            for key, texts in by_key.items():
                none = topic == NONE
                rows += [(text, f"{NONE}:{key}" if none else topic, None if none else key) for text in texts]
    for entry in knowledge.entries.values():
        rows += [(text, entry.id, None) for text in (entry.title, *entry.aliases)]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def _train(
    texts: Sequence[str], labels: Sequence[str], analyse: Callable[[str], list[str]], progress: Progress
) -> Classifier:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer=analyse, sublinear_tf=True, min_df=2 if len(texts) > 500 else 1)
    matrix = vectorizer.fit_transform(texts)
    machine = LinearSVC(C=1.0, random_state=0).fit(matrix, labels)
    progress("Sprawdzam, jak bardzo mogę sobie wierzyć…")
    sharpness = _sharpness(matrix, np.asarray(labels), machine.classes_)
    return Classifier(
        classes=tuple(str(label) for label in machine.classes_),
        vocabulary={str(feature): int(at) for feature, at in vectorizer.vocabulary_.items()},
        idf=vectorizer.idf_.astype(np.float32),
        weights=machine.coef_.T.astype(np.float16),
        bias=machine.intercept_.astype(np.float32),
        sharpness=sharpness,
    )


def _sharpness(matrix: object, labels: npt.NDArray[np.str_], classes: npt.NDArray[np.str_]) -> float:
    """Temperature scaling (Guo et al. 2017) on margins of phrasings that the classifier was not trained on."""
    from scipy.optimize import minimize_scalar
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.svm import LinearSVC

    enough = np.isin(labels, [label for label in classes if (labels == label).sum() >= 3])
    rows = np.flatnonzero(enough)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    part = matrix[rows]  # type: ignore[index]
    margins = cross_val_predict(
        LinearSVC(C=1.0, random_state=0), part, labels[rows], cv=folds, method="decision_function"
    )
    column = np.searchsorted(np.unique(labels[rows]), labels[rows])

    def loss(sharpness: float) -> float:
        scaled = margins * sharpness
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(rows)), column]))

    return float(minimize_scalar(loss, bounds=(0.5, 30), method="bounded").x)


# --- as bytes -----------------------------------------------------------------------------------------------------


def to_bytes(learnt: Learnt) -> bytes:
    """The learnt as one compressed archive of arrays; no pickle, so reading it can run nothing."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for name, part in (("topic", learnt.topic), ("facet", learnt.facet)):
        words = sorted(part.vocabulary, key=part.vocabulary.__getitem__)
        arrays[f"{name}.text"] = np.frombuffer(json.dumps([part.classes, words]).encode(), np.uint8)
        arrays[f"{name}.idf"], arrays[f"{name}.weights"], arrays[f"{name}.bias"] = (
            part.idf,
            part.weights,
            part.bias,
        )
        arrays[f"{name}.sharpness"] = np.asarray([part.sharpness])
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def from_bytes(data: bytes) -> Learnt:
    """The learnt of these bytes. Raises ValueError when they are not such an archive."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return Learnt(*(_classifier(arrays, name) for name in ("topic", "facet")))
    except (KeyError, OSError, ValueError, EOFError) as error:
        raise ValueError("not what the search has learnt") from error


def _classifier(arrays: object, name: str) -> Classifier:
    classes, words = json.loads(arrays[f"{name}.text"].tobytes())  # type: ignore[index]
    return Classifier(
        tuple(classes),
        {word: at for at, word in enumerate(words)},
        arrays[f"{name}.idf"],  # type: ignore[index]
        arrays[f"{name}.weights"],  # type: ignore[index]
        arrays[f"{name}.bias"],  # type: ignore[index]
        float(arrays[f"{name}.sharpness"][0]),  # type: ignore[index]
    )
