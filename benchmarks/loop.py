"""The loop as machine code, as plain Python, and a bare table loop beside them, in one run."""

from __future__ import annotations

import resource
import time
from typing import Any

from dfsrt.run.job import Job, make_job
from dfsrt.run.run import execute


def _bare(duration: Any, level: Any, frames: int) -> int:
    total = 0
    for _ in range(frames):
        for layer in range(len(level)):
            total += duration[layer, level[layer]]
    return total


def _job(frames: int, step: str) -> Job:
    job = make_job("resnet50", frames=frames, detail="summary", step=step)
    job.table  # noqa: B018 - worked out here, and not in what is timed
    return job


def _rate(step: str, governor: str, frames: int) -> float:
    """Layer executions a CPU second, book included, compiled code warm."""
    job = _job(frames, step)
    begin = time.process_time()
    run = execute(job, governor)
    return run.book.layer_runs / (time.process_time() - begin)


def _bare_rate(frames: int) -> float:
    from dfsrt.base.compiled import compiled

    job, loop = _job(1, "layer"), compiled(_bare, allocates=False)
    level = execute(job, "dfs").log.level[: len(job.table.load.names)]
    loop(job.table.duration_ns, level, 1)
    begin = time.process_time()
    loop(job.table.duration_ns, level, frames)
    return frames * len(level) / (time.process_time() - begin)


def loop_rates() -> dict[str, Any]:
    """Median of three interleaved runs of each."""
    _rate("kernel", "dfs", 10)
    rates_of: dict[str, list[float]] = {}
    for _ in range(3):
        for name, rate in (
            ("plain_dfs", _rate("layer", "dfs", 1_000)),
            ("compiled_dfs", _rate("kernel", "dfs", 1_000_000)),
            ("plain_dvfs", _rate("layer", "dvfs", 500)),
            ("compiled_dvfs", _rate("kernel", "dvfs", 20_000)),
            ("bare_loop", _bare_rate(2_000_000)),
        ):
            rates_of.setdefault(name, []).append(rate)
    rates = {name: sorted(values)[1] for name, values in rates_of.items()}
    return {
        **{f"{name}_layers_per_cpu_s": round(rate) for name, rate in rates.items()},
        "compiled_over_plain_dfs": rates["compiled_dfs"] / rates["plain_dfs"],
        "compiled_over_plain_dvfs": rates["compiled_dvfs"] / rates["plain_dvfs"],
        "compiled_over_bare_loop": rates["compiled_dfs"] / rates["bare_loop"],
    }


def billion() -> dict[str, Any]:
    """A thousand million layer executions in one go; memory is this process's peak so far."""
    frames = 10**9 // len(_job(1, "layer").table.load.names) + 1
    begin = time.process_time()
    rate = _rate("kernel", "dfs", frames)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent_s = time.process_time() - begin
    return {"layers_per_cpu_s": round(rate), "cpu_s": spent_s, "peak_mb": peak_mb}


def ten_hours() -> dict[str, Any]:
    """Ten hours of squeezenet back to back: some 60 million requests in constant memory."""
    begin = time.process_time()
    run = execute(make_job("squeezenet", until="10 h", detail="summary"))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "requests": run.book.frames,
        "cpu_s": round(time.process_time() - begin, 1),
        "peak_mb": round(peak_mb),
    }


if __name__ == "__main__":
    import json

    results = {"loop_rates": loop_rates(), "billion": billion(), "ten_hours": ten_hours()}
    print(json.dumps(results, indent=2))
