"""The product against the naive world: random small scenes, and scenes worked out by hand."""

from __future__ import annotations

import atexit
import math
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import onnx
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged
from dfsrt.device import Domain
from dfsrt.device.idle import IdleState
from dfsrt.device.npu import LeakageTerm
from dfsrt.power.components import COMPONENTS
from dfsrt.power.table import LayerTable
from dfsrt.report.core import report_of
from dfsrt.run.job import Job, make_job
from dfsrt.run.run import execute
from dfsrt.run.scenario import Scenario
from dfsrt.run.scenario_load import load_scenario
from dfsrt.run.spec import RunSpec
from dfsrt.run.stop import Stop
from dfsrt.world.battery import Battery
from dfsrt.world.battery.battery import RcPair
from dfsrt.world.components import Component
from dfsrt.world.heat import HeatModel, Link, Node
from dfsrt.world.setting import PmicPoint, Setting
from dfsrt.world.use import Use
from dfsrt.world.zone import Trip as ProductTrip
from dfsrt.world.zone import Zone as ProductZone
from tests.helpers.naive_world import (
    INF,
    NEVER_NS,
    Cell,
    Heat,
    Layers,
    Life,
    Limits,
    NaiveCell,
    NaiveNpu,
    NaiveWorld,
    NaiveZone,
    Nap,
    Part,
    Recording,
    Scene,
    Trip,
    Zone,
    divided,
)
from tests.helpers.tiny import TINY_RAIL, clock_shares, tiny_npu
from tests.network.builders import Builder

S, MS, US = 10**9, 10**6, 10**3
BASE = load_scenario("infinite-zoom-phone")
Stages = tuple[tuple[str | int, str], ...]
"""A network on the NPU, or ns on the host, and which requests of a session run it."""


@dataclass(frozen=True)
class Chip:
    """A device of one voltage; ``truth`` is its switched capacitance over the data sheet's."""

    freqs_hz: tuple[int, ...] = (200_000, 500_000, 1_000_000)
    rail_uv: int = 800_000
    switch_ns: int = 3_000_000
    efficiency: float = 0.85
    clock_farad: float = 6e-7
    mac_pj: float = 3e4
    leakage: tuple[tuple[float, float], ...] = ((0.2, 2.0), (0.1, 4.0))
    warmth: tuple[float, ...] = (1.0, 0.02, 1e-4)
    warmth_ref_c: float = 40.0
    dram_pj_per_bit: float = 2e5
    bandwidth: float = 1e9
    uncore_w: float = 0.1
    fixed_w: float = 0.05
    clock_stall_share: float = 0.4
    truth: float = 1.1
    sleeps: IdleState | None = None


@dataclass(frozen=True)
class Case:
    """A scene with its device and load."""

    scene: Scene
    chip: Chip = field(default_factory=Chip)
    stages: Stages = (("three", "all"),)
    key_every: int = 1
    period_ns: int | None = None  # None is back to back
    governor: str = "performance"
    domain: str = "npu"
    after_ns: int | None = None  # of idle time, until the NPU sleeps


# The product: the one adapter, and what it needs.


def live_in_product(case: Case) -> tuple[Layers, Life | None]:
    """Run a case in dfsrt: its layers in plain numbers, and its life; None where it is refused."""
    shared = _job(case.chip, case.stages, case.key_every)
    layers = _layers(shared, case)
    spec = replace(_scenario(case).whole(), device=shared.spec.device).with_defaults()
    job = Job(spec, shared.kind, shared.deployment)
    try:
        run = execute(job)
    except InputError as error:
        assert "before the NPU does anything" in str(error)
        return layers, None
    battery, world = report_of(run).battery, run.surroundings.world
    npu_j = dict(zip(COMPONENTS, world.npu_j.tolist(), strict=True))
    book = world.cell_book
    return layers, Life(
        life_s=battery.life_s,
        end=battery.end_cause,
        frames=run.book.frames,
        part_j=[part.energy_j for part in battery.components],
        part_peak_w=[part.power_peak_w for part in battery.components],
        npu_j=npu_j,
        pmic_j=battery.energy_j.pmic_loss - npu_j["regulator_loss"],
        chemical_j=float(book.chemical_j),
        delivered_j=float(book.delivered_j),
        ohmic_j=float(book.ohmic_j),
        rc_j=float(book.rc_j),
        stored_j=float(book.stored_j),
        temp_c=dict(zip(case.scene.heat.capacity, world.temp_c.tolist(), strict=True)),
        temp_max_c=dict(battery.temperature_c.nodes_max),
        charge=battery.charge_end,
        peak_w=battery.power_peak_w,
        limited_s=battery.limited_s,
    )


