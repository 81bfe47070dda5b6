"""An NPU: everything of a device that the cost, power and runtime rooms need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from dfsrt.base.ranged import is_assumed
from dfsrt.device.idle import IdleState
from dfsrt.device.memory_point import MemoryChange, MemoryPoint
from dfsrt.device.opp import OppTable
from dfsrt.device.rail import Rail
from dfsrt.device.weights import Weights

if TYPE_CHECKING:  # few devices name a part
    from dfsrt.device.dram import Dram

ZERO_GATING = 0.5
"""Assumed where a device does not say, range 0.2 to 0.9: decision 0031."""


MAPPER = "exhaustive"
"""Who tiles where a device does not say."""
SCHEDULE = "layerwise"
"""Which maps stay on chip where a device does not say."""
PREFETCH = "none"
"""What comes for the next layer while one runs, where a device does not say."""
PREFETCHES = (PREFETCH, "weights", "all")
"""What a device fetches for the next layer: nothing, its constants, or all that is there yet."""


class Dataflow(StrEnum):
    """Which operand stays in the processing elements of a systolic array."""

    OUTPUT = "output"
    WEIGHT = "weight"
    INPUT = "input"


class Domain(StrEnum):
    """A power domain that a cap can be set on; each holds the one before it."""

    NPU = "npu"  # what the NPU's regulator draws: core, clock, leakage, fixed and its own loss
    NPU_DRAM = "npu+dram"  # and the DRAM traffic
    SYSTEM = "system"  # and the uncore's constant power


@dataclass(frozen=True, slots=True)
class Clock:
    """How long the core stalls for a frequency change.

    ``freq_switch_ns`` inside a PLL group, ``pll_switch_ns`` across groups.
    """

    freq_switch_ns: int
    pll_switch_ns: int


@dataclass(frozen=True, slots=True)
class Memory:
    """On-chip buffer and off-chip memory as one layer sees them.

    ``bandwidth_bytes_per_s`` may be infinite (an ideal memory). With ``resident_bytes`` above
    zero, a network whose weights fit in that much on-chip memory keeps them there from frame
    to frame and fetches none. ``overflow_slowdown`` says by precision how many times as long a
    layer takes whose results outgrow the buffer.

    The buffer is what tiles of inputs, weights and results share, of one core; with ``split_bytes``
    each of them, in that order, has a part of its own, and ``buffer_bytes`` is their sum. With
    ``double_buffer`` a tile that is replaced takes its room twice; with ``line_buffer`` lines that
    neighbouring tiles share are read once. Channels of images lie in DRAM padded to a multiple of
    ``channel_pad``. The buffer has ``banks``, each of which gives or takes
    ``bank_bytes_per_cycle``; without them what is on chip is never waited for. On the chip beside
    the NPU are ``system_sram_bytes``, where a schedule may lay maps. ``mapper`` and ``schedule``
    are what the device's own compiler comes nearest to: a name with options, or an object with
    ``map`` or ``plan``. Whole maps may lie in ``map_bytes`` of buffers in all, where that is said;
    else in those of all cores in use. ``prefetch`` is what is fetched for the next layer while one
    runs, as far as the buffer has room: ``none``, its ``weights``, or ``all`` that is there.
    ``points`` are the memory's own clocks, slow to fast, none where a device file says none: the
    memory is always as above then; ``change`` is what going from one to another costs. Streams that
    only read cross at ``read_share`` of the bandwidth, those that only write at ``write_share``; a
    layer's bytes take the sum of both times. A row of a key-value cache, one head's key or value of
    one token, takes ``cache_row_ns`` beside its bytes.
    """

    bandwidth_bytes_per_s: float
    buffer_bytes: int
    resident_bytes: int = 0
    overflow_slowdown: Mapping[str, float] = field(default_factory=dict, repr=False)
    split_bytes: tuple[int, int, int] | None = field(default=None, repr=False)
    double_buffer: bool = field(default=False, repr=False)
    line_buffer: bool = field(default=False, repr=False)
    channel_pad: int = field(default=1, repr=False)
    system_sram_bytes: int = field(default=0, repr=False)
    banks: int = field(default=0, repr=False)
    bank_bytes_per_cycle: int = field(default=0, repr=False)
    mapper: object = field(default=MAPPER, repr=False)
    schedule: object = field(default=SCHEDULE, repr=False)
    map_bytes: int | None = field(default=None, repr=False)
    prefetch: str = field(default=PREFETCH, repr=False)
    points: tuple[MemoryPoint, ...] = field(default=(), repr=False)
    change: MemoryChange = field(default=MemoryChange(0, 0), repr=False)
    read_share: float = field(default=1.0, repr=False)
    write_share: float = field(default=1.0, repr=False)
    cache_row_ns: float = field(default=0.0, repr=False)


@dataclass(frozen=True, slots=True)
class SystolicArray:
    """``count`` equal arrays of ``rows`` × ``cols`` multiply-accumulators.

    ``dataflow`` names the engine that lays work on them: one of ``Dataflow`` for a systolic array.
    ``cycles_per_step`` is how many clocks one temporal step takes at each precision; a
    precision that is absent is not supported. ``efficiency`` is the engine's cycles over those that
    pass on the real array: below 1 where it waits, above 1 where it overlaps what the engine counts
    one after the other. Fields that ``repr`` leaves out came after models were trained.
    """

    rows: int
    cols: int
    count: int
    dataflow: str
    cycles_per_step: Mapping[str, float]
    efficiency: float = field(default=1.0, repr=False)


@dataclass(frozen=True, slots=True)
class VectorUnit:
    """Elementwise and copying hardware: ``lanes`` operations a clock at each precision.

    ``bytes_per_cycle`` is what it reads and writes on chip a clock: the pace of a copy.
    """

    lanes: Mapping[str, int]
    bytes_per_cycle: int


@dataclass(frozen=True, slots=True)
class LeakageTerm:
    """Leakage of ``power_w`` at the reference voltage and temperature, growing as V^exponent."""

    power_w: float
    exponent: float


@dataclass(frozen=True, slots=True)
class Silicon:
    """Energies of actions at ``ref_uv``, and power that flows whether or not work is done.

    Action energies scale with (V/V_ref)²: they are capacitances. ``clock_farad`` is the clock
    tree. ``zero_gating`` is the share of a multiply-accumulate's energy, registers included, that
    an operand of zero saves; it counts where activity is measured, and so in no model's weights.
    ``leakage_per_c`` is a cubic in °C, coefficients lowest first, normalised here so that
    it is 1 at ``ref_temp_c`` and never below 0. ``fixed_w`` flows on the NPU's rail all the time,
    whatever voltage, clock and temperature: PLLs, sensors, what is always on. ``clock_stall_share``
    of the clock tree's power flows on while the array waits, for memory or for firmware to launch a
    layer: 1 in a tree that never stops, 0 in one that is gated then. Fields that ``repr`` leaves
    out came after models were trained, as in ``Npu``.
    """

    ref_uv: int
    mac_pj: Mapping[str, float]
    register_pj_per_mac: Mapping[str, float]
    sram_pj_per_byte: float
    vector_pj_per_op: Mapping[str, float]
    clock_farad: float
    leakage: tuple[LeakageTerm, ...]
    leakage_per_c: tuple[float, ...]
    ref_temp_c: float
    dram_pj_per_bit: float
    uncore_w: float
    fixed_w: float = field(default=0.0, repr=False)
    clock_stall_share: float = field(default=1.0, repr=False)
    zero_gating: float = field(default=ZERO_GATING, repr=False)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What belongs to the plant and no governor sees.

    ``activity_mean`` and ``activity_sigma``: how much of the counted switching happens, and its
    log-normal spread over layers; ``temp_c``: junction temperature; ``leakage_scale`` and
    ``capacitance_scale``: this die against the typical one.
    """

    activity_mean: float
    activity_sigma: float
    temp_c: float
    leakage_scale: float
    capacitance_scale: float


