"""What it takes to predict every layer of a large network at every operating point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchmarks.measure import call_cpu_s

if TYPE_CHECKING:
    from dfsrt.network import Layer

MOST_UNLIKE = 200
"""Distinct layers of a large network, which repeats all others. Source: assumed."""


def predicting(model: Any, card: str = "h100-sxm") -> dict[str, Any]:
    from dfsrt.cost import at_device_precision, cost_network
    from dfsrt.device import load_device
    from dfsrt.network import Kind, from_onnx_model
    from dfsrt.power.choose import choose_model
    from dfsrt.power.gpu import predict_layers
    from dfsrt.power.models import open_model
    from dfsrt.power.table import predicted_table
    from dfsrt.power.workload import workload

    network = from_onnx_model(model, "unet", fuse=False)
    npu = load_device("mdla")
    costs = cost_network(at_device_precision(network, npu), npu)
    load = workload([c for c in costs if c.layer.kind is not Kind.VIEW], npu)
    bounded = choose_model("fitted", npu, 0.99)
    bundle = open_model(card)
    layers = [a for a in network.layers if a.kind is not Kind.VIEW]
    predicted_table(load, npu, bounded)  # opens the model
    predict_layers(bundle, layers, 0.95)
    unlike = _unlike(layers)
    return {
        "nodes": len(model.graph.node),
        "layers": len(layers),
        "points": len(npu.opps) * len(npu.opps.set_points_uv),
        "mdla_bound": call_cpu_s(lambda: predicted_table(load, npu, bounded), runs=9),
        "h100_sxm": call_cpu_s(lambda: predict_layers(bundle, layers, 0.95), runs=9),
        "h100_sxm_nhwc": call_cpu_s(
            lambda: predict_layers(bundle, layers, 0.95, ["nhwc"] * len(layers)), runs=9
        ),
        "unlike": len(unlike),
        "h100_sxm_unlike": call_cpu_s(lambda: predict_layers(bundle, unlike, 0.95), runs=9),
    }


def _unlike(layers: Sequence[Layer]) -> list[Layer]:
    """As many distinct layers as a large network has: the first at many batch sizes."""
    distinct = list({(a.op, a.outputs[0].shape): a for a in layers}.values())[:MOST_UNLIKE]
    return [
        replace(a, outputs=(replace(a.outputs[0], shape=(n, *a.outputs[0].shape[1:])),))
        for a in distinct
        for n in range(1, 1 + MOST_UNLIKE // len(distinct))
    ]