@cache
def _folder() -> Path:
    """A folder with the two networks."""
    folder = Path(tempfile.mkdtemp(prefix="dfsrt-naive-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, widths in (("three", (8, 16, 8, 24)), ("two", (4, 40, 6))):
        builder = Builder()
        x = builder.input("x", [1, widths[0], 16, 16])
        for before, after in pairwise(widths):
            weight = builder.weight(after, before, 3, 3)
            x = builder.op("Conv", x, weight, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        onnx.save(builder.model(x), folder / f"{name}.onnx")
    return folder


@cache
def _workload(stages: Stages, key_every: int) -> str:
    """The file of a pipeline, or of its only network."""
    if len(stages) == 1:
        return str(_folder() / f"{stages[0][0]}.onnx")
    lines = ["format = 1", 'name = "p"', 'description = ""', 'source = ""']
    lines += [f"key_every = {key_every}"]
    for number, (what, on) in enumerate(stages):
        lines += ["[[stage]]", f'name = "s{number}"', f'on = "{on}"']
        if isinstance(what, int):
            lines += [f'host = {{ fixed_us = {what / US!r}, source = "test" }}']
        else:
            lines += [f'network = "{_folder() / what}.onnx"']
    path = _folder() / f"{len(list(_folder().iterdir()))}.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


@cache
def _job(chip: Chip, stages: Stages, key_every: int) -> Job:
    """A job of the load on the chip, with its layers worked out."""
    npu = tiny_npu(
        [(freq_hz, chip.rail_uv) for freq_hz in chip.freqs_hz],
        freq_switch_ns=chip.switch_ns,
        rail=replace(TINY_RAIL, efficiency=chip.efficiency),
        bandwidth=chip.bandwidth,
        leakage=tuple(LeakageTerm(watts, n) for watts, n in chip.leakage),
        clock_farad=chip.clock_farad,
        uncore_w=chip.uncore_w,
        fixed_w=chip.fixed_w,
        clock_stall_share=chip.clock_stall_share,
    )
    silicon = replace(
        npu.silicon,
        mac_pj=dict.fromkeys(npu.silicon.mac_pj, chip.mac_pj),
        leakage_per_c=chip.warmth,
        ref_temp_c=chip.warmth_ref_c,
        dram_pj_per_bit=chip.dram_pj_per_bit,
    )
    hidden = replace(npu.hidden, capacitance_scale=chip.truth)
    sleeps = () if chip.sleeps is None else (chip.sleeps,)
    npu = replace(npu, silicon=silicon, hidden=hidden, idle=sleeps)
    scene = Scene(tick_ns=S, stop_ns=S, heat=PHONE, cell=PHONE_CELL)
    job = make_job(_scenario(Case(scene, chip, stages, key_every)), device=npu)
    assert len(job.table.load.names) == sum(WIDTH[what] for what, _ in networks(stages))
    return job


def _layers(job: Job, case: Case) -> Layers:
    """The layer table in plain numbers; leakage from the chip's own."""
    table, chip, volts = job.table, case.chip, case.chip.rail_uv * 1e-6
    plant = table.plant
    return Layers(
        duration_ns=table.duration_ns.tolist(),
        stall_ns=table.stall_ns.tolist(),
        freqs_hz=list(chip.freqs_hz),
        switching_j=(plant.switched_farad * volts**2).tolist(),
        clock_w=[
            [chip.clock_farad * chip.truth * f * volts**2 * s for f, s in zip(*each, strict=True)]
            for each in ((chip.freqs_hz, shares) for shares in _flowing(table))
        ],
        dram_j=(table.load.dram_bytes * 8e-12 * chip.dram_pj_per_bit).tolist(),
        leakage_w=sum(watts * volts**n for watts, n in chip.leakage),
        uncore_w=chip.uncore_w,
        fixed_w=chip.fixed_w,
        efficiency=chip.efficiency,
        predicted_w=table.predicted_w[:, :, 0].tolist(),
        capped_w=table.predicted_in(Domain(case.domain))[:, :, 0].tolist(),
        sections=list(table.sections),
    )


def _flowing(table: LayerTable) -> list[list[float]]:
    """The share of the clock tree that flows, by layer and level."""
    counts = [(cost.compute_cycles, cost.dram_bytes) for cost in table.costs]
    return [clock_shares(table.npu, cycles, moved) for cycles, moved in counts]


def _scenario(case: Case) -> Scenario:
    """A case as the product's scenario."""
    scene = case.scene
    spec = RunSpec(
        load=_workload(case.stages, case.key_every),
        governor=case.governor,
        power_model="datasheet",
        period=None if case.period_ns is None else f"{case.period_ns} ns",
        until=Stop(False, scene.stop_ns, scene.stop_requests, "test"),
        cap=scene.cap_w,
        cap_domain=case.domain,
        cap_changes={f"{t} ns": w for t, w in scene.cap_changes},
        idle=_idle(case),
    )
    return Scenario("case", "a case", spec, _setting(case), BASE.vary)


def _idle(case: Case) -> str | None:
    """Who puts the NPU to sleep, where it has a state to be put in."""
    sleeps = case.chip.sleeps is not None and case.after_ns is not None
    return f"timeout={case.after_ns}ns" if sleeps else None


def _setting(case: Case) -> Setting:
    scene = case.scene
    return Setting(
        tick_ns=scene.tick_ns,
        ambient=_number(scene.ambient_c),
        ambient_changes=tuple(scene.ambient_changes),
        pmic=tuple(PmicPoint(f"{w}W", w, _number(share)) for w, share in scene.pmic),
        heat=_heat(scene.heat),
        start_c=scene.start_c,
        npu_weight=scene.npu_weight,
        grid=scene.grid,
        zones=tuple(
            ProductZone(
                "z", z.node, z.switch_on_c, z.control_c, _number(z.sustainable_w),
                z.k_po, z.k_pu, z.k_i, z.k_d, z.cutoff_c,
            )
            for z in scene.zones
        ),
        trips=tuple(
            ProductTrip(t.node, t.above_c, t.below_c, case.chip.freqs_hz[t.level], "test")
            for t in scene.trips
        ),
        battery=_battery(scene.cell),
        charge=_number(scene.cell.charge),
        health=_number(1.0),
        growth=_number(1.0),
        uses=tuple(_use(part) for part in scene.parts),
        soc_caps=tuple(scene.caps_by_charge),
    )  # fmt: skip


def _number(value: float) -> Ranged:
    return Ranged(value, value, value, "test")


def _heat(heat: Heat) -> HeatModel:
    nodes = tuple(Node(name, _number(c)) for name, c in heat.capacity.items())
    links = tuple(Link(f"{a}-{b}", (a, b), _number(r)) for a, b, r in heat.links)
    return HeatModel("h", "h", nodes, links, heat.die, heat.board, heat.cell, "skin")


def _battery(cell: Cell) -> Battery:
    pairs = [RcPair(f"rc{k}", _number(r), _number(tau)) for k, (r, tau) in enumerate(cell.pairs)]
    return Battery(
        name="b", what="b", model=cell.kind, capacity_ah=_number(cell.capacity_ah),
        ocv_soc=tuple(cell.ocv_soc), ocv_v=tuple(cell.ocv_v), ocv_source="test",
        reference_c=cell.ohm_ref_c, resistance=_number(cell.ohm),
        activation=_number(cell.activation_j), path=_number(cell.path_ohm),
        cutoff=_number(cell.cutoff_v), brownout=_number(cell.brownout_v), rc=tuple(pairs),
        at_hand=_number(cell.at_hand), rate=_number(cell.even_out_per_s),
        exponent=_number(cell.exponent), rated_a=_number(cell.rated_a),
    )  # fmt: skip


def _use(part: Part) -> Use:
    component = Component(
        part.name,
        "any",
        part.node,
        "rail" if part.at_rail else "battery",
        {name: _number(watts) for name, watts in part.states.items()},
        {name: _number(joules) for name, joules in part.events.items()},
    )
    return Use(
        name=part.name, component=component, state=part.state, changes=tuple(part.changes),
        repeat_ns=part.repeat_ns, while_npu=part.while_npu, while_host=part.while_host,
        per_frame=part.per_frame, rate_hz=tuple(part.rates_hz.items()), budget_w=None,
        least_w=part.least_w, weight=part.weight,
    )  # fmt: skip


# The same case in the naive world.

WIDTH = {"three": 3, "two": 2}
RUN_BY = {"first": ("all", "first", "key"), "key": ("all", "key"), "between": ("all", "between")}


def networks(stages: Stages) -> list[tuple[str, str]]:
    return [(what, on) for what, on in stages if isinstance(what, str)]


def program_of(case: Case, served: int) -> list[tuple]:
    """What a request does after so many of its session: pieces on the NPU and on the host."""
    kind = "first" if served == 0 else "key" if served % case.key_every == 0 else "between"
    pieces: list[tuple] = []
    layer = 0
    for what, on in case.stages:
        runs = on in RUN_BY[kind]
        if isinstance(what, int):
            pieces += [("host", what)] if runs else []
            continue
        pieces += [("npu", layer, layer + WIDTH[what])] if runs else []
        layer += WIDTH[what]
    return pieces


def levels_of(case: Case, layers: Layers, limits: Limits) -> list[int]:
    """The level of each layer under limits, by the governor's definition, at one voltage."""
    top, levels = len(layers.freqs_hz) - 1, []
    for first, stop in layers.sections:
        section = range(first, stop)
        if case.governor == "dfs":
            levels += [fastest_allowed(layers, [layer], limits) for layer in section]
            continue
        # It looks at no cap: it is held where the hungriest layer of its network fits.
        wish = top if case.governor == "performance" else 0
        levels += [min(wish, fastest_allowed(layers, section, limits)) for _ in section]
    if case.governor == "dfs":
        levels = [equally_fast(layers.duration_ns[k], level) for k, level in enumerate(levels)]
    return [min(level, limits.level) for level in levels]


def fastest_allowed(layers: Layers, section: Any, limits: Limits) -> int:
    """The fastest level that keeps both limits for all layers of a section, else level 0."""
    fits = [
        level
        for level in range(len(layers.freqs_hz))
        if all(layers.capped_w[layer][level] <= limits.cap_w for layer in section)
        and all(layers.predicted_w[layer][level] <= limits.zone_w for layer in section)
    ]
    return max(fits, default=0)


def equally_fast(duration_ns: list[int], level: int) -> int:
    """The slowest level that takes the same time, within a hundredth."""
    return min(k for k, ns in enumerate(duration_ns) if ns <= duration_ns[level] * 1.01)


def naive_scene(case: Case, layers: Layers) -> Scene:
    most_w = max(watts for row in layers.predicted_w for watts in row)
    chip = case.chip
    return replace(
        case.scene, npu_most_w=most_w, warmth=list(chip.warmth), warmth_ref_c=chip.warmth_ref_c
    )


def live_naively(case: Case, layers: Layers) -> Life | None:
    """Run a case in the naive world; None where the battery cannot carry what rests."""
    world = NaiveWorld(naive_scene(case, layers), naive_npu(case, layers))
    return None if world.refuses() else world.live()


def naive_npu(case: Case, layers: Layers) -> NaiveNpu:
    return NaiveNpu(
        layers,
        lambda served: program_of(case, served),
        case.period_ns,
        lambda limits: levels_of(case, layers, limits),
        in_order=any(on != "all" for _, on in case.stages),
        nap=None if case.after_ns is None else nap_of(case.chip, case.after_ns),
    )


def nap_of(chip: Chip, after_ns: int) -> Nap | None:
    """The chip's idle state in plain numbers."""
    state = chip.sleeps
    if state is None:
        return None
    volts = min(state.rail_uv, chip.rail_uv) * 1e-6
    leakage_w = sum(watts * volts**n for watts, n in chip.leakage)
    return Nap(
        after_ns=after_ns,
        entry_ns=state.entry_ns,
        exit_ns=state.exit_ns,
        entry_j=state.entry_j,
        exit_j=state.exit_j,
        leakage_w=leakage_w * state.leakage_share,
        fixed_w=state.power_w,
        uncore_w=chip.uncore_w if state.uncore_w is None else state.uncore_w,
    )


# What is compared, and how closely.

MOMENT_S = 3e-4
"""How closely the product looks for the moment at which a battery ends."""
OF_CELL = {"ecm": 1e-6, "kibam": 3e-4, "peukert": 3e-4}
"""How closely it integrates a cell, as a share; its last two are of first order."""


def assert_alike(case: Case, product: Life | None, naive: Life | None) -> None:
    """Check that times, joules, temperatures and charge of two lives are the same."""
    assert (product is None) == (naive is None)
    if product is None or naive is None:
        return
    ends = [(life.end, life.frames, life.life_s) for life in (product, naive)]
    assert ends[0][:2] == ends[1][:2], f"product and naive world end apart: {ends}"
    for name, (one, two, allowed) in compared(case, product, naive).items():
        assert abs(one - two) <= allowed, f"{name}: {one!r} is not {two!r} within {allowed:.1g}"


def compared(case: Case, product: Life, naive: Life) -> dict[str, tuple[float, float, float]]:
    """Return what is compared by name: the product's, the naive world's, how far apart allowed."""
    scene = case.scene
    of_cell = OF_CELL[scene.cell.kind]
    by_cell = naive.end in ("empty", "brown_out")
    moment_s = MOMENT_S + of_cell * naive.life_s if by_cell else 0.0
    moment_j = naive.peak_w * moment_s
    capacity_j = 3.0 * 3600 * scene.cell.capacity_ah
    pairs: dict[str, tuple[float, float, float]] = {}

    def pair(name: str, one: float, two: float, allowed: float) -> None:
        pairs[name] = (one, two, allowed + 1e-9 * abs(two) + 1e-12)

    pair("life", product.life_s, naive.life_s, moment_s)
    for k, part in enumerate(scene.parts):
        pair(f"{part.name} J", product.part_j[k], naive.part_j[k], moment_j)
        pair(f"{part.name} peak W", product.part_peak_w[k], naive.part_peak_w[k], 0.0)
    for name in ("switching", "clock", "dram", "uncore"):
        pair(f"npu {name} J", product.npu_j[name], naive.npu_j[name], moment_j)
    for name in ("leakage", "regulator_loss"):  # as warm as the die is
        allowed_j = moment_j + 0.01 * of_cell * abs(naive.npu_j[name])
        pair(f"npu {name} J", product.npu_j[name], naive.npu_j[name], allowed_j)
    pair("pmic J", product.pmic_j, naive.pmic_j, moment_j)
    for name in ("chemical_j", "delivered_j", "ohmic_j", "rc_j", "stored_j"):
        allowed_j = moment_j + of_cell * naive.chemical_j
        pair(name, getattr(product, name), getattr(naive, name), allowed_j)
    pair("charge", product.charge, naive.charge, of_cell + moment_j / capacity_j)
    pair("peak W", product.peak_w, naive.peak_w, 0.1 * of_cell * naive.peak_w)
    if case.domain == "npu" or not scene.zones:  # else caps and grants are of two domains
        pair("limited s", product.limited_s, naive.limited_s, moment_s)
    allowed_c = 10 * of_cell + moment_j / min(scene.heat.capacity.values())
    for node in scene.heat.capacity:
        pair(f"{node} °C", product.temp_c[node], naive.temp_c[node], allowed_c)
        pair(f"{node} most °C", product.temp_max_c[node], naive.temp_max_c[node], allowed_c)
    return pairs


def compare_lives(case: Case) -> None:
    """Run a case in both worlds and compare."""
    layers, life = live_in_product(case)
    event("refused" if life is None else life.end)
    assert_alike(case, life, live_naively(case, layers))


# Random scenes.

PHONE = Heat(
    {"die": 1.5, "board": 20.0, "cell": 60.0, "skin": 70.0},
    [
        ("die", "board", 5.0), ("board", "skin", 3.0), ("board", "cell", 6.0),
        ("cell", "skin", 3.0), ("skin", "ambient", 5.0),
    ],
)  # fmt: skip
SOC = [round(0.1 * k, 1) for k in range(11)]
VOLTS = [3.0, 3.64, 3.695, 3.733, 3.762, 3.79, 3.8365, 3.909, 3.9945, 4.088, 4.2]
PHONE_CELL = Cell("ecm", 4.7, SOC, VOLTS, 0.045, 0.03, 3.35, 2.9, pairs=[(0.02, 30.0)])
PLAIN = Chip(switch_ns=0, warmth=(1.0,), truth=1.0)
"""A chip whose leakage does not depend on heat."""
DROWSY = IdleState(
    "drowsy", 0.004, 20 * MS, 30 * MS, 0.002, 0.004, leakage_share=0.3, rail_uv=700_000
)
OFF = IdleState("off", 0.0, 30 * MS, 70 * MS, 0.003, 0.01, uncore_w=0.01)
CHIPS = (
    Chip(
        sleeps=DROWSY,
        freqs_hz=(200_000, 300_000, 420_000, 500_000, 610_000, 700_000, 820_000, 1_000_000),
    ),
    Chip(
        freqs_hz=(1_000_000, 3_000_000),
        switch_ns=0,
        clock_farad=2e-7,
        mac_pj=1e4,
        uncore_w=0.4,
        bandwidth=2e5,
        sleeps=OFF,
    ),
    Chip(freqs_hz=(300_000, 400_000, 900_000), leakage=(), uncore_w=0.0, efficiency=1.0, truth=1.0),
)
DOMAINS = ("npu", "npu+dram", "system")
watts = st.sampled_from([0.0, 0.013, 0.3, 1.2])
names = st.sampled_from(["a", "b", "off"])
hosts_ns = st.sampled_from([7 * MS, 333_001 * US, 1_700_003 * US])


@dataclass(frozen=True)
class Reach:
    """What random scenes hold; all that ``TODAY`` leaves out meets a known fault."""

    host: bool = True
    schedules: bool = True
    requests: bool = True
    domains: tuple[str, ...] = DOMAINS


ALL, TODAY = Reach(), Reach(host=False, schedules=False, requests=False, domains=("npu",))


@st.composite
def parts(draw: Any, number: int, reach: Reach) -> Part:
    """Draw a component in which no state takes less than the first: such a rest is ambiguous."""
    low_w, more_w = draw(watts), draw(watts)
    times = draw(st.lists(st.integers(1, 20), max_size=3, unique=True).map(sorted))
    changes = [(t * 130_000_007, draw(names)) for t in times] if reach.schedules else []
    return Part(
        name=f"c{number}",
        node=draw(st.sampled_from(["die", "board", "skin", "cell"])),
        at_rail=draw(st.booleans()),
        states={"a": low_w, "b": low_w + more_w},
        events={"e": draw(st.sampled_from([0.0, 0.004]))},
        state=draw(st.sampled_from(["a", "off"])),
        changes=changes,
        repeat_ns=draw(st.sampled_from([None, 2_700_000_001])) if changes else None,
        while_npu=draw(st.sampled_from([None, "a", "b"])),
        while_host=draw(st.sampled_from([None, "a", "b"])) if reach.host else None,
        per_frame=draw(st.sampled_from([None, "e"])),
        rates_hz={"e": draw(st.sampled_from([0.0, 30.0]))},
        least_w=draw(st.sampled_from([None, 0.05])),
        weight=draw(st.sampled_from([0.5, 1.0, 3.0])),
    )


@st.composite
def cells(draw: Any) -> Cell:
    """Draw a cell that lasts, or one that a scene may empty."""
    kind = draw(st.sampled_from(["ecm", "ecm", "ecm", "kibam", "peukert"]))
    pairs = draw(st.sampled_from([[], [(0.02, 30.0)], [(0.05, 0.7), (0.02, 30.0)]]))
    return Cell(
        kind=kind,
        capacity_ah=draw(st.sampled_from([4.7, 0.003, 0.0008])),
        ocv_soc=SOC,
        ocv_v=VOLTS,
        ohm=draw(st.sampled_from([0.045, 0.3])),
        path_ohm=draw(st.sampled_from([0.0, 0.06])),
        cutoff_v=3.35,
        brownout_v=draw(st.sampled_from([2.9, 3.3])),
        pairs=pairs if kind == "ecm" else [],
        activation_j=20_000.0,
        at_hand=draw(st.sampled_from([0.6, 0.9])),
        even_out_per_s=draw(st.sampled_from([0.002, 0.3])),
        exponent=draw(st.sampled_from([1.0, 1.2])),
        rated_a=draw(st.sampled_from([0.1, 0.94])),
        charge=draw(st.sampled_from([1.0, 0.55, 0.2])),
    )


zones = st.builds(
    Zone,
    node=st.sampled_from(["die", "die", "board", "skin"]),
    switch_on_c=st.sampled_from([20.0, 26.0]),
    control_c=st.sampled_from([27.0, 29.5, 41.0, 60.0]),
    sustainable_w=st.sampled_from([0.2, 0.5, 0.8]),
    k_po=st.sampled_from([None, 40.0]),
    k_pu=st.sampled_from([None, 90.0]),
    k_i=st.sampled_from([None, 0.0, 15.0]),
    k_d=st.sampled_from([0.0, 55.0]),
    cutoff_c=st.sampled_from([0.0, 3.0]),
)
trips = st.builds(
    Trip,
    node=st.sampled_from(["die", "skin"]),
    above_c=st.sampled_from([25.5, 30.0]),
    below_c=st.sampled_from([25.2, 25.5]),
    level=st.sampled_from([0, 1]),
)


@st.composite
def loads(draw: Any, reach: Reach) -> dict[str, Any]:
    """Draw what the NPU is asked for."""
    shapes: list[Stages] = [(("three", "all"),), (("three", "all"), ("two", "key"))]
    if reach.host:
        one, two = draw(hosts_ns), draw(hosts_ns)
        shapes += [
            ((one, "all"), ("three", "all")),
            (("two", "all"), (one, "all")),
            (("two", "first"), (one, "all"), ("three", "key"), (two, "between")),
            ((one, "key"), ("three", "all"), (two, "all"), ("two", "all")),
        ]
    stages = draw(st.sampled_from(shapes))
    periods = [None, 150_000_001, 900 * MS]
    if isinstance(stages[0][0], int) and stages[0][1] != "all":
        periods = [None]  # see the test of requests that follow each other
    return {
        "stages": stages,
        "key_every": draw(st.sampled_from([1, 3])),
        "period_ns": draw(st.sampled_from(periods)),
        "governor": draw(st.sampled_from(["performance", "powersave", "dfs"])),
        "domain": draw(st.sampled_from(reach.domains)),
        "after_ns": draw(st.sampled_from([None, 0, 40 * MS])),
    }


@st.composite
def warm_cases(draw: Any, reach: Reach = ALL) -> Case:
    """Draw a life that zones and trips hold back: small nodes, many ticks, many levels."""
    case = draw(cases(reach))
    held = replace(
        case.scene,
        tick_ns=draw(st.sampled_from([50 * MS, 100 * MS, 170_000_001])),
        heat=replace(PHONE, capacity={node: c * 0.02 for node, c in PHONE.capacity.items()}),
        cell=replace(case.scene.cell, kind="ecm", capacity_ah=4.7, charge=0.9),
        start_c=draw(st.sampled_from([None, 29.0])),
        ambient_c=25.0,
        cap_w=draw(st.sampled_from([INF, INF, 0.8])),
        zones=draw(st.lists(zones, min_size=1, max_size=2)),
        trips=draw(st.sampled_from([[], [Trip("die", 31.0, 29.5, 3)]])),
    )
    chip = replace(CHIPS[0], uncore_w=draw(st.sampled_from([0.1, 0.3])))
    governor = draw(st.sampled_from(["performance", "dfs"]))
    return replace(case, scene=held, chip=chip, governor=governor)


@st.composite
def cases(draw: Any, reach: Reach = ALL) -> Case:
    """Draw some seconds of a life."""
    sluggish = draw(st.sampled_from([1.0, 0.02]))
    heat = replace(PHONE, capacity={n: c * sluggish for n, c in PHONE.capacity.items()})
    load, cell = draw(loads(reach)), draw(cells())
    # Limits turn a battery's last digits into other levels: only where these are the same.
    limited = cell.kind == "ecm"
    alone = load["period_ns"] is None or all(isinstance(what, str) for what, _ in load["stages"])
    scene = Scene(
        tick_ns=draw(st.sampled_from([100 * MS, 370_000_001, S, 2 * S])),
        stop_ns=draw(st.sampled_from([2_500_000_001, 7_100_000_003])),
        stop_requests=draw(st.sampled_from([NEVER_NS, 3]))
        if reach.requests and alone
        else NEVER_NS,
        heat=heat,
        cell=cell,
        parts=[draw(parts(k, reach)) for k in range(draw(st.integers(0, 3)))],
        cap_w=draw(st.sampled_from([INF, 2.0, 0.8])),
        cap_changes=draw(st.sampled_from([[], [(600_000_001, 0.7), (2_100_000_001, INF)]])),
        caps_by_charge=draw(st.sampled_from([[], [(0.5, 1.0), (0.15, 0.4)]])) if limited else [],
        ambient_c=draw(st.sampled_from([25.0, 5.0])),
        ambient_changes=[(800_000_003, 60.0)] if reach.schedules and draw(st.booleans()) else [],
        start_c=draw(st.sampled_from([None, 40.0])),
        pmic=draw(st.sampled_from([[(0.1, 0.8), (1.0, 0.88), (5.0, 0.86)], [(1.0, 0.9)]])),
        zones=draw(st.lists(zones, max_size=2)) if limited else [],
        trips=draw(st.lists(trips, max_size=2)) if limited else [],
        grid=draw(st.sampled_from([0.02, 0.1])),
        npu_weight=draw(st.sampled_from([1.0, 2.5])),
    )
    return Case(scene=scene, chip=draw(st.sampled_from(CHIPS)), **load)


@settings(max_examples=40)
@given(st.one_of(cases(), warm_cases()))
def test_a_life_goes_as_in_the_naive_world(case):
    compare_lives(case)


@settings(max_examples=40)
@given(st.one_of(cases(TODAY), warm_cases(TODAY)))
def test_a_life_without_host_work_or_schedules_goes_as_in_the_naive_world(case):
    compare_lives(case)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.one_of(cases(), warm_cases()))
def test_many_lives_go_as_in_the_naive_world(case):
    compare_lives(case)


# Scenes worked out by hand.

QUIET = Scene(tick_ns=S, stop_ns=8 * S, heat=PHONE, cell=PHONE_CELL)


def quiet(**changes: Any) -> Scene:
    """Return a scene in which nothing limits the NPU."""
    return replace(QUIET, **changes)


def layer_s(layers: Layers, level: int = -1) -> list[float]:
    """Return the seconds of each layer at a level, the fastest by default."""
    return [row[level] * 1e-9 for row in layers.duration_ns]


def lived(case: Case) -> tuple[Layers, Life]:
    """Return a case's layers and its life in the product."""
    layers, life = live_in_product(case)
    assert life is not None
    return layers, life


def cpu(**changes: Any) -> Part:
    """Return a CPU of 0.1 W, and 1.5 W while the host works."""
    part = Part("cpu", "board", False, {"light": 0.1, "busy": 1.5}, {}, "light")
    return replace(part, while_host="busy", **changes)


def test_host_work_is_charged_while_it_happens():
    """The host works for 5 s after each run of the NPU: never more than one CPU at work."""
    case = Case(quiet(parts=[cpu()]), PLAIN, (("three", "all"), (5 * S, "all")))
    layers, life = lived(case)
    run_s = sum(layer_s(layers))
    assert run_s < 1.0
    # One request has finished at run_s + 5 s; the next is on the host from then on, to the end.
    hosted_s = 5.0 + (8.0 - (2 * run_s + 5.0))
    assert life.frames == 1
    assert life.part_peak_w[0] == pytest.approx(1.5, rel=1e-9)
    assert life.part_j[0] == pytest.approx(0.1 * 8.0 + 1.4 * hosted_s, rel=1e-9)
    assert_alike(case, life, live_naively(case, layers))


@pytest.mark.parametrize("tick_ns", [100 * MS, S, 7 * S])
def test_n_requests_end_it_when_the_last_of_them_has_finished(tick_ns):
    case = Case(quiet(tick_ns=tick_ns, stop_requests=5), PLAIN)
    layers, life = lived(case)
    assert (life.end, life.frames) == ("requests", 5)
    assert life.life_s == pytest.approx(5 * sum(layer_s(layers)), rel=1e-12)
    uncore_j = PLAIN.uncore_w * life.life_s
    assert life.npu_j["uncore"] == pytest.approx(uncore_j, rel=1e-9)
    assert life.npu_j["dram"] == pytest.approx(5 * sum(layers.dram_j), rel=1e-9)


def test_n_requests_may_end_it_on_the_host():
    case = Case(quiet(stop_requests=2), PLAIN, (("three", "all"), (333 * MS, "all")))
    layers, life = lived(case)
    assert (life.end, life.frames) == ("requests", 2)
    assert life.life_s == pytest.approx(2 * (sum(layer_s(layers)) + 0.333), rel=1e-12)


def hot_zone(sustainable_w: float) -> dict[str, Any]:
    """Return a zone at its control temperature for ever, where it grants what is sustainable."""
    heat = replace(PHONE, capacity=dict.fromkeys(PHONE.capacity, 1e9))
    zone = Zone("die", 50.0, 60.0, sustainable_w, k_i=0.0)
    return {"zones": [zone], "start_c": 60.0, "ambient_c": 60.0, "heat": heat}


@pytest.mark.parametrize("governor", ["performance", "dfs"])
def test_a_zone_grants_watts_of_the_npu_whatever_domain_the_cap_is_in(governor):
    """The grant is 3 % above what the middle clock takes; DRAM and uncore are not in it."""
    layers, _ = live_in_product(Case(QUIET, PLAIN))
    scene = quiet(**hot_zone(1.03 * max(row[1] for row in layers.predicted_w)))
    lives = [lived(Case(scene, PLAIN, governor=governor, domain=d))[1] for d in DOMAINS]
    # The first tick's grant is for an NPU that has asked for nothing yet: the slowest clock.
    slow_s, middle_s = (sum(layer_s(layers, level)) for level in (0, 1))
    slow = math.ceil(1.0 / slow_s)
    middle = (8.0 - slow * slow_s) / middle_s
    for life in lives:
        assert life.frames == pytest.approx(slow + middle, abs=1.0)
        assert life.npu_j == pytest.approx(lives[0].npu_j, rel=1e-9)


def test_a_cap_is_a_limit_in_its_own_domain_where_a_zone_grants_more():
    """A system cap between the slowest and the middle clock; the zone alone allows the fastest."""
    layers, _ = live_in_product(Case(QUIET, PLAIN, domain="system"))
    hungriest = [max(row[level] for row in layers.capped_w) for level in (0, 1)]
    scene = quiet(cap_w=sum(hungriest) / 2, **hot_zone(100.0))
    _, life = lived(Case(scene, PLAIN, domain="system"))
    assert life.frames == int(life.life_s / sum(layer_s(layers, 0)) + 1e-9)


TICKS_NS = [10 * MS, 100 * MS, 370_000_001, S, 2 * S]


def test_nothing_but_the_battery_knows_where_ticks_fall():
    """Without control loops, and with a PMIC that is as good at every load."""
    parts_ = [
        cpu(),
        Part("lamp", "skin", True, {"dim": 0.05, "lit": 0.7}, {"e": 0.01}, "off",
             [(130 * MS, "lit"), (170 * MS, "dim"), (600 * MS, "lit")], 750 * MS, "lit",
             per_frame="e"),
    ]  # fmt: skip
    scene = quiet(parts=parts_, pmic=[(1.0, 0.9)])
    stages = (("three", "all"), (333_001 * US, "all"), ("two", "all"), (41 * MS, "all"))
    first, *others = (
        lived(Case(replace(scene, tick_ns=tick_ns), PLAIN, stages, period_ns=300 * MS))[1]
        for tick_ns in TICKS_NS
    )
    for life in others:
        assert (life.end, life.frames) == (first.end, first.frames)
        assert life.life_s == pytest.approx(first.life_s, rel=1e-12)
        assert life.part_j == pytest.approx(first.part_j, rel=1e-9)
        assert life.npu_j == pytest.approx(first.npu_j, rel=1e-9)
        assert life.pmic_j == pytest.approx(first.pmic_j, rel=1e-9)
        assert life.delivered_j == pytest.approx(first.delivered_j, rel=1e-9)


def test_a_state_that_changes_while_a_layer_runs_is_charged_from_then_on():
    """A lamp of 1 W is lit for 7 ms, in the middle of the first layer."""
    layers, _ = live_in_product(Case(QUIET, PLAIN))
    assert layer_s(layers)[0] > 0.015
    lamp = Part("lamp", "skin", False, {"lit": 1.0}, {}, "off", [(3 * MS, "lit"), (10 * MS, "off")])
    _, life = lived(Case(quiet(parts=[lamp]), PLAIN))
    assert life.part_j[0] == pytest.approx(0.007, rel=1e-9)


def test_the_air_changes_while_a_layer_runs():
    """One layer of 90 s, and air that is 30 degrees warmer from its middle on."""
    slow = replace(PLAIN, freqs_hz=(10_000, 20_000))
    layers, _ = live_in_product(Case(QUIET, slow))
    half_ns = layers.duration_ns[0][-1] // 2
    heat = Heat({"skin": 8.0, "rest": 1e9}, [("skin", "ambient", 5.0), ("rest", "ambient", 5.0)],
                die="rest", board="rest", cell="rest")  # fmt: skip
    scene = quiet(stop_ns=half_ns, ambient_changes=[(half_ns - 1, 55.0)], heat=heat, ambient_c=25.0)
    _, life = lived(Case(scene, slow))
    rise_c = 30.0 * -math.expm1(-(life.life_s - (half_ns - 1) * 1e-9) / (8.0 * 5.0))
    assert life.temp_c["skin"] == pytest.approx(25.0 + rise_c, abs=1e-6)


def test_a_frame_that_ends_on_the_host_counts_though_a_layer_runs():
    """The host ends a frame in the middle of the layer with which the scene ends."""
    layers, _ = live_in_product(Case(QUIET, PLAIN))
    run_ns = sum(row[-1] for row in layers.duration_ns)
    stages: Stages = (("three", "all"), (7 * MS, "all"))
    lamp = Part("lamp", "skin", False, {}, {"e": 0.01}, "off", per_frame="e")
    scene = quiet(parts=[lamp], stop_ns=run_ns + 1)
    _, life = lived(Case(scene, PLAIN, stages, period_ns=run_ns))
    assert life.frames == 1
    assert life.part_j[0] == pytest.approx(0.01, rel=1e-9)


def test_a_request_in_order_does_not_begin_before_the_one_before_has_left():
    """The second comes while the first one's last layer runs; its host work waits for the end."""
    stages: Stages = ((50 * MS, "key"), ("three", "all"))
    layers, _ = live_in_product(Case(QUIET, PLAIN, stages))
    run_ns = sum(row[-1] for row in layers.duration_ns)
    # Requests come every run_ns + 40 ms and take 10 ms longer, so each waits for the one before.
    scene = quiet(parts=[cpu()], stop_ns=3 * (run_ns + 50 * MS) + 1)
    case = Case(scene, PLAIN, stages, period_ns=run_ns + 40 * MS)
    _, life = lived(case)
    assert life.frames == 3
    assert_alike(case, life, live_naively(case, layers))


def test_a_tick_worked_out_by_hand():
    """A display of 0.7 W at the battery, a radio of 0.1 W at a rail, an NPU that stands."""
    shown = Part("display", "skin", False, {"on": 0.7}, {}, "on")
    radio = Part("radio", "board", True, {"on": 0.1}, {"e": 0.02}, "on", rates_hz={"e": 5.0})
    pmic = [(0.1, 0.8), (1.1, 0.9)]
    bare = replace(PLAIN, leakage=(), fixed_w=0.0)
    scene = quiet(parts=[shown, radio], pmic=pmic, stop_ns=10 * S)
    # Two layers in a second would change the mean: only the last eight are of rest alone.
    layers, life = lived(Case(scene, bare, period_ns=100 * S))
    run_s, uncore_w = sum(layer_s(layers)), bare.uncore_w
    resting_w = 0.2 + uncore_w
    resting_j = 9 * resting_w / (0.8 + 0.1 * (resting_w - 0.1)) - 9 * resting_w
    first_w = resting_w + sum(layers.dram_j)
    first_j = first_w / (0.8 + 0.1 * (first_w - 0.1)) - first_w
    assert run_s < 1.0
    assert life.part_j == pytest.approx([7.0, 2.0], rel=1e-9)
    assert life.pmic_j == pytest.approx(resting_j + first_j, rel=1e-9)
    assert life.npu_j["uncore"] == pytest.approx(10 * uncore_w, rel=1e-9)


def test_a_battery_gives_the_mean_but_not_the_peak():
    """A layer's watts on top of what rests break a cell that bears the tick's mean easily."""
    layers, life = lived(Case(QUIET, PLAIN, period_ns=20 * S))
    peak_w, ohm = life.peak_w, 1.0
    # At brown-out it gives V·(E - V)/R.
    bears_w = 2.9 * (4.2 - 2.9) / ohm
    for share, end in ((1.01, "brown_out"), (0.99, "time")):
        weak = replace(PHONE_CELL, ohm=bears_w / peak_w * share, path_ohm=0.0, pairs=[])
        _, life = lived(Case(quiet(cell=weak), PLAIN, period_ns=20 * S))
        assert life.end == end
    assert peak_w > 1.5 * sum(layers.capped_w[0]) / 3


FLAT = Cell("ecm", 0.003, [0.0, 1.0], [3.7, 3.7 + 1e-7], 1e-6, 0.0, 3.0, 2.9)
RADIO = Part("radio", "skin", False, {"on": 3.7}, {}, "on")
BARE = replace(
    PLAIN, leakage=(), fixed_w=0.0, uncore_w=0.0, clock_farad=0.0, mac_pj=0.0, dram_pj_per_bit=0.0
)


def test_a_flat_battery_lasts_its_charge_over_the_current():
    _, life = lived(Case(quiet(cell=FLAT, parts=[RADIO], stop_ns=100 * S), BARE))
    assert life.end == "empty"
    assert life.life_s == pytest.approx(0.003 * 3600 / 1.0, abs=2 * MOMENT_S)


def test_a_flat_battery_ends_while_the_npu_is_asleep():
    """After one request of some milliseconds 1 A of the radio's and 0.1 A of a state's."""
    state = IdleState("off", 0.37, MS, MS, 0.0, 0.0)
    chip = replace(BARE, efficiency=1.0, sleeps=state)
    scene = quiet(cell=FLAT, parts=[RADIO], stop_ns=100 * S)
    layers, life = lived(Case(scene, chip, period_ns=1000 * S, after_ns=0))
    awake_s = sum(layer_s(layers)) + 1e-3
    assert life.end == "empty"
    assert life.life_s == pytest.approx((0.003 * 3600 + 0.1 * awake_s) / 1.1, abs=2 * MOMENT_S)


@pytest.mark.parametrize(
    ("stop_ms", "joules"), [(115, 0.0015), (500, 0.003), (1035, 0.008), (2035, 0.021)]
)
def test_a_life_that_ends_in_the_middle_of_a_phase_is_booked_up_to_there(stop_ms, joules):
    """Half of 3 mJ down, all of it, half of 10 mJ up on top, and the same once more.

    Requests of nothing but cycles come each second; 100 ms after one has left the NPU goes off.
    """
    chip = replace(BARE, efficiency=1.0, sleeps=replace(OFF, uncore_w=None))
    case = Case(quiet(stop_ns=10 * S, tick_ns=7 * MS), chip, period_ns=S, after_ns=100 * MS)
    layers, _ = live_in_product(case)
    busy_ns = sum(row[-1] for row in layers.duration_ns)
    stop_ns = stop_ms * MS + (busy_ns if stop_ms == 115 else 0)
    _, life = lived(replace(case, scene=replace(case.scene, stop_ns=stop_ns)))
    assert life.npu_j["fixed"] == pytest.approx(joules, rel=1e-9)


def test_peukerts_law_on_a_flat_battery():
    """At 1 A, four times the rated current, charge goes 4^0.2 times as fast."""
    cell = replace(FLAT, kind="peukert", exponent=1.2, rated_a=0.25)
    case = Case(quiet(cell=cell, parts=[RADIO], stop_ns=100 * S), BARE, period_ns=1000 * S)
    layers, life = lived(case)
    assert life.life_s == pytest.approx(0.003 * 3600 / 4**0.2, abs=2 * MOMENT_S)
    assert_alike(case, life, live_naively(case, layers))


def test_kibam_on_a_flat_battery_is_manwell_and_mcgowans():
    """Their closed form for a constant current, from a full battery to an empty well."""
    c, k, amps, whole = 0.6, 0.3, 1.0, 0.003 * 3600
    cell = replace(FLAT, kind="kibam", at_hand=c, even_out_per_s=k)

    def at_hand(t: float) -> float:
        gone = math.exp(-k * t)
        y = c * whole * gone + (whole * k * c - amps) * (1 - gone) / k
        return y - amps * c * (k * t - 1 + gone) / k

    low, high = 0.0, whole / amps
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if at_hand(middle) > 0 else (low, middle)
    case = Case(quiet(cell=cell, parts=[RADIO], stop_ns=100 * S), BARE, period_ns=1000 * S)
    layers, life = lived(case)
    naive = live_naively(case, layers)
    assert naive is not None
    assert naive.life_s == pytest.approx(low, abs=1e-5)
    assert life.life_s == pytest.approx(low, abs=2 * MOMENT_S)
    assert life.charge == pytest.approx(1 - low * amps / whole, abs=1e-4)


def test_one_node_warms_as_its_resistance_and_capacity_say():
    heat = Heat({"skin": 2.0, "rest": 1e9}, [("skin", "ambient", 5.0), ("rest", "ambient", 5.0)],
                die="rest", board="rest", cell="rest")  # fmt: skip
    radio = replace(RADIO, states={"on": 0.5})
    _, life = lived(Case(quiet(heat=heat, parts=[radio]), PLAIN))
    rise_c = 0.5 * 5.0 * -math.expm1(-life.life_s / 10.0)
    assert life.temp_c["skin"] == pytest.approx(25.0 + rise_c, rel=1e-9)


# The naive world itself.


def test_the_naive_zone_follows_the_kernels_sums():
    """Half a degree over at 0.8 W: (163·-1000 + 32·-1000) / 1024 = -191 mW, shared one to one."""
    zone = NaiveZone(Zone("skin", 38.0, 43.0, 0.8))
    assert (zone.k_po, zone.k_pu, zone.k_i) == (163, 327, 32)
    budget_mw = zone.power_range(44_000, 1400, 1000)
    assert budget_mw == 609
    assert divided(budget_mw, [700, 700], [700, 700]) == [305, 305]
    # The first cannot use 455 of its 655 mW; the others get them by their room, 536 to 118.
    assert divided(1000, [400, 100, 111], [200, 700, 300]) == [200, 537, 264]


@settings(max_examples=60)
@given(cells(), st.floats(0.01, 3.0), st.floats(0.5, 20.0))
def test_the_naive_cells_book_closes(cell, power_w, seconds):
    naive = NaiveCell(cell)
    used_s, _ = naive.draw(power_w, seconds, 10.0)
    lost_j = naive.ohmic_j + naive.rc_j + naive.stored_j
    assert naive.delivered_j == pytest.approx(power_w * used_s)
    assert naive.chemical_j == pytest.approx(naive.delivered_j + lost_j, rel=1e-7, abs=1e-9)


@settings(max_examples=20)
@given(cases(Reach(domains=("npu",))))
def test_a_recording_of_what_the_npu_did_gives_the_same_life(case):
    case = replace(case, scene=replace(case.scene, zones=[], trips=[], caps_by_charge=[]))
    layers, _ = live_in_product(case)
    scene = naive_scene(case, layers)
    npu = naive_npu(case, layers)
    life = NaiveWorld(scene, npu).live()
    recording = Recording(npu.intervals, npu.finishes_ns, npu.hosts)
    again = NaiveWorld(scene, recording).live()
    assert again == life
