"""Running a model in onnxruntime under its profiler."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.base.names import one_of
from dfsrt.base.reading import read_bytes
from dfsrt.capture.graph import BareGraph, bare_graph
from dfsrt.capture.model import MAPS_BY_NAME_TO, NamedModel
from dfsrt.network.samples.feeds import random_feeds
from dfsrt.network.samples.session import LEVELS, open_session, run_session, session_options
from dfsrt.recording.ort_profile import Profile, read_profile

if TYPE_CHECKING:
    import onnx
    from onnxruntime import InferenceSession, SessionOptions

MAX_EVENTS = 1_000_000
"""Events that onnxruntime's profiler keeps; later ones are lost."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run: ``warmup`` runs come first and are dropped; ``optimize`` is one of LEVELS.

    Raises:
        InputError: an unknown level, or a number out of range.
    """

    runs: int = 10
    warmup: int = 1
    threads: int = 1
    optimize: str = "disable"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.optimize not in LEVELS:
            raise InputError(
                f"optimisation '{self.optimize}' is unknown; {one_of(self.optimize, LEVELS)}"
            )
        for what, value, least in (
            ("runs", self.runs, 1),
            ("warmup", self.warmup, 0),
            ("threads", self.threads, 1),
            ("seed", self.seed, 0),
        ):
            if not least <= value <= MAX_EVENTS:
                raise InputError(
                    f"{what} {value} is out of range; allowed is {least} to {MAX_EVENTS:,}"
                )


@dataclass(frozen=True, slots=True)
class Profiled:
    """What onnxruntime did: its events, and the graph that it ran where that is another one."""

    profile: Profile
    executed: BareGraph | None
    version: str


def profiled(model: NamedModel, settings: Settings, on_run: Callable[[int], None]) -> Profiled:
    """Run ``model`` as told, on the CPU, and return its profile; ``on_run`` gets the runs done.

    Raises:
        InputError: more events than the profiler keeps.
        NetworkError: onnxruntime cannot load or run the model.
    """
    import onnxruntime

    total = settings.runs + settings.warmup
    events = total * (len(model.graph.nodes) + 2)
    if events > MAX_EVENTS:
        most = MAX_EVENTS // (len(model.graph.nodes) + 2) - settings.warmup
        raise InputError(
            f"{settings.runs} runs make about {events:,} events; onnxruntime's profiler keeps "
            f"{MAX_EVENTS:,}: use --runs {max(most, 1)} at most"
        )
    with tempfile.TemporaryDirectory(prefix="dfsrt-capture-") as folder:
        executed = Path(folder, "executed.onnx") if _runs_another_graph(model, settings) else None
        session = _session(model, settings, Path(folder), executed)
        try:
            feeds = random_feeds({i.name: i.type for i in _inputs(model)}, settings.seed)
            feeds |= model.values
            for done in range(total):
                run_session(session, feeds, model.name)
                on_run(done + 1)
        finally:
            written = Path(session.end_profiling())
        graph = None if executed is None else _read_executed(executed)
        return Profiled(read_profile(written), graph, onnxruntime.__version__)


def _runs_another_graph(model: NamedModel, settings: Settings) -> bool:
    return settings.optimize != "disable" or model.opset > MAPS_BY_NAME_TO


def _inputs(model: NamedModel) -> list[onnx.ValueInfoProto]:
    return [i for i in model.proto.graph.input if i.name in model.graph.inputs]


def _session(
    model: NamedModel, settings: Settings, folder: Path, executed: Path | None
) -> InferenceSession:
    options = session_options(settings.threads, settings.optimize, model.path)
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "profile")
    if executed is not None:
        options.optimized_model_filepath = str(executed)
        # Folded weights can be large: beside the graph, only the graph is read back.
        _set_aside_weights(options)
    return open_session(model.data, options, model.name)


def _set_aside_weights(options: SessionOptions) -> None:
    prefix = "session.optimized_model_external_initializers_"
    options.add_session_config_entry(f"{prefix}file_name", "weights.bin")
    options.add_session_config_entry(f"{prefix}min_size_in_bytes", "1024")


def _read_executed(path: Path) -> BareGraph:
    import onnx

    return bare_graph(onnx.load_model_from_string(read_bytes(path)))
