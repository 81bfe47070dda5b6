"""A capture: how long each node of a model took in each run, measured in onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Unpack

from dfsrt.base.errors import InputError
from dfsrt.capture.graph import BareGraph
from dfsrt.capture.machine import cpu_model
from dfsrt.capture.mapping import Cover, by_name, by_tensor, with_names
from dfsrt.capture.model import NamedModel, named_model
from dfsrt.capture.session import Profiled, Settings, profiled
from dfsrt.network.reading import ReadingFields, reading_of
from dfsrt.recording.ort_profile import Event
from dfsrt.recording.ort_runs import MODEL_RUN, kernels_by_run


@dataclass(frozen=True, slots=True)
class Layer:
    """One run of one kernel.

    ``nodes`` are the file's nodes whose work it did, in the file's order; none where that cannot
    be told. ``node`` is the first of them with the kernel's operator, or the first, or else the
    kernel's own name. Times are nanoseconds from the start of the first run kept; onnxruntime
    measures whole microseconds.
    """

    run: int
    node: str
    op: str
    start_ns: int
    duration_ns: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelRun:
    """One run of the whole model, warm-up left out; ``constants_ns`` went into constants."""

    start_ns: int
    duration_ns: int
    constants_ns: int


@dataclass(frozen=True, slots=True)
class Capture:
    """All runs that were kept, with every kernel in them but those that work out constants."""

    model: NamedModel
    settings: Settings
    runs: tuple[ModelRun, ...]
    layers: tuple[Layer, ...]
    version: str
    cpu: str

    @property
    def node_ns(self) -> int:
        """Time in all kernels of all runs, constants left out."""
        return sum(layer.duration_ns for layer in self.layers)

    @property
    def mapped_share(self) -> float:
        """Share of the kernels' time that is known by node of the file."""
        mapped = sum(layer.duration_ns for layer in self.layers if layer.nodes)
        return mapped / self.node_ns if self.node_ns else 0.0


def capture_model(
    source: str,
    settings: Settings | None = None,
    on_run: Callable[[int], None] = lambda _done: None,
    **said: Unpack[ReadingFields],
) -> Capture:
    """Run the model of a shelf name or an ``.onnx`` file and return what was measured.

    ``said`` is as in ``Reading``: sizes of open dimensions, and values that inputs are fed.

    Raises:
        InputError: settings out of range.
        NetworkError: the model cannot be read, loaded or run.
    """
    settings = settings or Settings()
    model = named_model(source, reading_of(**said))
    return assembled(model, settings, profiled(model, settings, on_run))


def assembled(model: NamedModel, settings: Settings, done: Profiled) -> Capture:
    """Return the capture that a profile holds: events sorted into runs and mapped to nodes.

    Raises:
        InputError: the profile lacks runs or kernels.
    """
    events = sorted(done.profile.events, key=lambda e: (e.ts, -e.dur))
    whole = [e for e in events if e.name == MODEL_RUN]
    if len(whole) != settings.runs + settings.warmup:
        raise InputError(
            f"the profile holds {len(whole)} runs instead of "
            f"{settings.runs + settings.warmup}; capture again with fewer --runs"
        )
    kernels = kernels_by_run(whole, events)[settings.warmup :]
    measured = whole[settings.warmup :]
    counts = {len(events_of_run) for events_of_run in kernels}
    if len(counts) != 1:
        raise InputError(
            f"runs have from {min(counts)} to {max(counts)} kernels each, so the profiler lost "
            "some or the model branches on its inputs; capture again with fewer --runs"
        )
    graph = model.graph
    cover = _cover(graph, done.executed, kernels[0])
    zero_ns = measured[0].start_ns
    layers = [
        _layer(event, run, zero_ns, cover, graph)
        for run, events_of_run in enumerate(kernels)
        for event in events_of_run
        if event.node not in cover.constants
    ]
    runs = [_model_run(e, k, zero_ns, cover) for e, k in zip(measured, kernels, strict=True)]
    return Capture(model, settings, tuple(runs), tuple(layers), done.version, cpu_model())


def _cover(graph: BareGraph, executed: BareGraph | None, kernels: Sequence[Event]) -> Cover:
    if executed is None:
        return by_name(graph)
    return by_tensor(graph, with_names(executed, [(e.node, e.args.op_name) for e in kernels]))


def _layer(event: Event, run: int, zero_ns: int, cover: Cover, graph: BareGraph) -> Layer:
    op = event.args.op_name
    nodes = tuple(graph.nodes[index] for index in cover.nodes.get(event.node, ()))
    # 'FusedConv' is known by its Conv, whatever else it does.
    first = next((n for n in nodes if n.op in op), nodes[0] if nodes else None)
    return Layer(
        run=run,
        node=event.node if first is None else first.name,
        op=op,
        start_ns=event.start_ns - zero_ns,
        duration_ns=event.duration_ns,
        nodes=tuple(n.name for n in nodes),
    )


def _model_run(event: Event, kernels: Sequence[Event], zero_ns: int, cover: Cover) -> ModelRun:
    constants = sum(k.duration_ns for k in kernels if k.node in cover.constants)
    return ModelRun(event.start_ns - zero_ns, event.duration_ns, constants)
