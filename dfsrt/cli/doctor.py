"""``dfsrt doctor``: this installation, looked over."""

from __future__ import annotations

import typer

from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes

EXIT_PROBLEMS = 1


def doctor(json: options.Json = None) -> None:
    """Look this installation over: versions, cache, optional parts, compiled code.

    Exit code 1 says that something should be mended; what is optional never is.
    """
    check_outputs(json)
    from dfsrt.report.installation import installation_grids, look_over
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console, show_grids

    report = look_over()
    if json is not None:
        write_bytes(to_json(report), json)
    if json != STDOUT:
        show_grids(make_console(), installation_grids(report))
    if report.problems:
        raise typer.Exit(EXIT_PROBLEMS)
