"""What every command that runs a load does: one body for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from dfsrt.cli.load_job import (
    check_files,
    load_and_fields,
    named_devices,
    named_governors,
    named_idles,
    open_job,
    open_jobs,
    refuse,
    requests_of,
)
from dfsrt.cli.load_options import ONE_RUN, SAMPLING, SEVERAL, LoadOptions
from dfsrt.cli.output import STDOUT, write_bytes
from dfsrt.cli.progress import progress

if TYPE_CHECKING:
    from dfsrt.report.result import Comparison
    from dfsrt.run.fields import GovernedFields


def serve(said: LoadOptions, kind: str | None = None) -> None:
    """Run a load as ``said``: once, under several governors or on several devices, or as samples.

    ``kind`` is the one kind of load that the command takes; without it all are taken.

    Raises:
        InputError: an option that cannot be used, before anything has run.
    """
    if len(named_devices(said)) > 1:
        serve_devices(said, kind)
    elif len(named_governors(said)) > 1 or len(named_idles(said)) > 1:
        serve_several(said, kind)
    elif said.samples is not None:
        serve_samples(said, kind)
    else:
        serve_one(said, kind)


def serve_one(said: LoadOptions, kind: str | None) -> None:
    """Run a load under one governor, the job's own where none is named."""
    check_files(said)
    job = open_job(said, kind)
    refuse(said, SAMPLING, "is for --samples, and there are none")
    refuse(said, SEVERAL, "is for several governors, and there is one")
    with progress(requests_of(job), f"{said.load}, {job.spec.governor}") as on_done:
        result = job.run(
            log=said.log,
            perfetto=said.perfetto,
            chrome=said.chrome,
            trans_stat=said.trans_stat,
            page=said.html,
            on_done=on_done,
        )
    if said.figure is not None:
        result.save_figure(said.figure)
    if said.json is not None:
        write_bytes(result.to_json(), said.json)
    if said.json == STDOUT:
        return
    from dfsrt.report.run_table import frame_table, run_table
    from dfsrt.report.tables import make_console

    console = make_console()
    run_table(console, result.report)
    if said.per_layer:
        frame_table(console, result.log)


def serve_several(said: LoadOptions, kind: str | None = None) -> None:
    """Run a load under several governors side by side, those that are named or the usual ones.

    Several idle governors are compared under each, or under the load's own where none is named.
    """
    if len(named_devices(said)) > 1:
        serve_devices(said, kind)
        return
    idles, said_once = _compared(said)
    job = open_job(said_once, kind)
    governors, each = named_governors(said) or job.governors_beside(idles), requests_of(job)
    runs = len(job.pairs(governors, idles))
    with progress(None if each is None else each * runs, said.load) as on_done:
        comparison = job.compare(
            governors, lambda run, done: on_done(run * (each or 0) + done), said.bound, idles
        )
    _give(comparison, said)


def serve_devices(said: LoadOptions, kind: str | None = None) -> None:
    """Run a load on several devices side by side, under the governors that are named, or its own.

    Raises:
        InputError: a device that cannot run the load, before anything has run.
    """
    idles, said_once = _compared(said)
    jobs = open_jobs(said_once, kind)
    governors = named_governors(said) or None
    first = next(iter(jobs.values()))
    each, pairs = requests_of(first), first.pairs(governors or first.governors_beside(()), idles)
    from dfsrt.report.devices import compare_on

    total = None if each is None else each * len(pairs) * len(jobs)
    with progress(total, said.load) as on_done:
        comparison = compare_on(
            jobs, governors, lambda run, done: on_done(run * (each or 0) + done), said.bound, idles
        )
    _give(comparison, said)


def _compared(said: LoadOptions) -> tuple[list[str] | None, LoadOptions]:
    """What several runs side by side are: idle governors to compare, and what each job is told.

    Raises:
        InputError: an option of one run, or a file that cannot be written.
    """
    check_files(said)
    refuse(said, (*ONE_RUN, *SAMPLING), "is for one run, and several are compared")
    named = named_idles(said)
    idles = named if len(named) > 1 else None  # a lone one is a field of the job
    return idles, replace(said, idle=None) if idles else said


def _give(comparison: Comparison, said: LoadOptions) -> None:
    """Write the files that are named, and print the table."""
    if said.figure is not None:
        comparison.save_figure(said.figure)
    if said.html is not None:
        comparison.save_page(said.html)
    if said.json is not None:
        write_bytes(comparison.to_json(), said.json)
    if said.json != STDOUT:
        from dfsrt.report.compare_table import compare_table
        from dfsrt.report.tables import make_console

        compare_table(make_console(), comparison.report)


def serve_samples(said: LoadOptions, kind: str | None) -> None:
    """Run samples of a scenario: many dies, airs and ages instead of one."""
    check_files(said)
    nothing = ("per_layer", "perfetto", "chrome", "trans_stat", "figure", *SEVERAL)
    refuse(said, nothing, "is of one run, and samples are many")
    load, fields = load_and_fields(said, kind)
    from dfsrt.report.samples import samples_table
    from dfsrt.study.sampling import sample

    count = said.samples or 0
    # The seed picks the dies: each has an activity of its own.
    seed = fields.pop("seed", None) or 0
    unseeded = cast("GovernedFields", fields)
    with progress(count, f"{said.load}, samples") as on_sample:
        done = sample(load, count, seed, said.workers, on_sample, said.dask, **unseeded)
    if said.log is not None:
        done.save_rows(said.log)
    if said.html is not None:
        from dfsrt.report.page import write_page
        from dfsrt.report.page.samples import samples_page

        write_page(samples_page(done.report, done.rows), said.html)
    if said.json is not None:
        write_bytes(done.to_json(), said.json)
    if said.json != STDOUT:
        samples_table(done.report)
