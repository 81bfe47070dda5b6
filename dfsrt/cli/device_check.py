"""``dfsrt device check``: a device, or every preset, against what was measured on the real one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_html_path, check_outputs, write_bytes

if TYPE_CHECKING:
    from dfsrt.report.device_check import DeviceCheck

EXIT_UNMEASURED = 1


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What is said of a check."""

    device: Annotated[
        str | None,
        typer.Argument(
            autocompletion=completed("device"),
            help="A device by name or .toml file; all presets without.",
            show_default=False,
        ),
    ] = None
    truth: Annotated[
        Path | None,
        typer.Option("--truth", help="A .toml file of measurements; else the preset's own."),
    ] = None
    json: options.Json = None
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Draw predicted over measured: .svg or .png.")
    ] = None
    html: Annotated[
        Path | None, typer.Option("--html", help="Write figures and tables as one HTML page.")
    ] = None


@takes(CheckOptions)
def check(said: CheckOptions) -> None:
    """Show what a device predicts beside what was measured on the real one; all presets without.

    Exit code 1 says that nobody has measured the device.
    """
    check_outputs(said.json, said.figure, said.html)
    if said.device is None:
        _check_presets(said)
    else:
        _check_one(said.device, said)


def _check_presets(said: CheckOptions) -> None:
    for option in ("truth", "figure", "html"):
        given = getattr(said, option)
        if given is not None:
            raise InputError(
                f"--{option} is of one device; name it: dfsrt device check NAME --{option} {given}"
            )
    from dfsrt.report.device_checks import check_presets, show_checks
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    checks = check_presets()
    if said.json is not None:
        write_bytes(to_json(checks), said.json)
    if said.json != STDOUT:
        show_checks(make_console(), checks)


def _check_one(device: str, said: CheckOptions) -> None:
    from dfsrt.report.canvas import check_figure_path
    from dfsrt.report.device_check import check_device
    from dfsrt.report.device_check_table import show_check
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    if said.figure is not None:
        check_figure_path(said.figure)
    check_html_path(said.html)
    report = check_device(device, said.truth)
    _draw(report, said)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        show_check(make_console(), report)
    if not report.measured:
        raise typer.Exit(EXIT_UNMEASURED)


def _draw(report: DeviceCheck, said: CheckOptions) -> None:
    if said.figure is not None:
        from dfsrt.report.device_check_figure import write_check_figure

        write_check_figure(report, said.figure)
    if said.html is not None:
        from dfsrt.report.page import write_page
        from dfsrt.report.page.device import device_page

        write_page(device_page(report), said.html)
