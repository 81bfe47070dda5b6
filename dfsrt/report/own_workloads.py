"""Own files that a trace asks for: how their networks are read, tried before they are written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dfsrt.base.errors import NetworkError
from dfsrt.network import network_file, read_network
from dfsrt.network.reading import Reading
from dfsrt.network.survey import survey
from dfsrt.report.network_read import job_of, read_as_it_goes
from dfsrt.trace import Trace
from dfsrt.trace.workload import is_file_name


def with_own_files(trace: Trace) -> Trace:
    """Return ``trace`` with a way to read each network's file in its card: likely sizes.

    Raises:
        InputError: a network or a pipeline in a file of one's own cannot be run.
    """
    own = [name for name in trace.workloads if is_file_name(name)]
    if not own:
        return trace
    readings = {name: _readable(name) for name in own if name.lower().endswith(".onnx")}
    known = replace(trace, card=replace(trace.card, readings=readings))
    _ = job_of(known, Reading()).table  # raises what a replay would
    return known


def _readable(source: str) -> Reading:
    file = network_file(source)
    facts = survey(read_network(source, {})[1], Path() if file is None else file.parent)
    read, problems = read_as_it_goes(source, facts, Reading())
    if read is None:
        raise NetworkError(f"network '{source}': {problems[0]}")
    return read.reading
