"""Networks made smaller on their way to a run: by their sizes, for a run looks at no value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.network import Network
from dfsrt.network.load import load_as
from dfsrt.network.reading import Reading

if TYPE_CHECKING:
    from dfsrt.optimize import Transform

Sized = Callable[["tuple[Transform, ...]"], Network]


def load_smaller(source: str, reading: Reading, *, lone: bool) -> Network:
    """Return the network of ``source`` with the sizes that the reading's steps leave of it.

    One of several, so not ``lone``, stays as it is where it has no weights to make smaller.

    Raises:
        InputError: no such step, one that needs values, or one that applies to no layer.
        NetworkError: the network cannot be read, sized or costed.
    """
    network = load_as(source, reading)
    if not reading.steps:
        return network
    from dfsrt.optimize import load_by_steps, parse_steps

    if not lone and not any(layer.gemms and layer.weights for layer in network.layers):
        parse_steps(reading.steps)  # says what is wrong with them
        return _noted(network, f"steps {reading.steps}: it has no weights, and stays as it is")
    plain = replace(reading, steps="")
    return _sized(network, reading.steps, lambda steps: load_by_steps(source, steps, plain))


def smaller(network: Network, steps: str) -> Network:
    """Return a network in memory with the sizes that ``steps`` leave of it.

    Raises:
        InputError: no such step, one that needs values, or one that applies to no layer.
    """
    from dfsrt.optimize import sized_by_steps

    return _sized(network, steps, lambda said: sized_by_steps(network, said)) if steps else network


def _sized(network: Network, text: str, make: Sized) -> Network:
    from dfsrt.optimize import parse_steps, steps_text

    steps = parse_steps(text)
    try:
        sized = make(steps)
    except InputError as error:
        raise InputError(f"network '{network.name}': {error}") from error
    return _noted(
        sized,
        f"steps {steps_text(steps)}: by sizes alone, so nothing is known of fidelity; dfsrt "
        "optimize measures it on a file with weights",
    )


def _noted(network: Network, note: str) -> Network:
    return replace(network, notes=(*network.notes, note))
