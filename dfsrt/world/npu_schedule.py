"""When an idle NPU is told which state to be in, whatever its idle governor would say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.world.schedule_table import read_schedule
from dfsrt.world.schema import NpuTable

GOVERNED, DEEPEST = "governed", "deepest"
"""In place of an idle state's name: the idle governor's choice, and the last state there is."""


@dataclass(frozen=True, slots=True)
class NpuSchedule:
    """The states of an idle NPU by time; ``state`` holds until the first of the ``changes``.

    ``changes`` are (time in ns, state), repeated every ``repeat_ns``.
    """

    state: str = GOVERNED
    changes: tuple[tuple[int, str], ...] = ()
    repeat_ns: int | None = None

    @property
    def all(self) -> tuple[tuple[int, str], ...]:
        """The states of one round, each with its beginning in ns; none where all is governed."""
        at_once = self.changes and self.changes[0][0] == 0
        every = self.changes if at_once else ((0, self.state), *self.changes)
        return every if any(state != GOVERNED for _, state in every) else ()

    def orders(self, states: Sequence[str]) -> tuple[tuple[int, int], ...]:
        """Return one round as (time in ns, number of the state among ``states``); -1 is governed.

        Raises:
            InputError: a state that is not among them.
        """
        return tuple((at_ns, _number(state, states)) for at_ns, state in self.all)


def read_npu(table: NpuTable, starts_ns: int | None) -> NpuSchedule:
    """Return the schedule of a file's table; whether its states exist the device will say.

    Raises:
        InputError: times that cannot be.
    """
    changes, repeat_ns = read_schedule(table.change, table.repeat, starts_ns, "npu")
    return NpuSchedule(table.state, changes, repeat_ns)


def _number(state: str, states: Sequence[str]) -> int:
    if state == GOVERNED:
        return -1
    if not states:
        raise InputError(
            f"npu: state '{state}' is on a device without idle states; take one that has any"
        )
    if state == DEEPEST:
        return len(states) - 1
    if state not in states:
        known = [*states, DEEPEST, GOVERNED]
        raise InputError(f"npu: {unknown_name('state', state, known)}; give one of these")
    return states.index(state)
