"""What channels weigh: the squares of all weights that make or read them."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.optimize.channels.axes import Labelled
from dfsrt.optimize.levels import magnitudes
from dfsrt.optimize.weights import weights_of


def saliency(model: Labelled) -> Floats:
    """Return the squared L2 norm of each channel ``(n_labels,)``, at the label that stands for it.

    Sums are over every weight of a product that the channel is cut out of, quantized ones as the
    numbers that they stand for; biases and normalizations do not count. Weights without values
    weigh nothing.
    """
    total = np.zeros(model.roots.size)
    stored = {tensor.name: tensor for tensor in model.model.graph.initializer}
    for weight in weights_of(model.model):
        axes = model.walk.axes.get(weight.name, [])
        if all(axis is None for axis in axes):
            continue
        squares = np.square(magnitudes(weight, weight.array, stored))
        for place, axis in enumerate(axes):
            if axis is not None:
                others = tuple(n for n in range(len(axes)) if n != place)
                np.add.at(total, model.roots[axis], squares.sum(axis=others, dtype=np.float64))
    return total
