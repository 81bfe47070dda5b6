"""Tensors without elements, such as the keys of a past that has not begun: no work, no bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dfsrt.network.layer import Kind
from dfsrt.network.rules.work import Work
from dfsrt.network.shapes.counted import COUNTED
from dfsrt.network.tensor import Tensor

Operands = Sequence[Tensor | None]


def without_nothing(work: Work, op: str, reads: Operands, writes: Operands) -> Work:
    """Return the work of a node some of whose tensors have no elements.

    One that makes nothing does nothing, but where it has to look first; a join of one operand with
    nothing is a view of that; a product over no element fills its result with zeros.
    """
    present = [t for t in writes if t is not None]
    if present and not any(t.elements for t in present) and op not in COUNTED:
        return Work(Kind.VIEW, settings=frozenset(range(len(reads))))
    if op == "Concat" and sum(1 for t in reads if t is not None and t.elements) == 1:
        return replace(work, kind=Kind.VIEW)
    if work.gemms and not all(gemm.macs for gemm in work.gemms):
        kept = [i for i, gemm in enumerate(work.gemms) if gemm.macs]
        return replace(
            work,
            kind=Kind.MATRIX if kept else Kind.MOVE,
            gemms=tuple(work.gemms[i] for i in kept),
            operands=tuple(work.operands[i] for i in kept),
        )
    return work
