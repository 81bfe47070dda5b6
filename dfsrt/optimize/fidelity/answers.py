"""Answers: the classes that a model names for a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints, Values
from dfsrt.base.errors import InputError

NO_ANSWER = -1
"""In place of a class: scores among which there is one that is not a number."""


def answers_of(output: Values) -> Ints | None:
    """Return the class in each row of a sample's output (any shape), or None if it has no scores.

    Scores are of two classes or more: rows by classes, or all along one axis where every other one
    is 1. The largest counts, the first of several. A whole number alone is a class itself.
    """
    if output.dtype.kind in "iu" and output.size == 1 and output.ndim:
        return output.reshape(1).astype(np.int64)
    wide = [size for size in output.shape if size != 1]
    row = output.reshape(1, -1) if len(wide) == 1 else output
    if output.dtype.kind != "f" or row.ndim != 2 or row.shape[1] < 2:
        return None
    return np.where(np.isnan(row).any(axis=1), NO_ANSWER, row.argmax(axis=1)).astype(np.int64)


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
        first, second = answers_of(original), answers_of(smaller)
        if first is None or second is None or first.shape != second.shape:
            self.unnamed = f"the first output, of shape {list(original.shape)}, has no class scores"
        else:
            self.rows += len(first)
            self.same += int(((first == second) & (second != NO_ANSWER)).sum())
        if label is not None:
            self._judge(original, second, label)

    def _judge(self, original: Values, answers: Ints | None, label: int) -> None:
        if answers is None or len(answers) != 1:
            raise InputError(
                f"labels do not fit: the first output, of shape {list(original.shape)}, is not one "
                "row of class scores a sample; leave the labels out"
            )
        if label < 0 or (original.size > 1 and label >= original.size):
            raise InputError(
                f"label {label} does not fit: the model tells {original.size} classes apart, 0 to "
                f"{original.size - 1}; number the classes as it does"
            )
        self.labelled += 1
        self.right += int(answers[0] == label)
