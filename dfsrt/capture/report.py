"""What a capture says: time by operator, slowest nodes, and how much of it is accounted for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from dfsrt.base.units import format_si
from dfsrt.capture.capture import Capture, Layer
from dfsrt.network.shapes.dims import shell_name
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.report.tables import say, show

if TYPE_CHECKING:
    from rich.console import Console

    from dfsrt.network.reading import Reading

SLOWEST = 10
UNEVEN = 0.25
"""What the slowest run may add to the mean of all, in medians, before it is said."""


class OpTime(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's kernels in one run, and their time in one run, the median over runs."""

    op: str
    kernels: int
    time_s: float
    share: float


class NodeTime(msgspec.Struct, frozen=True, kw_only=True):
    """A node's median time a run; ``nodes`` are all those whose work its kernel did."""

    node: str
    op: str
    nodes: list[str]
    time_s: float
    share: float


class CaptureReport(msgspec.Struct, frozen=True, kw_only=True):
    """A capture in figures.

    Times are medians over runs. ``shares`` are of the time in kernels of all runs, constants left
    out; ``kernel_share`` is the kernels' share of a run's own time, and ``constant_share`` that of
    the constants left out, both medians over runs.
    """

    schema_version: int = SCHEMA_VERSION
    model: str
    model_sha256: str
    optimize: str
    threads: int
    runs: int
    warmup: int
    onnxruntime: str
    machine: str
    run_s: dict[str, float]
    kernels: int
    mapped_share: float
    kernel_share: float
    constant_share: float
    ops: list[OpTime]
    layers: list[NodeTime]


def capture_report(done: Capture) -> CaptureReport:
    """Return the figures of a capture; nodes with the longest time first."""
    runs_ns = [run.duration_ns for run in done.runs]
    in_kernels_ns, constants_ns = _by_run(done.layers, done), [r.constants_ns for r in done.runs]
    return CaptureReport(
        model=done.model.name,
        model_sha256=done.model.digest,
        optimize=done.settings.optimize,
        threads=done.settings.threads,
        runs=len(done.runs),
        warmup=done.settings.warmup,
        onnxruntime=done.version,
        machine=done.cpu,
        run_s={
            "min": min(runs_ns) * 1e-9,
            "median": median(runs_ns) * 1e-9,
            "max": max(runs_ns) * 1e-9,
        },
        kernels=len(done.layers) // len(done.runs),
        mapped_share=done.mapped_share,
        kernel_share=_median_share(in_kernels_ns, runs_ns),
        constant_share=_median_share(constants_ns, runs_ns),
        ops=_ops(done),
        layers=_nodes(done),
    )


def _ops(done: Capture) -> list[OpTime]:
    groups: dict[str, list[Layer]] = defaultdict(list)
    for layer in done.layers:
        groups[layer.op].append(layer)
    runs = len(done.runs)
    times = [
        OpTime(
            op=op, kernels=len(group) // runs, time_s=_time_s(group, done), share=_of(group, done)
        )
        for op, group in groups.items()
    ]
    return sorted(times, key=lambda entry: -entry.time_s)


def _nodes(done: Capture) -> list[NodeTime]:
    groups: dict[tuple[str, str], list[Layer]] = defaultdict(list)
    for layer in done.layers:
        groups[(layer.node, layer.op)].append(layer)
    times = [
        NodeTime(
            node=node,
            op=op,
            nodes=list(group[0].nodes),
            time_s=_time_s(group, done),
            share=_of(group, done),
        )
        for (node, op), group in groups.items()
    ]
    return sorted(times, key=lambda entry: -entry.time_s)


def _time_s(layers: Iterable[Layer], done: Capture) -> float:
    return median(_by_run(layers, done)) * 1e-9


def _by_run(layers: Iterable[Layer], done: Capture) -> list[int]:
    """Nanoseconds of some kernels in each run."""
    times = [0] * len(done.runs)
    for layer in layers:
        times[layer.run] += layer.duration_ns
    return times


def _median_share(parts_ns: Sequence[int], runs_ns: Sequence[int]) -> float:
    return median(part / max(run, 1) for part, run in zip(parts_ns, runs_ns, strict=True))


def _of(layers: Iterable[Layer], done: Capture) -> float:
    return sum(layer.duration_ns for layer in layers) / max(done.node_ns, 1)


def capture_tables(console: Console, report: CaptureReport, reading: Reading) -> None:
    """Print a capture: medians of time by operator, then of the slowest nodes.

    ``reading`` is how the model was read.
    """
    r = report
    say(
        console,
        f"{r.model}: {r.runs} run{'s' if r.runs != 1 else ''} in onnxruntime {r.onnxruntime} on "
        f"{r.threads} thread{'s' if r.threads != 1 else ''} of {r.machine}, "
        f"optimisation {r.optimize}",
        f"a run takes {_si(r.run_s['median'])} (median; {_si(r.run_s['min'])} to "
        f"{_si(r.run_s['max'])}), {r.kernel_share:.1%} of it in {r.kernels} kernels and "
        f"{r.constant_share:.1%} in constants, which are left out",
        f"{r.mapped_share:.1%} of the kernels' time is mapped to nodes of the file",
        *_uneven(r),
        *_not_run_so(reading),
    )
    by_op = ((o.op, str(o.kernels), _si(o.time_s), f"{o.share:.1%}") for o in r.ops)
    show(console, ("<operator", "kernels", "median a run", "share"), by_op)
    slowest = (_node_row(n) for n in r.layers[:SLOWEST])
    show(console, ("<slowest nodes", "<operator", "median a run", "share", "<with"), slowest)


def _uneven(r: CaptureReport) -> Iterator[str]:
    """Say where one slow run weighs on what is worked out from all of them."""
    slow = r.run_s["max"] / r.run_s["median"] if r.run_s["median"] else 1.0
    if slow - 1.0 > UNEVEN * r.runs:
        yield (
            f"note: the slowest run took {slow:.1f} times the median, and shares and --layer-times "
            "are of all runs: capture again, on an idle machine or with more --runs"
        )


def _not_run_so(reading: Reading) -> Iterator[str]:
    """Say what is counted so, and did not run so: onnxruntime goes by what inputs hold."""
    said = [f"--trips {shell_name(name)}={count}" for name, count in reading.trips.items()]
    said += [f"--branch {reading.branch}"] if reading.branch != "larger" else []
    if said:
        yield (
            f"note: {' '.join(said)} did not steer these runs: in onnxruntime data say how often a "
            "loop runs and which branch is taken; an input that says it takes a value by --set"
        )


def _node_row(n: NodeTime) -> tuple[str, ...]:
    return (n.node, n.op, _si(n.time_s), f"{n.share:.1%}", ", ".join(n.nodes[1:]))


def _si(seconds: float) -> str:
    return format_si(seconds, "s")
