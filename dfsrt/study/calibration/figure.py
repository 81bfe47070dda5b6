"""A calibration's figure: predicted over measured, fitted and left out, as a check's."""

from __future__ import annotations

from pathlib import Path

from dfsrt.report.device_check import CheckedEntry, DeviceCheck
from dfsrt.report.device_check_figure import write_check_figure
from dfsrt.study.calibration.result import CalibratedRow, Calibration

_UNITS = {"time": "s", "energy": "J"}


def write_calibration_figure(report: Calibration, path: Path) -> None:
    """Draw what the fit says of each measurement, and what one without its network says.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    write_check_figure(check_of(report), path)


def check_of(report: Calibration) -> DeviceCheck:
    """Return the calibration as a check: held out is what a fit without the network says.

    Each network has its name at that point alone.
    """
    fitted = [_entry(row, row.fitted, "fitted") for row in report.rows]
    left_out = [_entry(row, row.left_out, "held out") for row in report.rows]
    what = f"calibrated on {', '.join(report.sources)}"
    return DeviceCheck(
        device=report.device, measured=True, what=what, measurements=[*fitted, *left_out]
    )


def _entry(row: CalibratedRow, predicted: float, used: str) -> CheckedEntry:
    return CheckedEntry(
        network=row.network if used == "held out" else "",
        precision=row.precision,
        cores=row.cores,
        freq_hz=row.freq_hz,
        predicted=predicted,
        measured=row.measured,
        unit=_UNITS[row.quantity],
        error=predicted / row.measured - 1,
        used=used,
        source="",
        conditions="",
    )
