"""What a reader must know of a run by measured times."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.units import format_si
from dfsrt.cost.naming import least_cycles, some
from dfsrt.cost.times.match import MatchedTimes, running_layers
from dfsrt.device.npu import Npu
from dfsrt.network.network import Network


def time_notes(matched: MatchedTimes, network: Network, npu: Npu, time_ns: Floats) -> list[str]:
    """Return a line for each thing to know; ``time_ns`` is ``(n_layers,)``, NaN if not measured."""
    times, layers = matched.times, running_layers(network)
    measured = ~np.isnan(time_ns)
    by = times.measured_by or "nobody says on which machine"
    notes = [
        f"the times of {measured.sum()} of {len(layers)} layers of {network.name} are measured, "
        f"{format_si(matched.total_ns * 1e-9, 's')} an inference: {times} (sha256 "
        f"{times.sha256[:12]}, {len(times.rows)} rows, matched {matched.how}; {by})",
        f"measured times hold at {matched.at_hz / 1e6:.12g} MHz; at other clocks they move as "
        f"those of {npu.name}'s model do, and energy is what that model says of such times",
        *times.notes,
    ]
    left = [layer.name for layer, has in zip(layers, measured, strict=True) if not has]
    if left:
        notes.append(f"{len(left)} layers without a measured time keep the model's: {some(left)}")
    if matched.with_next:
        notes.append(
            f"{matched.with_next} of the rows are of what {npu.name} does not run (views, shapes, "
            "copies): their time counts with the layer that runs next"
        )
    if matched.without_time:
        notes.append(f"{matched.without_time} rows of {times} have no time and are left out")
    if matched.of_constants:
        notes.append(f"{matched.of_constants} rows of {times} work out constants and are left out")
    return [*notes, *_too_fast(matched, network, npu, time_ns)]


def _too_fast(matched: MatchedTimes, network: Network, npu: Npu, time_ns: Floats) -> list[str]:
    """A line where times are shorter than the device's multipliers could make them."""
    cycles = time_ns * 1e-9 * matched.at_hz
    layers = running_layers(network)
    faster = [
        layer.name
        for layer, c in zip(layers, cycles.tolist(), strict=True)
        if layer.gemms and c < least_cycles(layer, npu)
    ]
    if not faster:
        return []
    return [
        f"{len(faster)} of them take less time than {npu.name} could at full use, so that their "
        f"watts are too high: {some(faster)}"
    ]
