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
    """Layer executions a CPU second, all of them walked, book included, compiled code warm."""
    job = _job(frames, step)
    begin = time.process_time()
    run = execute(job, governor, walks=True)
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
            ("compiled_dvfs", _rate("kernel", "dvfs", 300_000)),
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
    """A thousand million layer executions, walked in one go; memory is the process's peak."""
    frames = 10**9 // len(_job(1, "layer").table.load.names) + 1
    begin = time.process_time()
    rate = _rate("kernel", "dfs", frames)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent_s = time.process_time() - begin
    return {"layers_per_cpu_s": round(rate), "cpu_s": spent_s, "peak_mb": peak_mb}


def repeated() -> dict[str, Any]:
    """A thousand million frames that repeat, and so are multiplied, under clocks and voltages."""
    seconds = {}
    for governor in ("dfs", "dvfs"):
        job = _job(10**9, "auto")
        begin = time.process_time()
        execute(job, governor)
        seconds[f"{governor}_cpu_s"] = round(time.process_time() - begin, 4)
    return {"frames": 10**9, **seconds}


def per_frame() -> dict[str, Any]:
    """Nanoseconds of a frame that is walked, of a small, a middling and a long network."""
    cost = {}
    for network, frames in (("alexnet", 10**6), ("resnet50", 300_000), ("densenet121", 10**5)):
        job = make_job(network, frames=frames, detail="summary", step="kernel")
        job.table  # noqa: B018 - worked out here, and not in what is timed
        spent = []
        for _ in range(3):
            begin = time.process_time()
            execute(job, "dfs", walks=True)
            spent.append(time.process_time() - begin)
        cost[f"{network}_ns"] = round(min(spent) / frames * 1e9, 1)
    return cost


def ten_hours() -> dict[str, Any]:
    """Ten hours of squeezenet back to back: some 60 million requests in constant memory."""
    begin = time.process_time()
    run = execute(make_job("squeezenet", until="10 h", detail="summary"), walks=True)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "requests": run.book.frames,
        "cpu_s": round(time.process_time() - begin, 1),
        "peak_mb": round(peak_mb),
    }


if __name__ == "__main__":
    import json

    parts = (loop_rates, billion, repeated, per_frame, ten_hours)
    results = {part.__name__: part() for part in parts}
    print(json.dumps(results, indent=2))
