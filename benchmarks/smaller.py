"""What transforms take: a network of ResNet-50's size with random weights, and fits of digits."""

from __future__ import annotations

import json
import resource
import time
from typing import Any

STEPS = (
    "prune:ratio=0.5",
    "prune:scope=global",
    "prune:nm=2of4",
    "prune:block=4",
    "share:values=16",
    "share:values=256",
    "share:per=channel",
    "int4",
    "int8",
)
TARGETS = (
    "int8 < 10, 2:4 and unstructured < 2, 16 values < 3, survey < 1, refit of digits < 2; "
    "peak_mb < 1200"
)


def smaller() -> dict[str, Any]:
    from dfsrt.optimize.data import load_calibration
    from dfsrt.optimize.source import model_with_values

    model = random_weights("resnet50")
    data = load_calibration("random", model, 8)
    costs: dict[str, Any] = {f"resnet50 {step}": _cpu_s(step, model, data) for step in STEPS}
    digits = model_with_values("digits")
    own = load_calibration("digits", digits)
    for step in ("prune:nm=2of4:refit", "prune:ratio=0.5:refit", "prune:channels=0.5:refit"):
        costs[f"digits {step}"] = _cpu_s(step, digits, own)
    return costs


def _cpu_s(step: str, model: Any, data: Any) -> dict[str, float]:
    from dfsrt.optimize import parse_steps, survey

    (transform,) = parse_steps(step)
    begin = time.process_time()
    after = transform.apply(model, data)
    applied = time.process_time()
    survey(after)
    return {
        "cpu_s": round(applied - begin, 2),
        "survey_cpu_s": round(time.process_time() - applied, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
    }


def random_weights(network: str) -> Any:
    """A network of the shelf whose weights, filled in by their shapes there, are normal ones."""
    import numpy as np
    from onnx import numpy_helper

    from dfsrt.network import read_network

    _, model, _ = read_network(network, {})
    random, nodes = np.random.default_rng(0), list(model.graph.node)
    stored = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    del model.graph.node[:]
    for node in nodes:
        if node.op_type != "ConstantOfShape" or node.input[0] not in stored:
            model.graph.node.append(node)
            continue
        shape = tuple(stored[node.input[0]].tolist())
        values = random.normal(0, 0.05, shape).astype(np.float32)
        values = np.abs(values) + 0.5 if len(shape) < 2 else values  # of norms: positive
        model.graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
    return model


if __name__ == "__main__":
    print(json.dumps(smaller()))
