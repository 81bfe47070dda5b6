"""The device file: its tables and keys, as msgspec checks them.

Every table that holds numbers has a ``source`` table with one text for each of them: where the
number comes from, or a text that begins with ``assumed``. A ``range`` table beside it may have the
two ends that a number lies between, or those of its entries by name.
"""

from __future__ import annotations

import msgspec

from dfsrt.device.dram.schema import DramEntry
from dfsrt.device.npu import MAPPER, PREFETCH, SCHEDULE, ZERO_GATING
from dfsrt.device.weights import NARROW

FORMAT = 1
"""Version of the device file format; a reader refuses a later one."""


Ends = list[float]
"""The low and the high end of a range, in the unit of its number."""


class _Table(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``source`` says where each number comes from, ``range`` between which ends some may lie."""

    source: dict[str, str] = {}
    range: dict[str, Ends | dict[str, Ends]] = {}


class PointEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One operating point; ``bins`` has the voltages of silicon bins that differ.

    A move within a ``pll_group`` changes a divider, one across groups relocks. ``turbo`` marks a
    point above what the chip sustains; nothing treats it apart.
    """

    freq_hz: int
    rail_uv: int
    bins: dict[str, int] = {}
    pll_group: int = 0
    turbo: bool = False


class OppEntry(_Table, frozen=True):
    """The operating points, slowest first; ``bins`` lists all bins that exist."""

    points: list[PointEntry] = []
    bins: list[str] = []
    default_bin: str = ""


class ClockEntry(_Table, frozen=True, kw_only=True):
    """Stall of a clock change."""

    freq_switch_ns: int
    pll_switch_ns: int


class RegulatorEntry(_Table, frozen=True, kw_only=True):
    """One regulator that boards pair with this chip; ``instant`` stands for a ramp in no time."""

    command_ns: int
    slew_uv_per_us: float = 0.0
    instant: bool = False
    settle_ns: int
    efficiency: float


class RailEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The rail's ``regulators`` by name, and which one is the ``default``."""

    default: str
    regulators: dict[str, RegulatorEntry]


class MemoryPointEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One clock of the memory; ``core_bandwidth_bytes_per_s`` is what one core can take there.

    ``standby_w`` is what controller and PHY draw. What is left out follows from the device's own.
    """

    freq_hz: int
    bandwidth_bytes_per_s: float
    core_bandwidth_bytes_per_s: float | None = None
    controller_uv: int
    phy_uv: int
    standby_w: float
    dram_pj_per_bit: float | None = None


class MemoryChangeEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A change of the memory's clock: all traffic stops for a stall, a delay after it is asked."""

    stall_ns: int
    delay_ns: int


class MemoryEntry(_Table, frozen=True, kw_only=True):
    """On-chip and off-chip memory; ``ideal`` stands for infinite bandwidth.

    ``overflow_slowdown``: times as long that a layer takes, by precision, if its results outgrow
    the buffer. ``split_bytes``: the buffer's parts for inputs, weights and results, where they do
    not share it. ``mapper`` and ``schedule``: what the device's compiler comes nearest to.
    ``prefetch``: what is fetched for the next layer while one runs.
    ``points``: the memory's own clocks, slow to fast; the table's other numbers hold at the last.
    ``read_bandwidth_bytes_per_s`` and ``write_bandwidth_bytes_per_s``: of streams that only read or
    only write, where they are told apart. ``cache_row_ns``: what each row of a key-value cache
    takes beside its bytes.
    """

    bandwidth_bytes_per_s: float = 0.0
    read_bandwidth_bytes_per_s: float | None = None
    write_bandwidth_bytes_per_s: float | None = None
    cache_row_ns: float = 0.0
    ideal: bool = False
    buffer_bytes: int
    split_bytes: list[int] = []
    resident_bytes: int = 0
    system_sram_bytes: int = 0
    banks: int = 0
    bank_bytes_per_cycle: int = 0
    overflow_slowdown: dict[str, float] = {}
    channel_pad: int = 1
    double_buffer: bool = False
    line_buffer: bool = False
    mapper: str = MAPPER
    schedule: str = SCHEDULE
    prefetch: str = PREFETCH
    points: list[MemoryPointEntry] = []
    change: MemoryChangeEntry | None = None


class ArrayEntry(_Table, frozen=True, kw_only=True):
    """The multiply-accumulate arrays; ``dataflow`` names the engine that lays work on them.

    ``efficiency``: the engine's cycles over those that pass on the real array.
    """

    rows: int
    cols: int
    count: int
    dataflow: str
    cycles_per_step: dict[str, int | float]
    efficiency: float = 1.0


class VectorEntry(_Table, frozen=True, kw_only=True):
    """The vector unit."""

    lanes: dict[str, int]
    bytes_per_cycle: int


class LeakageEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One leakage term at the reference voltage and temperature; it grows as V^``exponent``."""

    power_w: float
    exponent: float


class WeightsEntry(_Table, frozen=True, kw_only=True):
    """Small, sparse and shared weights: what decoders read on the way in, and what is skipped."""

    decode: list[str] = msgspec.field(default_factory=lambda: list(NARROW))
    gap_bits: int | list[int] = []
    decoded_per_cycle: float = 0.0
    pointwise_only: bool = False
    least_outputs: int = 0
    skip: str = "none"
    skip_efficiency: float = 1.0
    skip_precisions: list[str] = []
    skip_inputs: int = 0


class SiliconEntry(_Table, frozen=True, kw_only=True):
    """Energies of actions, leakage and constant power.

    ``fixed_w`` moves neither with voltage nor with clock; ``clock_stall_share`` of the clock tree's
    power flows on while the array waits for memory or firmware. ``leakage_per_c`` are the
    coefficients of a cubic in °C, lowest first, of which the shape alone is used.
    """

    ref_uv: int
    mac_pj: dict[str, float]
    register_pj_per_mac: dict[str, float]
    sram_pj_per_byte: float
    vector_pj_per_op: dict[str, float]
    clock_nf: float
    leakage: list[LeakageEntry]
    leakage_per_c: list[float]
    ref_temp_c: float
    dram_pj_per_bit: float
    uncore_w: float
    fixed_w: float = 0.0
    clock_stall_share: float = 1.0
    zero_gating: float = ZERO_GATING


class HiddenEntry(_Table, frozen=True, kw_only=True):
    """The plant's secrets, which no governor sees.

    ``activity_mean`` is how much of the counted switching happens, ``activity_sigma`` its
    log-normal spread over layers. ``leakage_scale`` and ``capacitance_scale`` are this die against
    the typical one, ``bin_leakage`` scales leakage by silicon bin.
    """

    activity_mean: float
    activity_sigma: float
    temp_c: float
    leakage_scale: float
    capacitance_scale: float
    bin_leakage: dict[str, float] = {}


class CoresEntry(_Table, frozen=True, kw_only=True):
    """Cores: how many, the bandwidth of one, the operators that several share, and whose clock."""

    count: int
    bandwidth_bytes_per_s: float
    split: list[str]
    own_clocks: bool = False
    gated_alone: bool = False


class StateEntry(_Table, frozen=True, kw_only=True):
    """An idle state; ``rail_uv`` of 0 is a rail that is off, none one that stays where it is.

    ``power_w`` is one core's, as the device's fixed power is; energies are the whole NPU's.
    """

    power_w: float
    rail_uv: int | None = None
    leakage_share: float = 0.0
    uncore_w: float | None = None
    entry_ns: int
    exit_ns: int
    entry_j: float
    exit_j: float
    residency_ns: int = 0
    loses: list[str] = []


class IdleEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Idle states by name, shallow to deep as they stand, or as ``order`` has them."""

    states: dict[str, StateEntry] = {}
    order: list[str] | None = None


class RunEntry(_Table, frozen=True, kw_only=True):
    """Defaults of a run on this device; ``operator_launch_ns``: launches that take their own."""

    launch_cycles: int
    launch_ns: int = 0
    operator_launch_ns: dict[str, int] = {}
    precision: str
    cap_w: float


class DeviceFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A whole device file."""

    format: int
    name: str
    description: str
    opp: OppEntry
    clock: ClockEntry
    rail: RailEntry
    memory: MemoryEntry
    array: ArrayEntry
    vector: VectorEntry
    silicon: SiliconEntry
    hidden: HiddenEntry
    run: RunEntry
    engine: dict[str, dict[str, object]] = {}
    cores: CoresEntry | None = None
    dram: DramEntry | None = None
    weights: WeightsEntry = msgspec.field(default_factory=WeightsEntry)
    idle: IdleEntry = msgspec.field(default_factory=IdleEntry)
    # Text of the tables that a variant overrides lives in its base file.
    base: str = ""
