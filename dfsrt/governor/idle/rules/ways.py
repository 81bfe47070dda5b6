"""Ways through the next gaps, by the delay that each leaves, in a rule's memory.

Two banks of ways take turns: those up to a gap, and those through it.
"""

from __future__ import annotations

from dfsrt.governor.idle.rule import AHEAD, MOST_AHEAD, IdleRule
from dfsrt.governor.idle.rules.gap_cost import UNIT

WAYS, WIDTH, MOST_WAYS = AHEAD + MOST_AHEAD, 4, 24
"""Memory behind the gaps that are known: so many ways in each bank, of so many numbers."""
DELAY, COST, CODE, START = range(WIDTH)
"""Of a way: the delay that it leaves, what it takes, and the first gap's option and delay."""
ROOT = -1
"""In place of an option: the first gap has not been gone through."""
SIZE = WAYS + 2 * MOST_WAYS * WIDTH
EQUAL = 256
"""Costs that differ by no more are equal: rounded ones of a few gaps."""


def way_at(bank: int, number: int) -> int:
    """Return where in memory a way is written."""
    return WAYS + (bank * MOST_WAYS + number) * WIDTH


def add_way(
    rule: IdleRule, bank: int, count: int, delay_ns: int, cost: int, code: int, start_ns: int
) -> int:
    """Write a way down unless another is as good, and return how many there are then.

    One with less delay is as good where staying up for the difference costs no more than it saves.
    """
    for k in range(count):
        way = way_at(bank, k)
        apart_ns = delay_ns - int(rule.memory[way + DELAY])
        if apart_ns < 0:
            continue
        cheaper = cost - int(rule.memory[way + COST]) - apart_ns * UNIT
        if cheaper > EQUAL or (cheaper >= -EQUAL and not is_nearer(rule, way, code, start_ns)):
            return count
        if apart_ns == 0:
            return write_way(rule, way, delay_ns, cost, code, start_ns, count)
    if count == MOST_WAYS:
        return count
    return write_way(rule, way_at(bank, count), delay_ns, cost, code, start_ns, count + 1)


def write_way(
    rule: IdleRule, way: int, delay_ns: int, cost: int, code: int, start_ns: int, count: int
) -> int:
    """Write a way down at its place, and return ``count``."""
    rule.memory[way + DELAY] = delay_ns
    rule.memory[way + COST] = cost
    rule.memory[way + CODE] = code
    rule.memory[way + START] = start_ns
    return count


def is_nearer(rule: IdleRule, way: int, code: int, start_ns: int) -> bool:
    """Return whether an option delays the first request less than a way's, or is as deep."""
    own_ns = int(rule.memory[way + START])
    return bool(start_ns < own_ns or (start_ns == own_ns and code > rule.memory[way + CODE]))


def best_way(rule: IdleRule, bank: int, count: int) -> int:
    """Return the first gap's option of the way that takes the least."""
    best = way_at(bank, 0)
    for k in range(1, count):
        way = way_at(bank, k)
        less = int(rule.memory[best + COST]) - int(rule.memory[way + COST])
        code, start_ns = int(rule.memory[way + CODE]), int(rule.memory[way + START])
        if less > EQUAL or (less >= -EQUAL and is_nearer(rule, best, code, start_ns)):
            best = way
    return int(rule.memory[best + CODE])
