"""Blocks of results that an engine of micro-blocks works on one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TypeVar

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask

Count = TypeVar("Count", int, Ints)
WIDEST = (32, 64, 128)
"""Rows, columns and channels of results that a block has at most. Source: as ``Buffers``."""
SUB_KERNEL = 8
"""Rows and columns of a kernel that are worked through together. Source: as ``Buffers``."""
DEEP, SHALLOW = 32, 16
"""Input channels that a block reads at once, depth first or by parts of the kernel."""
SPLIT = 16
"""Channels of results by which blocks grow, where they have not all of them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A convolution of ``images``; a ``is_depthwise`` one, or a pooling, has one input a result."""

    images: int
    in_h: int
    in_w: int
    channels: int
    filters: int
    kernel_h: int
    kernel_w: int
    out_h: int
    out_w: int
    stride_h: int = 1
    stride_w: int = 1
    is_depthwise: bool = False
    has_weights: bool = True

    @property
    def taps(self) -> int:
        """Elements of the kernel."""
        return self.kernel_h * self.kernel_w

    @property
    def sub_kernels(self) -> tuple[tuple[int, int], ...]:
        """Elements of the parts that a kernel is worked through in, and how many have so many."""
        high, wide = (_cut(side, SUB_KERNEL) for side in (self.kernel_h, self.kernel_w))
        return tuple((h * w, n * m) for h, n in high for w, m in wide)

    @property
    def by_parts(self) -> bool:
        """Whether four taps of eight channels a step keep more multipliers busy than 32 of one."""
        if self.channels <= 8:
            return True
        deep = self.channels / rounded_up(self.channels, 32)
        taken = rounded_up(self.channels, 8) * rounded_up(self.taps, 4)
        return self.channels * self.taps / taken > deep


@dataclass(frozen=True, slots=True)
class Buffers:
    """Rows, columns and channels of a micro-block, and the banks that inputs and sums share.

    Inputs and sums have two places each: one is worked on while the other fills or empties. They
    take banks in steps.

    Source: Arm's Vela 5.2.0 (Apache-2.0), what its source tells of Ethos-U55-256.
    """

    rows: int
    cols: int
    channels: int
    banks: int
    bank_bytes: int = 1024
    sum_bytes: int = 4
    input_step: int = 8
    sum_step: int = 16

    def holds(self, inputs: Ints, sums: Ints) -> Mask:
        """Tell which of so many bytes of inputs and so many sums fit; both are of any shape."""
        own = 2 * (rounded_up(inputs, self.bank_bytes) // self.bank_bytes)
        rest = 2 * (rounded_up(sums * self.sum_bytes, self.bank_bytes) // self.bank_bytes)
        taken = rounded_up(own, self.input_step) + rounded_up(rest, self.sum_step)
        return taken <= self.banks


@dataclass(frozen=True, slots=True)
class Block:
    """Rows, columns and channels of results, and the rows and columns that they read."""

    rows: int
    cols: int
    channels: int
    in_rows: int
    in_cols: int

    def spots(self, shape: Shape) -> int:
        """Return how many blocks lie side by side on all images."""
        return shape.images * -(-shape.out_h // self.rows) * -(-shape.out_w // self.cols)

    def depths(self, shape: Shape) -> int:
        """Return how many blocks lie behind each other, by channels of results."""
        return -(-shape.filters // self.channels)

    def pieces(self, shape: Shape) -> Iterator[tuple[tuple[int, int, int], int]]:
        """Yield rows, columns and channels of an image's blocks, cut at its edges, and counts."""
        cuts = (
            _cut(shape.out_h, self.rows),
            _cut(shape.out_w, self.cols),
            _cut(shape.filters, self.channels),
        )
        for (rows, n), (cols, m), (channels, k) in product(*cuts):
            yield (rows, cols, channels), n * m * k


@lru_cache(maxsize=4096)
def least_fetches(shape: Shape, buffers: Buffers) -> Block | None:
    """Return the block that fetches the fewest inputs and weights; None where not one fits.

    Where two such blocks hold a whole image, half as many count.
    """
    channels, rows, cols = _choices(shape, buffers)
    in_rows = _reached(rows, shape.stride_h, shape.kernel_h, buffers.rows)
    in_cols = _reached(cols, shape.stride_w, shape.kernel_w, buffers.cols)
    deep = channels if shape.is_depthwise else np.full_like(channels, _depth(shape))
    fits = buffers.holds(in_rows * in_cols * rounded_up(deep, 8), rows * cols * channels)
    if not fits.any():
        return None
    cost = _fetches(shape, rows, cols, channels, in_rows * in_cols)
    whole = 2 * in_rows * in_cols * deep > shape.in_h * shape.in_w * shape.channels
    best = int(np.argmin(np.where(fits, np.where(whole, cost / 2, cost), np.inf)))
    taken = (rows, cols, channels, in_rows, in_cols)
    return Block(*(int(side.flat[best]) for side in taken))


def rounded_up(count: Count, step: int) -> Count:
    """Return the next multiple of ``step``; of arrays of any shape for each of them."""
    return -(-count // step) * step


def _choices(shape: Shape, buffers: Buffers) -> tuple[Ints, Ints, Ints]:
    """Channels, rows and columns of all blocks, ``(n_channels, n_rows, n_cols)`` each."""
    rows = np.arange(buffers.rows, _most(shape.out_h, WIDEST[0], buffers.rows) + 1, buffers.rows)
    cols = np.arange(buffers.cols, _most(shape.out_w, WIDEST[1], buffers.cols) + 1, buffers.cols)
    deepest = _most(shape.filters, WIDEST[2], buffers.channels)
    channels = np.append(np.arange(SPLIT, deepest, SPLIT), deepest)
    c, h, w = np.meshgrid(channels, rows, cols, indexing="ij")
    return c.astype(np.int64), h.astype(np.int64), w.astype(np.int64)


def _fetches(shape: Shape, rows: Ints, cols: Ints, channels: Ints, pixels: Ints) -> Floats:
    """Inputs and weights of each block size; edges of images count as the share that they have."""
    spots = np.ceil(shape.out_h / rows) * np.ceil(shape.out_w / cols)
    read = pixels * shape.channels * (shape.out_h / rows) * (shape.out_w / cols)
    weights: Floats = shape.taps * shape.channels * spots * shape.has_weights
    if shape.is_depthwise:
        return read + weights
    return read * np.ceil(shape.filters / channels) + weights * shape.filters


def _depth(shape: Shape) -> int:
    return min(rounded_up(shape.channels, 8), SHALLOW if shape.by_parts else DEEP)


def _reached(size: Ints, stride: int, kernel: int, step: int) -> Ints:
    """Rows or columns of inputs that so many of results read, ``any shape``."""
    return rounded_up((size - 1) * stride + min(kernel, SUB_KERNEL), step)


def _most(size: int, widest: int, step: int) -> int:
    return min(rounded_up(size, step), widest)


def _cut(size: int, step: int) -> list[tuple[int, int]]:
    """Whole steps with their count, and what is left."""
    whole, rest = divmod(size, step)
    return [(step, whole)] * (whole > 0) + [(rest, 1)] * (rest > 0)
