"""Networks made smaller on their way to a run: by their sizes, for a run looks at no value."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from dfsrt.base.errors import InputError
from dfsrt.network import Network
from dfsrt.network.reading import Reading

Source: TypeAlias = tuple[str, Reading]
"""What a network is loaded from: a name or a file, and how it is read."""


def smaller(
    network: Network, steps: str, source: Source | None = None, *, lone: bool = True
) -> Network:
    """Return ``network`` with the sizes that ``steps`` leave of it, and a note that says so.

    ``source`` is what it was loaded from, for steps that change its graph. One of several, so not
    ``lone``, stays as it is where it has no weights to make smaller.

    Raises:
        InputError: no such step, one that needs values, or one that applies to no layer.
    """
    if not steps:
        return network
    from dfsrt.optimize import load_by_steps, parse_steps, sized_by_steps, steps_text

    transforms = parse_steps(steps)
    text = steps_text(transforms)
    if not lone and not any(layer.gemms and layer.weights for layer in network.layers):
        return _noted(network, f"steps {text}: it has no weights, and stays as it is")
    try:
        if source is None:
            sized = sized_by_steps(network, transforms)
        else:
            sized = load_by_steps(source[0], transforms, source[1])
    except InputError as error:
        raise InputError(f"network '{network.name}': {error}") from error
    return _noted(
        sized,
        f"steps {text}: by sizes alone, so nothing is known of fidelity; dfsrt optimize measures "
        "it on a file with weights",
    )


def _noted(network: Network, note: str) -> Network:
    return replace(network, notes=(*network.notes, note))