@dataclass(frozen=True, slots=True)
class Cores:
    """``used`` of ``count`` equal cores; a device's arrays and vector unit are those of one.

    Clock tree, leakage and fixed power of an ``Npu`` are those of all cores in use, at work or
    waiting; the others are off.

    ``bandwidth_bytes_per_s`` is what one core can take of the memory's, which all share. ``split``
    names the operators that are shared out among the cores in use, each with its activation, like
    ``Conv+relu``; all others stay on one. With ``own_clocks`` cores that work side by side have a
    clock each, else one for all; their rail is one in any case. One that is ``gated_alone`` leaks
    nothing and draws no fixed power while it rests beside others.
    """

    count: int
    used: int
    bandwidth_bytes_per_s: float
    split: tuple[str, ...]
    own_clocks: bool = field(default=False, repr=False)
    gated_alone: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class Npu:
    """A simulated NPU.

    ``launch_cycles`` pass at the layer's clock before its work starts, and ``launch_ns`` at any
    clock (firmware, a processor's queue), or what ``operator_launch_ns`` has for the layer's
    operator. ``cores`` is None where a device file does not tell cores
    apart: all there is works as one; ``dram`` where it says no part, and bandwidth and energy a
    byte are flat. ``weights`` says which small, sparse and shared ones it makes use of.
    ``idle`` are its idle states, shallow to deep. ``share`` is its own part of what cores that work
    side by side have in common: uncore, and what the memory draws by itself.
    ``precision`` is what a network in an unsupported precision is converted to. ``assumed`` names
    the numbers that have no published source; ``sources`` has every number's. ``engine`` are the
    facts of the engine that ``array.dataflow`` names, beside the array's. ``taken_from`` has, for
    each number that its file does not say, the base that does; ``file`` is empty for a preset.
    Fields that ``repr`` leaves out came after models were trained: at their defaults a device is
    the one that it was.
    """

    name: str
    description: str
    opps: OppTable
    rail: Rail
    clock: Clock
    memory: Memory
    array: SystolicArray
    vector: VectorUnit
    silicon: Silicon
    hidden: Hidden
    launch_cycles: int
    precision: str
    default_cap_w: float
    bin: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    engine: Mapping[str, object] = field(default_factory=dict, repr=False)
    launch_ns: int = field(default=0, repr=False)
    cores: Cores | None = field(default=None, repr=False)
    dram: Dram | None = field(default=None, repr=False)
    weights: Weights = field(default=Weights(), repr=False)
    idle: tuple[IdleState, ...] = field(default=(), repr=False)
    operator_launch_ns: Mapping[str, int] = field(default_factory=dict, repr=False)
    share: float = field(default=1.0, repr=False)
    taken_from: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    file: str = field(default="", repr=False, compare=False)

    @property
    def assumed(self) -> tuple[str, ...]:
        """Names of the numbers whose source begins with ``assumed``."""
        return tuple(k for k, text in self.sources.items() if is_assumed(text))

    @property
    def silicon_name(self) -> str:
        """Its file's name, without the numbers that were given with it: whose silicon it is."""
        return self.name.partition(":")[0]

    @property
    def used_cores(self) -> int:
        """Cores that a network may use; one where the device does not tell them apart."""
        return 1 if self.cores is None else self.cores.used

    def bandwidth_bytes_per_s(self, cores: int, share: float = 1.0) -> float:
        """Return what ``cores`` of the device take of its memory's bandwidth together.

        ``share`` of it is there for all of them: reading and writing take their own.
        """
        shared = self.memory.bandwidth_bytes_per_s * share
        if self.cores is None:
            return shared
        return min(cores * self.cores.bandwidth_bytes_per_s, shared)
