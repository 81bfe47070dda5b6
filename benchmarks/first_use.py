"""First use: what commands cost with an empty cache folder, and once all is kept in it."""

from __future__ import annotations

import compileall
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import dfsrt
from benchmarks.measure import process_cost

DFSRT = str(Path(sys.executable).with_name("dfsrt"))
COMMANDS = {
    "run resnet50": "cold < 4, warm < 0.5 and peak_mb < 90",
    "run resnet50 -d rk3588-npu:bin=L3": "cold < 4",
    "run infinite-zoom": "cold < 4",
    "run resnet50 -g optimal": "cold < 4",
    "compare resnet50": "cold < 4, warm < 1.2",
    "frontier resnet50": "cold < 4, warm < 2",
    "replay voice-assistant": "cold < 4",
    "battery infinite-zoom-phone": "cold < 4",
}
WARM_RUNS = 3


def first_use() -> dict[str, Any]:
    """Each command in a cache folder of its own: CPU seconds and peak memory, cold and warm.

    Bytecode is there, as it is after any installation.
    """
    compileall.compile_dir(Path(dfsrt.__file__).parent, quiet=1)
    return {command: _cost(command, target) for command, target in COMMANDS.items()}


def _cost(command: str, target: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "XDG_CACHE_HOME": folder, "NUMBA_CACHE_DIR": ""}
        words = [DFSRT, *command.split()]
        cold = process_cost(words, env)
        warm = sorted(process_cost(words, env) for _ in range(WARM_RUNS))[WARM_RUNS // 2]
        kept_mb = sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file()) / 1e6
    return {
        "target": target,
        "cold_cpu_s": round(cold[0], 2),
        "cold_peak_mb": round(cold[1]),
        "warm_cpu_s": round(warm[0], 2),
        "warm_peak_mb": round(warm[1]),
        "kept_mb": round(kept_mb, 2),
    }


def main() -> None:
    """Measure this part alone and keep it."""
    from benchmarks.__main__ import keep_commands

    keep_commands("first-use", first_use())


if __name__ == "__main__":
    main()
