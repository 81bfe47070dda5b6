"""What held each layer's clock: the cap, the voltage, memory, the range, or the policy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfsrt.device.npu import Domain
from dfsrt.governor.view import Floats, Ints
from dfsrt.runtime.log import HeldBy
from dfsrt.runtime.recorder import IDLE
from dfsrt.runtime.table import LayerTable

MEMORY_GAIN = 0.01
"""A faster clock that saves less than this share of a layer's time is no gain."""


def held_by(
    table: LayerTable, domain: Domain, rows: dict[str, Ints], set_point: Ints, cap_w: Floats
) -> tuple[Ints, NDArray[np.bool_]]:
    """Return ``HeldBy`` and whether no level fitted under the cap (rule 7), for each row.

    ``set_point`` is the index of the voltage that the rail guaranteed. The next faster clock
    is judged at its own voltage where the rail is too low for it.
    """
    opps, layer, level = table.npu.opps, rows["layer"], rows["level"]
    top = len(opps) - 1
    after = np.minimum(level + 1, top)
    needed = np.searchsorted(np.array(opps.set_points_uv), np.array(opps.rails_uv)[after])
    predicted = table.predicted_in(domain)
    over_cap = predicted[layer, after, np.maximum(set_point, needed)] > cap_w
    duration = table.duration_ns
    gain = duration[layer, level] - duration[layer, top]
    answers = [
        (layer == IDLE, HeldBy.IDLE),
        (level == top, HeldBy.RANGE),
        (gain < MEMORY_GAIN * duration[layer, level], HeldBy.MEMORY),
        (over_cap, HeldBy.CAP),
        (needed > set_point, HeldBy.VOLTAGE),
    ]
    conditions, codes = zip(*answers, strict=True)
    held = np.select(conditions, [int(c) for c in codes], int(HeldBy.POLICY))
    unreachable = (layer != IDLE) & (predicted[layer, 0, 0] > cap_w)
    return held.astype(np.int64), unreachable
