"""Choice: which numbers of a device the data can tell, before any of it is fitted to them.

It looks at what was measured (which networks, clocks and cores), not at the times: a choice that
looked at them would keep the numbers that happen to fit, and their intervals would be too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.study.calibration.parameter import Parameter

SPREAD = 0.03
"""Spread of measurements that a choice reckons with."""
_LEAST = 1e-4
"""A number that moves no row by that share, however far it goes, is not seen."""
_STEPS = (0.3, 1.1)
"""Steps of a slope in a choice: wide enough to look over the next kink, and over several."""
_FAR = np.log(3.0)
"""How far a number goes to be seen; no further than its ends."""
_NARROW = np.log(2.0)
"""A range that is narrower counts as this wide: a board that lies outside of it is to be seen."""
_OF_ADDED = 0.1
"""Share of its upper end that a number goes to which is added to others, and may be 0 now."""
_SHARE = 0.5
"""An interval of no more than this share of a number's range is worth a row."""

PredictOf = Callable[[Mapping[str, float]], Floats]
"""Logarithms of predictions, ``(n_rows,)``, with some numbers set."""


def unseen(predict: PredictOf, parameter: Parameter, at: Mapping[str, float]) -> bool:
    """Tell whether a number moves nothing that was measured, near what it is ``at``."""
    here = predict(at)
    x = parameter.coordinate(at.get(parameter.name, parameter.base))
    low, high = parameter.ends
    up = x + _FAR
    if parameter.low == 0:
        up = max(up, parameter.coordinate(_OF_ADDED * parameter.high))
    for far in (max(x - _FAR, low), min(up, high)):
        moved = predict({**at, parameter.name: parameter.value(far)})
        if float(np.abs(moved - here).max()) > _LEAST:
            return False
    return True


def choose(
    core: Sequence[Parameter],
    others: Sequence[Parameter],
    slopes: Mapping[str, Floats],
    most: int,
) -> list[Parameter]:
    """Return the numbers to fit, at most so many: those of ``core`` first, then the best seen.

    ``slopes`` are what each moves, ``(n_rows,)`` each.
    """
    chosen: list[Parameter] = []
    for parameter in core:
        if len(chosen) < most and _fits([*chosen, parameter], slopes):
            chosen.append(parameter)
    left = [p for p in others if p not in chosen]
    while left and len(chosen) < most:
        fitting = [p for p in left if _fits([*chosen, p], slopes)]
        if not fitting:
            break
        chosen.append(max(fitting, key=lambda p: _alone(p, chosen, slopes)))
        left = [p for p in fitting if p is not chosen[-1]]
    return chosen


def told_apart(p: Parameter, chosen: Sequence[Parameter], slopes: Mapping[str, Floats]) -> str:
    """Return which of ``chosen`` moves most of what ``p`` does; empty where ``p`` moves little.

    ``slopes`` are ``(n_rows,)`` each.
    """
    if not chosen or not _fits([p], slopes):
        return ""
    others = np.stack([slopes[c.name] for c in chosen], axis=1)
    shares = np.linalg.lstsq(others, slopes[p.name], rcond=None)[0]
    moved = np.abs(shares) * np.linalg.norm(others, axis=0)
    return chosen[int(np.argmax(moved))].name


def slopes_of(
    predict: PredictOf, parameters: Sequence[Parameter], at: Mapping[str, float]
) -> dict[str, Floats]:
    """Return what the rows move by for a step of each number, ``(n_rows,)`` each."""
    return {p.name: _slope(predict, p, at) for p in parameters}


def _slope(predict: PredictOf, p: Parameter, at: Mapping[str, float]) -> Floats:
    """What the rows move by for a step, either way; the largest, ``(n_rows,)``."""
    here, x = predict(at), p.coordinate(at.get(p.name, p.base))
    steps = [*_STEPS, *(-step for step in _STEPS)]
    slopes = [(predict({**at, p.name: _beyond(p, x + step)}) - here) / step for step in steps]
    return max(slopes, key=lambda slope: float(np.square(slope).sum()))


def _beyond(p: Parameter, x: float) -> float:
    return max(float(np.exp(x)) - p.soft, p.low * 0.5)


def _fits(chosen: Sequence[Parameter], slopes: Mapping[str, Floats]) -> bool:
    """Whether each of ``chosen`` would have an interval well within its range."""
    matrix = np.stack([slopes[p.name] for p in chosen], axis=1)
    if np.linalg.matrix_rank(matrix, tol=1e-6) < len(chosen):
        return False
    variance = np.diag(np.linalg.inv(matrix.T @ matrix))
    widths = np.array([max(p.ends[1] - p.ends[0], _NARROW) for p in chosen])
    return bool((4 * SPREAD * np.sqrt(variance) < _SHARE * widths).all())


def _alone(p: Parameter, chosen: Sequence[Parameter], slopes: Mapping[str, Floats]) -> float:
    """How much of what a number moves no other of ``chosen`` could."""
    slope = slopes[p.name]
    if not chosen:
        return float(np.linalg.norm(slope))
    others = np.stack([slopes[c.name] for c in chosen], axis=1)
    rest = slope - others @ np.linalg.lstsq(others, slope, rcond=None)[0]
    return float(np.linalg.norm(rest))
