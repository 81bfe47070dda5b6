"""Micro-blocks by plain walks: which block fetches least, and how long its steps take.

It shares no function with the engine, only what Arm's Vela tells of Ethos-U55-256.
"""

from __future__ import annotations

import math


def bank_steps(size: int, step: int) -> int:
    """Banks of two places of ``size`` bytes, in steps."""
    banks = 2 * math.ceil(size / 1024)
    return math.ceil(banks / step) * step


def even(n: int) -> int:
    """The next even number."""
    return n + n % 2


def depth_first(channels: int, taps: int) -> bool:
    """Whether 32 channels of a tap keep as many multipliers busy as eight of four."""
    if channels <= 8:
        return False
    deep = channels / (math.ceil(channels / 32) * 32)
    return channels * taps / (math.ceil(channels / 8) * 8 * math.ceil(taps / 4) * 4) <= deep


def depths_of(filters: int) -> list[int]:
    """Channels of results that a block may have."""
    most = min(math.ceil(filters / 8) * 8, 128)
    return sorted({*range(16, most, 16), most})


def best_block(c, k, n, out, stride=1, depthwise=False, banks=44):
    """Rows, columns and channels of the block that fetches least, by trying all of them.

    ``c`` inputs, a ``k`` x ``k`` kernel, ``n`` results' channels, ``out`` x ``out`` pixels.
    """
    best, least = None, math.inf
    size = (out - 1) * stride + k
    for d in depths_of(n):
        for h in range(2, min(even(out), 32) + 1, 2):
            for w in range(2, min(even(out), 64) + 1, 2):
                cost = cost_of((h, w, d), c, k, n, out, stride, depthwise, banks, size)
                if cost < least:
                    best, least = (h, w, d), cost
    return best


def cost_of(block, c, k, n, out, stride, depthwise, banks, size):
    h, w, d = block
    in_h, in_w = (even((side - 1) * stride + min(k, 8)) for side in (h, w))
    eights = math.ceil(c / 8) * 8
    deep = d if depthwise else min(eights, 32 if depth_first(c, k * k) else 16)
    inputs = bank_steps(in_h * in_w * math.ceil(deep / 8) * 8, 8)
    if inputs + bank_steps(h * w * d * 4, 16) > banks:
        return math.inf
    spots = math.ceil(out / h) * math.ceil(out / w)
    read = in_h * in_w * c * (out / h) * (out / w)
    weights = k * k * c * spots * (1 if depthwise else n)
    cost = read * (1 if depthwise else math.ceil(n / d)) + weights
    return cost / 2 if 2 * in_h * in_w * deep > size * size * c else cost


def steps_of(block, c, k, n, out, depthwise=False):
    """Cycles of all blocks, walked: results leave four a cycle, the last block shows both."""
    total = last = 0
    for top in range(0, out, block[0]):
        for left in range(0, out, block[1]):
            for first in range(0, n, block[2]):
                rows = min(block[0], out - top)
                cols = min(block[1], out - left)
                filters = min(block[2], n - first)
                work = work_of(rows, cols, filters, c, k, depthwise)
                leave = math.ceil(rows * cols * filters / 4)
                total += max(work, leave)
                last = max(last, min(work, leave))
    return total + last


def work_of(rows, cols, filters, c, k, depthwise):
    """Cycles of one block: each sub-kernel of 8 x 8, each step of its taps and channels."""
    micro = sum(1 for _ in range(0, rows, 2) for _ in range(0, cols, 2))
    step, total = max(32, 4 * micro), 0
    for _ in range(0, filters, 8):
        for y in range(0, k, 8):
            for x in range(0, k, 8):
                taps = min(k - y, 8) * min(k - x, 8)
                if depthwise:
                    total += step * len(range(0, taps, 4))
                elif depth_first(c, k * k):
                    total += step * taps * len(range(0, c, 32))
                else:
                    total += step * len(range(0, taps, 4)) * len(range(0, c, 8))
    return total
