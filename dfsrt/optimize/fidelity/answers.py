"""Answers: the classes that a model names for a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints, Values
from dfsrt.base.errors import InputError

NO_ANSWER = -1
"""In place of a class: scores among which there is one that is not a number."""
_CLOSE = 0.01
"""How far probabilities in half precision may add up to something other than 1."""


def classes_of(output: Values) -> int:
    """Return how many classes a sample's output, any shape, has scores of; 0 where it has none.

    Scores are of two classes or more: rows by classes, or all along one axis where every other one
    is 1, or, in a tensor with more axes, probabilities along the last one. A whole number alone is
    a class itself, of 1.
    """
    if output.dtype.kind in "iu":
        return 1 if output.size == 1 and output.ndim else 0
    if output.dtype.kind != "f" or not output.size:
        return 0
    if sum(size != 1 for size in output.shape) == 1:
        return output.size
    wide = output.shape[-1] if output.ndim > 1 else 0
    is_rows = wide > 1 and (output.ndim == 2 or _are_probabilities(output))
    return wide if is_rows else 0


def _are_probabilities(output: Values) -> bool:
    values = output.astype(np.float64)
    return bool((values >= 0).all() and np.allclose(values.sum(axis=-1), 1, atol=_CLOSE))


def answers_of(output: Values, classes: int) -> Ints:
    """Return the class that each row of an output, any shape, names, as ``(n_rows,)``.

    The largest score counts, the first of several.
    """
    if classes == 1:
        return output.reshape(-1).astype(np.int64)
    rows = output.reshape(-1, classes)
    return np.where(np.isnan(rows).any(axis=1), NO_ANSWER, rows.argmax(axis=1)).astype(np.int64)


@dataclass(slots=True)
class Answers:
    """How often two models name the same class, and how often the second one the right one."""

    rows: int = 0
    same: int = 0
    labelled: int = 0
    right: int = 0
    unnamed: str = ""

    def add(self, original: Values, smaller: Values, label: int | None) -> None:
        """Count a sample's first output, of any shape, in both models.

        Raises:
            InputError: a label where there are no class scores, or of a class that there is not.
        """
        classes = classes_of(original) if original.shape == smaller.shape else 0
        if label is not None:
            _check_label(original, classes, label)
        if not classes:
            self.unnamed = f"the first output, of shape {list(original.shape)}, has no class scores"
            return
        first, second = answers_of(original, classes), answers_of(smaller, classes)
        self.rows += len(first)
        self.same += int(((first == second) & (second != NO_ANSWER)).sum())
        if label is not None:
            self.labelled += 1
            self.right += int(second[0] == label)


def _check_label(output: Values, classes: int, label: int) -> None:
    if not classes or output.size != classes:
        raise InputError(
            f"labels do not fit: the first output, of shape {list(output.shape)}, is not one row "
            "of class scores a sample; leave the labels out"
        )
    if label < 0 or (classes > 1 and label >= classes):
        raise InputError(
            f"label {label} does not fit: the model tells {classes} classes apart, 0 to "
            f"{classes - 1}; number the classes as it does"
        )
