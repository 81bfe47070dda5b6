"""Draws of sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from dfsrt.network.layer import Layer

Rng = np.random.Generator
Make = Callable[[Rng, str, str], Layer]
"""(draws, name, element type) -> layer"""

Choice = TypeVar("Choice")


def pick(rng: Rng, choices: Sequence[Choice]) -> Choice:
    """Return one of ``choices``, each as likely as another."""
    return choices[int(rng.integers(len(choices)))]


def between(rng: Rng, low: float, high: float, step: int = 1) -> int:
    """Return a whole number, log-uniform from ``low`` to ``high``, a multiple of ``step``."""
    return rounded(low * (high / low) ** rng.uniform(), step)


def rounded(size: float, step: int) -> int:
    """Return the multiple of ``step``, from ``step`` on, that lies nearest to ``size``."""
    return max(step, round(size / step) * step)
