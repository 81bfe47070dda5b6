"""``dfsrt device``: look at a device, or make one from a device tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dfsrt.base import defaults
from dfsrt.base.files import check_new_file
from dfsrt.base.notice import notice
from dfsrt.cli import device_calibrate, device_check, device_profile
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes

app = typer.Typer(
    no_args_is_help=True,
)

Name = Annotated[
    str,
    typer.Argument(
        autocompletion=completed("device"),
        help="A device by name or .toml file: NAME[:bin=BIN][:rail=RAIL][:cores=N][:KEY=VALUE], "
        "KEY as in its file, like array.rows.",
    ),
]
SheetJson = Annotated[
    Path | None, typer.Option("--json", help="Write all numbers as JSON; '-' is standard output.")
]
Files = Annotated[
    list[Path],
    typer.Argument(
        help="Device tree: source, preprocessor's output or compiled; then what is laid upon it."
    ),
]
Base = Annotated[
    str,
    typer.Option(
        "--base",
        autocompletion=completed("device"),
        help="Device that everything else is taken from.",
    ),
]
DeviceName = Annotated[
    str, typer.Option("--name", help="Name of the new device; else the file's own.")
]
TableName = Annotated[
    str,
    typer.Option("--table", help="Label or path, or the device that uses it, where several are."),
]
DefaultBin = Annotated[
    str,
    typer.Option(
        "--default-bin", "--bin", help="Speed bin to use when none is asked for; else L0."
    ),
]
Hardware = Annotated[
    str | None,
    typer.Option("--supported-hw", help="Hardware version that picks points, like 0x1,0x8."),
]
Volts = Annotated[
    list[str] | None,
    typer.Option(
        "--volts", help="Voltage of points that name none, like 800mV; of a level: 64=600mV."
    ),
]
IncludeFolders = Annotated[
    list[Path] | None, typer.Option("-I", help="Folder of included files, for cpp; repeatable.")
]
Defines = Annotated[
    list[str] | None, typer.Option("-D", help="Macro for cpp, like NAME=VALUE; repeatable.")
]
Out = Annotated[
    Path, typer.Option("--out", "-o", help="Device file to write; '-' is standard output.")
]


@app.command("show")
def show_device(device: Name, json: SheetJson = None) -> None:
    """Show every number of a device with its unit, range and source, and who says it."""
    check_outputs(json)
    from dfsrt.report.device_sheet import device_sheet
    from dfsrt.report.device_sheet_table import show_sheet
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    sheet, keys = device_sheet(device)
    if json is not None:
        write_bytes(to_json(sheet), json)
    if json != STDOUT:
        show_sheet(make_console(), sheet, keys)


@app.command("new")
def new_device(base: Base = defaults.DEVICE, name: DeviceName = "", out: Out = STDOUT) -> None:
    """Write a device file on a base, with every number of it in comments, ready to edit."""
    check_outputs(out)
    from dfsrt.device.template import device_template, name_of

    if out == STDOUT:
        write_bytes(device_template(base, name or f"my-{name_of(base)}").encode(), out)
        return
    check_new_file(out)
    write_bytes(device_template(base, name or name_of(out.name), out).encode(), out)


app.command("check")(device_check.check)
app.command("calibrate")(device_calibrate.calibrate)
app.command("profile")(device_profile.profile)


@app.command("import-dt")
def import_dt(
    files: Files,
    name: DeviceName = "",
    base: Base = defaults.DEVICE,
    supported_hw: Hardware = None,
    table: TableName = "",
    default_bin: DefaultBin = "",
    volts: Volts = None,
    folders: IncludeFolders = None,
    defines: Defines = None,
    out: Out = STDOUT,
) -> None:
    """Read the operating points of a device tree into a device file."""
    check_outputs(out)
    from dfsrt.device import devicetree

    imported = devicetree.import_device_tree(
        devicetree.read_device_tree(*files, macros=devicetree.Macros(folders or (), defines or ())),
        name=name,
        base=base,
        supported_hw=None if supported_hw is None else devicetree.parse_supported_hw(supported_hw),
        table=table,
        default_bin=default_bin,
        volts=volts or (),
    )
    for warning in imported.warnings:
        notice(f"note: {warning}")
    write_bytes(imported.text.encode(), out)
