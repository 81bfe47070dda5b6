"""The report of a chain of steps as JSON: a row a step, and layers before and after."""

from __future__ import annotations

import msgspec

from dfsrt.report.schema import SCHEMA_VERSION, DomainEnergy


class DomainPower(msgspec.Struct, frozen=True, kw_only=True):
    """Average watts by power domain, whatever is capped; ``total`` is the sum of the three."""

    npu: float
    dram: float
    uncore: float
    total: float


class StepFidelity(msgspec.Struct, frozen=True, kw_only=True):
    """What a step left of the answers, all on the same held-out samples.

    ``accuracy`` is the share of samples named as their labels say, null without labels. ``same`` is
    the share whose highest output is that of the network as given, null where the outputs are no
    classes. ``sqnr_db`` is signal to error of the outputs, null where there is no error.
    """

    accuracy: float | None
    same: float | None
    cosine: float
    sqnr_db: float | None


class StepChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a step changed against the row before it, as shares: -0.5 is half of it.

    Null where the row before has none.
    """

    file_bytes: float | None
    stored_bytes: float | None
    dram_bytes: float | None
    latency: float | None
    energy: float | None


class OptimizeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A network as it was given, or after a step: sizes, a frame on the device, and answers.

    ``file_bytes`` is null of a network without values. ``weight_bytes`` are those of the constants
    as the file has them, element by element with scales; ``stored_bytes`` the same in the smallest
    coding without loss, indices, code books and masks counted, whatever the device can decode.
    All else is of the run of a frame: ``precision`` is what layers compute in, ``latency_s`` the
    mean, ``energy_j`` and ``power_w`` are of all domains, ``fps_per_w`` counts the watts of the
    capped domain. ``same_rate_power_w`` are the watts where frames come as fast as the network as
    given makes them, null where it cannot keep that rate. ``verdict`` is what the device makes of
    the step, by what was measured: ``speed``, ``energy only``, ``bytes only``, ``no effect``,
    ``slower`` or ``more energy``; null of the first row.
    """

    step: str
    file_bytes: int | None
    weight_bytes: int
    stored_bytes: int
    dram_bytes: int
    macs: int
    precision: str
    latency_s: float
    fps: float
    energy_j: DomainEnergy
    power_w: DomainPower
    same_rate_power_w: DomainPower | None
    fps_per_w: float | None
    layers_over_cap: int
    fidelity: StepFidelity | None
    verdict: str | None = None
    change: StepChange | None = None
    reasons: list[str] = []


class FloatRun(msgspec.Struct, frozen=True, kw_only=True):
    """The network as given, run in the narrowest float of the device; values as in a row."""

    precision: str
    dram_bytes: int
    latency_s: float
    fps: float
    energy_j: DomainEnergy
    power_w: DomainPower


class LayerState(msgspec.Struct, frozen=True, kw_only=True):
    """A layer in one of two networks: a frame of it on the device.

    ``precision`` is of its arithmetic, ``weights`` what they are stored in. ``zeros`` is the share
    of stored weights that are zero; ``pattern`` names how they lie or are shared, empty for none.
    """

    precision: str
    weights: str
    weight_bytes: int
    stored_bytes: int
    dram_bytes: int
    macs: int
    time_s: float
    energy_j: float
    zeros: float
    pattern: str


class LayerChange(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as given and after the last step, null where one of the two does not have it.

    ``sqnr_db`` and ``cosine`` are of its outputs, null where nobody measured them.
    """

    name: str
    op: str
    before: LayerState | None
    after: LayerState | None
    sqnr_db: float | None = None
    cosine: float | None = None


class OptimizeReport(msgspec.Struct, frozen=True, kw_only=True):
    """A chain of steps: what each changes in bytes, time, energy, watts and answers.

    ``precision`` is what was asked for; what a step quantizes keeps its own. ``data`` say what
    fidelity is measured on, null without values; ``random`` data are such that no network was
    trained on. ``rate_fps`` is the rate of ``same_rate_power_w``, ``threshold`` the share below
    which a difference counts as none for a verdict. ``as_float`` is the network as given in the
    device's narrowest float, null where that is what it runs in, or what was asked for. ``layers``
    are there where asked for, the worst first.
    """

    schema_version: int = SCHEMA_VERSION
    network: str
    steps: str
    device: str
    governor: str
    power_model: str
    cap_w: float | None
    cap_domain: str
    precision: str
    seed: int
    frames: int
    rate_fps: float
    threshold: float
    data: str | None
    samples: int | None
    random: bool
    rows: list[OptimizeRow]
    as_float: FloatRun | None = None
    layers: list[LayerChange] = []
    notes: list[str] = []
