"""Views with a free memory, small enough to try every plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.governor.memory_view import MemoryView
from dfsrt.governor.view import View
from tests.governor.small_views import small_view

SHAPES = ((2, 2, 2, 3), (2, 3, 2, 2), (3, 2, 2, 2), (3, 3, 2, 2), (4, 2, 1, 2), (5, 2, 1, 2))
"""Layers, clocks, voltages, and memory points; the most have 1,296 plans."""


def joint_small_view(seed: int, **changes) -> View:
    """A view of a random device whose memory has points, network, cap, stall and delay."""
    rng = np.random.default_rng([seed, 1])
    n, levels, points, memories = SHAPES[seed % len(SHAPES)]
    view = small_view(seed, shape=(n, levels, points))
    freqs_hz = np.sort(rng.choice(np.arange(1, 9), memories, replace=False)) * 300_000_000
    # Layers that wait for memory and layers that compute: each has use for other clocks.
    waits = rng.random(n) < 0.5
    compute = np.where(waits, rng.integers(1_000, 8_000, n), rng.integers(8_000, 60_000, n))
    bound = np.where(waits, rng.integers(8_000, 60_000, n), rng.integers(1_000, 8_000, n))
    compute = compute[:, None] * (view.freqs_hz[-1] / view.freqs_hz)
    bound = bound[:, None] * (freqs_hz[-1] / freqs_hz)
    duration = np.rint(np.maximum(compute[:, None, :], bound[:, :, None])).astype(np.int64)
    standby_w = np.linspace(0.02, float(rng.uniform(0.3, 1.5)), memories)
    busy = (compute[:, None, :] / duration)[..., None]
    own_w = np.where(np.isfinite(view.predicted_w), view.predicted_w, 0.0)[:, None]
    watts = (
        0.1
        + own_w * busy
        + standby_w[:, None, None]
        + 0.2 * (bound[:, :, None] / duration)[..., None]
    )
    watts = np.where(np.isfinite(view.predicted_w)[:, None], watts, np.inf)
    memory = MemoryView(
        freqs_hz=freqs_hz,
        level=memories - 1,
        duration_ns=duration,
        predicted_w=watts,
        stall_ns=int(rng.choice([0, 500, 3_000])),
        delay_ns=int(rng.choice([0, 5_000, 20_000, 50_000, 150_000])),
        free=True,
        idle_w=standby_w,
    )
    rail = replace(view.rail, command_ns=min(view.rail.command_ns, 5_000))
    cap_w = float(np.quantile(watts[np.isfinite(watts)], rng.uniform(0.05, 1.0)))
    fields = {
        "duration_ns": duration[:, -1],
        "predicted_w": watts[:, -1],
        "cap_w": cap_w,
        "memory": memory,
        "rail": rail,
    }
    return replace(view, **{**fields, **changes})
