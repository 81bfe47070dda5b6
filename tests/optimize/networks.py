"""Networks with random weights for the tests of transforms."""

from __future__ import annotations

import numpy as np
from onnx import numpy_helper

from tests.network.builders import Builder, runnable


def filled(model, seed=0):
    """Give each constant of reals random values of a trained layer's size."""
    random = np.random.default_rng(seed)
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype == np.float32:
            values = random.normal(size=array.shape) * np.sqrt(2 / max(array[0].size, 1))
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), tensor.name))
    return runnable(model)


def conv(b, x, inputs, outputs, size=3, stride=1):
    pads, strides = [size // 2] * 4, [stride] * 2
    weight = b.weight(outputs, inputs, size, size)
    return b.op("Conv", x, weight, b.weight(outputs), pads=pads, strides=strides)


def digits_like():
    """Five convolutions and two products on images of 8 x 8, about 150,000 weights."""
    b = Builder()
    x = b.input("x", [1, 1, 8, 8])
    for inputs, outputs in ((1, 32), (32, 32), (32, 64), (64, 64), (64, 64)):
        x = b.op("Relu", conv(b, x, inputs, outputs))
        if (inputs, outputs) in ((32, 32), (64, 64)):
            x = b.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]) if inputs == 32 else x
    x = b.op("Flatten", b.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]))
    x = b.op("Relu", b.op("Gemm", x, b.weight(128, 256), b.weight(128), transB=1))
    return filled(b.model(b.op("Gemm", x, b.weight(10, 128), b.weight(10), transB=1)))


def resnet_like():
    """Bottlenecks on images of 32 x 32, two of them wider than the one before."""
    b = Builder()
    x = b.op("Relu", conv(b, b.input("x", [1, 3, 64, 64]), 3, 64, 7, 2))
    width = 64
    for outputs, stride in ((256, 1), (256, 1), (512, 2)):
        y = b.op("Relu", conv(b, x, width, outputs // 4, 1))
        y = b.op("Relu", conv(b, y, outputs // 4, outputs // 4, 3, stride))
        y = conv(b, y, outputs // 4, outputs, 1)
        x = x if width == outputs else conv(b, x, width, outputs, 1, stride)
        x, width = b.op("Relu", b.op("Add", x, y)), outputs
    x = b.op("Flatten", b.op("GlobalAveragePool", x))
    return filled(b.model(b.op("Gemm", x, b.weight(100, 512), b.weight(100), transB=1)))
