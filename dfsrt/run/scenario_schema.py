"""The scenario's file: what TOML may say."""

from __future__ import annotations

import msgspec

from dfsrt.world.schema import CapBelow, SettingTables, Table

FORMAT = 1


class LoadTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the NPU is asked for: a trace, or one workload every so often.

    ``every`` is a period, or ``back-to-back``: the next request when the one before has left. Each
    request of a language model reads a ``prompt`` of so many tokens and writes ``tokens``.
    ``discipline`` and ``drop`` are as the options of those names, ``dims`` as ``--dim``: sizes that
    a network leaves open, by name.
    """

    trace: str | None = None
    workload: str | None = None
    every: str = "back-to-back"
    deadline: str | None = None
    discipline: str | None = None
    drop: str = "none"
    prompt: int | None = None
    tokens: int | None = None
    dims: dict[str, int] = msgspec.field(default_factory=dict)


class IdleTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What puts the idle NPU to sleep, and why; a ``timeout`` may say from when to when it may be.

    ``low`` and ``high`` are the least and the most time that a driver would wait.
    """

    policy: str
    source: str
    low: str | None = None
    high: str | None = None


class StopTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When the scenario ends: ``empty``, a time, or ``N requests``; at the ``most`` after that."""

    at: str = "empty"
    most: str = "48 h"


class CapAt(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cap that holds from a time on."""

    at: str
    limit: str | float


class CapTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The NPU's power cap on a power ``domain``, its changes in time, and by state of charge."""

    limit: str | float | None = None
    domain: str = "npu"
    change: tuple[CapAt, ...] = ()
    below: tuple[CapBelow, ...] = ()


class VaryTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What differs from device to device and from user to user, for samples.

    ``ambient`` and ``health`` are [low, most likely, high]; ``leakage_sigma`` and
    ``capacitance_sigma`` are those of log-normal spreads over dies; ``bins`` are speed bins;
    with ``assumed``, assumed numbers are drawn from their ranges, too.
    """

    ambient: tuple[str, ...] = ("10 C", "22 C", "35 C")
    health: tuple[str, ...] = ("80 %", "95 %", "100 %")
    leakage_sigma: float = 0.3
    capacitance_sigma: float = 0.05
    bins: tuple[str, ...] = ()
    assumed: bool = False


class ScenarioFile(SettingTables, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file: the scenario's own tables, and those of its setting.

    What has the name of an option of ``dfsrt run``, like ``confidence``, means the same.
    """

    format: int
    name: str
    what: str
    device: str
    governor: str = "dfs"
    idle: str | IdleTable = "none"
    idle_rail: str = "hold"
    memory: str | None = None
    power_model: str | None = None
    confidence: str | float | None = None
    precision: str | None = None
    steps: str | None = None
    activity: str | dict[str, str] | None = None
    activity_known: bool = False
    layer_times: str | dict[str, str] | None = None
    layer_times_at: str | float | None = None
    mapper: str | None = None
    schedule: str | None = None
    dram: str | None = None
    seed: int = 0
    load: LoadTable
    stop: StopTable = StopTable()
    cap: CapTable = CapTable()
    vary: VaryTable = VaryTable()
    notes: dict[str, object] = msgspec.field(default_factory=dict)
