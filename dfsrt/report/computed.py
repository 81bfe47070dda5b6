"""What the layers of a run compute in."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.cost import LayerCost
from dfsrt.network.precision import weight_precision


def computed_precision(costs: Sequence[LayerCost]) -> str:
    """Return what layers compute in, and narrower weights; what only renames is in nothing."""
    of_work = [cost for cost in costs if cost.layer.computes] or costs
    computed = {cost.precision for cost in of_work}
    weights = {weight_precision(cost.layer) for cost in of_work} - computed - {None}
    stored = f" (weights in {'+'.join(sorted(w for w in weights if w))})" if weights else ""
    return "+".join(sorted(computed)) + stored
