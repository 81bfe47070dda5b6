"""A change of the memory's clock: asked for at a layer boundary, in effect a delay later.

It takes effect at the first layer boundary from then on, whose layer waits out the stall of all
traffic, or exactly then while nothing runs, when nobody sees the stall. Of the same nanosecond a
layer comes first: it waits. One change is under way at a time; what is wished meanwhile is asked
for at the first boundary after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.run.stream import NEVER_NS

if TYPE_CHECKING:
    from dfsrt.run.machine import Device, Machine, Wish


def wish_at(m: Machine, device: Device, wish: Wish) -> int:
    """Return where the wish for the layer at hand stands, at the point that the memory has then."""
    if m.memory_ns <= m.now_ns:
        take_effect(m)
    layers = len(device.dram_bytes)
    point = wish.memory[m.plan + m.memory * layers + m.layer]
    if point != m.memory_to and m.memory_ns == NEVER_NS:
        ask_memory(m, device, point, m.now_ns)
        if m.memory_ns <= m.now_ns:
            take_effect(m)
    return m.plan + m.memory * layers + m.layer


def ask_memory(m: Machine, device: Device, point: int, now_ns: int) -> None:
    """Ask for a memory point, at a time at which no change is under way."""
    m.memory_to, m.memory_ns = point, now_ns + device.memory_delay_ns


def take_effect(m: Machine) -> None:
    """Let the change that was asked for take effect; the level is still that of the old point."""
    m.memory, m.memory_ns = m.memory_to, NEVER_NS
    m.memory_changes += 1


def change_unseen(m: Machine, device: Device) -> None:
    """Let a change take effect that is due while nothing runs."""
    if m.memory_ns <= m.now_ns:
        take_effect(m)
    before = m.level // device.cores
    if before != m.memory:
        m.level += (m.memory - before) * device.cores
        m.memory_unseen += 1
