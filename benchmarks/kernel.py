"""The compiled kernel against the SimPy path and a bare table loop, in one run."""

from __future__ import annotations

import resource
import time
from typing import Any

from dfsrt import Job
from dfsrt.governor import make_governor
from dfsrt.report.totals import Totals
from dfsrt.run import KernelRuntime, Runtime
from dfsrt.run.kept import LastFrame


def _bare(duration: Any, level: Any, frames: int) -> int:
    total = 0
    for _ in range(frames):
        for layer in range(len(level)):
            total += duration[layer, level[layer]]
    return total


def _rate(engine: type[Runtime], job: Job, governor: str, frames: int) -> float:
    """Layer executions a CPU second, books and totals included, compiled code warm."""
    runtime = engine(job.table, make_governor(governor), job.power_cap, frames)
    runtime.every_row = False
    begin = time.process_time()
    runtime.stream(Totals(job.table, job.power_cap), LastFrame(frames - 1))
    return frames * len(job.table.load.names) / (time.process_time() - begin)


def _bare_rate(job: Job, frames: int) -> float:
    from dfsrt.base.compiled import compiled

    loop = compiled(_bare, allocates=False)
    level = job.run("dfs").log.level[: len(job.table.load.names)]
    loop(job.table.duration_ns, level, 1)
    begin = time.process_time()
    loop(job.table.duration_ns, level, frames)
    return frames * len(level) / (time.process_time() - begin)


def kernel_rates() -> dict[str, Any]:
    """Median of three interleaved runs of each."""
    job = Job("resnet50", frames=1)
    _rate(KernelRuntime, job, "dfs", 10)
    _rate(KernelRuntime, job, "dvfs", 2_000)
    found: dict[str, list[float]] = {}
    for _ in range(3):
        for name, rate in (
            ("simpy_dfs", _rate(Runtime, job, "dfs", 1_000)),
            ("kernel_dfs", _rate(KernelRuntime, job, "dfs", 1_000_000)),
            ("simpy_dvfs", _rate(Runtime, job, "dvfs", 500)),
            ("kernel_dvfs", _rate(KernelRuntime, job, "dvfs", 20_000)),
            ("bare_loop", _bare_rate(job, 2_000_000)),
        ):
            found.setdefault(name, []).append(rate)
    rates = {name: sorted(values)[1] for name, values in found.items()}
    return {
        **{f"{name}_layers_per_cpu_s": round(rate) for name, rate in rates.items()},
        "kernel_over_simpy_dfs": rates["kernel_dfs"] / rates["simpy_dfs"],
        "kernel_over_simpy_dvfs": rates["kernel_dvfs"] / rates["simpy_dvfs"],
        "kernel_over_bare_loop": rates["kernel_dfs"] / rates["bare_loop"],
    }


def billion() -> dict[str, Any]:
    """A thousand million layer executions in one go; memory is this process's peak so far."""
    job = Job("resnet50", frames=1)
    frames = 10**9 // len(job.table.load.names) + 1
    begin = time.process_time()
    _rate(KernelRuntime, job, "dfs", frames)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"layer_runs": frames * len(job.table.load.names),
            "cpu_s": time.process_time() - begin, "peak_mb": peak_mb}  # fmt: skip


if __name__ == "__main__":
    import json

    print(json.dumps({"kernel_rates": kernel_rates(), "billion": billion()}, indent=2))
