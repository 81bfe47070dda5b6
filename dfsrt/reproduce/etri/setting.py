"""What the paper leaves open: the settings that span it, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dfsrt.device import Npu
from dfsrt.device.rules import leakage_w
from dfsrt.power.plant import true_leakage


@dataclass(frozen=True, slots=True)
class Setting:
    """One choice of what the paper leaves open."""

    name: str
    npu: Npu
    cap_w: float
    dfs: str = "dfs"
    model: str = "fitted"


def sensitivity(npu: Npu, cap_w: float) -> dict[str, list[Setting]]:
    """Return, for each thing the paper leaves open, the settings that span its stated range."""
    base = Setting("", npu, cap_w)
    return {
        "leakage at the top voltage, share of the cap": [
            replace(base, name=f"{share:.0%}", npu=with_static_share(npu, cap_w, share))
            for share in (0.1, 0.3, 0.5, 0.7)
        ],
        "cap": [replace(base, name=f"{w:g} W", cap_w=w) for w in (8.0, 10.0, 12.0, 15.0)],
        "memory bandwidth": [
            replace(base, name=name, npu=_with_bandwidth(npu, rate))
            for name, rate in (
                ("20 GB/s", 20e9),
                ("40 GB/s", 40e9),
                ("100 GB/s", 100e9),
                ("ideal", float("inf")),
            )
        ],
        "voltage that dfs holds": [
            replace(base, name=f"{uv / 1000:g} mV", dfs=f"dfs:rail={uv}uV")
            for uv in npu.opps.set_points_uv
        ],
        "launch cycles": [
            replace(base, name=str(cycles), npu=replace(npu, launch_cycles=cycles))
            for cycles in (0, 200, 2_000)
        ],
        "bytes copied on chip a clock": [
            replace(base, name=str(count), npu=_with_copies(npu, count))
            for count in (512, 1_024, 4_096)
        ],
        "margin on the power model": [
            replace(base, name=guard, model=f"fitted:guard={guard}")
            for guard in ("0%", "30%", "60%")
        ],
        "spread of layers' activity": [
            replace(base, name=f"sigma {s:g}", npu=_with_spread(npu, s))
            for s in (0.0, 0.1, 0.3, 0.4)
        ],
    }


def with_static_share(npu: Npu, cap_w: float, share: float) -> Npu:
    """Return ``npu`` with leakage scaled to ``share`` of the cap at the top voltage and hot."""
    top_v = npu.opps.set_points_uv[-1] * 1e-6
    at_top_w = sum(leakage_w(scale, top_v**n) for scale, n in true_leakage(npu))
    factor = share * cap_w * npu.rail.efficiency / at_top_w
    leakage = tuple(replace(t, power_w=t.power_w * factor) for t in npu.silicon.leakage)
    return replace(npu, silicon=replace(npu.silicon, leakage=leakage))


def _with_bandwidth(npu: Npu, bytes_per_s: float) -> Npu:
    return replace(npu, memory=replace(npu.memory, bandwidth_bytes_per_s=bytes_per_s))


def _with_copies(npu: Npu, bytes_per_cycle: int) -> Npu:
    return replace(npu, vector=replace(npu.vector, bytes_per_cycle=bytes_per_cycle))


def _with_spread(npu: Npu, sigma: float) -> Npu:
    return replace(npu, hidden=replace(npu.hidden, activity_sigma=sigma))
