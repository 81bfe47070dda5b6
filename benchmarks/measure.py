"""Measuring: CPU seconds and peak memory of a command, CPU seconds of a call."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


def command_cost(command: Sequence[str], runs: int) -> dict[str, float]:
    """Median CPU seconds and peak memory of a whole process, one warm-up run left out."""
    cpu, peak = [], []
    for _ in range(runs + 1):
        spent_s, peak_mb = process_cost(command)
        cpu.append(spent_s)
        peak.append(peak_mb)
    return {
        "cpu_s": statistics.median(cpu[1:]),
        "cpu_s_min": min(cpu[1:]),
        "cpu_s_max": max(cpu[1:]),
        "peak_mb": max(peak[1:]),
    }


def process_cost(
    command: Sequence[str], env: Mapping[str, str] | None = None
) -> tuple[float, float]:
    """CPU seconds and peak memory in MB of one process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env)
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def call_cpu_s(call: Callable[[], Any], runs: int) -> dict[str, float]:
    """Median CPU seconds of a call, one warm-up call left out."""
    spent = []
    for _ in range(runs + 1):
        begin = time.process_time()
        call()
        spent.append(time.process_time() - begin)
    return {
        "cpu_s": statistics.median(spent[1:]),
        "cpu_s_min": min(spent[1:]),
        "cpu_s_max": max(spent[1:]),
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on, without naming the host."""
    model = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [a.split(":", 1)[1] for a in info.read_text().splitlines() if "model name" in a]
        model = names[0].strip() if names else model
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "shared_and_noisy": True,
        "self_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "executable": Path(sys.executable).name,
    }
