"""A plan: the clock and the rail set point that a governor wishes for each layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.governor.view import View

SAME_TIME = 0.01
"""Two clocks give the same time where they differ by no more than this share of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A level and a rail set point per layer, each of shape ``(n_layers,)``.

    ``memory`` is the memory point that each layer wishes, ``(n_layers,)``, or None for that of
    whoever sets it. Equal neighbours in ``rail_uv`` make a segment. The runtime clamps all to what
    the device's rules allow at that moment.
    """

    level: Ints
    rail_uv: Ints
    memory: Ints | None = None


def uniform(view: View, level: int, rail_uv: int | None = None) -> Plan:
    """Return the plan that holds one level everywhere, at its own voltage unless told."""
    volts = int(view.rails_uv[level]) if rail_uv is None else rail_uv
    return Plan(np.full(view.n_layers, level), np.full(view.n_layers, volts))


def highest_that_fits(fits: Mask) -> Ints:
    """Return each layer's fastest level that fits, ``(n_layers,)``; level 0 where none does.

    ``fits`` is ``(n_layers, n_levels)``, as ``View.own_fits`` or a set point of ``View.fits``.
    """
    top = fits.shape[1] - 1
    return np.where(fits.any(axis=1), top - np.argmax(fits[:, ::-1], axis=1), 0)


def lowest_of_equal_time(duration_ns: Ints, level: Ints, same: float = SAME_TIME) -> Ints:
    """Return the slowest level that takes the same time as ``level``; both are ``(n_layers,)``.

    ``duration_ns`` is ``(n_layers, n_levels)``. Times within the share ``same`` count as the
    same: a memory-bound layer still gains its few launch cycles from a faster clock.
    """
    chosen = np.take_along_axis(duration_ns, level[:, None], axis=1)
    return np.asarray(np.argmax(duration_ns <= chosen * (1.0 + same), axis=1))
