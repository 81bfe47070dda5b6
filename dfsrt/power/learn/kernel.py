"""Kernel regression: answers that change smoothly with a layer's features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats

LENGTH = 8.0
"""Distance of features, each in its own standard deviations, at which layers tell little of each
other. Chosen by networks held out, on one order of them."""
NOISE = 0.04
"""What is added to the kernel's diagonal: variance of the readings in shares of the answers'."""
WIDEST = 4.0
"""Standard deviations at which a feature is cut off, so that no odd shape lies far from all."""
LEAST_SPREAD = 1e-6
TREES, LEAST_IMPORTANCE, EXPONENT = 20, 1e-4, 0.25
"""How a feature's importance to a few randomised trees becomes its weight in the distance. The
exponent was chosen by networks held out, on one order of them."""

BLOCK = 64
"""Rows of pairs that are worked out at once: so many stay in a processor's cache."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A Matérn kernel (3/2) of standardised features around ``centers``, ``(n_rows, n_features)``.

    ``mean``, ``spread`` and ``stretch``, what a feature counts in the distance, are
    ``(n_features,)``, ``weights`` ``(n_rows, n_outputs)``, ``level`` ``(n_outputs,)``.
    """

    mean: Floats
    spread: Floats
    stretch: Floats
    centers: Floats
    weights: Floats
    level: Floats

    def predict(self, features: Floats) -> Floats:
        """Return ``(n_asked, n_outputs)`` for features ``(n_asked, n_features)``."""
        asked = _standard(features, self.mean, self.spread) * self.stretch
        return _likeness(asked, self.centers) @ self.weights + self.level


def fit_kernel(features: Floats, targets: Floats, seed: int) -> Kernel:
    """Return the kernel regression of ``targets``, ``(n_rows, n_outputs)``, on ``features``.

    ``seed`` is that of the trees that say which features matter.

    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, equation 2.25.
    Limits: memory and time grow with the square and the cube of the rows.
    """
    from scipy.linalg import cho_factor, cho_solve

    mean, spread = features.mean(axis=0), features.std(axis=0) + LEAST_SPREAD
    stretch = _stretch(features, targets, seed)
    centers = _standard(features, mean, spread) * stretch
    level = targets.mean(axis=0)
    likeness = _likeness_of_pairs(centers)  # the factor reads no more than that triangle
    likeness[np.diag_indices(len(likeness))] += NOISE
    factor = cho_factor(likeness.T, lower=True, overwrite_a=True, check_finite=False)
    weights = cho_solve(factor, targets - level, check_finite=False)
    return Kernel(mean, spread, stretch, centers, np.asarray(weights), level)


def _stretch(features: Floats, targets: Floats, seed: int) -> Floats:
    """What each feature counts: more where randomised trees make more of it, one in the mean."""
    from sklearn.ensemble import ExtraTreesRegressor

    trees = ExtraTreesRegressor(TREES, min_samples_leaf=3, max_features=0.5, random_state=seed)
    spread = targets.std(axis=0) + LEAST_SPREAD
    trees.fit(features.astype(np.float32), (targets - targets.mean(axis=0)) / spread)
    stretch = (trees.feature_importances_ + LEAST_IMPORTANCE) ** EXPONENT
    return np.asarray(stretch / np.sqrt((stretch**2).mean()))


def _standard(features: Floats, mean: Floats, spread: Floats) -> Floats:
    return np.asarray(np.clip((features - mean) / spread, -WIDEST, WIDEST))


def _likeness(asked: Floats, centers: Floats) -> Floats:
    """Matérn 3/2 of each pair, ``(n_asked, n_rows)``."""
    likeness = np.empty((len(asked), len(centers)))
    own = (asked**2).sum(axis=1)[:, None], (centers**2).sum(axis=1)
    for rows in _blocks(len(asked)):
        _fall(asked[rows], centers, own[0][rows], own[1], likeness[rows])
    return likeness


def _likeness_of_pairs(centers: Floats) -> Floats:
    """Matérn 3/2 of each pair of ``centers``, ``(n_rows, n_rows)``: on and above the diagonal."""
    likeness = np.empty((len(centers), len(centers)))
    own = (centers**2).sum(axis=1)
    for rows in _blocks(len(centers)):
        ahead = slice(rows.start, None)
        _fall(centers[rows], centers[ahead], own[rows, None], own[ahead], likeness[rows, ahead])
    return likeness


def _blocks(rows: int) -> list[slice]:
    return [slice(k, k + BLOCK) for k in range(0, rows, BLOCK)]


def _fall(asked: Floats, centers: Floats, one: Floats, two: Floats, out: Floats) -> None:
    """Fill ``out``, ``(n_asked, n_rows)``; ``one`` and ``two`` are squares of their lengths."""
    far = (-2.0 * asked) @ centers.T  # and in place from here on: there are many pairs
    far += one
    far += two
    np.maximum(far, 0.0, out=far)
    far *= 3.0 / LENGTH**2
    np.sqrt(far, out=far)
    np.negative(far, out=out)
    np.exp(out, out=out)
    far += 1.0
    out *= far
