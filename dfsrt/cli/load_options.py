"""The options of every command that runs a load."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.cli import options
from dfsrt.cli.memory_options import MemoryOptions
from dfsrt.cli.said import option_of
from dfsrt.run.fit import UNFIT


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions(MemoryOptions):
    """What is said of a run, None where nobody said anything: ``run``, ``compare`` and others."""

    load: options.Load
    device: options.Devices = None
    cap: options.Cap = None
    governor: options.Governors = None
    frames: options.AnyFrames = None
    period: options.Period = None
    prompt: options.Prompt = None
    tokens: options.Tokens = None
    deadline: options.Deadline = None
    until: options.Until = None
    discipline: options.Discipline = None
    drop: options.Drop = None
    idle: options.Idle = None
    idle_rail: options.IdleRail = None
    memory: options.MemoryClock = None
    blind: options.Blind = False
    parallel: options.Parallel = None
    loop: options.Loop = None
    repeat: options.Repeat = None
    time_scale: options.TimeScale = None
    ambient: options.Ambient = None
    cap_at: options.CapAt = None
    cap_domain: options.CapDomain = None
    cap_window: options.CapWindow = None
    power_model: options.PowerModel = None
    confidence: options.Confidence = None
    precision: options.Precision = None
    no_fuse: options.NoFuse = False
    cycles: options.Cycles = None
    activity: options.Activity = None
    activity_known: options.ActivityKnown = False
    layer_times: options.LayerTimes = None
    layer_times_at: options.LayerTimesAt = None
    seed: options.AnySeed = None
    correct: options.Correct = False
    detail: options.Detail = None
    step: options.Step = None
    samples: options.Samples = None
    workers: options.Workers = None
    dask: options.Dask = None
    per_layer: options.PerLayer = False
    bound: options.Bound = False
    json: options.Json = None
    log: options.Log = None
    perfetto: options.Perfetto = None
    chrome: options.Chrome = None
    trans_stat: options.TransStat = None
    figure: options.Figure = None
    html: options.Html = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceOptions(LoadOptions):
    """The same where only a trace is taken."""

    load: options.Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioOptions(LoadOptions):
    """The same where only a scenario is taken."""

    load: options.Scenario


SAMPLING = ("samples", "workers", "dask")
"""Options of a scenario's samples alone."""
SEVERAL = ("bound",)
"""Options of several governors side by side alone."""
ONE_RUN = ("per_layer", "log", "perfetto", "chrome", "trans_stat")
"""Options that several runs side by side have no use for."""


def unfit_options(kind: str) -> tuple[str, ...]:
    """Return the options that a load of this ``kind`` has no use for: read, and then refused."""
    return tuple(option_of(field) for field in UNFIT[kind])
