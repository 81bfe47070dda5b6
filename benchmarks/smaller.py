"""What pruning, sharing and the survey of values take on weights of ResNet-50's size, 102 MB.

Peak memory grows from line to line: each is that of all steps up to it.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from typing import Any

STEPS = (
    "prune",
    "prune:nm=2of4",
    "prune:block=4",
    "prune:scope=global",
    "share",
    "share:values=256",
    "share:per=channel",
)
STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
"""Width and blocks of each of ResNet-50's stages."""


def smaller() -> dict[str, Any]:
    """CPU seconds of each step and of the survey behind it, and peak megabytes."""
    from dfsrt.optimize import Calibration, parse_steps, survey

    model, data = _model(), Calibration(({},), "none")
    costs: dict[str, Any] = {"weights": sum(_size(shape) for shape in _shapes())}
    for name in STEPS:
        (step,) = parse_steps(name)
        begin = time.process_time()
        after = step.apply(model, data)
        applied = time.process_time()
        survey(after)
        costs[name] = {
            "cpu_s": round(applied - begin, 2),
            "survey_cpu_s": round(time.process_time() - applied, 2),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
        }
    return costs


def _shapes() -> Iterator[tuple[int, ...]]:
    yield 64, 3, 7, 7
    channels = 64
    for width, blocks in STAGES:
        for block in range(blocks):
            yield width, channels, 1, 1
            yield width, width, 3, 3
            yield 4 * width, width, 1, 1
            if block == 0:
                yield 4 * width, channels, 1, 1
            channels = 4 * width
    yield 1000, 2048, 1, 1


def _size(shape: tuple[int, ...]) -> int:
    outputs, inputs, *taps = shape
    return outputs * inputs * taps[0] * taps[1]


def _model() -> Any:
    """One convolution a weight, with random weights; nothing runs it."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    random, nodes, weights = np.random.default_rng(0), [], []
    for place, shape in enumerate(_shapes()):
        values = random.standard_normal(shape, dtype=np.float32) / 32
        weights.append(numpy_helper.from_array(values, f"w{place}"))
        nodes.append(helper.make_node("Conv", [f"x{place}", f"w{place}"], [f"y{place}"]))
    inputs = [helper.make_tensor_value_info(n.input[0], TensorProto.FLOAT, None) for n in nodes]
    outputs = [helper.make_tensor_value_info(n.output[0], TensorProto.FLOAT, None) for n in nodes]
    return helper.make_model(helper.make_graph(nodes, "resnet50", inputs, outputs, weights))


if __name__ == "__main__":
    print(json.dumps(smaller()))
