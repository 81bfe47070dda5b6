"""``dfsrt frontier``: the best a network can do in time and energy, and where governors lie."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dfsrt.base import defaults
from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes

Governors = Annotated[
    str | None, typer.Option("--governors", "-g", help="Governors to place; else all there are.")
]
Between = Annotated[
    int,
    typer.Option(
        "--between",
        parser=options.parse_count,
        metavar="N",
        help="Points worked out beside the corners.",
    ),
]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write all points as a CSV file.")]
Figure = Annotated[
    Path | None, typer.Option("--figure", help="Draw energy over time: .svg or .png.")
]


def frontier(
    network: options.Network,
    device: options.Device = defaults.DEVICE,
    cap: options.Cap = None,
    governors: Governors = None,
    between: Between = 12,
    period: options.Period = None,
    cap_domain: options.CapDomain = defaults.CAP_DOMAIN,
    power_model: options.PowerModel = defaults.POWER_MODEL,
    confidence: options.Confidence = None,
    precision: options.Precision = defaults.PRECISION,
    dim: options.Dim = None,
    no_fuse: options.NoFuse = False,
    unknown_ops: options.UnknownOps = "error",
    json: options.Json = None,
    csv: Csv = None,
    figure: Figure = None,
) -> None:
    """Draw the least energy of a frame for every time it may take, under a cap."""
    fields = options.job_fields(locals())
    check_outputs(json, csv, figure)
    from dfsrt.report.figure import check_figure_path
    from dfsrt.report.frontier_figure import write_frontier
    from dfsrt.report.frontier_table import frontier_csv, frontier_table
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console
    from dfsrt.study.frontier import Frontier

    if figure is not None:
        check_figure_path(figure)
    names = None if governors is None else options.parse_names(governors)
    report = Frontier(network, names, between, fields).report()
    if figure is not None:
        write_frontier(report, figure)
    if csv is not None:
        write_bytes(frontier_csv(report), csv)
    if json is not None:
        write_bytes(to_json(report), json)
    if STDOUT not in (json, csv):
        frontier_table(make_console(), report)
