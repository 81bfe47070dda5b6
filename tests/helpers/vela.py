"""Arm's Vela on twins of dfsrt's networks: cycles a layer, and the truth files made of them.

``python -m tests.helpers.vela`` writes the tables of layers beside the truth file of
``ethos-u55-256``, and prints the cycles of whole networks, which stand in it. It needs
``pip install --group oracles``. Vela's cycles are its own estimates, not a meter's.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx

from dfsrt.device.truth_file import SHELF
from dfsrt.network.built import build_network, built_names
from dfsrt.network.zoo import locate
from tests.helpers.twins import Step, Twin, twin_of

FITTED = (
    "tiny-images", "tiny-wakewords", "mobilenetv2", "squeezenet", "resnet18", "efficientnet_b0",
)  # fmt: skip
HELD_OUT = (
    "tiny-keywords", "tiny-anomaly", "mobilenetv2:image=96", "resnet50", "vgg19",
    "yolov5s-relu:image=320", "yolov7-tiny:image=320",
)  # fmt: skip
WITHOUT_LAYERS = ("efficientnet_b0", "yolov7-tiny:image=320")
"""Vela takes their activations apart from the convolutions, where dfsrt does not."""
CLOCK_MHZ = 500
SYSTEM, MODE = "Ethos_U55_High_End_Embedded", "Shared_Sram"
ROWS = {
    "CONV_2D": "Conv2D", "DEPTHWISE_CONV_2D": "DepthwiseConv2D",
    "FULLY_CONNECTED": "FullyConnected", "MAX_POOL_2D": "MaxPool", "ADD": "Add",
}  # fmt: skip
"""Operators of a twin that a table of layers holds, and what Vela calls them."""
COLUMNS = (
    *("op", "in_channels", "in_h", "in_w", "out_channels", "kernel", "groups", "out_h", "out_w"),
    *("measured_us", "network", "layer", "npu_cycles", "sram_cycles", "flash_cycles"),
)


def model_of(spec: str) -> onnx.ModelProto:
    """Return the ONNX model that ``NAME:SIZE=N`` names."""
    name, *sizes = spec.split(":")
    dims = {key: int(value) for key, value in (size.split("=") for size in sizes)}
    return build_network(name, dims) if name in built_names() else onnx.load(locate(name)[1])


def estimate(spec: str, folder: Path) -> tuple[Twin, list[dict[str, str]]]:
    """Return the twin of a network, and the rows of Vela's table of its layers."""
    stem = spec.replace(":", "_").replace("=", "")
    twin = twin_of(model_of(spec), stem)
    return twin, rows_of(twin.content, stem, folder)


def rows_of(content: bytes, stem: str, folder: Path) -> list[dict[str, str]]:
    """Return the rows of Vela's table of the layers of a TFLite file."""
    path = folder / f"{stem}.tflite"
    path.write_bytes(content)
    subprocess.run(
        [
            Path(sys.executable).with_name("vela"), path, "--output-dir", folder,
            "--accelerator-config", "ethos-u55-256", "--config", "Arm/vela.ini",
            "--system-config", SYSTEM, "--memory-mode", MODE, "--verbose-performance",
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    path.unlink()
    with (folder / f"{stem}_per-layer.csv").open() as file:
        return list(csv.DictReader(file))


def cycles(rows: Sequence[dict[str, str]]) -> int:
    """Return the cycles of a whole network."""
    return sum(int(row["Op Cycles"]) for row in rows)


def layers(spec: str, twin: Twin, rows: Sequence[dict[str, str]]) -> Iterator[list[object]]:
    """Yield a line of ``COLUMNS`` for each layer with a square kernel, once for each shape."""
    left, seen = list(rows), set()
    for step in twin.steps:
        if step.op not in ROWS:
            continue
        row = _row(step, left)
        left.remove(row)
        line = _line(step)
        if line is None or line in seen:
            continue
        seen.add(line)
        us = int(row["Op Cycles"]) / CLOCK_MHZ
        own = [row[key] for key in ("NPU", "SRAM AC", "OffFlash AC")]
        yield [*line, us, spec, step.name, *own]


def _row(step: Step, rows: Sequence[dict[str, str]]) -> dict[str, str]:
    """The first row of the step's operator with its products, by its name if one has it.

    A part of a concatenation has the name of the whole.
    """
    fit = [r for r in rows if r["NNG Operator"] == ROWS[step.op]]
    fit = [r for r in fit if not step.macs or int(r["MAC Count"]) == step.macs]
    return next((r for r in fit if r["Name"] == step.name), fit[0])


def _line(step: Step) -> tuple[object, ...] | None:
    if step.op == "FULLY_CONNECTED":
        sides = (step.inputs[1], 1, 1, step.outputs[1], 1, 1, 1, 1)
    else:
        (_, in_h, in_w, c), (_, out_h, out_w, k) = step.inputs, step.outputs
        if step.kernel[0] != step.kernel[1]:
            return None
        groups = c if step.op == "DEPTHWISE_CONV_2D" else 1
        sides = (c, in_h, in_w, k, step.kernel[0], groups, out_h, out_w)
    kind = {"MAX_POOL_2D": "maxpool", "ADD": "add"}.get(step.op, "conv")
    act = {"relu": "+relu", "relu6": "+clip"}.get(step.act, "") if kind == "conv" else ""
    return (kind + act, *sides)


def write_layers(path: Path, specs: Sequence[str], folder: Path) -> None:
    """Write a table of layers of all networks, and print the cycles of each."""
    with path.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for spec in specs:
            twin, rows = estimate(spec, folder)
            print(f"{spec}: {cycles(rows)} cycles, {twin.macs} MACs")
            if spec not in WITHOUT_LAYERS:
                table.writerows(layers(spec, twin, rows))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for use, specs in (("fitted", FITTED), ("held_out", HELD_OUT)):
            write_layers(SHELF / f"ethos_u55_256_{use}.csv", specs, Path(temporary))
