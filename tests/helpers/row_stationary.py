"""Passes walked word by word, and mappings tried one by one: slow twins of the row engine."""

from __future__ import annotations

import math
from itertools import product


def walk_pass(shape, x, rows, buses, slow=1):
    """Cycles of one pass, from sets of the words that really cross, in a whole pass's slots."""
    images, channels = range(x.n), range(x.q * x.r)
    filters = range(x.p * x.t)
    weights = set(product(filters, channels, range(shape.kernel_h), range(shape.kernel_w)))
    sums = set(product(images, filters, range(rows), range(shape.out_w)))
    lines = {y * shape.stride + dy for y in range(rows) for dy in range(shape.kernel_h)}
    lines = range(min(lines), max(lines) + 1)
    pixels = {c * shape.stride + dx for c in range(shape.out_w) for dx in range(shape.kernel_w)}
    pixels = range(min(pixels), max(pixels) + 1)
    inputs = set(product(images, channels, lines, pixels))
    window = set(product(channels, lines, range(shape.kernel_w)))
    work = 0  # of the processor that has most to do: all have the same
    for _ in product(images, range(x.p), range(x.q), range(shape.out_w), range(shape.kernel_w)):
        work += slow
    return (
        math.ceil(len(weights) / buses["weights"])
        + math.ceil(len(window) / buses["inputs"])
        + max(
            work,
            math.ceil(len(sums) / buses["sums"]),
            math.ceil(len(inputs) / buses["inputs"]),
        )
    )


def walk(shape, x, buses, slow=1):
    """Cycles, buffer words and DRAM words of all passes, one after the other."""
    cycles = buffer = 0
    loaded = {"weights": 0, "inputs": 0}
    for first_image in range(0, shape.images, x.n):
        images = min(x.n, shape.images - first_image)
        for first_row in range(0, shape.out_h, x.e):
            rows = min(x.e, shape.out_h - first_row)
            lines = (rows - 1) * shape.stride + shape.kernel_h
            in_w = (shape.out_w - 1) * shape.stride + shape.kernel_w
            for first_kept in range(0, shape.filters, x.m):
                loaded["inputs"] += images * shape.channels * lines * in_w
                kept = min(x.m, shape.filters - first_kept)
                loaded["weights"] += kept * shape.channels * shape.kernel_h * shape.kernel_w
            for first_filter in range(0, shape.filters, x.p * x.t):
                filters = min(x.p * x.t, shape.filters - first_filter)
                for first_channel in range(0, shape.channels, x.q * x.r):
                    channels = min(x.q * x.r, shape.channels - first_channel)
                    cycles += walk_pass(shape, x, rows, buses, slow)
                    buffer += images * channels * lines * in_w
                    buffer += 2 * images * filters * rows * shape.out_w
                    buffer += filters * channels * shape.kernel_h * shape.kernel_w
    results = shape.images * shape.filters * shape.out_h * shape.out_w
    return cycles, buffer, sum(loaded.values()) + results


def try_all(shape, array, buses, make):
    """The (DRAM words, cycles, buffer words) of the best mapping, of all that could be written."""
    best = None
    sizes = (
        [m for m in range(1, shape.filters + 1) if shape.filters % m == 0],
        sorted({math.ceil(shape.images / k) for k in range(1, shape.images + 1)}),
        range(1, shape.out_h + 1),
        range(1, array.pe_sums + 1),
        range(1, array.pe_inputs + 1),
    )
    for m, n, e, p, q in product(*sizes):
        if q > shape.channels or q * shape.kernel_w > array.pe_inputs:
            continue
        if p * q * shape.kernel_w > array.pe_weights:
            continue
        folds = math.ceil(e / array.cols)
        places = array.rows // shape.kernel_h
        places = places // folds if folds > 1 else places * (array.cols // e)
        for r, t in product(range(1, places + 1), repeat=2):
            lines = (e - 1) * shape.stride + shape.kernel_h
            in_w = (shape.out_w - 1) * shape.stride + shape.kernel_w
            banks = math.ceil(n * q * r * lines * in_w / array.bank_words)
            banks += math.ceil(m * n * e * shape.out_w / array.bank_words)
            if r * t > places or m % (p * t) or banks > array.banks:
                continue
            cycles, buffer, dram = walk(shape, make(m, n, e, p, q, r, t), buses)
            key = (dram, cycles, buffer)
            best = key if best is None else min(best, key)
    return best
