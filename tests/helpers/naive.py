"""The naive oracle: a plain loop over layers that shares no code with dfsrt.

It takes numbers and returns rows (start, end, stall, level) and rail joules per row. Voltage is
integrated by eight-point Gauss-Legendre quadrature, exact for powers of V up to 15.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass
class Device:
    freqs: list[int]
    needs: list[int]
    switch: int
    command: int
    slew: float
    settle: int
    efficiency: float
    clock: float
    leakage: list[tuple[float, float]]
    dram_pj_per_byte: float = 0.0
    uncore_w: float = 0.0
    fixed_w: float = 0.0


@dataclass
class Result:
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)
    rail_j: list[float] = field(default_factory=list)
    other_j: list[float] = field(default_factory=list)
    moves: int = 0


def naive_highest(device, duration, predicted, cap):
    """The best held voltage and each layer's level, by trying everything."""
    voltages = sorted(set(device.needs))
    best = None
    for s, uv in enumerate(voltages):
        levels, possible = [], True
        for layer in range(len(duration)):
            fitting = [
                k
                for k in range(len(device.freqs))
                if device.needs[k] <= uv and predicted[layer][k][s] <= cap
            ]
            possible = possible and bool(fitting)
            level = max(fitting) if fitting else 0
            longest = duration[layer][level] * 1.01
            while level > 0 and duration[layer][level - 1] <= longest:
                level -= 1
            levels.append(level)
        time = sum(duration[i][k] for i, k in enumerate(levels))
        for i in range(len(levels)):
            if levels[i] != levels[i - 1]:
                time += device.switch
        if possible and (best is None or time < best[0]):
            best = (time, levels, uv)
        if s == 0:
            slowest = (time, levels, uv)
    _, levels, uv = best or slowest
    return levels, [uv] * len(levels)


def naive_run(device, duration, switched, moved, flowing, plans, changes, frames):
    """Run ``frames`` frames; ``plans[i]`` holds from ``changes[i]`` (ns) on.

    ``flowing`` is the share of the clock tree that flows, by layer and level.
    """
    result = Result()
    now = 0
    level = plans[0][0][0]
    # A rail is (command, ramp start, ramp end, settled, from, to).
    rail = (0, 0, 0, 0, plans[0][1][0], plans[0][1][0])
    for _ in range(frames):
        for layer in range(len(duration)):
            current = max(i for i, t in enumerate(changes) if t <= now)
            want, want_uv = plans[current][0][layer], plans[current][1][layer]
            settled = now >= rail[3]
            floor = rail[5] if settled else min(rail[4], rail[5])
            move = settled and want_uv != rail[5]
            if move and want_uv > rail[5]:
                rail = start_move(device, now, rail[5], want_uv)
                result.moves += 1
                floor = rail[4] if now < rail[3] else rail[5]
            if move and want_uv < rail[5]:
                floor = want_uv
            # A rail that settles while the clock changes anyway may be used at once.
            ready = now + (device.switch if want != level else 0) >= rail[3]
            falls = move and want_uv < rail[5]
            new = want
            if device.needs[want] > floor and not (
                ready and not falls and device.needs[want] <= rail[5]
            ):
                while device.needs[new] > floor:
                    new -= 1
            stall = device.switch if new != level else 0
            level = new
            if move and want_uv < rail[5]:
                rail = start_move(device, now + stall, rail[5], want_uv)
                result.moves += 1
            start = now + stall
            end = start + duration[layer][level]
            result.rows.append((start, end, stall, level))
            result.rail_j.append(
                energy(device, rail, now, start, 0.0, 0.0)
                + energy(
                    device,
                    rail,
                    start,
                    end,
                    switched[layer],
                    device.clock * device.freqs[level] * flowing[layer][level],
                )
            )
            result.other_j.append(
                moved[layer] * device.dram_pj_per_byte * 1e-12
                + device.uncore_w * (end - now) * 1e-9
            )
            now = end
    return result


def start_move(device, now, from_uv, to_uv):
    begin = now + device.command
    stop = begin + math.ceil(abs(to_uv - from_uv) * 1000 / device.slew)
    return (now, begin, stop, stop + device.settle, from_uv, to_uv)


def volts(rail, t):
    _, begin, stop, _, low, high = rail
    if t <= begin:
        return low / 1e6
    if t >= stop:
        return high / 1e6
    return (low + (high - low) * (t - begin) / (stop - begin)) / 1e6


def energy(device, rail, start, end, switched, clock_per_v2):
    """Input joules from start to end: switched J/V² spread evenly, plus clock, leakage, fixed."""
    if end == start:
        return 0.0
    cuts = sorted({start, end, *(t for t in rail[1:3] if start < t < end)})
    total = 0.0
    for left, right in pairwise(cuts):
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            v = volts(rail, left + (right - left) * (node + 1) / 2)
            watts = (switched / ((end - start) * 1e-9) + clock_per_v2) * v**2
            watts += sum(k * v**n for k, n in device.leakage) + device.fixed_w
            total += weight / 2 * (right - left) * 1e-9 * watts
    return total / device.efficiency
