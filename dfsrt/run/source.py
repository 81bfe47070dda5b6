"""What a load is: a network, a pipeline, a trace or a scenario, by name, by file, or in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there, parse_name_spec, unknown_name
from dfsrt.network import Network, built_names, is_built, network_names
from dfsrt.network.passes import is_language_model
from dfsrt.network.pipeline import is_pipeline, pipeline_names
from dfsrt.network.reading import Reading
from dfsrt.run.scenario import Scenario
from dfsrt.run.scenario_load import is_scenario, load_scenario, scenario_names
from dfsrt.trace import Trace
from dfsrt.trace.load import FILES, load_trace, trace_names

NETWORK, PIPELINE, TRACE, SCENARIO = "network", "pipeline", "trace", "scenario"
LANGUAGE = "language model"
Runnable: TypeAlias = str | Path | Network | Trace | Scenario
"""What can run: a name, a file, or the object."""
KINDS = (NETWORK, PIPELINE, TRACE, SCENARIO, LANGUAGE)


@dataclass(frozen=True, slots=True)
class Source:
    """What a load names: its ``kind``, and the workloads that its requests ask for, by name.

    A network that is in memory stands in ``network``, a trace in ``trace``.
    """

    kind: str
    workloads: tuple[str, ...]
    network: Network | None = None
    trace: Trace | None = None

    @property
    def readings(self) -> Mapping[str, Reading]:
        """How a trace says that its networks are read, by their names."""
        return {} if self.trace is None else self.trace.card.readings


def kind_of(load: object) -> str:
    """Return what kind of load a name, a file or an object is.

    Raises:
        InputError: nothing that could run.
    """
    for kind, cls in ((NETWORK, Network), (TRACE, Trace), (SCENARIO, Scenario)):
        if isinstance(load, cls):
            return kind
    if not isinstance(load, str | Path):
        raise InputError(
            f"load {load!r} is nothing that runs; give a name or a path, a Network, a Trace or a "
            "Scenario"
        )
    return _kind_of_name(str(load))


def _kind_of_name(text: str) -> str:
    """Names on a shelf first, then files by what they are."""
    name, path = text.split(":")[0].strip(), Path(text)
    if not text.strip():
        raise InputError("a load has no name; see 'dfsrt list' for what can run, or give a file")
    if name in scenario_names() or is_scenario(path):
        return SCENARIO
    if is_language_model(text):
        return LANGUAGE
    if name in network_names() or is_built(parse_name_spec(text, "load").name):
        return NETWORK
    if is_pipeline(text):
        return PIPELINE
    suffix = path.suffix.lower()
    if name in trace_names() or suffix in (".csv", ".parquet") or _is_trace_folder(path):
        return TRACE
    if suffix != ".onnx" and not is_there(path):
        raise InputError(unknown_load(text, name))
    return NETWORK


def _is_trace_folder(path: Path) -> bool:
    """Whether a path is a trace's folder; another folder is nothing that runs."""
    if not is_there(path, Path.is_dir):
        return False
    if not any((path / file).is_file() for file in FILES):
        raise InputError(
            f"folder '{path}' is no trace: it has neither of {' and '.join(FILES)}; give a file, "
            "or a name that 'dfsrt list' shows"
        )
    return True


def open_source(load: object, kind: str) -> Source:
    """Return what ``load`` names, which is no scenario.

    Raises:
        InputError: a trace that cannot be read, or tokens for what is no language model.
    """
    if kind == TRACE:
        trace = load if isinstance(load, Trace) else load_trace(str(load))
        _check_tokens(trace)
        return Source(TRACE, trace.workloads, trace=trace)
    if isinstance(load, Network):
        return Source(NETWORK, (load.name,), network=load)
    return Source(kind, (str(load),))


def _check_tokens(trace: Trace) -> None:
    """Refuse tokens of a network that writes none: its requests would have no end."""
    models = np.array([is_language_model(name) for name in trace.workloads], dtype=bool)
    vain = ~models[trace.workload] & ((trace.prompt_tokens != 0) | (trace.output_tokens != 0))
    if vain.any():
        at = int(np.argmax(vain))
        raise InputError(
            f"request {at:,} of trace '{trace.card.name}' has tokens, but asks for "
            f"'{trace.workloads[trace.workload[at]]}', which is no language model; give it 0"
        )


def open_scenario(load: object) -> Scenario:
    """Return the scenario that ``load`` names or is.

    Raises:
        InputError: no such scenario.
    """
    return load if isinstance(load, Scenario) else load_scenario(str(load))


def unknown_load(text: str, name: str) -> str:
    """Return the message for a path that is not there, or for a name on no shelf.

    A name is told the nearest of all that could run.
    """
    if "/" in text or "\\" in text:
        return f"'{text}' does not exist; give a file, or a name that 'dfsrt list' shows"
    known = [
        *network_names(), *built_names(), *pipeline_names(), *trace_names(), *scenario_names(),
    ]  # fmt: skip
    what = "network, pipeline, trace or scenario"
    return unknown_name(what, name, known) + " or give a file"
