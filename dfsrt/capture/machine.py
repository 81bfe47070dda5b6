"""The machine that a capture ran on, with nothing that tells whose it is."""

from __future__ import annotations

import platform
from pathlib import Path

from dfsrt.base.reading import read_bytes

CPUINFO = Path("/proc/cpuinfo")


def cpu_model(cpuinfo: Path = CPUINFO) -> str:
    """Return the processor's model name, or its architecture where the system does not say."""
    try:
        text = read_bytes(cpuinfo).decode("utf-8", "replace")
    except OSError:
        return platform.machine() or "unknown"
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip() == "model name" and value.strip():
            return " ".join(value.split())
    return platform.machine() or "unknown"
