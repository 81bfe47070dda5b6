"""Views small enough to try every plan, with moves about as long as layers."""

from __future__ import annotations

import numpy as np

from dfsrt.device.rail import Rail
from dfsrt.governor.view import View

SHAPES = ((1, 3, 2), (2, 3, 3), (2, 4, 2), (3, 3, 2), (3, 4, 2), (4, 2, 2), (4, 3, 2), (5, 2, 2))
"""Layers, levels and voltages; the last has 243 plans, the largest 2,401."""


def small_view(seed: int, shape=None, **changes) -> View:
    """A view of a random device, network and cap; some caps are out of reach."""
    rng = np.random.default_rng(seed)
    n, levels, points = SHAPES[seed % len(SHAPES)] if shape is None else shape
    freqs = np.sort(rng.choice(np.arange(1, 20), levels, replace=False)) * 50_000_000
    rails = np.sort(np.append(rng.integers(0, points, levels - points), np.arange(points)))
    rails = 600_000 + 50_000 * rails
    set_points = np.unique(rails)
    compute = rng.integers(2_000, 60_000, n)[:, None] * (freqs[-1] / freqs)
    memory = rng.integers(1_000, 60_000, n)[:, None]
    duration = np.rint(np.maximum(compute, memory)).astype(np.int64)
    watts = (0.1 + rng.uniform(0.2, 2.0, n)[:, None] * compute / duration * freqs / 1e9)[:, :, None]
    watts = watts * (set_points / 700_000) ** rng.uniform(2, 4)
    watts = np.where(rails[:, None] <= set_points, watts, np.inf)
    fields = {
        "freqs_hz": freqs,
        "rails_uv": rails,
        "set_points_uv": set_points,
        "duration_ns": duration,
        "predicted_w": watts,
        "cap_w": float(np.quantile(watts[np.isfinite(watts)], rng.uniform(0.05, 1.0))),
        "stall_ns": stalls(rng, levels),
        "rail": Rail(
            "small",
            int(rng.choice([0, 1_000, 20_000])),
            float(rng.choice([1_000.0, 5_000.0, 1e8])),
            int(rng.choice([0, 5_000])),
            0.9,
        ),
        "level": 0,
        "rail_uv": int(rails[0]),
    }
    return View(**{**fields, **changes})


def stalls(rng, levels):
    """No stall, the same for all, or longer across groups of levels."""
    short, long = ((0, 0), (1_000, 1_000), (500, 20_000), (8_000, 8_000))[rng.integers(4)]
    group = rng.integers(0, 2, levels)
    stall = np.where(group[:, None] == group, short, long)
    np.fill_diagonal(stall, 0)
    return stall.astype(np.int64)
