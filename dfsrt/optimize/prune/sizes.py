"""Sizes of a network pruned, without values: the zeros that are to be expected."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.network import Network
from dfsrt.network.packing import Packing
from dfsrt.optimize.prune.policy import Policy
from dfsrt.optimize.sized import SizedWeight, sized_weights, with_packings


def pruned_sizes(network: Network, policy: Policy) -> Network:
    """Return ``network`` with the zeros of ``policy``: where they lie nobody knows.

    Limits: one threshold for all layers counts as the same ratio in each.

    Raises:
        InputError: a network of which no layer can be pruned so.
    """
    weights = sized_weights(network)
    fit = policy.fitting(weights)
    chosen = fit.of(weights)
    smaller = with_packings(network, {w.name: _packing(w, policy) for w in chosen})
    return replace(smaller, notes=(*smaller.notes, fit.note)) if fit.note else smaller


def _packing(weight: SizedWeight, policy: Policy) -> Packing:
    before = weight.packing
    if policy.pattern is not None:
        kept, group = policy.pattern.kept, policy.pattern.group
        zeros = max(before.zeros, 1 - kept / group)
        return replace(before, zeros=zeros, kept=kept, group=group, fillers=())
    zeros, blocks = policy.ratio, policy.block
    if blocks > 1:
        removed = round(policy.ratio * (weight.outputs // blocks) * weight.inputs) * blocks
        zeros = removed / (weight.outputs * weight.inputs)
        before = replace(before, blocks=blocks, zero_blocks=zeros)
    return replace(before, zeros=max(before.zeros, zeros), fillers=())
