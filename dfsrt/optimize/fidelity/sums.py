"""Sums over the elements of two tensors, from which signal, noise and angle follow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Values
from dfsrt.base.errors import InputError


@dataclass(slots=True)
class Sums:
    """What is kept of two tensors, however many samples they come from: energies, and counts.

    ``lost`` elements are finite in the original and not in the smaller network: their noise has no
    bound. ``left_out`` are not finite in the original, and say nothing of the smaller one.
    """

    signal: float = 0.0
    noise: float = 0.0
    smaller: float = 0.0
    product: float = 0.0
    elements: int = 0
    lost: int = 0
    left_out: int = 0

    def add(self, original: Values, smaller: Values) -> None:
        """Add the elements of two tensors of one shape, any shape.

        Raises:
            InputError: two shapes.
        """
        if original.shape != smaller.shape:
            raise InputError(
                f"tensors of the shapes {list(original.shape)} and {list(smaller.shape)} cannot be "
                "compared; give a smaller model with the original's outputs"
            )
        x, y = (values.astype(np.float64).reshape(-1) for values in (original, smaller))
        known, finite = np.isfinite(x), np.isfinite(y)
        if not (known.all() and finite.all()):
            self.left_out += int((~known).sum())
            self.lost += int((known & ~finite).sum())
            x, y = x[known & finite], y[known & finite]
        self.elements += x.size
        with np.errstate(over="ignore"):
            self.signal += float(x @ x)
            self.smaller += float(y @ y)
            self.product += float(x @ y)
            self.noise += float(np.square(x - y).sum())

    def plus(self, other: Sums) -> Sums:
        """Return both together."""
        return Sums(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def sqnr_db(self) -> float:
        """Energy of the original over that of the difference, in dB; infinite without difference.

        Minus infinity where the original has no energy and the other has, or an element is lost.
        """
        if self.lost or not math.isfinite(self.noise):
            return -math.inf
        if not self.noise:
            return math.inf
        return 10 * math.log10(self.signal / self.noise) if self.signal else -math.inf

    @property
    def cosine(self) -> float:
        """That of the angle between both: 1 without difference, 0 where one is zero or is lost."""
        if self.lost or not math.isfinite(self.smaller):
            return 0.0
        if not self.noise:
            return 1.0
        length = math.sqrt(self.signal) * math.sqrt(self.smaller)
        return max(-1.0, min(1.0, self.product / length)) if length else 0.0
