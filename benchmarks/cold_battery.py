"""Battery scenarios at first use: with shipped machine code, and where it is made on the spot."""

from __future__ import annotations

import compileall
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.first_use import DFSRT
from benchmarks.living import one_run
from benchmarks.measure import process_cost
from tests.helpers.unshipped import ROOT, without_machine_code

COMMANDS = (
    "battery infinite-zoom-phone",
    "battery camera-detection-phone",
    "battery phone-day",
    "battery voice-glasses",
    "battery edge-camera",
    "battery compare infinite-zoom-phone",
    "battery infinite-zoom-phone --samples 8",
)
MADE_HERE = "battery infinite-zoom-phone"
RUNS = 3


def cold_battery() -> dict[str, Any]:
    """CPU seconds and peak memory of whole processes: medians of an empty cache and of a full one.

    ``made_here`` is a copy of the package without what is shipped, as after a change of the loops'
    sources, or on another platform.
    """
    compileall.compile_dir(ROOT / "dfsrt", quiet=1)
    found: dict[str, Any] = {command: _cost(command, str(ROOT)) for command in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        copy = without_machine_code(Path(folder) / "package")
        compileall.compile_dir(copy / "dfsrt", quiet=1)
        found[f"made here: {MADE_HERE}"] = _cost(MADE_HERE, str(copy), runs=1)
    libraries = (ROOT / "machinecode").rglob("*.so")
    found["shipped"] = {"kb": round(sum(path.stat().st_size for path in libraries) / 1e3)}
    eight_hours = [one_run() for _ in range(RUNS)]
    found["8 h of infinite zoom"] = sorted(eight_hours, key=lambda one: one["cpu_s"])[1]
    return found


def _cost(command: str, package: str, runs: int = RUNS) -> dict[str, Any]:
    cold, warm = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            place = {"XDG_CACHE_HOME": folder, "PYTHONPATH": package}
            env = {**os.environ, "NUMBA_CACHE_DIR": "", **place}
            words = [DFSRT, *command.split()]
            cold.append(process_cost(words, env))
            warm.append(process_cost(words, env))
    return {
        "target": "cold_cpu_s < 4",
        "cold_cpu_s": round(statistics.median(spent for spent, _ in cold), 2),
        "cold_peak_mb": round(max(peak for _, peak in cold)),
        "warm_cpu_s": round(statistics.median(spent for spent, _ in warm), 2),
        "warm_peak_mb": round(max(peak for _, peak in warm)),
    }


def main() -> None:
    """Measure this part alone and keep it."""
    from benchmarks.__main__ import keep_commands

    keep_commands("cold-battery", cold_battery())


if __name__ == "__main__":
    main()
