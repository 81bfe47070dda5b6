"""What a calibration on 20 networks takes: of time alone, with power, and at two clocks."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import process_cost

DFSRT = str(Path(sys.executable).with_name("dfsrt"))
NETWORKS = (
    *("alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet"),
    *("squeezenet", "vgg19", "zfnet512", "deeplabv3-mobilenetv2", "efficientnet_b0", "mobilenetv2"),
    *("resnet18", "vit_b_16", "yolov5n", "yolov5s", "yolov5s-relu", "yolov7-tiny", "yolov8n"),
    "yolov8s",
)
SLOWER = {"time": 1.4, "energy": 1.2}
"""Times that the board takes as long and as much as the base, beside 2 % of noise."""


def calibrating() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        board = Path(folder) / "board.csv"
        costs = {}
        for what, text in _boards().items():
            board.write_text(text)
            out = Path(folder) / f"{what}.toml"
            command = [DFSRT, "device", "calibrate", "rk3588-npu", "-m", str(board), "-o", str(out)]
            process_cost(command)  # networks are read once, and kept
            begin = time.perf_counter()
            cpu_s, peak_mb = process_cost(command)
            wall_s = time.perf_counter() - begin
            costs[what] = {"cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak_mb}
    return {"networks": len(NETWORKS), **costs}


def _boards() -> dict[str, str]:
    """A board for each kind of data: times that the base would take, each with noise."""
    both = (600_000_000, 1_000_000_000)
    return {
        "time": _board(both[1:], power=False),
        "time_and_power": _board(both[1:], power=True),
        "two_clocks": _board(both, power=True),
    }


def _board(clocks: Sequence[int], power: bool) -> str:
    from dfsrt.cost import at_device_precision, cost_network
    from dfsrt.device import load_device
    from dfsrt.device.at_memory import at_memory_point
    from dfsrt.network import load_network
    from dfsrt.power.plant import build_plant, true_npu_w
    from dfsrt.power.workload import workload

    npu, rng = at_memory_point(load_device("rk3588-npu"), -1), np.random.default_rng(0)
    freqs = np.array(npu.opps.freqs_hz, dtype=np.float64)
    rows = ["network,freq_hz,latency_s" + ",power_w" * power]
    for network in NETWORKS:
        load = workload(cost_network(at_device_precision(load_network(network), npu), npu), npu)
        plant = build_plant(npu, load, 0)
        for clock in clocks:
            level = npu.opps.freqs_hz.index(clock)
            volts = np.array(npu.opps.points[level].rail_uv * 1e-6)
            watts = true_npu_w(plant, load, freqs, volts)[:, level]
            times_s = load.duration_ns[:, level] * 1e-9
            noise = np.exp(rng.normal(0, 0.02, 2))
            latency_s = SLOWER["time"] * float(times_s.sum()) * noise[0]
            mean_w = SLOWER["energy"] * float((watts * times_s).sum() / times_s.sum()) * noise[1]
            rows.append(f"{network},{clock},{latency_s:.9g}" + f",{mean_w:.6g}" * power)
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(json.dumps(calibrating(), indent=2))
