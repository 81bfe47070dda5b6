"""A workload: layers costed on a device, as arrays over every operating point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints, freeze_arrays
from dfsrt.base.errors import InputError
from dfsrt.cost.cost import LayerCost
from dfsrt.cost.memory_pace import memory_pace
from dfsrt.device.npu import Domain, Npu
from dfsrt.device.rules import (
    clock_share,
    compute_ns,
    layer_time_ns,
    mac_activity,
    memory_ns,
    waiting_ns,
)
from dfsrt.power.components import IN_DOMAIN, IN_NPU, Rates, split
from dfsrt.power.levels import levels_of
from dfsrt.power.standby import Standby

MOST_NS = 2**60
"""Of one pass through a network: 36 years."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What a device does for a list of layers, before any watt is known.

    ``duration_ns`` and ``waits_for_memory`` have shape ``(n_layers, n_levels)``, levels as in
    ``Levels``; the counts have shape ``(n_layers,)``. ``kinds`` says which part of the hardware
    does a layer's work.
    ``mac_pj``, ``register_pj`` and so on are energies at the device's reference voltage, from its
    data sheet. ``dram_j_per_byte``, ``(n_layers, n_levels)``, is what a byte of a layer takes in
    DRAM, standby and refresh left out. ``clock_share``, ``(n_layers, n_levels)``, is how much of
    the clock tree's power flows, the mean over a layer's time. ``weight_activity``,
    ``(n_layers,)``, is the share of its products' energy that flows for all that is known of zeros
    in stored weights: they are there at deployment, for governors to count; None where there are
    none. ``macs`` are the network's, ``mac_pj`` and ``register_pj`` of those that are done. The
    arrays cannot be written to.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    duration_ns: Ints
    waits_for_memory: NDArray[np.bool_]
    dram_bytes: Ints
    dram_j_per_byte: Floats
    mac_pj: Floats
    register_pj: Floats
    sram_pj: Floats
    vector_pj: Floats
    macs: Ints
    clock_share: Floats
    weight_activity: Floats | None = None

    def __post_init__(self) -> None:
        freeze_arrays(self)

    @property
    def product_pj(self) -> Floats:
        """Energy of each layer's multiply-accumulates, registers included, ``(n_layers,)``.

        Weights that are known to be zero switch less.
        """
        counted = self.mac_pj + self.register_pj
        return counted if self.weight_activity is None else counted * self.weight_activity

    @property
    def dynamic_pj(self) -> Floats:
        """Counted action energy of each layer at the reference voltage, ``(n_layers,)``."""
        return self.product_pj + self.sram_pj + self.vector_pj

    @property
    def dram_j(self) -> Floats:
        """Joules of each layer's bytes in DRAM, standby left out, ``(n_layers, n_levels)``."""
        return self.dram_bytes[:, None] * self.dram_j_per_byte

    def outside_w(self, domain: Domain, rates: Rates, standby: Standby) -> Floats:
        """Return what ``domain`` adds to the NPU's own power, ``(n_layers, n_levels)``."""
        bytes_per_s = per_time(self.dram_bytes.astype(np.float64), self.duration_ns)
        none, second = np.zeros(bytes_per_s.shape), np.ones(bytes_per_s.shape)
        dram_w = bytes_per_s * self.dram_j_per_byte + standby.work_w
        watts = split(none, none, none, dram_w, second, rates)
        return np.asarray(sum(watts[IN_NPU : IN_DOMAIN[domain]], start=none))


