"""A linear classifier over TF-IDF features, small enough to be kept and read in a moment."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.search.features import Keys, keys_of

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Classifier:
    """Margins of classes as a product of a text's features with learnt weights; `sharpness` makes them probabilities.

    `keys` are the learnt features as sorted numbers. What a feature says of classes stands from `starts[feature]` to
    `starts[feature + 1]`: `columns` (which classes) and `weights` (-127..127); most features say something of few.
    `scale` is what one step of a class is worth.
    """

    classes: tuple[str, ...]
    keys: Keys = field(repr=False)
    idf: Floats = field(repr=False)
    starts: npt.NDArray[np.int64] = field(repr=False)
    columns: npt.NDArray[np.unsignedinteger] = field(repr=False)
    weights: npt.NDArray[np.int8] = field(repr=False)
    scale: Floats = field(repr=False)
    bias: Floats = field(repr=False)
    sharpness: float

    def margins(self, features: list[str]) -> Floats:
        """How far on the right side of its border each class sees the text."""
        positions, values = self._vector(features)
        starts = self.starts[positions]
        sizes = self.starts[positions + 1] - starts
        before = np.cumsum(sizes) - sizes
        at = np.arange(int(sizes.sum())) + np.repeat(starts - before, sizes)
        said = self.weights[at] * np.repeat(values, sizes)
        sums = np.bincount(self.columns[at], weights=said, minlength=len(self.classes))
        return np.asarray(sums * self.scale + self.bias, dtype=np.float32)

    def probabilities(self, features: list[str]) -> Floats:
        """A probability for each class; they add up to 1."""
        margins = self.margins(features)
        powers = np.exp(self.sharpness * (margins - margins.max()))
        return np.asarray(powers / powers.sum(), dtype=np.float32)

    def _vector(self, features: list[str]) -> tuple[npt.NDArray[np.intp], Floats]:
        """The positions of the text's known features and their weights, of length 1: TF-IDF with sublinear tf, as
        scikit-learn computes it at training."""
        found, counts = np.unique(keys_of(features), return_counts=True)
        positions = np.minimum(np.searchsorted(self.keys, found), len(self.keys) - 1)
        known = self.keys[positions] == found
        positions = positions[known]
        values = (1 + np.log(counts[known].astype(np.float32))) * self.idf[positions]
        norm = float(np.linalg.norm(values))
        return positions, (values / norm if norm else values).astype(np.float32)
