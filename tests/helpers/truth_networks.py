"""Networks that truth files measure and no name has, as they were written: sizes, no weights."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import onnx

from dfsrt.device.truth_file import SHELF
from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import conv, linear
from dfsrt.network.packed import write_packings
from dfsrt.network.packing import Packing
from dfsrt.network.vision.mobilenet_v1 import BLOCKS, STEM


def matmul(side: int) -> onnx.ModelProto:
    """One product of two matrices of ``side`` by ``side``, the second one stored."""
    b = Builder(f"matmul-{side}", 1, "fp32")
    x = b.input("x", (side, side))
    b.output(linear(b, x, "product", (side, side), bias=False), "y", (side, side))
    return b.model()


def mobilenetv1_as_mesa_runs_it(is_coded: bool) -> onnx.ModelProto:
    """MobileNetV1 with dense convolutions in place of depthwise ones, all but a diagonal zero.

    Mesa's driver does so, as the hardware has no depthwise convolution; it codes runs of zeros in
    convolutions that are not pointwise. With ``is_coded`` the file tells of the zeros.
    """
    name = f"mobilenetv1-mesa-{'zrl' if is_coded else 'dense'}"
    b, packings = Builder(name, 1, "fp32"), {}
    x = conv(b, b.input("picture", (1, 3, 224, 224)), "stem", (3, STEM), 3, 2, [0, 0, 1, 1])
    x, before = b.node("Relu", [x], "stem.relu"), STEM
    for i, (channels, stride) in enumerate(BLOCKS):
        pads = [0, 0, 1, 1] if stride == 2 else None
        x = conv(b, x, f"{i}.depthwise", (before, before), 3, stride, pads)
        x = b.node("Relu", [x], f"{i}.depthwise.relu")
        packings[f"{i}.depthwise.weight"] = diagonal(before)
        x = conv(b, x, f"{i}.point", (before, channels), 1)
        x, before = b.node("Relu", [x], f"{i}.point.relu"), channels
    x = b.node("GlobalAveragePool", [x], "pool")
    x = conv(b, x, "scores", (before, 1001), 1)
    b.output(x, "scores", (1, 1001, 1, 1))
    model = b.model()
    write_packings(model, packings if is_coded else {})
    return model


def diagonal(channels: int, taps: int = 9) -> Packing:
    """Zeros of a depthwise convolution that is written as a dense one.

    Of each kernel the ``taps`` of one channel follow each other, in the driver's order of taps of a
    channel, and ``channels * taps`` zeros part them from those of the next kernel's channel.
    """
    gap = channels * taps
    fillers = tuple((channels - 1) * (gap // 2**bits) for bits in range(1, 9))
    return Packing(zeros=1 - 1 / channels, fillers=fillers)


FILES = {
    **{f"matmul_{side}.onnx": partial(matmul, side) for side in (8192, 12288, 16384)},
    "mobilenetv1_mesa_dense.onnx": lambda: mobilenetv1_as_mesa_runs_it(False),
    "mobilenetv1_mesa_zrl.onnx": lambda: mobilenetv1_as_mesa_runs_it(True),
}


def write_all(folder: Path = SHELF) -> None:
    """Write the files anew."""
    for name, build in FILES.items():
        (folder / name).write_bytes(build().SerializeToString(deterministic=True))
