"""Boards for calibrations: devices with planted numbers, whose times the product predicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.device.at_memory import at_memory_point
from dfsrt.network import load_network
from dfsrt.power.workload import workload

NETWORKS = (
    *("mobilenetv2", "yolov5s-relu", "yolov8n", "resnet50", "squeezenet", "vit_b_16"),
    *("shufflenet", "densenet121", "vgg19", "alexnet", "inception_v1", "efficientnet_b0"),
)
PLANTED = {
    "run.launch_ns": 20_000,
    "cores.bandwidth_bytes_per_s": 8e9,
    "engine.channel.mac_efficiency": 0.65,
}


def device_file(folder: Path, numbers: dict[str, object], base: str = "rk3588-npu") -> Path:
    """Write a device with some of its base's numbers set to others; keys by their path."""
    lines = ["format = 1", f'base = "{base}"', 'name = "planted"', 'description = "a test"']
    for path, value in numbers.items():
        table, _, key = path.rpartition(".")
        text = f"{{ {', '.join(f'{k} = {v}' for k, v in value.items())} }}" if isinstance(
            value, dict
        ) else str(value)  # fmt: skip
        lines += [f"[{table}]" if f"[{table}]" not in lines else "", f"{key} = {text}"]
        lines += [f'source.{key} = "planted by a test"']
    path = folder / "planted.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def seconds(device: str, network: str, level: int = -1, precision: str = "auto") -> float:
    """What the product says of one inference."""
    npu = at_memory_point(load_device(device), -1)
    stored = at_device_precision(load_network(network), npu, precision)
    return float(workload(cost_network(stored, npu), npu).duration_ns[:, level].sum()) * 1e-9


def board_csv(
    path: Path, times: dict[str, float], noise: float = 0.0, seed: int = 0, more: str = ""
) -> Path:
    """Write a CSV of networks, each time with log-normal noise."""
    rng = np.random.default_rng(seed)
    lines = [f"{n},{t * np.exp(rng.normal(0, noise)):.9g}{more}" for n, t in times.items()]
    path.write_text("\n".join(["network,latency_s" + ",precision" * bool(more), *lines]) + "\n")
    return path
