"""A board watched: its clock, load and meters as a recording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dfsrt.live.backend import Backend
from dfsrt.live.counter import CLOCK, LOAD
from dfsrt.live.powercap import Powercap
from dfsrt.recording import Collector, Recording

TOOL = "dfsrt live watch"


def watch(board: Backend | None, meters: Sequence[Backend], ticks: Iterable[int]) -> Recording:
    """Return what a board and meters show at each tick.

    Clock and load hold from sample to sample; a meter's watts are a counter called like it, in W,
    and a count of energy one in J.
    """
    collector = Collector()
    for time_ns in ticks:
        _look(board, meters, time_ns, collector)
    about = {"format": "table", "source": TOOL}
    return collector.recording(about | ({} if board is None else {"board": board.id}))


def _look(
    board: Backend | None, meters: Sequence[Backend], time_ns: int, collector: Collector
) -> None:
    if board is not None:
        reading = board.read()
        collector.add_sample(CLOCK, "Hz", time_ns, reading.freq_hz)
        if reading.load is not None:
            collector.add_sample(LOAD, "%", time_ns, 100 * reading.load)
    for meter in meters:
        if isinstance(meter, Powercap):
            collector.add_sample(f"{meter.id} energy", "J", time_ns, meter.energy_j())
        elif (watts := meter.watts()) is not None:
            collector.add_sample(meter.id, "W", time_ns, watts)
