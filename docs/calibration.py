"""The page of calibration, its commands run in order; and the presets that calibration made."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from dfsrt.device.truth_file import SHELF
from dfsrt.report.device_check import check_device
from dfsrt.study.calibration import Calibrated, calibrate
from docs.walks import walked

PAGE = Path(__file__).parent / "calibration.md"
PRESETS = SHELF.parent / "presets"

CALIBRATED = {
    "hexagon-8gen2": ("hexagon-spec", "hexagon_8gen2_networks.csv"),
    "orin-dla": ("orin-dla-spec", "orin_dla_networks.csv"),
}
"""Presets that ``dfsrt device calibrate`` wrote, with their base and their measurements."""
DESCRIPTIONS = {
    "hexagon-8gen2": "Qualcomm Hexagon of Snapdragon 8 Gen 2 and QCS8550, calibrated on 5 networks",
    "orin-dla": "one of AGX Orin's 2 DLAs, the other at work too, calibrated on 5 networks",
}
_SHELF = re.compile(r"(<!-- shelf -->\n).*(<!-- /shelf -->)", re.DOTALL)

HEADS = ("preset", "rows", "before", "fitted", "left out", "one factor", "held out")


def refreshed(text: str) -> str:
    """Return the page with every output as it is now: its files written, its commands in order."""
    text = _SHELF.sub(lambda m: f"{m[1]}{shelf_text()}{m[2]}", text)
    return walked(text)


def shelf_text() -> str:
    """Return the table of calibrated presets with their errors."""
    rows = [HEADS, ("---", *("---:",) * (len(HEADS) - 1)), *map(shelf_row, CALIBRATED)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def shelf_row(name: str) -> tuple[str, ...]:
    """Return a preset's row under ``HEADS``."""
    (e,) = calibrated(name).report.errors
    pairs = (
        (e.base_mean, e.base_worst), (e.fitted_mean, e.fitted_worst),
        (e.left_out_mean, e.left_out_worst), (e.scaled_mean, e.scaled_worst),
    )  # fmt: skip
    held = check_device(name).by_use.get("held out")
    held_out = "-" if held is None else _percent(held.mean_error, held.worst_error)
    return (f"`{name}`", str(e.rows), *(_percent(*pair) for pair in pairs), held_out)


def _percent(mean: float, worst: float) -> str:
    return f"{mean:.1%}, {worst:+.1%}"


@cache
def calibrated(name: str) -> Calibrated:
    """Return what the calibration of a preset makes of its base and its measurements now."""
    base, measured = CALIBRATED[name]
    out = str(PRESETS / f"{name}.toml")
    return calibrate(base, [str(SHELF / measured)], name=name, out=out)


def preset_text(name: str) -> str:
    """Return the file of a calibrated preset as the calibration writes it now."""
    text = calibrated(name).text
    line = f'description = "{DESCRIPTIONS[name]}"'
    return re.sub(r"^description = .*$", line, text, flags=re.MULTILINE)


def main() -> None:
    for name in CALIBRATED:
        (PRESETS / f"{name}.toml").write_text(preset_text(name), encoding="utf-8")
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
