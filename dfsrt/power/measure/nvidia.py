"""The nvidia meter: layers back to back in CUDA graphs, energy from tick to tick of NVML."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.network.layer import Layer
from dfsrt.network.probe import Probe
from dfsrt.power.measure.cuda_call import Call, layer_call, network_call
from dfsrt.power.measure.cuda_queue import Glance, Queue
from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.nvml import EXTRA, Card
from dfsrt.power.measure.sample import Bench, Idle, Reading, Subject

if TYPE_CHECKING:
    import torch

GRAPH_S = 4e-3
"""Length of one CUDA graph: long against a launch, short against the counter's tick."""
MAX_CALLS = 2000
"""Calls in one graph at most: capturing costs about 20 us of host time for each."""
TRIAL_CALLS = 10
"""Calls in the graph by which the time of one is found: timed one by one, short layers would show
the host's time to launch them, several times their own."""
TICK_TIMEOUT_S = 2.0
SHORTEST_WINDOW_S = 0.1
"""The energy counter moves that often; a shorter reading would hold no tick."""
IDLE_S = 4.0
"""Rest and reading, half and half."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait and to measure.

    Source: a sweep over windows on an H100 (0.3 s settling, then 0.5 s from tick to tick, give
    0.4 % median scatter of power); the numbers may be shortened where many layers are wanted.

    Raises:
        InputError: a window in which the energy counter does not move.
    """

    settle_s: float = 0.3
    window_s: float = 0.5
    most_memory_bytes: int = 12 * 2**30

    def __post_init__(self) -> None:
        if self.window_s < SHORTEST_WINDOW_S:
            raise InputError(
                f"a window of {self.window_s:g} s is too short to read energy in; give "
                f"{SHORTEST_WINDOW_S:g} s or more, like --window 0.5s"
            )


