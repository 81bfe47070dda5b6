"""From the options of a command that runs a load to its job, or to one line that says why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.cli.load_options import SAMPLING, LoadOptions
from dfsrt.cli.output import check_html_path, check_outputs, check_parquet_path
from dfsrt.cli.parse import parse_names
from dfsrt.cli.said import as_typed, is_said, said_fields

if TYPE_CHECKING:
    from dfsrt.report.api import Job
    from dfsrt.report.devices import Device
    from dfsrt.run.fields import RunFields
    from dfsrt.run.source import Runnable

COMMANDS = {
    "network": "run",
    "pipeline": "run",
    "language model": "run",
    "trace": "replay",
    "scenario": "battery",
}
"""The command for a load of each kind."""


def named_governors(said: LoadOptions) -> list[str]:
    """Return the governors that are named; none where nobody said anything.

    Raises:
        InputError: nothing but commas.
    """
    governors = parse_names(said.governor)
    if said.governor and not governors:
        raise InputError("no governor given; name at least one, like 'dfs'")
    return governors


def named_idles(said: LoadOptions) -> list[str]:
    """Return the idle governors that are named, if any."""
    return parse_names(said.idle)


def check_files(said: LoadOptions) -> None:
    """Check that every file can be written before any work is done.

    Raises:
        InputError: a file's name that does not end as it must.
        OutputError: a place where nothing can be written.
    """
    files = (said.json, said.log, said.figure, said.perfetto, said.chrome, said.trans_stat)
    check_outputs(*files, said.html)
    check_html_path(said.html)
    if said.log is not None:
        check_parquet_path(said.log, "log", "log.parquet")
    if said.figure is not None:
        from dfsrt.report.canvas import check_figure_path

        check_figure_path(said.figure)


def refuse(said: LoadOptions, names: Iterable[str], why: str) -> None:
    """Refuse what of the options ``names`` is said; ``why`` goes on from the option's name.

    Raises:
        InputError: one of them is said.
    """
    for name in names:
        if is_said(getattr(said, name)):
            raise InputError(f"'{as_typed(name)}' {why}; leave it out")


def check_kind(load: object, kind: str | None) -> str:
    """Return the kind of a load, which must be ``kind`` where that is said.

    Raises:
        InputError: a load of another kind, or none at all.
    """
    from dfsrt.run.source import LANGUAGE, NETWORK, kind_of

    actual = kind_of(load)
    if kind not in (None, actual):
        advice = f"use 'dfsrt {COMMANDS[actual]} {load}'"
        if (actual, kind) == (LANGUAGE, NETWORK):
            advice = f"name a pass of it, like '{load}:phase=decode'"
        raise InputError(f"'{load}' is a {actual}, not a {kind}; {advice}")
    return actual


def load_and_fields(said: LoadOptions, kind: str | None) -> tuple[Runnable, RunFields]:
    """Return a load of this ``kind``, or of any, and what is said of its specification.

    A lone governor is one of the fields, as a lone idle governor is.

    Raises:
        InputError: a load of another kind, an option that it cannot use, or a wrong pair.
    """
    from dfsrt.run.fit import check_fit

    load = _load(said.load, kind)
    actual = check_kind(load, kind)
    if actual != "scenario":
        refuse(said, SAMPLING, f"is not for a {actual}: only a scenario has what is drawn")
    fields = said_fields(said)
    check_fit(fields, actual, as_typed)
    governors = named_governors(said)
    if len(governors) == 1:
        fields["governor"] = governors[0]
    return load, fields


def named_devices(said: LoadOptions) -> dict[str, Device]:
    """Return the devices that are named, several with commas between them; none without a word.

    Raises:
        InputError: an empty name, or a device twice.
    """
    from dfsrt.report.devices import device_list

    return {} if said.device is None else device_list(said.device)


def open_jobs(said: LoadOptions, kind: str | None) -> dict[str, Job]:
    """Return the job on each of several devices, all of which can run it.

    Raises:
        InputError: as ``open_job``, of any of them.
    """
    from dfsrt.report.devices import open_jobs

    def job_on(device: Device) -> Job:
        return open_job(replace(said, device=str(device)), kind)

    return open_jobs(named_devices(said), job_on)


def open_job(said: LoadOptions, kind: str | None) -> Job:
    """Return the job of a load of this ``kind``, or of any; a lone governor is the job's own.

    Raises:
        InputError: as ``load_and_fields``, or a value that cannot be used.
    """
    from dfsrt.report.api import Job

    load, fields = load_and_fields(said, kind)
    return Job(load, **fields)


def _load(text: str, kind: str | None) -> Runnable:
    """The load; where a scenario is wanted, a ``.toml`` file is one, and says why if it is not."""
    if kind != "scenario" or not text.lower().endswith(".toml"):
        return text
    from dfsrt.run.scenario_load import load_scenario

    return load_scenario(text)


def requests_of(job: Job) -> int | None:
    """Return how many requests a run serves at most, None where nobody can say."""
    from dfsrt.run.stream import NEVER_NS

    load, stop = job.job.load, job.job.stop
    most = stop.requests if load.endless else min(load.requests, stop.requests)
    if load.span_ns and not (load.closed or stop.empty or stop.at_ns == NEVER_NS):
        most = min(most, stop.at_ns * len(load.arrival_ns) // load.span_ns + 1)
    return None if most == NEVER_NS else most
