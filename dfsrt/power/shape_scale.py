"""A first guess of a layer's seconds on a large GPU: what a model learns deviations from."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Mask
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

DEPTHWISE_MACS_PER_S = 6e12
"""Rate of depthwise convolutions, which no tensor core takes. Source: assumed, as above."""
FAST_WIDTHS = (4, 8, 16, 32)
"""Channels a group for which grouped convolutions have a kernel of their own. Source: measured,
H100, cuDNN 9.19, channels last: others take a time that grows with the count of groups."""
FEWEST_FAST_GROUPS = 8
"""Source: measured, as above."""
SLOW_GROUPS_S = {"once": 12e-6, "group": 1.0e-6, "row": 0.4e-9}
"""What the fallback takes: once, for each group, for each pixel of each group. Source: measured,
as above, within a factor of two."""

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


def traffic_s(f: Facts) -> Floats:
    """Return the time of all bytes that kernels around the layer's own move, too, ``(n_layers,)``.

    Convolutions in the layout of ONNX are turned to channels-last and back; a bias is added in a
    second pass, unless an activation joined it; channels are filled up to ``ALIGNED``.
    """
    turned = np.where((f.is_conv > 0) & (f.is_last == 0), moved_bytes(f), 0)
    added = np.where(_adds_bias(f), 2 * f.bytes_out, 0)
    is_filled = (f.is_conv > 0) & (f.is_last > 0) & (f.count <= 1)
    width = np.where(f.is_wide > 0, 4, 2)
    into = np.where(is_filled & (f.channels % ALIGNED > 0), 2 * f.elements_first * width, 0)
    out = np.where(is_filled & (f.channels_out % ALIGNED > 0), 2 * f.bytes_out, 0)
    return memory_s(f) + _time_of(turned + added + into + out)


def tile_s(f: Facts) -> Floats:
    """Return the time of the products in whole tiles and whole waves, ``(n_layers,)``.

    Of a convolution each group's channels are filled up to ``ALIGNED``; the best tile counts.
    """
    kernel = np.where(f.is_conv > 0, np.maximum(f.kernel, 1), 1)
    k = np.ceil(f.k / kernel / ALIGNED) * ALIGNED * kernel
    best = np.full(len(f.m), np.inf)
    for rows, cols, share in _TILES:
        tiles = np.ceil(f.m / rows) * np.ceil(f.n / cols) * f.count
        waves = np.ceil(tiles / MULTIPROCESSORS)
        seconds = waves * rows * cols * k * MULTIPROCESSORS / (share * _rate(f))
        best = np.minimum(best, seconds)
    return np.asarray(best)


def is_fast_grouped(f: Facts) -> Mask:
    """Return which layers are grouped convolutions with a kernel of their own, ``(n_layers,)``."""
    width = f.channels / np.maximum(f.count, 1)
    fits = np.isin(width, FAST_WIDTHS) & (f.n == width) & (f.count >= FEWEST_FAST_GROUPS)
    return np.asarray(_is_grouped(f) & fits & ((f.kernel > 1) | (width <= ALIGNED)))


def slow_groups_s(f: Facts) -> Floats:
    """Return what grouped convolutions without such a kernel take in channels-last, or 0.

    Shape ``(n_layers,)``.
    """
    slow = _is_grouped(f) & ~is_fast_grouped(f) & (f.is_last > 0)
    row = f.m * SLOW_GROUPS_S["row"]
    found = SLOW_GROUPS_S["once"] + f.count * (SLOW_GROUPS_S["group"] + row)
    return np.where(slow, found, 0.0)


def multiply_s(f: Facts) -> Floats:
    """Return the time of the products on the units that take them, ``(n_layers,)``."""
    whole, tiles = compute_s(f), tile_s(f)
    is_plain = (f.is_conv > 0) & (f.count <= 1)
    found = np.where(is_plain, (whole + tiles) / 2, whole)
    found = np.where(is_fast_grouped(f), tiles, found)
    return np.where(_is_depthwise(f), f.macs / DEPTHWISE_MACS_PER_S, found)


def scale_s(f: Facts) -> Floats:
    """Return the first guess, ``(n_layers,)``: products, bytes and a launch for each kernel.

    A sum and no maximum: small layers have nothing to hide one behind the other. Steps of a
    recurrent layer wait for each other as kernels do.
    """
    launches = LAUNCH_S * (f.steps + _adds_bias(f))
    return np.asarray(multiply_s(f) + traffic_s(f) + slow_groups_s(f) + launches)


def _adds_bias(f: Facts) -> Mask:
    return np.asarray((f.is_conv > 0) & (f.has_bias > 0) & (f.is_joined == 0))


def _is_depthwise(f: Facts) -> Mask:
    return np.asarray((f.is_conv > 0) & (f.count > 1) & (f.channels == f.count))


def _is_grouped(f: Facts) -> Mask:
    return np.asarray((f.is_conv > 0) & (f.count > 1) & (f.channels > f.count))


def _rate(f: Facts) -> Floats:
    wide = np.where(f.is_conv > 0, MACS_PER_S["fp32 conv"], MACS_PER_S["fp32"])
    return np.where(f.is_wide > 0, wide, MACS_PER_S["fp16"])


def _time_of(count: Floats) -> Floats:
    inside = count < 0.8 * CACHE_BYTES
    rate = np.where(inside, MEMORY_BYTES_PER_S["cache"], MEMORY_BYTES_PER_S["dram"])
    return np.asarray(count / rate)
