"""``dfsrt replay``: a trace of requests on one device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base import defaults
from dfsrt.cli import options
from dfsrt.cli.output import (
    STDOUT,
    check_html_path,
    check_outputs,
    check_parquet_path,
    progress,
    write_bytes,
)

if TYPE_CHECKING:
    from dfsrt.report.page.envelope import Envelope
    from dfsrt.run.replay_front import ReplayJob

Trace = Annotated[
    str,
    typer.Argument(
        metavar="TRACE",
        help="A trace by name (see 'dfsrt list traces'), a folder, or a .csv or .parquet file.",
    ),
]
Discipline = Annotated[
    str,
    typer.Option(
        "--discipline",
        help="Who has the NPU: fifo; priority or edf, which take it at layer boundaries.",
    ),
]
Drop = Annotated[
    str,
    typer.Option(
        "--drop",
        help="Which waiting requests are given up: none, late (past their deadline), newest=N or "
        "oldest=N (where over N wait).",
    ),
]
Loop = Annotated[
    str,
    typer.Option(
        "--loop", help="open: requests come by the clock; closed: when their session is free."
    ),
]
Repeat = Annotated[
    int,
    typer.Option("--repeat", parser=options.parse_count, metavar="N", help="Run it N times over."),
]
TimeScale = Annotated[
    float, typer.Option("--time-scale", help="Multiply the trace's times: 0.5 is twice as fast.")
]
Until = Annotated[str | None, typer.Option("--until", help="Stop after this much time.")]


def replay(
    trace: Trace,
    device: options.Device = defaults.DEVICE,
    cap: options.Cap = None,
    governor: options.Governor = defaults.GOVERNOR,
    discipline: Discipline = "fifo",
    drop: Drop = "none",
    loop: Loop = "open",
    repeat: Repeat = 1,
    time_scale: TimeScale = 1.0,
    until: Until = None,
    cap_at: options.CapAt = None,
    cap_domain: options.CapDomain = defaults.CAP_DOMAIN,
    cap_window: options.CapWindow = "0s",
    power_model: options.PowerModel = defaults.POWER_MODEL,
    confidence: options.Confidence = None,
    precision: options.Precision = defaults.PRECISION,
    no_fuse: options.NoFuse = False,
    unknown_ops: options.UnknownOps = "error",
    seed: options.Seed = 0,
    detail: options.Detail = None,
    step: options.Step = "auto",
    json: options.Json = None,
    log: options.Log = None,
    perfetto: options.Perfetto = None,
    chrome: options.Chrome = None,
    trans_stat: options.TransStat = None,
    html: options.Html = None,
) -> None:
    """Replay a trace: queueing, deadlines, drops and energy of all its requests."""
    fields = options.job_fields(locals())
    check_outputs(json, log, perfetto, chrome, trans_stat, html)
    check_html_path(html)
    if log is not None:
        check_parquet_path(log, "log", "requests.parquet")
    from dfsrt.report.exports import Exports
    from dfsrt.report.replay_table import replay_table
    from dfsrt.run.api import Job
    from dfsrt.run.replay_front import ReplayJob

    job = ReplayJob(trace, Job("", **fields), discipline, drop, loop, repeat, time_scale, until)
    envelope = None if html is None else watcher(job)
    exports = Exports(perfetto, chrome, trans_stat, envelope)
    with progress(len(job.loaded), f"{trace}, {governor}") as on_request:
        done = job.run(governor, on_request, log, exports)
    if html is not None:
        from dfsrt.report.page import write_page
        from dfsrt.report.page.replay import replay_page

        npu = job.mix.table.npu
        write_page(replay_page(done.report, done.request_columns(), npu, envelope), html)
    if json is not None:
        write_bytes(done.to_json(), json)
    if json != STDOUT:
        replay_table(done.report)


def watcher(job: ReplayJob) -> Envelope | None:
    """Return what keeps power over time for a page, or None for a replay that is too long."""
    from dfsrt.report.page.envelope import Envelope
    from dfsrt.run.api import MAX_ROWS

    return Envelope() if len(job.loaded) * job.mix.most_runs <= MAX_ROWS else None
