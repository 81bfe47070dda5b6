"""Orders: which state a schedule holds an idle NPU in, for plain Python and compiled code alike."""

from __future__ import annotations

from dfsrt.governor.idle.rule import NEVER_NS
from dfsrt.run.sleep_state import Idle


def order_at(idle: Idle, now_ns: int) -> tuple[int, int]:
    """Return the state that is ordered, -1 for the rule's own choice, and until when."""
    begin_ns, k = now_ns // idle.orders_repeat_ns * idle.orders_repeat_ns, 0
    while k + 1 < len(idle.orders_ns) and begin_ns + idle.orders_ns[k + 1] <= now_ns:
        k += 1
    if k + 1 < len(idle.orders_ns):
        return idle.orders[k], begin_ns + idle.orders_ns[k + 1]
    if idle.orders_repeat_ns >= NEVER_NS:
        return idle.orders[k], NEVER_NS
    return idle.orders[k], begin_ns + idle.orders_repeat_ns
