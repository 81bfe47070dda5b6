"""A first guess of a layer's seconds on a large GPU: what a model learns deviations from."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.power.shape_facts import Facts

CACHE_BYTES = 50e6
"""Last-level cache. Source: NVIDIA H100 data sheet, 50 MB L2."""
MULTIPROCESSORS = 132
"""Source: NVIDIA H100 SXM5 white paper."""
MEMORY_BYTES_PER_S = {"cache": 5.0e12, "dram": 2.8e12}
"""Reachable bandwidth inside and outside the cache. Source: assumed, a scale to learn from only."""
MACS_PER_S = {"fp16": 400e12, "fp32": 25e12, "fp32 conv": 200e12}
"""Reachable rate of tensor cores, of plain fp32, and of TF32, in which frameworks run fp32
convolutions. Source: assumed, a scale to learn from only."""
LAUNCH_S = 1.5e-6
"""Shortest layer. Source: assumed."""
ALIGNED = 8
"""Channels of a group that one load of a tensor core's operands takes, in 16 bits."""

_TILES = ((128, 256, 1.0), (128, 128, 0.9), (64, 128, 0.75), (64, 64, 0.55), (128, 32, 0.45))
"""Rows and columns of a multiprocessor's piece of a product, and the share of the rate that it
reaches. Source: assumed, a scale to learn from only."""


def moved_bytes(f: Facts) -> Floats:
    """Return the bytes of all operands and results, ``(n_layers,)``."""
    return f.bytes_in + f.bytes_out


def compute_s(f: Facts) -> Floats:
    """Return the time of the products at the reachable rate, ``(n_layers,)``."""
    return np.asarray(f.macs / _rate(f))


def memory_s(f: Facts) -> Floats:
    """Return the time of all bytes, once each, from cache or DRAM, ``(n_layers,)``."""
    return _time_of(moved_bytes(f))


def tile_s(f: Facts) -> Floats:
    """Return the time of the products in whole tiles and whole waves, ``(n_layers,)``.

    Of a convolution each group's channels are filled up to ``ALIGNED``; the best tile counts.
    """
    width = np.where(f.is_conv > 0, f.k / np.maximum(f.kernel, 1), f.k)
    k = np.ceil(width / ALIGNED) * ALIGNED * np.where(f.is_conv > 0, f.kernel, 1)
    best = np.full(len(f.m), np.inf)
    for rows, cols, share in _TILES:
        tiles = np.ceil(f.m / rows) * np.ceil(f.n / cols) * f.count
        waves = np.ceil(tiles / MULTIPROCESSORS)
        seconds = waves * rows * cols * k * MULTIPROCESSORS / (share * _rate(f))
        best = np.minimum(best, seconds)
    return np.asarray(best)


def floor_s(f: Facts) -> Floats:
    """Return the time below which no such layer falls, ``(n_layers,)``: a launch for each kernel.

    A convolution's bias is a kernel of its own unless an activation joined it.
    """
    two = (f.is_conv > 0) & (f.has_bias > 0) & (f.is_joined == 0)
    return np.asarray(LAUNCH_S * (1.0 + two))


def scale_s(f: Facts) -> Floats:
    """Return the first guess, ``(n_layers,)``: the slowest of compute, memory and launch."""
    return np.asarray(np.maximum(np.maximum(compute_s(f), memory_s(f)), LAUNCH_S))


def _rate(f: Facts) -> Floats:
    wide = np.where(f.is_conv > 0, MACS_PER_S["fp32 conv"], MACS_PER_S["fp32"])
    return np.where(f.is_wide > 0, wide, MACS_PER_S["fp16"])


def _time_of(count: Floats) -> Floats:
    inside = count < 0.8 * CACHE_BYTES
    rate = np.where(inside, MEMORY_BYTES_PER_S["cache"], MEMORY_BYTES_PER_S["dram"])
    return np.asarray(count / rate)
