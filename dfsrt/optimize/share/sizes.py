"""Sizes of a network with shared values, without values."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.network import Network
from dfsrt.optimize.share.policy import Policy
from dfsrt.optimize.sized import SizedWeight, sized_weights, with_packings


def shared_sizes(network: Network, policy: Policy) -> Network:
    """Return ``network`` with code books; zeros stay where they are.

    Raises:
        InputError: a network of which no layer gets smaller.
    """
    weights = sized_weights(network)
    fit = policy.fitting(weights)

    def books(weight: SizedWeight) -> tuple[int, int]:
        packing = policy.packing(weight)
        return packing.values, packing.codebooks

    chosen = {w.name: (w.packing, *books(w)) for w in fit.of(weights)}
    smaller = with_packings(
        network, {n: replace(p, values=v, codebooks=b) for n, (p, v, b) in chosen.items()}
    )
    return replace(smaller, notes=(*smaller.notes, fit.note)) if fit.note else smaller
