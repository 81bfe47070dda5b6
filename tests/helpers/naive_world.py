"""The naive world: battery, heat, components and limits around an NPU, and no code of dfsrt.

Plain numbers in, plain numbers out, and each rule once, in the slow and obvious way:

- Books close at ticks and at what schedules hold, at the first layer boundary from then on; after
  N requests they close when the last of these has finished.
- In a tick battery, PMIC and heat see mean power, and leakage the die as it was at the last tick.
- Limits are worked out when books close.
- All else is charged when it happens, wherever books close.

The cell and KiBaM's wells go by Runge-Kutta in fine steps, heat by the exponential of the whole
network's matrix, a component piece by piece between all that changes it. What the NPU did is a
list of ``Interval``: from ``Recording``, or from ``NaiveNpu``, which runs requests at one voltage.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

JOULES = ("switching", "clock", "leakage", "fixed", "regulator_loss", "dram", "uncore")
RAIL = ("switching", "clock", "leakage", "fixed")
IDLE = -1
NEVER_NS = 2**62
INF = math.inf
NO_LEVEL = 1_000_000
GAS = 8.314462618


# What goes in.


@dataclass
class Part:
    """A component: watts by state, joules by event, and when it is in which."""

    name: str
    node: str
    at_rail: bool
    states: dict[str, float]
    events: dict[str, float]
    state: str
    changes: list[tuple[int, str]] = field(default_factory=list)
    repeat_ns: int | None = None
    while_npu: str | None = None
    while_host: str | None = None
    per_frame: str | None = None
    rates_hz: dict[str, float] = field(default_factory=dict)
    least_w: float | None = None
    weight: float = 1.0


@dataclass
class Cell:
    """A battery: ``ecm`` with RC ``pairs`` of (ohm, s), ``kibam`` or ``peukert``."""

    kind: str
    capacity_ah: float
    ocv_soc: list[float]
    ocv_v: list[float]
    ohm: float
    path_ohm: float
    cutoff_v: float
    brownout_v: float
    pairs: list[tuple[float, float]] = field(default_factory=list)
    ohm_ref_c: float = 25.0
    activation_j: float = 0.0
    at_hand: float = 0.8
    even_out_per_s: float = 0.002
    exponent: float = 1.05
    rated_a: float = 1.0
    charge: float = 1.0


@dataclass
class Heat:
    """Nodes in J/K and links (one end, other end, K/W); ``ambient`` is the air."""

    capacity: dict[str, float]
    links: list[tuple[str, str, float]]
    die: str = "die"
    board: str = "board"
    cell: str = "cell"


@dataclass
class Zone:
    """A zone under ``power_allocator``; gains in mW/°C, None for the kernel's estimates."""

    node: str
    switch_on_c: float
    control_c: float
    sustainable_w: float
    k_po: float | None = None
    k_pu: float | None = None
    k_i: float | None = None
    k_d: float = 0.0
    cutoff_c: float = 0.0


@dataclass
class Trip:
    """No level above ``level`` from ``above_c`` until it is below ``below_c``."""

    node: str
    above_c: float
    below_c: float
    level: int


@dataclass
class Scene:
    """A world before anything has happened."""

    tick_ns: int
    stop_ns: int
    heat: Heat
    cell: Cell
    parts: list[Part] = field(default_factory=list)
    stop_requests: int = NEVER_NS
    cap_w: float = INF
    cap_changes: list[tuple[int, float]] = field(default_factory=list)
    caps_by_charge: list[tuple[float, float]] = field(default_factory=list)
    ambient_c: float = 25.0
    ambient_changes: list[tuple[int, float]] = field(default_factory=list)
    start_c: float | None = None
    pmic: list[tuple[float, float]] = field(default_factory=lambda: [(1.0, 1.0)])
    zones: list[Zone] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)
    grid: float = 0.02
    npu_weight: float = 1.0
    npu_most_w: float = 1.0  # the most that any layer is predicted to take, in domain npu
    warmth: list[float] = field(default_factory=lambda: [1.0])  # leakage over °C, lowest first
    warmth_ref_c: float = 25.0
    hosts_add_up: bool = True  # host work of two requests at a time takes its watts twice


@dataclass
class Interval:
    """A layer run or an idle time, its joules at one voltage and the reference temperature."""

    # Leakage and uncore flow evenly all the time; switching, clock and DRAM from the stall's end.

    begin_ns: int
    stall_end_ns: int
    end_ns: int
    layer: int
    joules: dict[str, float]


@dataclass
class Limits:
    """What the NPU may do: watts in the cap's domain, a grant in domain npu, and a level."""

    cap_w: float = INF
    zone_w: float = INF
    level: int = NO_LEVEL


# What comes out.


@dataclass
class Life:
    """What came of it: joules of parts in their order, temperatures by node."""

    life_s: float
    end: str
    frames: int
    part_j: list[float]
    part_peak_w: list[float]
    npu_j: dict[str, float]
    pmic_j: float
    chemical_j: float
    delivered_j: float
    ohmic_j: float
    rc_j: float
    stored_j: float
    temp_c: dict[str, float]
    temp_max_c: dict[str, float]
    charge: float
    peak_w: float
    limited_s: float


# The NPU: what is known of it, tick by tick.


