"""``dfsrt compare``: one network, several governors side by side."""

from __future__ import annotations

from typing import Any

from dfsrt.base import defaults
from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_html_path, check_outputs, progress, write_bytes

BASELINES = ",".join(defaults.BASELINES)


def compare(
    network: options.Network,
    device: options.Device = defaults.DEVICE,
    cap: options.Cap = None,
    governors: options.Governors = BASELINES,
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
    json: options.Json = None,
    figure: options.Figure = None,
    html: options.Html = None,
) -> None:
    """Run a network under several governors; the percentages are against the first."""
    fields = options.job_fields(locals())
    check_outputs(json, figure, html)
    check_html_path(html)
    from dfsrt.cli.run import make_job
    from dfsrt.governor import make_governor
    from dfsrt.report import tables
    from dfsrt.report.figure import check_figure_path

    if figure is not None:
        check_figure_path(figure)
    job = make_job(network, fields)
    chosen = [make_governor(name) for name in options.parse_names(governors)]
    with progress(frames * len(chosen), network) as on_frame:
        runs = [
            job.run(governor, lambda done, before=frames * i: on_frame(before + done))
            for i, governor in enumerate(chosen)
        ]
    result = comparison(runs, chosen, job)
    if figure is not None:
        result.save_figure(figure)
    if html is not None:
        from dfsrt.report.page import write_page
        from dfsrt.report.page.run import compare_page

        write_page(compare_page(result.report, [run.log for run in result.runs]), html)
    if json is not None:
        write_bytes(result.to_json(), json)
    if json != STDOUT:
        tables.compare_table(tables.make_console(), result.report)


def comparison(runs: list[Any], governors: list[Any], job: Any) -> Any:
    """Return runs of one network, with their regret, or of one pipeline, side by side."""
    from dfsrt.run import api
    from dfsrt.run.pipeline_job import PipelineJob, compare_runs

    if isinstance(job, PipelineJob):
        return compare_runs(runs)
    return api.comparison(runs, governors, job.period_ns)