def workload(costs: Sequence[LayerCost], npu: Npu) -> Workload:
    """Return the arrays of ``costs`` on ``npu``; times follow rule 4.

    Raises:
        InputError: a layer takes longer than can be counted.
    """
    compute = _column(c.compute_cycles for c in costs)
    overhead = _column(c.overhead_cycles for c in costs)
    moved = _column(c.dram_bytes for c in costs)
    levels, pace = levels_of(npu), memory_pace(costs, npu)
    freqs, memory = levels.freqs_hz.astype(np.float64), levels.memory
    bandwidth, launch = pace.bandwidth_bytes_per_s[:, memory], pace.launch_ns[:, memory]
    with np.errstate(over="ignore", invalid="ignore"):  # what has no time is told by its name
        late = _late_bytes(costs, freqs, bandwidth, launch)
        time = layer_time_ns(compute[:, None], late, overhead[:, None], freqs, bandwidth, launch)
    _check_countable(time, costs)
    waiting = waiting_ns(compute[:, None], late, freqs, bandwidth, launch)
    return Workload(
        names=tuple(c.layer.name for c in costs),
        kinds=tuple(str(c.layer.kind) for c in costs),
        duration_ns=time.astype(np.int64),
        waits_for_memory=memory_ns(late, bandwidth) >= compute_ns(compute[:, None], freqs),
        dram_bytes=moved.astype(np.int64),
        dram_j_per_byte=pace.j_per_byte[:, memory],
        macs=_column(c.layer.macs for c in costs).astype(np.int64),
        clock_share=clock_share(waiting, time, npu.silicon.clock_stall_share),
        weight_activity=_weight_activity(costs, npu),
        **_energies(costs, npu),
    )


def _late_bytes(
    costs: Sequence[LayerCost], freqs: Floats, bandwidth: Floats, launch: Floats
) -> Floats:
    """Bytes of each layer that have not come when it begins, ``(n_layers, 1)`` or at each level."""
    moved = _column(c.dram_bytes for c in costs)[:, None]
    ahead = _column(c.traffic.ahead_bytes for c in costs)[:, None]
    if not ahead.any():
        return moved
    from dfsrt.cost.overlap import ahead_ns

    compute = compute_ns(_column(c.compute_cycles for c in costs)[:, None], freqs)
    launch = launch + compute_ns(_column(c.overhead_cycles for c in costs)[:, None], freqs)
    moved_ns, may_come_ns = memory_ns(moved, bandwidth), memory_ns(ahead, bandwidth)
    early = ahead_ns(may_come_ns, compute, moved_ns, launch)
    return np.where(early > 0, moved - early * bandwidth / 1e9, moved)


def _check_countable(time_ns: Floats, costs: Sequence[LayerCost]) -> None:
    """Check times of shape (n_layers, n_levels): all layers together must fit into 64 bits."""
    slowest = time_ns.max(axis=1, initial=0.0)
    if not slowest.sum() < MOST_NS:
        layer = costs[int(np.argmax(slowest))].layer
        raise InputError(
            f"layer '{layer.name}' takes longer than the simulator can count "
            f"({slowest.max() * 1e-9:.3g} s, where a network may take {MOST_NS * 1e-9:.3g} s); "
            "check the --dim sizes and the device"
        )


def per_time(joules: Floats, duration_ns: Ints) -> Floats:
    """Return ``joules`` (n_layers,) over ``duration_ns`` (n_layers, n_levels), 0 where no time."""
    seconds = np.asarray(duration_ns, dtype=np.float64) * 1e-9
    return np.divide(joules[:, None], seconds, out=np.zeros(seconds.shape), where=seconds > 0)


def _energies(costs: Sequence[LayerCost], npu: Npu) -> dict[str, Floats]:
    s = npu.silicon
    return {
        "mac_pj": _column(c.actions.macs * s.mac_pj[c.precision] for c in costs),
        "register_pj": _column(
            c.layer.macs * c.zeros.moved * s.register_pj_per_mac[c.precision] for c in costs
        ),
        "sram_pj": _column(c.actions.sram_bytes * s.sram_pj_per_byte for c in costs),
        "vector_pj": _column(c.actions.vector_ops * s.vector_pj_per_op[c.precision] for c in costs),
    }


def _weight_activity(costs: Sequence[LayerCost], npu: Npu) -> Floats | None:
    nonzero = _column(c.zeros.nonzero for c in costs)
    return None if (nonzero == 1).all() else mac_activity(nonzero, npu.silicon.zero_gating)


def _column(values: object) -> Floats:
    return np.fromiter(values, dtype=np.float64)  # type: ignore[call-overload,no-any-return]
