"""What schedules change: bytes, layers that wait for memory, and what layer-wise clocks bring."""

from __future__ import annotations

from dfsrt import Job

DEVICE = "rk3588-npu:cores=3"
CAP = "0.55 W"
NETWORKS = ("resnet50", "densenet121", "mobilenetv2", "squeezenet")
SCHEDULES = ("layerwise", "resident", "best")


def schedules_text() -> str:
    """Return a table of networks and schedules as Markdown."""
    lines = [
        "| network | schedule | DRAM a frame | layers that wait at the top clock | app-dvfs | dfs "
        "| dfs gains | all energy a frame, dfs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(network, schedule) for network in NETWORKS for schedule in SCHEDULES]
    return "\n".join(lines) + "\n"


def _row(network: str, schedule: str) -> str:
    job = Job(network, device=DEVICE, cap=CAP, frames=4, schedule=schedule)
    load = job.table.load
    waiting = load.waits_for_memory[:, -1] & (load.dram_bytes > 0)
    base, dfs = (job.run(governor).report for governor in ("app-dvfs", "dfs"))
    cells = (
        network,
        schedule,
        f"{load.dram_bytes.sum() * 1e-6:.1f} MB",
        f"{int(waiting.sum())} of {len(waiting)}",
        f"{base.fps:.1f} FPS",
        f"{dfs.fps:.1f} FPS",
        f"{dfs.fps / base.fps - 1:+.1%}",
        f"{dfs.energy_by_domain_j.total / dfs.frames * 1e3:.2f} mJ",
    )
    return f"| {' | '.join(cells)} |"
