"""When do layer-wise clocks pay: dfs against app-dvfs over devices, caps and networks."""

from __future__ import annotations

from dfsrt import Job, load_device
from dfsrt.network import shelf_names
from dfsrt.reproduce import etri

CASES = {
    "rk3588-npu": ("0.14 W", "0.18 W", "0.22 W", "0.26 W"),
    "rk3588-npu-ivr": ("0.14 W", "0.18 W", "0.22 W", "0.26 W"),
    "etri-like": ("8 W", "10 W", "12 W", "15 W"),
}


def survey_text() -> str:
    """Return the table as Markdown: FPS and energy against app-dvfs, mean over the networks."""
    lines = [
        "| device | cap | dfs FPS | dfs energy | dfs at the top voltage, FPS | energy "
        "| dvfs FPS | energy |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for device, caps in CASES.items():
        for cap in caps:
            cells = [cell for g in ("dfs", "top", "dvfs") for cell in _changes(device, cap, g)]
            lines.append(f"| {device} | {cap} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def etri_text() -> str:
    """Return the averages of the three readings and the paper's as Markdown."""
    npu = load_device("etri-like")
    outcome = etri.reproduce(
        etri.Setting("as preset", npu, npu.default_cap_w), etri.load_networks(npu)
    )
    lines = ["| reading of DVFS | FPS | energy |", "|---|---|---|"]
    for name, text in etri.READINGS.items():
        fps = outcome.average(outcome.fps_gain, name)
        energy = outcome.average(outcome.energy_change, name)
        lines.append(f"| {text} | {fps:+.1%} | {energy:+.1%} |")
    lines.append(f"| the paper | {etri.PAPER_FPS:+.1%} | {etri.PAPER_ENERGY:+.1%} |")
    return "\n".join(lines) + "\n"


def _changes(device: str, cap: str, governor: str) -> list[str]:
    fps, energy = [], []
    for network in shelf_names():
        job = Job(network, device=device, cap=cap, frames=4)
        base = job.run("app-dvfs").report
        top_uv = job.npu.opps.set_points_uv[-1]
        name = f"dfs:rail={top_uv}uV" if governor == "top" else governor
        report = job.run(name).report
        fps.append(report.fps / base.fps - 1)
        energy.append(report.energy_per_inference_j / base.energy_per_inference_j - 1)
    return [f"{sum(v) / len(v):+.1%}" for v in (fps, energy)]
