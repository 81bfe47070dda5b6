"""What a comparison adds up to, and what was left out of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from dfsrt.base.errors import InputError
from dfsrt.optimize.fidelity.compare import Compared, Comparison
from dfsrt.optimize.fidelity.sums import Sums


def total_of(outputs: Compared) -> Sums:
    """Return all outputs of real numbers together; of whole ones where there are no others.

    Raises:
        InputError: no output can be compared.
    """
    real = [sums for name, sums in outputs.sums.items() if name not in outputs.whole]
    every = real or list(outputs.sums.values())
    if not every:
        raise InputError(
            "no output of the two models can be compared: they are no tensors of numbers, or have "
            "other shapes in each; give models with the same outputs"
        )
    return reduce(Sums.plus, every)


def notes_of(done: Comparison, total: Sums) -> tuple[str, ...]:
    """Return what people must know of a comparison whose outputs add up to ``total``."""
    return (*_of_elements(total), *_of_outputs(done), *_of_layers(done))


def _of_elements(total: Sums) -> Iterator[str]:
    if total.lost:
        yield (
            f"{total.lost:,} of {total.lost + total.elements:,} elements of the smaller network's "
            "outputs are not finite"
        )
    if total.left_out:
        yield f"{total.left_out:,} elements left out, which are not finite in the original"


def _of_outputs(done: Comparison) -> Iterator[str]:
    if done.answers.unnamed:
        yield f"no top-1 agreement: {done.answers.unnamed}"
    if len(done.outputs.whole) < len(done.outputs.sums):
        for name in sorted(done.outputs.whole):
            yield f"output '{name}' has whole numbers, which SQNR and cosine leave out"
    for name, count in done.outputs.other.items():
        yield f"output '{name}' left out of {count:,} samples: other shapes, or no numbers"


def _of_layers(done: Comparison) -> Iterator[str]:
    if done.layers.other:
        few = len(done.layers.other)
        has = "which has another shape" if few == 1 else "which have other shapes"
        yield f"{few} layer{_s(few)} left out, {has} by now"
    if done.lacking:
        few = done.lacking
        yield f"{few} layer{_s(few)} left out, which the smaller network has not got"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
