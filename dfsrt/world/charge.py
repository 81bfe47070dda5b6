"""What a tick has cost: joules of parts, of the NPU and of power conversion."""

from __future__ import annotations

from dfsrt.power.components import IN_NPU, ON_DIE
from dfsrt.world.ledger import Ledger
from dfsrt.world.state import EventKind, Part
from dfsrt.world.world import World


def charge_states(world: World, now_ns: int) -> None:
    """Write what each part's states have taken since the books were closed last.

    A state that a schedule changes in between is charged up to that moment, the next from then on.
    """
    for part in world.parts:
        part.tick_j, part.since_ns = 0.0, world.state.now_ns
    k = world.state.next_event
    while k < len(world.events) and world.events[k].at_ns <= now_ns:
        event = world.events[k]
        if event.kind == EventKind.STATE:
            part = world.parts[event.part]
            _charge_state(part, event.at_ns)
            part.base_w = event.value
        k += 1
    for part in world.parts:
        _charge_state(part, now_ns)


def _charge_state(part: Part, until_ns: int) -> None:
    watts = min(part.base_w, part.granted_w)
    part.tick_j += watts * ((until_ns - part.since_ns) * 1e-9)
    part.since_ns = until_ns


def charge_work(
    world: World, seconds: float, frames: int, host_s: float, busy_s: float
) -> tuple[float, float]:
    """Add what parts take besides their states; return their joules at the battery and at rails.

    ``frames`` requests have finished in the tick, ``host_s`` were spent on the host and
    ``busy_s`` in layers.
    """
    battery_j, rail_j = 0.0, 0.0
    for part in world.parts:
        joules = (
            part.tick_j
            + part.event_w * seconds
            + part.frame_j * frames
            + part.npu_w * busy_s
            + part.host_w * host_s
        )
        # A state that takes less than the first one, while that is off: nothing, not less.
        part.tick_j = max(joules, 0.0)
        world.watts[part.node] += part.tick_j / seconds
        if part.at_rail:
            rail_j += part.tick_j
        else:
            battery_j += part.tick_j
    return battery_j, rail_j


def charge_npu(world: World, meter: Ledger, seconds: float) -> tuple[float, float]:
    """Return the NPU's joules of the tick, its regulator's loss included, and those beside it."""
    own_j, beside_j = 0.0, 0.0
    for k in range(len(world.npu_j)):
        joules = meter.tick_j[k]
        node = world.die_node if ON_DIE[k] else world.board_node
        world.watts[node] += joules / seconds
        if k < IN_NPU:
            own_j += joules
        else:
            beside_j += joules
    return own_j, beside_j


def pmic_efficiency(world: World, load_w: float) -> float:
    """Return the PMIC's efficiency at a load: linear between the points of its table."""
    loads_w, shares = world.pmic_load_w, world.pmic_efficiency
    last = len(loads_w) - 1
    if load_w <= loads_w[0]:
        return float(shares[0])
    if load_w >= loads_w[last]:
        return float(shares[last])
    k = 1
    while load_w > loads_w[k]:
        k += 1
    step = (load_w - loads_w[k - 1]) / (loads_w[k] - loads_w[k - 1])
    return float(shares[k - 1] + step * (shares[k] - shares[k - 1]))


def book_npu(world: World, meter: Ledger, share: float, busy_ns: int) -> None:
    """Write the NPU's tick into the world's book; where the battery ended in it, its share.

    ``busy_ns`` of the tick were spent in layers. The meter's next tick begins.
    """
    for k in range(len(world.npu_j)):
        world.npu_j[k] += meter.tick_j[k] * share
        meter.tick_j[k] = 0.0
    world.state.npu_busy_ns += busy_ns * share
