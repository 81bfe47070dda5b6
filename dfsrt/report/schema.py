"""The report that dfsrt writes as JSON: one for every load, from the command line and Python."""

from __future__ import annotations

import msgspec

from dfsrt.base.json import encode

SCHEMA_VERSION = 2
"""Rises when a key is renamed or removed; new keys may appear within a version."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How a time is spread over the completed requests, in seconds."""

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    max: float


class Power(msgspec.Struct, frozen=True):
    """Watts in the capped domain: over the whole run, and the highest layer's own average."""

    avg: float
    max: float


class DomainEnergy(msgspec.Struct, frozen=True, kw_only=True):
    """Joules by power domain, whatever is capped; ``total`` is the sum of the three."""

    npu: float
    dram: float
    uncore: float
    total: float


class CapKept(msgspec.Struct, frozen=True):
    """How the cap was kept.

    ``excess_*`` follow the cap's window: 0 is each layer's own average; ``layer_excess_*`` are
    always per layer. ``layers_over`` and ``layers_unreachable`` count layer executions, out of
    ``layer_runs``.
    """

    domain: str
    window_s: float
    excess_time_s: float
    excess_max_w: float
    layer_excess_time_s: float
    layer_excess_max_w: float
    layers_over: int
    layers_unreachable: int
    layer_runs: int


class CapChange(msgspec.Struct, frozen=True):
    """From ``time_s`` on, the limit is ``cap_w``; null is no cap."""

    time_s: float
    cap_w: float | None


class LatencyBin(msgspec.Struct, frozen=True):
    """Requests with a latency of at most ``upto_s``, and more than the bin before."""

    upto_s: float
    requests: int


class RequestCounts(msgspec.Struct, frozen=True):
    """What became of the requests: ``completed + dropped + pending`` is ``total``."""

    total: int
    completed: int
    dropped: int
    pending: int


class Deadlines(msgspec.Struct, frozen=True):
    """Deadlines met and missed; ``missed`` counts late, dropped and overdue pending requests.

    ``undecided`` have a deadline after the run's end, ``without`` have none.
    """

    met: int
    missed: int
    undecided: int
    without: int


class Transitions(msgspec.Struct, frozen=True):
    """Changes of clock and of voltage, and the time the core stood still for them.

    ``matrix`` counts layer runs by the level before (row) and their own (column).
    """

    frequency: int
    voltage: int
    stall_s: float
    matrix: list[list[int]] = []


class Residency(msgspec.Struct, frozen=True):
    """Share of the run's time at a clock; 0 Hz is idle."""

    freq_hz: int
    share: float


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """The power model against the plant, over the layer runs; shares, null where nobody compared.

    ``mape`` is the mean absolute error of what governors planned with, ``under_share`` the share of
    runs for which that was too low. With a ``confidence`` that is the model's bound: ``mean_error``
    is the mean absolute error of its mean prediction, ``margin`` by how much the bound lies above
    it on average. ``out_of_range`` counts the layers that the model was not trained for.
    """

    mape: float | None
    under_share: float | None
    out_of_range: int = 0
    confidence: float | None = None
    mean_error: float | None = None
    margin: float | None = None


class Regret(msgspec.Struct, frozen=True):
    """How far a governor is from ``optimal``, as predicted and once frames repeat; shares.

    ``time`` is against the least time of a frame under the cap, ``energy`` against the least
    energy under the cap in the time that the governor itself takes: of a frame's work, and where a
    network's frames come by the clock, of whole periods with their idle time. Of several networks
    each is judged by itself, and counts as often as it ran. A governor that breaks the cap may be
    below 0; ``layers_over`` says how many layers of a frame do so by prediction. Where the search
    for the best ended before it was certain, better may be there: at most by ``time_gap`` of the
    least time that was found, by ``energy_gap`` of the least energy. ``cut`` says that a slow
    machine's clock has ended it, so that another machine may find another regret.
    """

    time: float
    energy: float
    layers_over: float
    time_gap: float = 0.0
    energy_gap: float = 0.0
    cut: bool = False


