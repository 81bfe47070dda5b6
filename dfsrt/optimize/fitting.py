"""Which weights a step changes, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from dfsrt.base.errors import InputError

Weight = TypeVar("Weight")
NO_WEIGHTS = "it has no convolution or matrix product with stored values; give a file with weights"


class Rows(Protocol):
    """A weight as its rows are, with values or without."""

    @property
    def outputs(self) -> int:
        """Rows."""
        ...

    @property
    def inputs(self) -> int:
        """Elements of a row."""
        ...

    @property
    def bits(self) -> int:
        """Bits of an element."""
        ...

    @property
    def groups(self) -> int:
        """Into which outputs are split, each with inputs of its own."""
        ...

    @property
    def depthwise(self) -> bool:
        """Whether each output has one channel of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Fit:
    """Which of a model's weights a step ``changes``, and a ``note`` on those left whole, if any."""

    changes: tuple[bool, ...]
    note: str

    def of(self, weights: Sequence[Weight]) -> list[Weight]:
        """Return those of ``weights`` that it changes."""
        return [weight for weight, fits in zip(weights, self.changes, strict=True) if fits]


def fitting(step: str, obstacles: Sequence[str], advice: str, also: str = "") -> Fit:
    """Return what ``step`` changes, of weights with an obstacle each, empty where there is none.

    Raises:
        InputError: it changes none.
    """
    fits = tuple(not obstacle for obstacle in obstacles)
    if not any(fits):
        why = f"{_counted(obstacles)}; try {advice}" if obstacles else NO_WEIGHTS
        raise InputError(f"{step} applies to no layer: {why}")
    parts = [part for part in (_counted(obstacles), also) if part]
    note = f"{step} left whole, of {len(obstacles)} weights: {', '.join(parts)}"
    return Fit(fits, note if parts else "")


def _counted(obstacles: Iterable[str]) -> str:
    there = [obstacle for obstacle in obstacles if obstacle]
    return ", ".join(f"{there.count(each)} with {each}" for each in dict.fromkeys(there))