def overlap_ns(one: tuple[int, int], other: tuple[int, int]) -> int:
    """How long two spans have in common."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def joules_within(run: Interval, span: tuple[int, int], warmth: float) -> dict[str, float]:
    """What of an interval flows in a span, by component."""
    whole = (run.begin_ns, run.end_ns)
    work = (run.stall_end_ns, run.end_ns)
    length, working = whole[1] - whole[0], work[1] - work[0]
    of_whole = overlap_ns(whole, span) / length if length else 0.0
    of_work = overlap_ns(work, span) / working if working else 0.0
    joules = {name: run.joules[name] * of_work for name in ("switching", "clock", "dram")}
    joules["leakage"] = run.joules["leakage"] * of_whole * warmth
    joules["uncore"] = run.joules["uncore"] * of_whole
    joules["fixed"] = run.joules["fixed"] * of_whole
    rail_j = sum(run.joules[name] for name in RAIL)
    loss = run.joules["regulator_loss"] / rail_j if rail_j else 0.0
    joules["regulator_loss"] = loss * sum(joules[name] for name in RAIL)
    return joules


def watts_at_work(run: Interval, span: tuple[int, int], warmth: float) -> float:
    """What a layer draws, all of the system, once its clock runs; 0 where it does not in a span."""
    work = (run.stall_end_ns, run.end_ns)
    if run.layer == IDLE or overlap_ns(work, span) == 0:
        return 0.0
    return sum(joules_within(run, work, warmth).values()) / ((work[1] - work[0]) * 1e-9)


class Recording:
    """What an NPU did, written down beforehand: it listens to no limit."""

    def __init__(
        self, intervals: Sequence[Interval], finishes_ns: Sequence[int], hosts: Sequence
    ) -> None:
        self.intervals, self.finishes_ns = list(intervals), sorted(finishes_ns)
        self.hosts = list(hosts)

    def run(self, until_ns: int, limits: Limits, enough: int) -> int:
        """Return the first boundary from a time on, or when enough requests have finished."""
        now_ns = until_ns
        for run in self.intervals:
            if run.layer != IDLE and run.begin_ns < until_ns < run.end_ns:
                now_ns = run.end_ns
        if len(self.finishes_ns) >= enough:
            now_ns = min(now_ns, self.finishes_ns[enough - 1])
        return now_ns


@dataclass
class Layers:
    """Layers on a device at one voltage, leakage at the reference temperature."""

    duration_ns: list[list[int]]  # by layer and level
    stall_ns: list[list[int]]  # from level to level
    freqs_hz: list[int]
    switching_j: list[float]
    clock_w: list[list[float]]  # by layer and level
    dram_j: list[float]
    leakage_w: float
    uncore_w: float
    fixed_w: float
    efficiency: float
    predicted_w: list[list[float]]  # by layer and level, domain npu
    capped_w: list[list[float]]  # the same in the cap's domain
    sections: list[tuple[int, int]]


@dataclass
class Nap:
    """A state that an idle NPU falls into after a while: what it draws, and its ways in and out.

    Watts asleep are at the reference temperature; joules are all that the rail gives on the way.
    """

    after_ns: int
    entry_ns: int
    exit_ns: int
    entry_j: float
    exit_j: float
    leakage_w: float
    fixed_w: float
    uncore_w: float


@dataclass
class Request:
    """A request, and what it has yet to do."""

    number: int
    arrival_ns: int
    todo: list[tuple] = field(default_factory=list)


class NaiveNpu:
    """Requests every ``period_ns``, or each when the one before has left, first come first served.

    ``program`` says for the number served so far what the next does, in pieces ``("npu", first
    layer, layer after the last)`` and ``("host", ns)``; ``levels`` gives each layer's level under
    limits; with ``in_order`` a request waits until the one before it has left. Idle it takes a
    ``nap``: the way down is gone to its end, and a request that comes meanwhile waits for the way
    up, too.
    """

    def __init__(
        self,
        layers: Layers,
        program: Callable[[int], list[tuple]],
        period_ns: int | None,
        levels: Callable[[Limits], list[int]],
        in_order: bool = False,
        nap: Nap | None = None,
    ) -> None:
        self.nap, self.phase = nap, "up"
        self.idle_since_ns: int | None = None
        self.turn_ns = NEVER_NS  # when a way down or up ends
        self.layers, self.program, self.period_ns = layers, program, period_ns
        self.levels, self.in_order = levels, in_order
        self.intervals: list[Interval] = []
        self.finishes_ns: list[int] = []
        self.hosts: list[tuple[int, int]] = []
        self.now_ns, self.level, self.current = 0, IDLE, None
        self.line: list[Request] = []
        self.waiting: list[Request] = []
        self.at_work = 0
        # (time, host work before arrivals, number, request)
        self.events: list[tuple[int, int, int, Request]] = [(0, 1, 0, Request(0, 0))]

    def run(self, until_ns: int, limits: Limits, enough: int) -> int:
        """Go on to the first boundary from a time on, or to when enough requests have finished."""
        wish = self.levels(limits)
        if self.level == IDLE:
            self.level = wish[0]
        while True:
            self.happen(self.now_ns)
            if len(self.finishes_ns) >= enough:
                return self.finishes_ns[enough - 1]
            if self.now_ns >= until_ns:
                return self.now_ns
            self.wake()
            if self.current is None and self.line and self.phase == "up":
                self.idle_since_ns = None
                self.current = min(self.line, key=lambda r: (r.arrival_ns, r.number))
                self.line.remove(self.current)
            if self.current is None:
                self.rest(min([until_ns, *(event[0] for event in self.events)]))
            else:
                self.work(wish)

    def happen(self, until_ns: int) -> None:
        """Let requests come, and come back from the host, up to a time and in its order."""
        while self.events and min(self.events, key=lambda e: e[:3])[0] <= until_ns:
            event = min(self.events, key=lambda e: e[:3])
            self.events.remove(event)
            at_ns, arrives, _, request = event
            if arrives:
                self.come(request, at_ns)
            else:
                request.todo.pop(0)
                self.go_on(request, at_ns)

    def come(self, request: Request, at_ns: int) -> None:
        request.arrival_ns = at_ns
        if self.period_ns is not None:
            number = request.number + 1
            self.events.append((number * self.period_ns, 1, number, Request(number, 0)))
        self.waiting.append(request)
        self.let_in(at_ns)

    def let_in(self, at_ns: int) -> None:
        while self.waiting and not (self.in_order and self.at_work):
            request = self.waiting.pop(0)
            self.at_work += 1
            request.todo = list(self.program(len(self.finishes_ns)))
            self.go_on(request, at_ns)

    def go_on(self, request: Request, at_ns: int) -> None:
        if not request.todo:
            bisect.insort(self.finishes_ns, at_ns)
            self.at_work -= 1
            if self.period_ns is None:
                number = request.number + 1
                self.events.append((at_ns, 1, number, Request(number, at_ns)))
            self.let_in(at_ns)
        elif request.todo[0][0] == "host":
            end_ns = at_ns + request.todo[0][1]
            self.hosts.append((at_ns, end_ns))
            self.events.append((end_ns, 0, request.number, request))
        else:
            self.line.append(request)

    def wake(self) -> None:
        """End the way down or up that is at its end; asleep, begin the way up if somebody waits."""
        if self.phase in ("down", "way up") and self.now_ns >= self.turn_ns:
            self.phase = "asleep" if self.phase == "down" else "up"
        if self.phase == "asleep" and self.line:
            self.phase, self.turn_ns = "way up", self.now_ns + self.nap.exit_ns

    def rest(self, until_ns: int) -> None:
        """Let idle time pass, up to whatever comes first."""
        nap = self.nap
        if nap is None:
            self.write_down(IDLE, until_ns - self.now_ns, 0, {})
            return
        if self.idle_since_ns is None:
            self.idle_since_ns = self.now_ns
        if self.phase == "up" and self.now_ns >= self.idle_since_ns + nap.after_ns:
            self.phase, self.turn_ns = "down", self.now_ns + nap.entry_ns
        if self.phase == "up":
            until_ns = min(until_ns, self.idle_since_ns + nap.after_ns)
            self.write_down(IDLE, until_ns - self.now_ns, 0, {})
        elif self.phase == "asleep":
            self.pass_asleep(until_ns, nap.leakage_w, nap.fixed_w, nap.uncore_w)
        else:
            joules, ns = (
                (nap.entry_j, nap.entry_ns) if self.phase == "down" else (nap.exit_j, nap.exit_ns)
            )
            rail_w = joules / (ns * 1e-9) * self.layers.efficiency
            self.pass_asleep(min(until_ns, self.turn_ns), 0.0, rail_w, self.layers.uncore_w)

    def pass_asleep(self, until_ns: int, leakage_w: float, fixed_w: float, uncore_w: float) -> None:
        seconds = (until_ns - self.now_ns) * 1e-9
        joules = dict.fromkeys(JOULES, 0.0)
        joules["leakage"], joules["fixed"] = leakage_w * seconds, fixed_w * seconds
        joules["uncore"] = uncore_w * seconds
        rail_w = leakage_w + fixed_w
        joules["regulator_loss"] = rail_w * seconds * (1 / self.layers.efficiency - 1)
        begin_ns, self.now_ns = self.now_ns, until_ns
        self.intervals.append(Interval(begin_ns, begin_ns, until_ns, IDLE, joules))

    def work(self, wish: list[int]) -> None:
        request, layers = self.current, self.layers
        _, layer, stop = request.todo[0]
        level = wish[layer]
        stall_ns = layers.stall_ns[self.level][level]
        run_ns, self.level = layers.duration_ns[layer][level], level
        work_j = {
            "switching": layers.switching_j[layer],
            "clock": layers.clock_w[layer][level] * run_ns * 1e-9,
            "dram": layers.dram_j[layer],
        }
        self.write_down(layer, stall_ns, run_ns, work_j)
        request.todo[0] = ("npu", layer + 1, stop)
        if layer + 1 < stop:
            return
        request.todo.pop(0)
        if not request.todo or request.todo[0][0] == "host":
            self.happen(self.now_ns - 1)  # what came while the layer ran came before it ended
            self.current = None
            self.go_on(request, self.now_ns)

    def write_down(self, layer: int, stall_ns: int, run_ns: int, work_j: dict[str, float]) -> None:
        seconds = (stall_ns + run_ns) * 1e-9
        joules = dict.fromkeys(JOULES, 0.0) | work_j
        joules["leakage"] = self.layers.leakage_w * seconds
        joules["uncore"] = self.layers.uncore_w * seconds
        joules["fixed"] = self.layers.fixed_w * seconds
        rail_j = sum(joules[name] for name in RAIL)
        joules["regulator_loss"] = rail_j * (1 / self.layers.efficiency - 1)
        begin_ns, stall_end_ns = self.now_ns, self.now_ns + stall_ns
        self.now_ns = stall_end_ns + run_ns
        self.intervals.append(Interval(begin_ns, stall_end_ns, self.now_ns, layer, joules))


# The battery.


class NaiveCell:
    """A cell from which constant power is drawn, by Runge-Kutta in fine steps."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        bound = cell.charge * (1 - cell.at_hand) if cell.kind == "kibam" else 0.0
        # Charge left and bound, both over capacity; volts of two pairs; joules of the book.
        self.y = [cell.charge, bound, 0.0, 0.0, 0.0, 0.0, 0.0]
        self.pairs = (*cell.pairs, (0.0, 1.0), (0.0, 1.0))[:2]
        self.delivered_j = 0.0

    @property
    def charge(self) -> float:
        return self.y[0]

    @property
    def chemical_j(self) -> float:
        return self.y[4]

    @property
    def ohmic_j(self) -> float:
        return self.y[5]

    @property
    def rc_j(self) -> float:
        return self.y[6]

    @property
    def stored_j(self) -> float:
        """What the pairs' capacitances hold: C·V²/2, with C = tau/R."""
        pairs = zip(self.pairs, self.y[2:4], strict=True)
        return sum(tau / r * v * v / 2 for (r, tau), v in pairs if r > 0)

    def ohm(self, temp_c: float) -> float:
        """Series resistance: Arrhenius in the cell, and the path."""
        c = self.cell
        colder = 1 / (temp_c + 273.15) - 1 / (c.ohm_ref_c + 273.15)
        return c.ohm * math.exp(c.activation_j / GAS * colder) + c.path_ohm

    def level(self, y: list[float]) -> float:
        """How full the charge is that the voltage follows."""
        c = self.cell
        return (y[0] - y[1]) / c.at_hand if c.kind == "kibam" else y[0]

    def rested_v(self, y: list[float]) -> float:
        return float(np.interp(self.level(y), self.cell.ocv_soc, self.cell.ocv_v))

    def most_w(self, temp_c: float) -> float:
        """The most that it gives at this moment without falling under brown-out."""
        emf, ohm = self.rested_v(self.y) - self.y[2] - self.y[3], self.ohm(temp_c)
        volts = max(emf / 2, self.cell.brownout_v)
        return max(volts * (emf - volts) / ohm, 0.0)

    def verdict(self, y: list[float], power_w: float, ohm: float) -> str:
        """What ends it at this moment, or nothing."""
        if power_w <= 0:
            return ""
        if self.level(y) < self.cell.ocv_soc[0]:
            return "empty"
        emf = self.rested_v(y) - y[2] - y[3]
        if emf <= 0 or emf * emf < 4 * ohm * power_w:
            return "brown_out"
        volts = (emf + math.sqrt(emf * emf - 4 * ohm * power_w)) / 2
        if volts < self.cell.brownout_v:
            return "brown_out"
        return "empty" if volts <= self.cell.cutoff_v else ""

    def change(self, y: list[float], power_w: float, ohm: float) -> list[float]:
        """How everything changes in a second: I·(E - I·R) = P, V' = (I·R - V)/tau."""
        c, rested_v = self.cell, self.rested_v(y)
        emf = rested_v - y[2] - y[3]
        amps = (emf - math.sqrt(max(emf * emf - 4 * ohm * power_w, 0.0))) / (2 * ohm)
        if power_w <= 0:
            amps = 0.0
        drain = amps
        if c.kind == "peukert" and amps > c.rated_a:
            drain = amps * (amps / c.rated_a) ** (c.exponent - 1)
        flow = 0.0  # from the bound well to the one at hand
        if c.kind == "kibam":
            k = c.even_out_per_s * c.at_hand * (1 - c.at_hand)
            flow = k * (y[1] / (1 - c.at_hand) - (y[0] - y[1]) / c.at_hand)
        to_pairs = [
            (amps * r - v) / tau if r > 0 else 0.0
            for (r, tau), v in zip(self.pairs, y[2:4], strict=True)
        ]
        lost_w = [v * v / r for (r, _), v in zip(self.pairs, y[2:4], strict=True) if r > 0]
        capacity = c.capacity_ah * 3600
        return [
            -drain / capacity, -flow, *to_pairs,
            rested_v * drain, amps * amps * ohm, sum(lost_w) + rested_v * (drain - amps),
        ]  # fmt: skip

    def stepped(self, power_w: float, ohm: float, seconds: float) -> list[float]:
        """Where it stands after a step of Runge and Kutta."""

        def ahead(slope: list[float], time_s: float) -> list[float]:
            return [a + time_s * b for a, b in zip(self.y, slope, strict=True)]

        one = self.change(self.y, power_w, ohm)
        two = self.change(ahead(one, seconds / 2), power_w, ohm)
        three = self.change(ahead(two, seconds / 2), power_w, ohm)
        four = self.change(ahead(three, seconds), power_w, ohm)
        slopes = zip(one, two, three, four, strict=True)
        return ahead([(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in slopes], seconds)

    def step_s(self, power_w: float) -> float:
        """A step in which nothing moves far."""
        c = self.cell
        amps = max(power_w, 0.0) / self.rested_v(self.y)
        drain = amps * max(1.0, amps / c.rated_a) ** (c.exponent - 1)
        weight = c.at_hand if c.kind == "kibam" else 1.0
        steps = [tau / 8 for r, tau in self.pairs if r > 0]
        if drain > 0:
            steps.append(1e-3 * weight * c.capacity_ah * 3600 / drain)
        if c.kind == "kibam":
            steps.append(0.05 / c.even_out_per_s)
        return min(steps, default=INF)

    def draw(self, power_w: float, seconds: float, temp_c: float) -> tuple[float, str]:
        """Draw power for a time; return how long it lasted and what ended it, if anything."""
        ohm, used_s = self.ohm(temp_c), 0.0
        end = self.verdict(self.y, power_w, ohm)
        while used_s < seconds and not end:
            step_s = min(self.step_s(power_w), seconds - used_s)
            later = self.stepped(power_w, ohm, step_s)
            end = self.verdict(later, power_w, ohm)
            if end:
                step_s, later, end = self.first_end(power_w, ohm, step_s)
            self.y = later
            self.delivered_j += power_w * step_s
            last = seconds - used_s <= step_s
            used_s = seconds if last and not end else used_s + step_s
        return used_s, end

    def first_end(self, power_w: float, ohm: float, step_s: float) -> tuple[float, list, str]:
        """The last moment before the end within a step, by halving, and what the end is."""
        low_s, high_s, end = 0.0, step_s, ""
        for _ in range(60):
            middle_s = (low_s + high_s) / 2
            cause = self.verdict(self.stepped(power_w, ohm, middle_s), power_w, ohm)
            if cause:
                high_s, end = middle_s, cause
            else:
                low_s = middle_s
        end = end or self.verdict(self.stepped(power_w, ohm, step_s), power_w, ohm)
        return low_s, self.stepped(power_w, ohm, low_s), end


# Heat and what it limits.


def heated(
    heat: Heat, temp_c: dict[str, float], watts: dict[str, float], air_c: float, seconds: float
) -> dict[str, float]:
    """Temperatures after constant watts, by the exponential of the whole network's matrix.

    C·dT/dt = P - sum of (T - T of the neighbour)/R; a last row of ones carries what is constant.
    """
    names = list(heat.capacity)
    n = len(names)
    matrix = np.zeros((n + 1, n + 1))
    for name in names:
        matrix[names.index(name), n] += watts[name]
    for one, other, kelvin_per_watt in heat.links:
        for here, there in ((one, other), (other, one)):
            if here == "ambient":
                continue
            row = names.index(here)
            matrix[row, row] -= 1 / kelvin_per_watt
            if there == "ambient":
                matrix[row, n] += air_c / kelvin_per_watt
            else:
                matrix[row, names.index(there)] += 1 / kelvin_per_watt
    for name, capacity in heat.capacity.items():
        matrix[names.index(name)] /= capacity
    later = exponential(matrix * seconds) @ np.array([*(temp_c[name] for name in names), 1.0])
    return {name: float(later[k]) for k, name in enumerate(names)}


def exponential(matrix: np.ndarray) -> np.ndarray:
    """The matrix exponential: the series of a small part of it, squared again and again."""
    halvings = max(0, math.ceil(math.log2(np.abs(matrix).max() * len(matrix) + 1e-30)) + 4)
    small = matrix / 2**halvings
    term = result = np.eye(len(matrix))
    for k in range(1, 14):
        term = term @ small / k
        result = result + term
    for _ in range(halvings):
        result = result @ result
    return result


class NaiveZone:
    """``power_allocator`` of Linux in its whole numbers: m°C, mW, ten fractional bits."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.control, self.on = round(zone.control_c * 1000), round(zone.switch_on_c * 1000)
        self.sustainable = round(zone.sustainable_w * 1000)
        threshold = self.control - self.on
        self.k_po = self.gain(zone.k_po, (self.sustainable << 10) // threshold)
        self.k_pu = self.gain(zone.k_pu, (2 * self.sustainable << 10) // threshold)
        self.k_i = self.gain(zone.k_i, max(self.k_pu // 10, 1))
        self.k_d = self.gain(zone.k_d, 0)
        self.integral = self.previous = 0
        self.limit_w = INF

    @staticmethod
    def gain(mw_per_c: float | None, estimate: int) -> int:
        """A gain in mW per m°C with fractional bits."""
        return estimate if mw_per_c is None else round(mw_per_c * 1024 / 1000)

    def power_range(self, temp_mc: int, most_mw: int, poll_ms: int) -> int:
        """The PID controller: what may be spent until the next poll."""
        error = (self.control - temp_mc) << 10
        p = ((self.k_po if error < 0 else self.k_pu) * error) >> 10
        i = (self.k_i * self.integral) >> 10
        if error < round(self.zone.cutoff_c * 1000) << 10:
            i_next = i + ((self.k_i * error) >> 10)
            if abs(i_next) < most_mw << 10:
                i = i_next
                self.integral += error
        d = (self.k_d * (error - self.previous)) >> 10
        d = (1 if d > 0 else -1) * ((abs(d) << 10) // poll_ms)  # C divides towards zero
        self.previous = error
        return min(max(self.sustainable + ((p + i + d) >> 10), 0), most_mw)

    def forget(self) -> None:
        self.integral = self.previous = 0
        self.limit_w = INF


def divided(budget_mw: int, weighted_mw: list[int], most_mw: list[int]) -> list[int]:
    """Share a budget by weighted requests; what one cannot use goes where there is room."""

    def closest(top: int, below: int) -> int:
        return (top + below // 2) // below

    total = sum(weighted_mw) or 1
    wishes = [closest(asked * budget_mw, total) for asked in weighted_mw]
    grants = [min(wish, most) for wish, most in zip(wishes, most_mw, strict=True)]
    room = [most - grant for most, grant in zip(most_mw, grants, strict=True)]
    extra = min(sum(wishes) - sum(grants), sum(room))
    if extra == 0:
        return grants
    return [g + closest(r * extra, sum(room)) for g, r in zip(grants, room, strict=True)]


def on_grid(watts: float, share: float) -> float:
    """The next power of 1 + share at or below some watts, 1 mW at least."""
    if watts < 1e-3:
        return 1e-3
    return (1 + share) ** math.floor(math.log(watts) / math.log(1 + share) + 1e-9)


# The world.


class NaiveWorld:
    """Everything around an NPU that ``run``s from one closing of the books to the next."""

    def __init__(self, scene: Scene, npu: Recording | NaiveNpu) -> None:
        self.scene, self.npu = scene, npu
        self.now_ns, self.end, self.passed = 0, "", 0
        self.cell = NaiveCell(scene.cell)
        start_c = scene.ambient_c if scene.start_c is None else scene.start_c
        self.temp_c = dict.fromkeys(scene.heat.capacity, start_c)
        self.temp_max_c = dict(self.temp_c)
        self.granted_w = [INF] * len(scene.parts)
        self.zones = [NaiveZone(zone) for zone in scene.zones]
        self.tripped = [False] * len(scene.trips)
        self.part_j, self.part_peak_w = [0.0] * len(scene.parts), [0.0] * len(scene.parts)
        self.npu_j = dict.fromkeys(JOULES, 0.0)
        self.pmic_j = self.peak_w = self.limited_s = 0.0
        self.event_times_ns = self.scheduled_ns()
        self.limits = self.limits_now(0.0, 0.0)

    def refuses(self) -> bool:
        """Whether the battery cannot carry what rests, so that nothing begins."""
        resting_w = sum(self.state_w(part, 0) + self.rate_w(part) for part in self.scene.parts)
        return resting_w > self.cell.most_w(self.temp_c[self.scene.heat.cell])

    def live(self) -> Life:
        """Go on until it ends, and say what came of it."""
        while not self.end:
            until_ns = self.next_close_ns()
            self.close(self.npu.run(until_ns, self.limits, self.scene.stop_requests))
        return Life(
            life_s=self.now_ns * 1e-9,
            end=self.end,
            frames=sum(finish_ns <= self.now_ns for finish_ns in self.npu.finishes_ns),
            part_j=self.part_j,
            part_peak_w=self.part_peak_w,
            npu_j=self.npu_j,
            pmic_j=self.pmic_j,
            chemical_j=self.cell.chemical_j,
            delivered_j=self.cell.delivered_j,
            ohmic_j=self.cell.ohmic_j,
            rc_j=self.cell.rc_j,
            stored_j=self.cell.stored_j,
            temp_c=self.temp_c,
            temp_max_c=self.temp_max_c,
            charge=max(self.cell.charge, 0.0),
            peak_w=self.peak_w,
            limited_s=self.limited_s,
        )

    # Schedules: what holds at a time, and when that changes.

    def scheduled_ns(self) -> list[int]:
        """All times at which a schedule changes something, up to the stop."""
        scene = self.scene
        times = {t for t, _ in (*scene.ambient_changes, *scene.cap_changes)}
        for part in scene.parts:
            base = 0
            while part.changes and base <= scene.stop_ns:
                times |= {base + t for t, _ in part.changes}
                if part.repeat_ns is None:
                    break
                base += part.repeat_ns
                times.add(base)
        return sorted(times)

    def next_close_ns(self) -> int:
        """A whole number of ticks, or what a schedule holds before that, or the stop."""
        tick_ns = self.scene.tick_ns
        later = [t for t in self.event_times_ns if t > self.now_ns]
        return min((self.now_ns // tick_ns + 1) * tick_ns, self.scene.stop_ns, *later[:1])

    @staticmethod
    def latest(first: float, changes: list[tuple[int, float]], at_ns: int) -> float:
        """The value that holds at a time."""
        return [first, *(value for t, value in changes if t <= at_ns)][-1]

    @staticmethod
    def watts_in(part: Part, state: str) -> float:
        return 0.0 if state == "off" and "off" not in part.states else part.states[state]

    def state_w(self, part: Part, at_ns: int) -> float:
        """What the state takes that the schedule holds at a time."""
        since_ns = at_ns % part.repeat_ns if part.repeat_ns and part.changes else at_ns
        states = [part.state, *(state for t, state in part.changes if t <= since_ns)]
        return self.watts_in(part, states[-1])

    @staticmethod
    def rate_w(part: Part) -> float:
        return sum(part.events[event] * hz for event, hz in part.rates_hz.items())

    # Closing the books.

    def close(self, now_ns: int) -> None:
        """Charge what has happened since the books were closed last; then move the limits."""
        scene, span = self.scene, (self.now_ns, now_ns)
        seconds, warmth = (now_ns - self.now_ns) * 1e-9, self.warmth()
        if seconds > 0:
            runs = self.runs_within(span)
            part_j = [self.part_joules(k, span, runs) for k in range(len(scene.parts))]
            parts = [joules_within(run, span, warmth) for run in runs]
            npu_j = {name: sum(joules[name] for joules in parts) for name in JOULES}
            hungriest_w = max((watts_at_work(run, span, warmth) for run in runs), default=0.0)
            self.pass_on(span, part_j, npu_j, hungriest_w)
        if self.end:
            return
        self.now_ns = now_ns
        done = sum(finish_ns <= now_ns for finish_ns in self.npu.finishes_ns)
        if now_ns >= scene.stop_ns:
            self.end = "time"
        elif done >= scene.stop_requests:
            self.end = "requests"
        elif seconds > 0:
            npu_w = sum(npu_j[name] for name in (*RAIL, "regulator_loss")) / seconds
            self.limits = self.limits_now(npu_w, seconds)

    def runs_within(self, span: tuple[int, int]) -> list[Interval]:
        """The intervals that reach into a span; those before it are not looked at again."""
        runs = self.npu.intervals
        while self.passed < len(runs) and runs[self.passed].end_ns <= span[0]:
            self.passed += 1
        return [r for r in runs[self.passed :] if overlap_ns((r.begin_ns, r.end_ns), span)]

    def warmth(self) -> float:
        """Leakage at the die's temperature over that at the reference."""
        scene = self.scene

        def cubic(celsius: float) -> float:
            return sum(c * celsius**n for n, c in enumerate(scene.warmth))

        return max(cubic(self.temp_c[scene.heat.die]) / cubic(scene.warmth_ref_c), 0.0)

    def part_joules(self, k: int, span: tuple[int, int], runs: list[Interval]) -> float:
        """What a component takes, piece by piece between all that changes it; never below 0."""
        part, (begin_ns, end_ns) = self.scene.parts[k], span
        first_w = self.watts_in(part, part.state)
        npu_w = 0.0 if part.while_npu is None else self.watts_in(part, part.while_npu) - first_w
        host_w = 0.0 if part.while_host is None else self.watts_in(part, part.while_host) - first_w
        busy = [(r.begin_ns, r.end_ns) for r in runs if r.layer != IDLE] if npu_w else []
        hosts = [h for h in self.npu.hosts if overlap_ns(h, span)] if host_w else []
        corners = {t for pair in (*busy, *hosts) for t in pair} | set(self.event_times_ns)
        cuts = sorted({begin_ns, end_ns, *(t for t in corners if begin_ns < t < end_ns)})
        joules = 0.0
        for left, right in pairwise(cuts):
            at_work = sum(b <= left < e for b, e in busy)
            hosted = sum(b <= left < e for b, e in hosts)
            if not self.scene.hosts_add_up:
                hosted = min(hosted, 1)
            watts = min(self.state_w(part, left), self.granted_w[k])
            watts += at_work * npu_w + hosted * host_w
            joules += (max(watts, 0.0) + self.rate_w(part)) * (right - left) * 1e-9
        if part.per_frame is not None:
            frames = sum(begin_ns < finish_ns <= end_ns for finish_ns in self.npu.finishes_ns)
            joules += part.events[part.per_frame] * frames
        return joules

    def pass_on(
        self,
        span: tuple[int, int],
        part_j: list[float],
        npu_j: dict[str, float],
        hungriest_w: float,
    ) -> None:
        """Take a tick's joules from PMIC and battery, and let what is lost heat the nodes."""
        scene, heat = self.scene, self.scene.heat
        seconds = (span[1] - span[0]) * 1e-9
        own_j = sum(npu_j[name] for name in (*RAIL, "regulator_loss"))
        beside_j = npu_j["dram"] + npu_j["uncore"]
        at_rail = [part.at_rail for part in scene.parts]
        rail_j = beside_j + sum(j for j, rail in zip(part_j, at_rail, strict=True) if rail)
        loads, shares = zip(*scene.pmic, strict=True)
        loss_j = rail_j / float(np.interp(rail_j / seconds, loads, shares)) - rail_j
        power_w = (own_j + beside_j + sum(part_j) + loss_j) / seconds
        used_s = self.draw(power_w, hungriest_w - (own_j + beside_j) / seconds, seconds)
        share = used_s / seconds
        for k, joules in enumerate(part_j):
            self.part_j[k] += joules * share
            self.part_peak_w[k] = max(self.part_peak_w[k], joules / seconds)
        for name in JOULES:
            self.npu_j[name] += npu_j[name] * share
        self.pmic_j += loss_j * share
        if self.is_limited():
            self.limited_s += used_s
        watts = dict.fromkeys(heat.capacity, 0.0)
        watts[heat.die] += sum(npu_j[name] for name in (*RAIL, "uncore")) / seconds
        watts[heat.board] += (npu_j["regulator_loss"] + npu_j["dram"] + loss_j) / seconds
        for part, joules in zip(scene.parts, part_j, strict=True):
            watts[part.node] += joules / seconds
        if used_s > 0:
            watts[heat.cell] += self.cell_loss_j / used_s
        self.warm(watts, (span[0], span[0] + round(used_s * 1e9)), used_s)
        if self.end:
            self.now_ns = span[0] + round(used_s * 1e9)

    def draw(self, power_w: float, above_w: float, seconds: float) -> float:
        """Draw a tick's mean power, unless the hungriest layer on top of it is too much."""
        cell = self.cell
        lost_j, self.cell_loss_j = cell.ohmic_j + cell.rc_j, 0.0
        temp_c = self.temp_c[self.scene.heat.cell]
        peak_w = power_w + max(above_w, 0.0)
        self.peak_w = max(self.peak_w, peak_w)
        if peak_w > cell.most_w(temp_c):
            self.end = "brown_out"
            return 0.0
        used_s, self.end = cell.draw(power_w, seconds, temp_c)
        self.cell_loss_j = cell.ohmic_j + cell.rc_j - lost_j
        return used_s

    def warm(self, watts: dict[str, float], span: tuple[int, int], used_s: float) -> None:
        """Let heat flow, the air changing when its schedule says so."""
        scene, (begin_ns, end_ns) = self.scene, span
        inside = [t for t, _ in scene.ambient_changes if begin_ns < t < end_ns]
        cuts_s = [0.0, *((t - begin_ns) * 1e-9 for t in inside), used_s]
        for at_ns, (left_s, right_s) in zip([begin_ns, *inside], pairwise(cuts_s), strict=True):
            air_c = self.latest(scene.ambient_c, scene.ambient_changes, at_ns)
            self.temp_c = heated(scene.heat, self.temp_c, watts, air_c, right_s - left_s)
        for node, celsius in self.temp_c.items():
            self.temp_max_c[node] = max(self.temp_max_c[node], celsius)

    # Limits.

    def is_limited(self) -> bool:
        """Whether heat or charge holds the NPU below what the schedule's cap says."""
        cap_w = self.latest(self.scene.cap_w, self.scene.cap_changes, self.now_ns)
        return min(self.limits.cap_w, self.limits.zone_w) < cap_w or self.limits.level < NO_LEVEL

    def limits_now(self, npu_w: float, seconds: float) -> Limits:
        """What holds from now on, after a tick in which the NPU drew some watts in the mean."""
        scene = self.scene
        cap_w = self.latest(scene.cap_w, scene.cap_changes, self.now_ns)
        by_charge = [w for share, w in scene.caps_by_charge if self.cell.charge <= share]
        grants_w = [self.zone_w(k, npu_w, seconds) for k in range(len(self.zones))]
        levels = [NO_LEVEL]
        for k, trip in enumerate(scene.trips):
            celsius = self.temp_c[trip.node]
            if celsius >= trip.above_c:
                self.tripped[k] = True
            elif celsius < trip.below_c:
                self.tripped[k] = False
            if self.tripped[k]:
                levels.append(trip.level)
        return Limits(min([cap_w, *by_charge]), min(grants_w, default=INF), min(levels))

    def zone_w(self, k: int, npu_w: float, seconds: float) -> float:
        """Poll a zone: what it grants the NPU; the other actors are granted theirs."""
        zone, scene = self.zones[k], self.scene
        temp_mc = round(self.temp_c[zone.zone.node] * 1000)
        if temp_mc < zone.on:
            zone.forget()
            if k == 0:
                self.granted_w = [INF] * len(scene.parts)
            return INF
        actors = [j for j, part in enumerate(scene.parts) if part.least_w is not None]
        parts = [scene.parts[j] for j in actors]
        npu_most_mw = max(1, round(scene.npu_most_w * 1000))
        asked_mw = [min(round(npu_w * 1000), npu_most_mw)]
        asked_mw += [round(self.state_w(part, self.now_ns) * 1000) for part in parts]
        most_mw = [npu_most_mw, *(self.most_mw(part) for part in parts)]
        weights = [round(w * 1024) for w in (scene.npu_weight, *(part.weight for part in parts))]
        weighted = [(w * asked) >> 10 for w, asked in zip(weights, asked_mw, strict=True)]
        budget_mw = zone.power_range(temp_mc, sum(most_mw), max(round(seconds * 1000), 1))
        grants_mw = divided(budget_mw, weighted, most_mw)
        for j, part, grant_mw in zip(actors, parts, grants_mw[1:], strict=True):
            grant_w = max(grant_mw / 1000, part.least_w)
            self.granted_w[j] = grant_w if k == 0 else min(grant_w, self.granted_w[j])
        grant_w = grants_mw[0] / 1000
        if not zone.limit_w <= grant_w < zone.limit_w * (1 + scene.grid) ** 2:
            zone.limit_w = on_grid(grant_w, scene.grid)
        return zone.limit_w

    def most_mw(self, part: Part) -> int:
        states = [part.state, *(state for _, state in part.changes)]
        return max(round(self.watts_in(part, state) * 1000) for state in states)
