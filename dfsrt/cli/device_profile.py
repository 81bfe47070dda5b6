"""``dfsrt device profile``: another tool's profile of layers, shown or written as dfsrt's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.said_line import tell

if TYPE_CHECKING:
    from dfsrt.recording.layer_times import LayerTimes


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """What is said of a profile."""

    profile: Annotated[
        str,
        typer.Argument(
            metavar="KIND:FILE",
            help="rknn:FILE, vela:FILE, tensorrt:FILE, openvino:FILE or onnxruntime:FILE.",
        ),
    ]
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="Write the layers in int8 as dfsrt's own profile, a .csv file."),
    ] = None
    json: options.Json = None


@takes(ProfileOptions)
def profile(said: ProfileOptions) -> None:
    """Show the layers' times and cycles that another tool has measured or counted."""
    check_outputs(said.csv, said.json)
    if said.csv is not None and said.csv.suffix.lower() != ".csv":
        raise InputError(f"--csv '{said.csv}' is no .csv file; name it like 'profile.csv'")
    from dfsrt.recording.layer_times import read_layer_times
    from dfsrt.report.layer_times import profile_report
    from dfsrt.report.layer_times_table import show_profile
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    times = read_layer_times(said.profile)
    report = profile_report(times)
    written = "" if said.csv is None else _written(times, said.csv)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        show_profile(make_console(), report)
        if written:
            tell(written)


def _written(times: LayerTimes, path: Path) -> str:
    """Write dfsrt's own profile, and say what it holds.

    Raises:
        InputError: not one layer fits into it.
    """
    from dfsrt.device.profile_rows import profile_rows, write_profile

    profile = profile_rows(times)
    if not profile.rows:
        raise InputError(
            f"'{times.path}' has no layer for a profile ({profile.reasons}); it holds layers "
            "in int8 with their shapes and times, as rknn-toolkit2 lists them"
        )
    write_profile(profile.rows, path)
    left_out = f"; left out: {profile.reasons}" if profile.left_out else ""
    return f"{path}: {len(profile.rows)} layers{left_out}"
