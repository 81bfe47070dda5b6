"""``dfsrt device calibrate``: a device whose numbers are fitted to what was measured on a board."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.parse import parse_count, parse_names
from dfsrt.cli.reading_options import ReadingOptions, reading_fields

if TYPE_CHECKING:
    from dfsrt.study.calibration import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions(ReadingOptions):
    """What is said of a calibration."""

    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE",
            autocompletion=completed("device"),
            help="A device by name or .toml file: NAME[:bin=BIN][:rail=RAIL].",
        ),
    ]
    measured: Annotated[
        list[str] | None,
        typer.Option(
            "--measured",
            "-m",
            show_default=False,
            help="A .csv file of networks (network, latency_s, fps or tokens_per_s; also context, "
            "precision, batch, cores, freq_hz, power_w, energy_j) or of layers (op, sizes, "
            "measured_us), or a profile like rknn:FILE; may be given several times.",
        ),
    ] = None
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Device file to write; '-' is standard output."),
    ] = None
    name: Annotated[
        str, typer.Option("--name", help="Name of the new device; else the base's, -calibrated.")
    ] = ""
    fit: Annotated[
        list[str] | None,
        typer.Option(
            "--fit", help="Numbers to fit, like launch_ns,mac_efficiency; else what the data tell."
        ),
    ] = None
    hold: Annotated[
        list[str] | None,
        typer.Option("--hold", help="Numbers that stay as in the base, like silicon.leakage."),
    ] = None
    network: Annotated[
        str,
        typer.Option("--network", help="What profiles like rknn:FILE are of: their sum counts."),
    ] = ""
    domain: Annotated[
        str,
        typer.Option("--domain", help="What power and energy are of: npu, npu+dram or system."),
    ] = "npu"
    allow_bounds: Annotated[
        bool,
        typer.Option("--allow-bounds", help="Take a number at an end of its range, and say so."),
    ] = False
    precision: Annotated[
        str, typer.Option("--precision", help="What layers ran in: int8, fp16, fp32 or auto.")
    ] = "auto"
    cores: Annotated[
        int,
        typer.Option("--cores", parser=parse_count, metavar="N", help="Cores that layers ran on."),
    ] = 1
    freq: Annotated[
        str | None,
        typer.Option("--freq", help="Clock that layers ran at, like 800MHz; else the highest."),
    ] = None
    overhead: Annotated[
        str,
        typer.Option("--overhead", help="What profiling adds to a layer's time, like 60us."),
    ] = "0s"
    json: options.Json = None
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Draw predicted over measured: .svg or .png.")
    ] = None


@takes(CalibrateOptions)
def calibrate(said: CalibrateOptions) -> None:
    """Fit a device's numbers to measurements of your board, and say how sure each one is.

    Networks that are left out of the fit say how well others are predicted.
    """
    check_outputs(said.out, said.json, said.figure)
    from dfsrt.report.canvas import check_figure_path
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console
    from dfsrt.study.calibration import calibrate as calibrated
    from dfsrt.study.calibration.figure import write_calibration_figure
    from dfsrt.study.calibration.table import show_calibration

    if said.figure is not None:
        check_figure_path(said.figure)
    out = "" if said.out in (None, STDOUT) else str(said.out)
    done = calibrated(said.base, said.measured or [], _wish(said), said.name, out)
    if said.figure is not None:
        write_calibration_figure(done.report, said.figure)
    if said.out is not None:
        write_bytes(done.text.encode(), said.out)
    if said.json is not None:
        write_bytes(to_json(done.report), said.json)
    if STDOUT not in (said.out, said.json):
        show_calibration(make_console(), done.report)


def _wish(said: CalibrateOptions) -> Wish:
    from dfsrt.base.names import unknown_name
    from dfsrt.base.units import parse_freq_hz, parse_time_ns
    from dfsrt.device import Domain
    from dfsrt.network.reading import reading_of
    from dfsrt.study.calibration import Settings, Wish

    if said.domain not in list(Domain):
        raise InputError(f"--domain: {unknown_name('domain', said.domain, list(Domain))}")
    return Wish(
        fit=parse_names(said.fit),
        hold=parse_names(said.hold),
        domain=Domain(said.domain),
        allow_bounds=said.allow_bounds,
        layers=Settings(
            precision=said.precision,
            cores=said.cores,
            freq_hz=None if said.freq is None else parse_freq_hz(said.freq, "--freq"),
            overhead_ns=parse_time_ns(said.overhead, "--overhead"),
            network=said.network,
            asked=reading_of(**reading_fields(said)),
        ),
    )
