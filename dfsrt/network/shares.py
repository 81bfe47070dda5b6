"""How much of a network is left out: operators without a rule, let through as memory traffic."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.network.lower import Step, is_left_out
from dfsrt.network.shapes import Shaped


def share_notes(shaped: Shaped, steps: Sequence[Step]) -> list[str]:
    """Say in one line which share of nodes and bytes is left out, where anything is."""
    left_out = [is_left_out(step.node, shaped) for step in steps]
    if not any(left_out):
        return []
    moved = [_bytes(step) for step in steps]
    share = sum(m for m, out in zip(moved, left_out, strict=True) if out) / max(sum(moved), 1)
    return [
        f"left out: {sum(left_out)} of {len(steps)} nodes, which move {share:.1%} of all bytes; "
        "MACs that they may have are in no figure"
    ]


def _bytes(step: Step) -> int:
    return sum(t.touched_bytes for t in (*step.reads, *step.weights, *step.writes))