class NvidiaMeter:
    """Measures layers on a real GPU; reads the card and never sets anything on it.

    Operators run as PyTorch's own functions on contiguous tensors, images in the subject's layout,
    with normal random values, at the frameworks' default settings.

    Raises, on opening:
        InputError: no NVML, no driver, no energy counter, no PyTorch with CUDA.
    """

    def __init__(self, index: int = 0, seed: int = 0, timing: Timing | None = None) -> None:
        self.card = Card(index)
        self._torch = _load_torch()
        self._device = f"cuda:{index}"
        self._timing = timing or Timing()
        self._seed = seed
        self._torch.cuda.set_device(index)
        self._torch.manual_seed(seed)

    @property
    def bench(self) -> Bench:
        """What stays the same for all samples of this meter."""
        torch = self._torch
        versions = f"driver {self.card.driver}, torch {torch.__version__}"
        libraries = f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"
        return Bench(
            meter="nvidia",
            device=self.card.name,
            unit=self.card.unit,
            digest="",
            driver=f"{versions}, {libraries}",
            seed=self._seed,
        )

    def measure(self, subject: Subject) -> Reading:
        """Return the reading of ``subject`` once the card has settled on it.

        Raises:
            CannotRunError: the operator or the size is not for this bench.
        """
        with self._torch.inference_mode():
            self._check_memory(subject.probe.layer)
            call = layer_call(self._torch, self._device, subject.probe, subject.layout)
            return self._read(call, f"layer '{subject.probe.layer.name}'")

    def measure_network(self, probes: Sequence[Probe], layout: str, what: str) -> Reading:
        """Return the reading of a whole network, run again and again as one graph.

        Raises:
            CannotRunError: an operator or the size is not for this bench.
        """
        with self._torch.inference_mode():
            return self._read(network_call(self._torch, self._device, probes, layout), what)

    def _read(self, call: Call, what: str) -> Reading:
        graph, calls, seconds = self._capture(call, what)
        try:
            return self._watch(Queue(self._torch, graph, seconds), calls)
        finally:
            del graph
            self._torch.cuda.synchronize()

    def _check_memory(self, layer: Layer) -> None:
        if _bytes(layer) > self._timing.most_memory_bytes:
            raise CannotRunError(f"layer '{layer.name}' needs {_bytes(layer) / 2**30:.0f} GiB")

    def pass_over(self, _subject: Subject) -> None:
        """Do nothing: a real card does not depend on what was read before."""

    def idle(self) -> Idle:
        """Return what the card draws once it has had nothing to do for a while."""
        time.sleep(IDLE_S / 2)
        begin_j, begin_s = self._next_tick(lambda: None)
        end_j, end_s = begin_j, begin_s
        while end_s - begin_s < IDLE_S / 2:
            end_j, end_s = self._next_tick(lambda: None)
        return Idle(
            power_w=(end_j - begin_j) / (end_s - begin_s),
            clock_hz=self.card.sm_clock_hz(),
            temp_c=self.card.temp_c(),
            at=_now(),
        )

    # Preparing: operands, one warm run, a graph of many calls.

    def _capture(self, call: Call, what: str) -> tuple[torch.cuda.CUDAGraph, int, float]:
        """Return a graph, the calls in it and about how long it takes."""
        torch = self._torch
        try:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3):
                    call()
            torch.cuda.current_stream().wait_stream(side)
            once_s = self._graph_s(self._record(call, TRIAL_CALLS)) / TRIAL_CALLS
            calls = max(1, min(MAX_CALLS, math.ceil(GRAPH_S / once_s)))
            return self._record(call, calls), calls, calls * once_s
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            torch.cuda.synchronize()
            reason = str(error).splitlines()[0]
            raise CannotRunError(f"{what}: {reason}") from error

    def _record(self, call: Callable[[], object], calls: int) -> torch.cuda.CUDAGraph:
        graph = self._torch.cuda.CUDAGraph()
        with self._torch.cuda.graph(graph):
            for _ in range(calls):
                call()
        return graph

    def _graph_s(self, graph: torch.cuda.CUDAGraph) -> float:
        """Seconds of one replay, after another has warmed it up; at least a microsecond."""
        graph.replay()
        begin, end = (self._torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        end.synchronize()
        return max(float(begin.elapsed_time(end)) * 1e-3, 1e-6)

    # Watching: settle, then from one tick of the energy counter to another.

    def _watch(self, queue: Queue, calls: int) -> Reading:
        started = time.perf_counter()
        while time.perf_counter() - started < self._timing.settle_s:
            queue.advance()
        glance = Glance(self.card)

        def look() -> None:
            queue.advance()
            glance.take()

        begin_j, begin_s = self._next_tick(queue.advance)
        first, gaps = queue.done, queue.gaps
        end_j, end_s = begin_j, begin_s
        while end_s - begin_s < self._timing.window_s - 0.02:
            end_j, end_s = self._next_tick(look)
        last, gaps = queue.done, queue.gaps - gaps
        seconds, replays = queue.elapsed_s(first, last), last - first
        return Reading(
            power_w=(end_j - begin_j) / (end_s - begin_s),
            latency_s=seconds / (replays * calls),
            clock_hz=glance.clock_hz,
            temp_c=self.card.temp_c(),
            limit_w=self.card.limit_w,
            held_share=glance.held_share,
            hot_share=glance.hot_share,
            window_s=end_s - begin_s,
            runs=replays * calls,
            gaps=gaps,
            at=_now(),
        )

    def _next_tick(self, meanwhile: Callable[[], None]) -> tuple[float, float]:
        """Return (joules, time) of the moment the energy counter moves."""
        before = self.card.energy_j()
        waited = time.perf_counter()
        while True:
            meanwhile()
            now = self.card.energy_j()
            at = time.perf_counter()
            if now != before:
                return now, at
            if at - waited > TICK_TIMEOUT_S:
                raise InputError(
                    f"the energy counter of {self.card.name} has not moved for "
                    f"{TICK_TIMEOUT_S:g} s; the nvidia meter needs one that does"
                )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _bytes(layer: Layer) -> int:
    return sum(t.bytes for t in (*layer.inputs, *layer.weights, *layer.outputs))


def _load_torch() -> ModuleType:
    try:
        import torch
    except ImportError as error:
        raise InputError(f"the nvidia meter runs layers with PyTorch; {EXTRA}") from error
    if not torch.cuda.is_available():
        raise InputError("PyTorch sees no CUDA device; install its CUDA build")
    found: ModuleType = torch
    return found
