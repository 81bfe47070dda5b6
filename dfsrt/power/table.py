"""The layer table: everything a run needs to know of a network on a device, worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dfsrt.base.arrays import Floats, Ints, freeze_arrays
from dfsrt.base.errors import InputError
from dfsrt.cost.cost import LayerCost, cost_network
from dfsrt.cost.cycles.match import Matched
from dfsrt.cost.times.match import MatchedTimes
from dfsrt.cost.times.notes import time_notes
from dfsrt.cost.unused import unused_steps
from dfsrt.device import rules
from dfsrt.device.npu import Domain, Npu
from dfsrt.network.layer import Kind
from dfsrt.network.network import Network
from dfsrt.power.activity import Activity, known_load, of_layers
from dfsrt.power.components import rates_of
from dfsrt.power.learned import LearnedPowerModel
from dfsrt.power.levels import Levels, levels_of
from dfsrt.power.model import NotedPowerModel, PowerModel, RangedPowerModel
from dfsrt.power.plant import Plant, build_plant
from dfsrt.power.standby import standby_of
from dfsrt.power.timed import timed_load
from dfsrt.power.untrained import untrained_notes
from dfsrt.power.workload import Workload, workload


@dataclass(frozen=True, slots=True)
class LayerTable:
    """A network's executed layers on a device under a power model.

    ``costs`` leaves views out: they take no time. ``predicted_w`` has shape ``(n_layers,
    n_levels, n_set_points)``, domain ``npu``, infinite where the level may not run.
    ``stall_ns`` has shape ``(n_levels, n_levels)``: the stall from one level to another.
    ``confidence`` is that of the predictions' bound, None without one, and ``mean_w`` what the
    model predicts without it, as ``predicted_w``. ``out_of_range`` names the layers that the model
    was not trained for. ``ends`` are the layers after the last one of each
    section, where several networks share the device; a section is planned on its own. ``cycles``
    names the report that array cycles come from, and ``notes`` says what to know of that and of
    where the power model comes from. ``activity`` names the files in which activity was measured,
    and ``nonzero`` is what they say, ``(n_layers,)``: see ``build_plant``. ``layer_times`` names
    the sources of measured times, and ``times_hz`` the clock at which they hold, with the memory at
    its highest. ``grows`` ``(n_layers,)`` is above 0 for layers that stand for one block of a cache
    and run once for each block, without a pause, as in ``Layer``; ``units`` ``(n_layers,)`` is how
    often each layer runs in a pass, on average. ``levels`` says which operating point and memory
    point each level is. Its arrays, and those of ``load`` and ``plant``, cannot be written to: runs
    share them.
    """

    npu: Npu
    network: str
    model: str
    costs: tuple[LayerCost, ...]
    load: Workload
    predicted_w: Floats
    stall_ns: Ints
    plant: Plant
    confidence: float | None = None
    mean_w: Floats | None = None
    out_of_range: tuple[str, ...] = ()
    ends: tuple[int, ...] = ()
    cycles: str = ""
    notes: tuple[str, ...] = ()
    activity: tuple[str, ...] = ()
    nonzero: Floats | None = None
    layer_times: tuple[str, ...] = ()
    times_hz: int | None = None
    grows: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    units: Floats = field(default_factory=lambda: np.zeros(0))
    levels: Levels = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", levels_of(self.npu))
        if len(self.grows) == 0:
            object.__setattr__(self, "grows", np.zeros(len(self.load.names), dtype=np.int64))
        if len(self.units) == 0:
            object.__setattr__(self, "units", np.ones(len(self.load.names)))
        freeze_arrays(self)

    @property
    def sections(self) -> tuple[tuple[int, int], ...]:
        """First layer and layer after the last of each network in the table."""
        ends = self.ends or (len(self.load.names),)
        return tuple(zip((0, *ends[:-1]), ends, strict=True))

    @property
    def duration_ns(self) -> Ints:
        """Time of each layer at each level, ``(n_layers, n_levels)``."""
        return self.load.duration_ns

    @property
    def expected_ns(self) -> Ints:
        """Time of each layer in a pass, on average, ``(n_layers, n_levels)``."""
        if (self.units == 1.0).all():
            return self.duration_ns
        return np.rint(self.duration_ns * self.units[:, None]).astype(np.int64)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return int(self.load.macs.sum())

    @property
    def typical_w(self) -> float:
        """Mean of the predicted watts over all layers, clocks and voltages that may run.

        With the memory at its highest.
        """
        watts = self.predicted_w[:, self.levels.at(-1)]
        return float(watts[np.isfinite(watts)].mean())

    def predicted_in(self, domain: Domain, npu_w: Floats | None = None) -> Floats:
        """Return the predicted watts in ``domain``, ``(n_layers, n_levels, n_set_points)``.

        ``npu_w`` takes the place of ``predicted_w`` where a corrector knows better.
        """
        npu_w = self.predicted_w if npu_w is None else npu_w
        if domain is Domain.NPU:
            return npu_w
        # By the data sheet: what the plant really draws is not for governors to know.
        outside_w = self.load.outside_w(domain, rates_of(self.npu), standby_of(self.npu))
        return npu_w + outside_w[:, :, None]


def build_table(
    network: Network,
    npu: Npu,
    model: PowerModel,
    seed: int,
    cycles: Matched | None = None,
    place: int = 0,
    activity: Activity | None = None,
    times: MatchedTimes | None = None,
) -> LayerTable:
    """Return the table of ``network`` on ``npu``; ``seed`` picks the plant's hidden activity.

    ``cycles`` are those of another simulator's report, in place of dfsrt's own array model.
    ``place`` numbers the different networks of a mix, which draw their own activities.
    ``activity`` is what was measured of the network: the plant has it, and the model if told.
    ``times`` are measured ones, which plant and model have in place of the device's own.

    Raises:
        InputError: a network in which nothing takes time.
    """
    array = None if cycles is None else cycles.cycles
    all_costs = cost_network(network, npu, array=array)
    costs = tuple(c for c in all_costs if c.layer.kind is not Kind.VIEW)
    load = workload(costs, npu)
    if not load.duration_ns.any():
        raise InputError(f"network '{network.name}' has no layer that takes time; nothing to run")
    of_times: list[str] = []
    if times is not None:
        level = npu.opps.freqs_hz.index(times.at_hz) - len(npu.opps)  # the memory at its highest
        time_ns = times.per_layer(load.duration_ns[:, level].astype(np.float64))
        load, of_times = timed_load(load, time_ns, level), time_notes(times, network, npu, time_ns)
    nonzero = None if activity is None else of_layers(activity, network, costs)
    seen = load  # by the power model
    if activity is not None and nonzero is not None and activity.known:
        seen = known_load(load, npu, model, nonzero)
    return LayerTable(
        npu=npu,
        network=network.name,
        model=model.name,
        costs=costs,
        load=load,
        predicted_w=predicted_table(seen, npu, model),
        stall_ns=stall_table(npu),
        plant=build_plant(npu, load, seed, place, nonzero),
        confidence=getattr(model, "confidence", None),
        mean_w=_mean_table(seen, npu, model),
        out_of_range=_out_of_range(seen, npu, model),
        cycles="" if cycles is None else str(cycles.report),
        notes=(*of_times, *_notes(network, costs, npu, model, cycles, activity)),
        activity=() if activity is None else (str(activity.file),),
        nonzero=nonzero,
        layer_times=() if times is None else (str(times.times),),
        times_hz=None if times is None else times.at_hz,
        grows=np.array([cost.layer.grows for cost in costs], dtype=np.int64),
    )


def _notes(
    network: Network,
    costs: Sequence[LayerCost],
    npu: Npu,
    model: PowerModel,
    cycles: Matched | None,
    activity: Activity | None,
) -> tuple[str, ...]:
    """What to know of where cycles, activity and predictions come from."""
    of_cycles = [] if cycles is None else cycles.notes(network, npu)
    of_model = [model.note] if isinstance(model, NotedPowerModel) and model.note else []
    of_activity = [] if activity is None else activity.notes(network, npu)
    of_weights = [*unused_steps(network, npu), *untrained_notes(costs, npu, model)]
    return (*of_cycles, *of_activity, *of_model, *of_weights)


def _mean_table(load: Workload, npu: Npu, model: PowerModel) -> Floats | None:
    """What a model that predicts a bound expects on average; None where it predicts no bound."""
    if not isinstance(model, LearnedPowerModel) or model.confidence is None:
        return None
    return predicted_table(load, npu, model.at(None, model.guard))


def _out_of_range(load: Workload, npu: Npu, model: PowerModel) -> tuple[str, ...]:
    """Layers that lie outside the model's samples at a point where the governor may run them.

    With the memory at its highest: where nobody says otherwise it is there.
    """
    if not isinstance(model, RangedPowerModel):
        return ()
    levels = levels_of(npu)
    freqs, needed = levels.freqs_hz.astype(np.float64), levels.rails_uv
    inside, lower = np.ones(len(load.names), dtype=bool), levels.memory < levels.n_memory - 1
    for set_point in npu.opps.set_points_uv:
        known = model.in_range(load, npu, freqs, np.full(len(freqs), set_point * 1e-6))
        inside &= (known | (needed > set_point) | lower).all(axis=1)
    outside = ~inside & load.duration_ns.any(axis=1)
    return tuple(name for name, out in zip(load.names, outside, strict=True) if out)


def predicted_table(load: Workload, npu: Npu, model: PowerModel) -> Floats:
    """Return what ``model`` predicts, ``(n_layers, n_levels, n_set_points)``; inf where barred."""
    levels = levels_of(npu)
    freqs, needed = levels.freqs_hz.astype(np.float64), levels.rails_uv
    columns = []
    for set_point in npu.opps.set_points_uv:
        watts = model.predict_w(load, npu, freqs, np.full(len(freqs), set_point * 1e-6))
        columns.append(np.where(needed <= set_point, watts, np.inf))
    return np.stack(columns, axis=-1)


def stall_table(npu: Npu) -> Ints:
    """Return the stall from each level to each other, ``(n_levels, n_levels)`` (rule 2).

    Where core and memory change together, one stall follows the other.
    """
    points, clock, levels = npu.opps.points, npu.clock, levels_of(npu)
    of_core = np.array(
        [
            [
                0
                if a is b
                else rules.switch_ns(
                    a.pll_group == b.pll_group, clock.freq_switch_ns, clock.pll_switch_ns
                )
                for b in points
            ]
            for a in points
        ],
        dtype=np.int64,
    )
    changes = levels.memory[:, None] != levels.memory
    stall_ns: Ints = of_core[np.ix_(levels.core, levels.core)]
    return np.asarray(stall_ns + npu.memory.change.stall_ns * changes, dtype=np.int64)
