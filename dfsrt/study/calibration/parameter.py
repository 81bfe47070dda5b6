"""Parameters: the numbers of a device that a calibration may move, and how far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dfsrt.device.check import MOST_EFFICIENCY
from dfsrt.device.facts import KeyFacts
from dfsrt.device.leaf import Leaf
from dfsrt.device.ranges import Span

WIDE = 20.0
"""Factor either way that a rate or a bandwidth may move by where nobody tells a range."""
NATURAL: Mapping[str, Span] = {
    "run.launch_ns": (0.0, 2e6),
    "run.launch_cycles": (0.0, 1e6),
    "run.operator_launch_ns": (0.0, 1e8),
    "memory.cache_row_ns": (0.0, 1e3),
    "array.efficiency": (0.02, MOST_EFFICIENCY),
    "engine.channel.mac_efficiency": (0.02, 1.0),
    "engine.channel.operator_mac_efficiency": (1e-4, 1.0),
    "memory.overflow_slowdown": (1.0, 20.0),
    "silicon.energies": (0.05, 20.0),
    "silicon.leakage": (0.0, 50.0),
    "silicon.fixed_w": (0.0, 100.0),
    "silicon.uncore_w": (0.0, 500.0),
}
"""Ends of numbers that are no rates: no launch of 2 ms is known, and a share is 1 at most.
``silicon.energies`` and ``silicon.leakage`` are factors on what the base says."""
CALIBRATED = "calibrated on "
"""How the source of a number begins that was calibrated: its range is that of a former board's
readings, and no bound of what others may say."""
_SOFT = 1e-4
"""Share of its upper end below which a number that may be 0 counts as it is, not by its logarithm.

0.2 us of a launch of up to 2 ms: less is of no account beside a layer's work.
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that may be fitted: its value in the base, and the ends that it stays between.

    ``stated`` where the base states its range. One whose low end is 0 is added to others, like an
    overhead; all others are rates or factors, and move by their logarithm.
    """

    name: str
    base: float
    low: float
    high: float
    stated: bool = False

    @property
    def soft(self) -> float:
        """What is added before the logarithm is taken."""
        if self.low > 0:
            return 0.0
        return min(self.high * _SOFT, 0.1 * self.base or self.high)

    def coordinate(self, value: float) -> float:
        """Return ``value`` as the search sees it."""
        return math.log(value + self.soft)

    def value(self, coordinate: float) -> float:
        """Return the number at a coordinate, never outside of its ends."""
        return min(max(math.exp(coordinate) - self.soft, self.low), self.high)

    @property
    def ends(self) -> tuple[float, float]:
        """The ends as coordinates."""
        return self.coordinate(self.low), self.coordinate(self.high)

    @property
    def start(self) -> float:
        """The base's value as a coordinate."""
        return self.coordinate(self.base)


def parameters_of(keys: Mapping[str, KeyFacts], numbers: Mapping[str, float]) -> list[Parameter]:
    """Return a parameter for each of a device's ``numbers``, but for a memory without limit.

    ``keys`` are the facts of the device's file by their path: ranges that it tells are bounds.
    """
    spans = dict(_spans(keys))
    return [
        _parameter(name, value, spans.get(name))
        for name, value in numbers.items()
        if math.isfinite(value) and (value > 0 or natural_span(name, value)[1] > 0)
    ]


def _spans(keys: Mapping[str, KeyFacts]) -> Iterator[tuple[str, Span]]:
    for key in keys.values():
        if key.source.startswith(CALIBRATED):
            continue
        for leaf, span in zip(key.leaves, key.spans, strict=True):
            if span is not None:
                yield _path(leaf), span


def _path(leaf: Leaf) -> str:
    return f"{leaf.key}{leaf.place}"


def _parameter(name: str, value: float, stated: Span | None) -> Parameter:
    low, high = stated or natural_span(name, value)
    low, high = min(low, value), max(high, value)
    return Parameter(name, value, low, high, stated is not None)


def natural_span(name: str, value: float) -> Span:
    """Return the ends of a number whose range nobody tells."""
    for key, span in NATURAL.items():
        if name == key or name.startswith(f"{key}."):
            return span
    return value / WIDE, value * WIDE
