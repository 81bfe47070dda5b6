"""Cells for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from dfsrt.world.battery.pack import ECM, Pack

AI2020_SOC = np.round(np.arange(21) * 0.05, 2)
AI2020_V = np.array(
    [3.0, 3.5421, 3.6396, 3.6654, 3.6954, 3.7168, 3.7331, 3.7481, 3.7622, 3.7763, 3.7925, 3.8122,
     3.8365, 3.8675, 3.9089, 3.9519, 3.9945, 4.0409, 4.0879, 4.1384, 4.2]
)  # fmt: skip


def make_pack(**changes: Any) -> Pack:
    """Return a phone cell of 4.7 Ah with one RC pair, or as ``changes`` say."""
    fields: dict[str, Any] = {
        "kind": ECM,
        "capacity_c": 4.7 * 3600,
        "ocv_soc": AI2020_SOC,
        "ocv_v": AI2020_V,
        "r0_ohm": 0.05,
        "r0_ref_c": 25.0,
        "r0_ea_j": 20_000.0,
        "path_ohm": 0.03,
        "r1_ohm": 0.02,
        "tau1_s": 30.0,
        "r2_ohm": 0.0,
        "tau2_s": 1.0,
        "cutoff_v": 3.3,
        "brownout_v": 2.9,
        "kibam_c": 0.8,
        "kibam_k": 0.002,
        "peukert": 1.05,
        "rated_a": 0.94,
    }
    return Pack(**(fields | changes))
