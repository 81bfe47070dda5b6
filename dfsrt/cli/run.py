"""``dfsrt run``: one network, one governor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

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

PerLayer = Annotated[
    bool,
    typer.Option(
        "--per-layer",
        help="Print the last frame's layers (a pipeline's first), and what held each.",
    ),
]


def run(
    network: options.Network,
    device: options.Device = defaults.DEVICE,
    cap: options.Cap = None,
    governor: options.Governor = defaults.GOVERNOR,
    frames: options.Frames = defaults.FRAMES,
    period: options.Period = None,
    cap_at: options.CapAt = None,
    cap_domain: options.CapDomain = defaults.CAP_DOMAIN,
    cap_window: options.CapWindow = "0s",
    power_model: options.PowerModel = defaults.POWER_MODEL,
    confidence: options.Confidence = None,
    precision: options.Precision = defaults.PRECISION,
    dim: options.Dim = None,
    no_fuse: options.NoFuse = False,
    unknown_ops: options.UnknownOps = "error",
    cycles: options.Cycles = None,
    seed: options.Seed = 0,
    correct: options.Correct = False,
    detail: options.Detail = None,
    step: options.Step = "auto",
    per_layer: PerLayer = False,
    json: options.Json = None,
    log: options.Log = None,
    perfetto: options.Perfetto = None,
    chrome: options.Chrome = None,
    trans_stat: options.TransStat = None,
    figure: options.Figure = None,
    html: options.Html = None,
) -> None:
    """Run a network or pipeline under one governor: speed, energy, and how the cap was kept."""
    fields = options.job_fields(locals())
    check_outputs(json, log, figure, perfetto, chrome, trans_stat, html)
    check_html_path(html)
    if log is not None:
        check_parquet_path(log, "log", "log.parquet")
    from dfsrt.report import tables
    from dfsrt.report.exports import Exports
    from dfsrt.report.figure import check_figure_path

    if figure is not None:
        check_figure_path(figure)
    job = make_job(network, fields)
    envelope = None if html is None else watcher(job)
    exports = Exports(perfetto, chrome, trans_stat, envelope)
    with progress(frames, f"{network}, {governor}") as on_frame:
        done = job.run(governor, on_frame, log, exports)
    if figure is not None:
        done.save_figure(figure)
    if html is not None:
        from dfsrt.report.page import write_page
        from dfsrt.report.page.run import run_page

        write_page(run_page(done.report, done.log, envelope), html)
    if json is not None:
        write_bytes(done.to_json(), json)
    if json == STDOUT:
        return
    console = tables.make_console()
    tables.run_table(console, done.report)
    if done.report.stages:
        from dfsrt.report.replay_table import stages_table

        stages_table(console, done.report.stages)
    if per_layer:
        tables.frame_table(console, done.log)


def watcher(job: Any) -> Envelope | None:
    """Return what keeps power over time for a page, or None for a run that is too long."""
    from dfsrt.report.page.envelope import Envelope
    from dfsrt.run.api import MAX_ROWS
    from dfsrt.run.replay_front import PipelineJob

    base = job.base if isinstance(job, PipelineJob) else job
    layers = job.mix.most_runs if isinstance(job, PipelineJob) else len(job.table.load.names)
    return Envelope() if base.frames * layers <= MAX_ROWS else None


def make_job(network: str, fields: dict[str, Any]) -> Any:
    """Return the job of a network or a pipeline: both have ``run``."""
    from dfsrt.network.pipeline import is_pipeline
    from dfsrt.run.api import Job

    job = Job(network, **fields)
    if not is_pipeline(network):
        return job
    from dfsrt.run.replay_front import PipelineJob

    return PipelineJob(job)
