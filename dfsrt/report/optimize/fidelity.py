"""Fidelity of a step as a row has it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dfsrt.report.optimize.schema import StepFidelity

if TYPE_CHECKING:
    from dfsrt.optimize.fidelity import Fidelity


def step_fidelity(left: Fidelity) -> StepFidelity:
    """Return what a step left of the answers."""
    return StepFidelity(
        accuracy=left.accuracy,
        same=left.same,
        cosine=left.cosine,
        sqnr_db=left.sqnr_db if math.isfinite(left.sqnr_db) else None,
    )
