"""Rules of what training graphs end in, and of the one determinant of the standard."""

from __future__ import annotations

from dfsrt.network.rules.lane_ops import FUNCTION, SOFTMAX_OPS
from dfsrt.network.rules.vector import vector_work
from dfsrt.network.rules.work import Call, Rule, Work


def _likelihood(call: Call) -> Work:
    """For each target the value picked, weighed and summed; no more is read."""
    targets = call.input(1).elements
    work = vector_work(3 * targets)
    return Work(work.kind, vector_ops=work.vector_ops, touched={0: targets})


def _cross_entropy(call: Call) -> Work:
    """A softmax over all classes, and a logarithm, a weight and a sum for each target."""
    ops = SOFTMAX_OPS * call.input(0).elements + (FUNCTION + 2) * call.input(1).elements
    return vector_work(ops)


def _determinant(call: Call) -> Work:
    """Elimination: two thirds of n^3 operations for each n by n matrix, and its n divisions."""
    size = call.input(0).shape[-1]
    matrices = call.input(0).elements // max(size * size, 1)
    return vector_work(matrices * (-(-2 * size**3 // 3) + FUNCTION * size))


LOSS_RULES: dict[str, Rule] = {
    "Det": _determinant,
    "NegativeLogLikelihoodLoss": _likelihood,
    "SoftmaxCrossEntropyLoss": _cross_entropy,
}
