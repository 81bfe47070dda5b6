"""``dfsrt live govern`` at 10 Hz on a device that behaves: the share of a core that it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.helpers import fake_devfreq

SECONDS = 30.0
SETTLED_S = 3.0
"""Imports are done by then, on a machine that is not busy; the first decision is waited for."""
MEMORY = Path("/dev/shm")
"""Where files are in memory, as those of sysfs are: to cut a file on a disk takes 0.1 ms."""
HZ = os.sysconf("SC_CLK_TCK")
CASES = {
    "steady": (["demand_hz=250000000"], ["-g", "simple_ondemand"]),
    "many_writes": (
        ["demand_hz=250000000", "swing_hz=900000000"],
        ["-g", "simple_ondemand"],
    ),
    "whole_network": (["demand_hz=250000000"], ["resnet50", "-g", "app-dvfs", "--cap", "0.14W"]),
}


def cpu_s(pid: int) -> float:
    """CPU seconds of a living process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HZ


def peak_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) / 1024


def watchdog_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def governed(root: Path, words: list[str]) -> dict[str, Any]:
    """The share of a core of one command that governs the board below ``root``."""
    command = [sys.executable, "-m", "dfsrt", "live", "govern", *words]
    process = subprocess.Popen(
        [*command, "--root", str(root), "--yes"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()  # the first choice
    time.sleep(SETTLED_S)
    watchdog = watchdog_of(process.pid)
    begin, before = time.monotonic(), (cpu_s(process.pid), cpu_s(watchdog))
    time.sleep(SECONDS)
    took_s, after = time.monotonic() - begin, (cpu_s(process.pid), cpu_s(watchdog))
    peaks = peak_mb(process.pid), peak_mb(watchdog)
    process.send_signal(signal.SIGTERM)
    choices = 1 + process.communicate()[0].count("chose")
    return {
        "core_share": (after[0] - before[0]) / took_s,
        "watchdog_core_share": (after[1] - before[1]) / took_s,
        "choices": choices,
        "peak_mb": peaks[0],
        "watchdog_peak_mb": peaks[1],
    }


def governing() -> dict[str, Any]:
    """All cases, each on a board of its own."""
    results: dict[str, Any] = {"looks_hz": 10, "seconds": SECONDS}
    for name, (device, words) in CASES.items():
        with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
            root = Path(folder) / "board"
            keeper = subprocess.Popen(
                [sys.executable, str(fake_devfreq.__file__), str(root), *device],
                stdout=subprocess.PIPE,
            )
            assert keeper.stdout is not None
            keeper.stdout.readline()
            results[name] = governed(root, words)
            keeper.kill()
            keeper.communicate()
    return results


if __name__ == "__main__":
    from benchmarks.__main__ import keep_commands

    keep_commands("governing", {"governing": governing()})
