"""How every experiment is shown: its tables, or JSON, or both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.cli.output import STDOUT, write_bytes

if TYPE_CHECKING:
    from dfsrt.reproduce.experiment import Experiment


def publish(experiment: Experiment, json: Path | None) -> None:
    """Write JSON where it is asked for, and the tables unless JSON goes where they would."""
    from dfsrt.report.tables import make_console, show_grids

    if json is not None:
        write_bytes(experiment.to_json(), json)
    if json != STDOUT:
        show_grids(make_console(), tuple(experiment.grids()))
