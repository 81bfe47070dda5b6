"""What a scenario's file says of its idle NPU: a policy, and how long a driver may wait."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged
from dfsrt.base.units import parse_time_ns
from dfsrt.governor.idle import make_idle_governor
from dfsrt.governor.idle.timeout import Timeout
from dfsrt.run.scenario_schema import IdleTable


def idle_text(table: str | IdleTable) -> str:
    """Return the idle governor as it is typed."""
    return table if isinstance(table, str) else table.policy


def idle_after(table: str | IdleTable) -> Ranged | None:
    """Return how long a timeout waits, in s, with its range; None where no range is said.

    Raises:
        InputError: a range of another policy than a timeout, half of one, or one that does not
            hold the timeout.
    """
    if isinstance(table, str) or (table.low is None and table.high is None):
        return None
    governor = make_idle_governor(table.policy)
    if not isinstance(governor, Timeout):
        raise InputError(
            f"idle: low and high are of a timeout's wait, and policy is '{table.policy}'; leave "
            "them out"
        )
    if table.low is None or table.high is None:
        raise InputError("idle: low and high go together; give both")
    low, high = (parse_time_ns(end, "idle: range") * 1e-9 for end in (table.low, table.high))
    value = governor.after * 1e-9
    if not low <= value <= high:
        raise InputError(
            f"idle: {table.policy} lies outside its range {table.low} to {table.high}; give a "
            "range that holds it"
        )
    return Ranged(value, low, high, table.source, "s")
