"""Which samples are fitted on and which are judged on, and which of their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.network.samples import Feeds
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.refit.layer import Layer
from dfsrt.optimize.refit.rows import Rows
from dfsrt.optimize.refit.walk import Walk

MOST_ROWS = 16_384
LEAST_ROWS = 4096
ROWS_PER_INPUT = 8
"""Rows that a layer is fitted on: a multiple of its inputs, in bounds, if there are as many. A
quarter of that is judged on.

Source: assumed; more rows did not change the digits network's accuracy (decision 65).
"""
MOST_ELEMENTS = 2**25
"""Inputs of all rows of a layer together: 128 MiB."""
_EACH = 5
"""Each fifth sample is judged on; with fewer samples, each fifth row."""
_SEED = 19


@dataclass(frozen=True, slots=True)
class Split:
    """Samples to fit on and to judge a refit on, evenly chosen of those that it may see."""

    fit: tuple[Feeds, ...]
    judge: tuple[Feeds, ...]

    @property
    def samples(self) -> tuple[Feeds, ...]:
        """All of them, those to fit on first."""
        return (*self.fit, *self.judge)

    def rows(self, layer: Layer, smaller: Walk, original: Walk) -> tuple[Rows, Rows]:
        """Return rows of a layer to fit on and to judge on; both walks have come to it."""
        fit, end = range(len(self.fit)), len(self.samples)
        most = min(max(ROWS_PER_INPUT * layer.moves.shape[1], LEAST_ROWS), MOST_ROWS)
        rows = _rows(layer, smaller, original, fit, most)
        if not self.judge:
            return rows.halves()
        judge = range(len(self.fit), end)
        return rows, _rows(layer, smaller, original, judge, most // 4)


def split_of(data: Calibration, most: int) -> Split:
    """Return how ``most`` samples at most are split; a fifth or fewer are judged on.

    What fidelity is measured on is not looked at: a guard on that would flatter it.
    """
    fit, judge = data.samples, data.samples[_EACH - 1 :: _EACH]
    if judge:
        fit = tuple(feeds for i, feeds in enumerate(fit) if i % _EACH != _EACH - 1)
    judged = min(len(judge), max(most // _EACH, most - len(fit), 1))
    return Split(_evenly(fit, max(most - judged, 1)), _evenly(judge, judged))


def _evenly(samples: tuple[Feeds, ...], most: int) -> tuple[Feeds, ...]:
    return tuple(samples[i] for i in _spread(len(samples), most))


def _spread(count: int, most: int) -> Iterator[int]:
    yield from map(int, np.linspace(0, count - 1, min(count, most)).round())


def _rows(layer: Layer, smaller: Walk, original: Walk, samples: range, most: int) -> Rows:
    reader, name = layer.reader, layer.node.output[0]
    width = layer.moves.shape[1] * reader.groups
    most = max(min(most, MOST_ELEMENTS // width), 1)
    each = -(-most // len(samples))
    inputs, outputs = [], []
    for sample in (samples[i] for i in _spread(len(samples), most)):
        target = original.states[sample][name]
        places = _places(reader.places(target), each, sample)
        read = smaller.states[sample][layer.node.input[0]]
        inputs.append(reader.inputs(read, target, places))
        rows = reader.targets(target, places)
        outputs.append(np.moveaxis(rows.reshape(len(places), reader.groups, -1), 1, 0))
    return Rows(np.concatenate(inputs, axis=1), np.concatenate(outputs, axis=1))


def _places(count: int, most: int, sample: int) -> Ints:
    """Places of one sample's output: all, or drawn with a seed of its own."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng([_SEED, sample]).choice(count, most, replace=False))
