"""The command that replays a trace, tried before it is told."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import NetworkError
from dfsrt.network import network_file, read_network
from dfsrt.network.reading import Reading
from dfsrt.network.survey import survey
from dfsrt.report.network_read import command, job_of, read_as_it_goes
from dfsrt.trace import Trace
from dfsrt.trace.workload import is_file_name


def replay_command(trace: Trace, folder: Path) -> str:
    """Return the command that replays ``trace`` from ``folder``, to which it will be written.

    What own files of networks leave open gets likely sizes.

    Raises:
        InputError: a network of an own file cannot be run.
    """
    way = Reading()
    own = [name for name in trace.workloads if is_file_name(name)]
    for name in own:
        if name.lower().endswith(".onnx"):
            way = _readable(name, way)
    if own:
        _ = job_of(trace, way).table  # raises what a replay would
    return command("replay", str(folder), way)


def _readable(source: str, given: Reading) -> Reading:
    """How a network can be read, as far as ``given`` leaves that open."""
    file = network_file(source)
    facts = survey(read_network(source, {})[1], Path() if file is None else file.parent)
    read, problems = read_as_it_goes(source, facts, given)
    if read is None:
        raise NetworkError(f"network '{source}': {problems[0]}")
    return read.reading
