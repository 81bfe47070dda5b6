"""Own files that a trace asks for: how their networks are read, tried before they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.network.check.survey import survey_of
from dfsrt.network.pipeline import is_pipeline
from dfsrt.network.reading import Reading, ReadingFields, reading_of
from dfsrt.report.network_read import job_of, options_of, read_as_it_goes
from dfsrt.trace import Trace
from dfsrt.trace.workload import is_file_name


def with_own_files(trace: Trace, **said: Unpack[ReadingFields]) -> Trace:
    """Return ``trace`` with a way to read each of its networks in its card.

    That is as ``said``, in the terms of ``Reading``, and with likely sizes for what an own file
    leaves open.

    Raises:
        InputError: a network or a pipeline cannot be run, or what is said is of a pipeline.
    """
    given = reading_of(**said)
    if given == Reading() and not any(map(is_file_name, trace.workloads)):
        return trace
    readings = {name: _reading(name, given) for name in trace.workloads if not is_pipeline(name)}
    pipelines = [name for name in trace.workloads if is_pipeline(name)]
    if pipelines and given != Reading():
        raise InputError(
            f"'{pipelines[0]}' is a pipeline, whose file says how its networks are read, like "
            f"dims = {{ batch = 1 }}; leave out {' '.join(options_of(given))}"
        )
    known = replace(trace, card=replace(trace.card, readings=readings))
    try:
        _ = job_of(known, Reading()).table  # raises what a replay would
    except NetworkError as error:
        where = "; in a pipeline's file write it like dims = { batch = 1 }" if pipelines else ""
        raise NetworkError(f"{error}{where}") from error
    return known


def _reading(name: str, given: Reading) -> Reading:
    return _readable(name, given) if is_file_name(name) else given


def _readable(source: str, given: Reading) -> Reading:
    read, problems = read_as_it_goes(source, survey_of(source, {}), given)
    if read is None:
        raise NetworkError(f"network '{source}': {problems[0]}")
    return read.reading