class EnergyBound(msgspec.Struct, frozen=True, kw_only=True):
    """Energy below which no governor can serve what this run has served; a bound, not an optimum.

    ``npu_j`` is of the NPU's rail, ``total_j`` of all domains, each a bound of its own, over the
    run's own time; ``npu_above`` and ``total_above`` are how far the run is above them, as shares,
    null where the bound is 0. It is by true power, and fluid: work may be cut anywhere and done in
    any order, without stalls, ramps or a cap. Of ``requests`` bounded, ``late`` missed their
    deadline and may take the time that they took; ``left_out`` were not served and need not be.
    ``rounded`` says that windows were enlarged, for there are too many of them, ``tight`` that this
    is the least of all fluid schedules, and ``thorough`` that it was asked for (``--bound``).
    """

    npu_j: float
    total_j: float
    npu_above: float | None
    total_above: float | None
    requests: int
    late: int
    left_out: int
    rounded: bool
    tight: bool
    thorough: bool


class StageReport(msgspec.Struct, frozen=True, kw_only=True):
    """A stage of a pipeline: how often it ran, its time and its energy in the capped domain.

    ``where`` is ``npu`` or ``host``; time on the host costs no energy here, for it is another
    part of the device. ``clocks`` are shares of the stage's own time.
    """

    workload: str
    name: str
    where: str
    calls: int
    time_s: float
    energy_j: float
    energy_share: float
    energy_by_domain_j: DomainEnergy
    clocks: list[Residency]


class WorkloadReport(msgspec.Struct, frozen=True, kw_only=True):
    """One workload of a trace.

    ``energy_j`` is of its layers in the capped domain, idle time left out; it is null for what
    completed requests cost where none completed. ``wait_s`` is from arrival to the first work.
    """

    name: str
    requests: RequestCounts
    deadlines: Deadlines
    completed_per_s: float
    latency_s: Spread | None
    wait_s: Spread | None
    energy_j: float
    energy_per_request_j: float | None


class TraceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which trace ran, and what was made of it; ``repeat`` is null where it ran to the end."""

    name: str
    kind: str
    duration_s: float
    repeat: int | None
    time_scale: float


class QueueReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the requests of a trace shared the NPU."""

    trace: TraceInfo
    discipline: str
    drop: str
    loop: str
    preemptions: int
    workloads: list[WorkloadReport]


