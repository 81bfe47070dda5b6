"""What held each layer's clock: the cap, the voltage, memory, the range, or the policy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.plan import SAME_TIME
from dfsrt.power.table import LayerTable
from dfsrt.run.expected import Expected
from dfsrt.run.log import HeldBy
from dfsrt.run.recorder import IDLE, Rows


def held_by(
    table: LayerTable,
    expected: Expected,
    rows: Rows,
    set_point: Ints,
    cap_w: Floats,
    cap_aware: bool,
) -> tuple[Ints, NDArray[np.bool_]]:
    """Return ``HeldBy`` and whether no level fitted under the cap (rule 7), for each row.

    All arrays are ``(n_rows,)``. ``expected`` is what the governor went by. ``set_point`` is the
    index of the voltage that the rail guaranteed: a cap that even level 0 breaks there is
    unreachable. The next faster clock is judged at its own voltage where the rail is too low for
    it. A governor that is not ``cap_aware`` is held by its own policy, unless memory or the range
    say more.
    """
    opps, levels, layer, level = table.npu.opps, table.levels, rows["layer"], rows["level"]
    lowest = level - levels.core[level]  # at the same memory point
    top = lowest + len(opps) - 1
    after = np.minimum(level + 1, top)
    needed = np.searchsorted(np.array(opps.set_points_uv), levels.rails_uv[after])
    over_cap = expected.of_rows(rows, after, np.maximum(set_point, needed)) > cap_w
    duration = table.duration_ns
    slower = level < top
    gains = duration[layer, level] > duration[layer, top] * (1.0 + SAME_TIME)
    answers = [
        (layer == IDLE, HeldBy.IDLE),
        (table.load.waits_for_memory[layer, level] | (slower & ~gains), HeldBy.MEMORY),
        (level == top, HeldBy.RANGE),
        (np.full(level.shape, not cap_aware), HeldBy.POLICY),
        (over_cap, HeldBy.CAP),
        (needed > set_point, HeldBy.VOLTAGE),
    ]
    conditions, codes = zip(*answers, strict=True)
    held = np.select(conditions, [int(c) for c in codes], int(HeldBy.POLICY))
    at_lowest = expected.of_rows(rows, lowest, set_point)
    unreachable = (layer != IDLE) & (at_lowest > cap_w)
    return held.astype(np.int64), unreachable
