"""Views to try a governor on: ordinary ones and the odd corners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.device.rail import Rail
from dfsrt.governor.view import Telemetry, View


def make_view(n_layers: int = 4, n_levels: int = 5, cap_w: float = 2.0, seed: int = 0) -> View:
    """Return a view of a device with two levels on each voltage and seeded layers.

    Power rises with clock and voltage, time never does; some layers are memory-bound.
    """
    rng = np.random.default_rng(seed)
    level = np.arange(n_levels)
    freqs = (level + 1) * 200_000_000
    rails = 600_000 + 50_000 * (level // 2)
    set_points = np.unique(rails)
    compute = rng.integers(20_000, 400_000, n_layers)[:, None] * (2e8 / freqs)
    memory = rng.integers(1_000, 200_000, n_layers)[:, None]
    duration = np.rint(np.maximum(compute, memory)).astype(np.int64)
    work = rng.uniform(0.2, 3.0, n_layers)[:, None] * compute / duration * freqs / 1e9
    power = (0.1 + work)[:, :, None] * (set_points / 600_000) ** 2
    power = np.where(rails[:, None] <= set_points, power, np.inf)
    return View(
        freqs_hz=freqs,
        rails_uv=rails,
        set_points_uv=set_points,
        duration_ns=duration,
        predicted_w=power,
        cap_w=cap_w,
        stall_ns=1_000 * (level[:, None] != level),
        rail=Rail("conformance", 20_000, 10_000.0, 5_000, 0.9),
        level=0,
        rail_uv=int(rails[0]),
    )


def under_two_limits(cap_w: float, npu_limit_w: float) -> View:
    """Return a view whose cap holds DRAM too, with a limit on the NPU's own watts.

    DRAM's watts fall from layer to layer: of some layers the cap is what binds, of others the
    limit.
    """
    view = make_view(n_layers=40, n_levels=8, cap_w=cap_w)
    dram_w = np.linspace(1.0, 0.0, view.n_layers)[:, None, None]
    return replace(
        view,
        predicted_w=view.predicted_w + dram_w,
        npu_predicted_w=view.predicted_w,
        npu_limit_w=npu_limit_w,
    )


def odd_views() -> dict[str, View]:
    """Return views that break careless governors, by what is odd about them."""
    plain = make_view()
    return {
        "plain": plain,
        "one layer": make_view(n_layers=1),
        "one level": make_view(n_levels=1),
        "many layers": make_view(n_layers=300, n_levels=16, seed=1),
        "no cap": replace(plain, cap_w=float("inf")),
        "cap below everything": replace(plain, cap_w=1e-6),
        "idle so far": replace(plain, telemetry=Telemetry(0, 1_000_000, 2)),
        "no telemetry yet": replace(plain, telemetry=Telemetry(0, 0, 0)),
        "busy all the time": replace(plain, telemetry=Telemetry(1_000_000, 1_000_000, 4), level=4),
        "frames on a clock": replace(plain, period_ns=33_000_000),
        "a cap and a limit": under_two_limits(2.0, 1.5),
        "a limit below everything": under_two_limits(2.0, 1e-6),
    }