class TokensReport(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of the requests of language models that finished, and the energy of one.

    ``ttft_s`` is from arrival to the first token, ``tpot_s`` a request's mean time from one to the
    next, null where each wrote one: both of the median request, and by request in ``ttft_spread_s``
    and ``tpot_spread_s``. ``longest_gap_s`` is the longest time between two. ``per_s`` are tokens
    written in the run's time, ``per_s_user`` of the median request. Energies are those of the whole
    run, prompts and idle time included, over tokens written: in the capped domain, and in all;
    ``prompt_share`` is the prompts' share of busy energy, null where passes hold both.
    ``per_s_per_w`` are tokens a second for each watt of the capped domain. ``goodput_per_s`` are
    requests a second that met their deadline, null where none has one.
    """

    prompt: int
    written: int
    ttft_s: float
    ttft_spread_s: Spread
    tpot_s: float | None
    tpot_spread_s: Spread | None
    longest_gap_s: float
    per_s: float
    per_s_user: float | None
    energy_per_token_j: float
    energy_per_token_all_j: float
    prompt_share: float | None
    per_s_per_w: float | None
    goodput_per_s: float | None


class EnergyFlow(msgspec.Struct, frozen=True, kw_only=True):
    """Where the battery's energy went: ``chemical`` is the sum of all the others.

    ``internal_loss`` stays in the cell, polarisation that it still holds included; ``pmic_loss``
    is lost in power conversion, the NPU's own regulator included. ``components`` are the NPU, its
    DRAM traffic, its uncore and the scenario's components.
    """

    chemical: float
    internal_loss: float
    pmic_loss: float
    components: dict[str, float]


class Temperatures(msgspec.Struct, frozen=True, kw_only=True):
    """The highest temperatures in °C; ``nodes_max`` holds all nodes of the heat model."""

    die_max: float
    skin_max: float
    nodes_max: dict[str, float]


class ComponentUse(msgspec.Struct, frozen=True, kw_only=True):
    """A component: what it took, and whether it kept its budget on average and in every tick."""

    name: str
    energy_j: float
    share: float
    power_mean_w: float
    power_peak_w: float
    budget_w: float | None
    within_budget: bool | None


class AssumedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number that nobody has measured, and the range it may lie in."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str


class BatteryReport(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds the NPU: a battery, how long it lasted, and how warm everything got.

    ``end_cause`` is ``empty`` (cut-off reached), ``brown_out`` (the cell could not give what was
    asked), ``time`` or ``requests``. ``charge`` values are shares of the capacity at that health.
    ``energy_per_frame_j`` is out of the cell, everything included. ``limited_s`` is the time in
    which heat, charge or the schedule's trips held the NPU below its cap; ``over_cap_s`` the time
    of layer runs whose true power exceeded the limit of the moment.
    """

    name: str
    model: str
    life_s: float
    end_cause: str
    ambient_c: float
    capacity_ah: float
    health: float
    charge_start: float
    charge_end: float
    voltage_end_v: float
    current_end_a: float
    power_mean_w: float
    power_peak_w: float
    energy_j: EnergyFlow
    energy_per_frame_j: float | None
    temperature_c: Temperatures
    components: list[ComponentUse]
    limited_s: float
    limit_changes: int
    over_cap_s: float
    assumed: list[AssumedNumber]


class MemoryUse(msgspec.Struct, frozen=True, kw_only=True):
    """What crossed to and from DRAM in a run, and who said so.

    ``bound_bytes`` are the least that any tiling needs, layer by layer; where maps stay on chip,
    the least of any schedule: weights, and what comes from the caller or goes there.
    ``times_bound`` is their ratio, null where nothing has to cross. ``dram`` is the part, null
    where bandwidth and energy a byte are flat.
    """

    mapper: str
    schedule: str
    dram: str | None = None
    dram_bytes: int
    bound_bytes: int
    times_bound: float | None


class IdleStateUse(msgspec.Struct, frozen=True, kw_only=True):
    """An idle state in a run; of ``clock-gate`` the NPU is up, only its clock has stopped.

    Time, ``share`` of the run's, and energy are of its way down, its stay and its way up.
    ``woken_early`` counts entries that were left before they had paid, ``latency_s`` is how long
    requests waited for the NPU to be up again; of requests that come together the first counts.
    """

    name: str
    time_s: float
    share: float
    energy_by_domain_j: DomainEnergy
    entries: int
    woken_early: int
    latency_s: float


class IdleReport(msgspec.Struct, frozen=True, kw_only=True):
    """Idle time: who put the NPU to sleep, where its rail stood, and in which states it was.

    ``states`` are those of the device, shallow to deep, entered or not, after ``clock-gate``.
    ``spent_j`` is what rail and uncore gave in all ``stretches``, ``oracle_j`` what an oracle that
    delays nobody had spent on stretches as long; ``regret_j`` is what lies between them, ``regret``
    its share of the oracle's, null where that is nothing. Both are as at the die temperature of the
    device's file, whatever a scenario makes of it; the energies of ``states`` are true.
    """

    governor: str
    rail: str
    states: list[IdleStateUse]
    stretches: int
    latency_s: float
    spent_j: float
    oracle_j: float
    regret_j: float
    regret: float | None


class MemoryClock(msgspec.Struct, frozen=True, kw_only=True):
    """The memory's clock in a run.

    ``governor`` set it, null where nobody was named: the governor of the core, or it was the
    highest all the time; ``blind`` says that plans were made as if it were. Of the clocks
    ``freqs_hz``, ascending, ``residency`` is the share of the run's time at each, idle time
    included; a stall counts for the clock that it leads to. Of the ``changes``, ``unseen`` took
    effect while nothing ran; the others stalled all for ``stall_s``.
    """

    governor: str | None
    blind: bool
    freqs_hz: list[int]
    residency: list[Residency]
    changes: int
    unseen: int
    stall_s: float


class LaneReport(msgspec.Struct, frozen=True, kw_only=True):
    """A core, or cores that work as one, by their mask, like ``0`` or ``1_2``.

    ``busy_share`` is the share of the run's time in layers, stalls included. ``energy_j`` is in the
    capped domain, with an equal part of what all cores have in common. ``layer_runs`` and
    ``dram_bytes`` are of layers that ended.
    """

    cores: str
    busy_share: float
    layer_runs: int
    energy_j: float
    dram_bytes: int


class ParallelReport(msgspec.Struct, frozen=True, kw_only=True):
    """Cores that worked side by side, each on a request of its own.

    ``clocks`` are ``shared`` or each core's ``own``. Together they moved ``used_bytes_per_s`` of
    the memory's ``bandwidth_bytes_per_s``, null where that has no end, and kept it busy for
    ``used_share`` of the time: reads and writes have paces of their own. ``stretch`` is how many
    times as long layers took as they do alone, null where none has ended.
    """

    clocks: str
    bandwidth_bytes_per_s: float | None
    used_bytes_per_s: float
    used_share: float | None
    stretch: float | None
    lanes: list[LaneReport]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a load under one governor.

    ``kind`` of the load is ``network``, ``pipeline``, ``language model``, ``trace`` or
    ``scenario``; ``network`` names all networks in it. Energy and power are those of the capped
    domain; ``outside_domain_j`` is
    the rest of the NPU's device, and ``energy_by_domain_j`` is all of it.
    ``switching_by_action_j`` is what ``switching`` goes into: ``mac``, ``register``, ``sram`` and
    ``vector``. ``frames`` are requests
    that completed; what is of a frame is null where there is none. ``wait_s`` is from arrival to
    the first work. ``busy_share`` is the share of time in which the NPU worked, stalls included,
    ``idle_j`` the energy of all other time. ``cap_w`` is the first limit, null without a cap.
    ``held_share`` is the share of running time by what held the clock. ``detail`` says what was
    kept: each layer run, each request, or the summary. ``regret`` is worked out where runs are
    compared under one cap, else null; ``bound`` where runs of requests that come by the clock are.
    ``tokens`` is there where a language model has written any.
    ``stages`` are those of pipelines and traces; shown frames are those of a pipeline. ``queue`` is
    there for traces, ``battery`` for scenarios. ``cycles`` names the simulator's report that the
    array's cycles come from, null where they are dfsrt's own.
    ``activity`` names the files in which zeros were measured, null where all activity is hidden.
    ``layer_times`` names the sources of layers' times that were measured, null where all times are
    the device model's, and ``layer_times_hz`` the clock at which they hold. ``converted_layers``
    counts layers that run in another precision than the file's, as ``fp32 to int8``. ``memory`` is
    what crossed to and from DRAM, ``memory_clock`` the clock of the memory, null where the device
    has but one. ``idle`` is what became of idle time, null where nobody said what to do with it.
    ``parallel`` is there where cores worked side by side: ``busy_share`` is then the mean of all,
    and power what they drew at once.
    """

    schema_version: int = SCHEMA_VERSION
    load: str
    kind: str
    what: str = ""
    network: str
    device: str
    bin: str
    rail: str
    precision: str
    governor: str
    power_model: str
    cycles: str | None = None
    activity: str | None = None
    layer_times: str | None = None
    layer_times_hz: int | None = None
    seed: int
    cap_w: float | None
    cap_changes: list[CapChange]
    period_s: float | None
    detail: str = "layer"
    time_s: float
    frames: int
    fps: float
    shown_fps: float | None = None
    requests: RequestCounts
    deadlines: Deadlines
    latency_s: Spread | None
    wait_s: Spread | None
    latency_histogram: list[LatencyBin] = []
    busy_share: float
    energy_j: float
    idle_j: float
    energy_by_domain_j: DomainEnergy
    energy_breakdown_j: dict[str, float]
    switching_by_action_j: dict[str, float] = {}
    outside_domain_j: dict[str, float]
    energy_per_inference_j: float | None
    energy_per_shown_frame_j: float | None = None
    inferences_per_watt_s: float | None
    tops_per_w: float | None
    power_w: Power
    cap: CapKept
    transitions: Transitions
    residency: list[Residency]
    held_share: dict[str, float]
    prediction: Prediction
    memory: MemoryUse
    memory_clock: MemoryClock | None = None
    regret: Regret | None = None
    idle: IdleReport | None = None
    parallel: ParallelReport | None = None
    bound: EnergyBound | None = None
    tokens: TokensReport | None = None
    stages: list[StageReport] = []
    queue: QueueReport | None = None
    battery: BatteryReport | None = None
    unknown_ops: dict[str, int]
    converted_layers: dict[str, int] = {}
    notes: list[str]
    assumed: list[str]


class ComparisonReport(msgspec.Struct, frozen=True, kw_only=True):
    """Several governors or devices on the same load; ``network`` is as in a run's report.

    ``devices`` has the text of each run's device where several are compared, else it is empty;
    ``device`` is then all of their names, and ``cap_w`` the first one's cap: each run says its own.
    ``no_bound`` says why runs have no energy bound, where one could be expected.
    """

    schema_version: int = SCHEMA_VERSION
    load: str
    kind: str
    network: str
    device: str
    cap_w: float | None
    runs: list[Report]
    devices: list[str] = []
    no_bound: str | None = None


def to_json(report: object) -> bytes:
    """Return a report, or any document of plain values, as indented JSON with a final newline.

    Raises:
        InputError: a number in it is infinite or none.
    """
    return msgspec.json.format(encode(report), indent=2) + b"\n"
