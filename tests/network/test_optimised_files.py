"""Files that onnxruntime itself saved, optimised or quantized: the same products as before."""

from __future__ import annotations

import logging

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import numpy_helper

from dfsrt.network import Kind, Network, from_onnx_model, load_network
from tests.network.builders import Builder, runnable

LEVELS = {
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}


class Random(Builder):
    """Weights that differ, so that nothing is shared or folded away."""

    rng = np.random.default_rng(3)

    def weight(self, *shape, name=None):
        name = super().weight(*shape, name=name)
        array = self.rng.random(shape, np.float32) / 9 + 0.01
        self.constants[-1].CopyFrom(numpy_helper.from_array(array, name))
        return name


def images() -> onnx.ModelProto:
    """Convolutions of channels that fill no blocks, a depthwise one, pools, growth, a branch."""
    b = Random(opset=13)
    x = b.input("x", [1, 3, 24, 24])
    conv = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    y = b.op("Relu", b.op("Conv", x, b.weight(12, 3, 3, 3), b.weight(12), strides=[2, 2], **conv))
    y = b.op("MaxPool", y, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    z = b.op("Conv", y, b.weight(20, 12, 1, 1), b.weight(20))
    z = b.op("Clip", b.op("Conv", z, b.weight(20, 1, 3, 3), b.weight(20), group=20, **conv),
             b.const(0, np.float32), b.const(6, np.float32))  # fmt: skip
    y = b.op("Add", b.op("Conv", y, b.weight(20, 12, 3, 3), **conv), z)
    y = b.op("Resize", y, "", b.const([1, 1, 2, 2], np.float32), mode="nearest",
             coordinate_transformation_mode="asymmetric", nearest_mode="floor")  # fmt: skip
    y = b.op("Concat", b.op("Conv", y, b.weight(32, 20, 3, 3), **conv), y, axis=1)
    gain, shift, mean, variance = b.weight(52), b.weight(52), b.weight(52), b.weight(52)
    y = b.op("BatchNormalization", b.op("Sigmoid", y), gain, shift, mean, variance)
    y = b.op("AveragePool", y, kernel_shape=[2, 2], strides=[2, 2])
    y = b.op("Flatten", b.op("GlobalAveragePool", b.op("Conv", y, b.weight(16, 52, 1, 1))))
    return runnable(b.model(b.op("Gemm", y, b.weight(16, 10), b.weight(10))))


@pytest.fixture(scope="module")
def model():
    return images()


def optimised(model: onnx.ModelProto, level: str, folder) -> onnx.ModelProto:
    options = ort.SessionOptions()
    options.graph_optimization_level = LEVELS[level]
    options.optimized_model_filepath = str(folder / f"{level}.onnx")
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return onnx.load(folder / f"{level}.onnx")


def products(network: Network) -> list[tuple[int, ...]]:
    return sorted((g.m, g.k, g.n, g.count) for layer in network.layers for g in layer.gemms)


@pytest.mark.parametrize("level", LEVELS)
def test_an_optimised_file_has_the_products_of_the_network_it_was_made_from(model, level, tmp_path):
    before = from_onnx_model(model, "t")
    after = from_onnx_model(optimised(model, level, tmp_path), "t")
    assert products(after) == products(before)
    assert after.macs == before.macs
    own = {n.domain for n in onnx.load(tmp_path / f"{level}.onnx").graph.node}
    assert (level == "basic") == (own <= {""})


def test_blocks_of_a_processor_cost_nothing_of_their_own(model, tmp_path):
    before = from_onnx_model(model, "t")
    after = from_onnx_model(optimised(model, "all", tmp_path), "t")
    assert "blocks" in after.notes[0]
    moved = [layer.op for layer in after.layers if layer.kind is Kind.MOVE]
    assert moved == [layer.op for layer in before.layers if layer.kind is Kind.MOVE]
    # Sums of weights: norms that were folded into them have become less, and nothing was filled.
    assert after.weight_bytes <= before.weight_bytes


def test_weights_in_another_file_keep_the_fill_of_their_blocks(model, tmp_path):
    blocked = optimised(model, "all", tmp_path)
    onnx.save(blocked, tmp_path / "apart.onnx", save_as_external_data=True, size_threshold=0)
    apart = onnx.load(tmp_path / "apart.onnx", load_external_data=False)
    before, after = from_onnx_model(model, "t"), from_onnx_model(apart, "t")
    assert before.macs < after.macs < 2 * before.macs


QUANTIZED = [("QDQ", None), ("QOperator", None), ("QDQ", "all"), ("QOperator", "all"),
             ("dynamic", None), ("dynamic", "extended")]  # fmt: skip


@pytest.fixture(scope="module")
def quantized(model, tmp_path_factory):
    from onnxruntime import quantization as quant

    folder = tmp_path_factory.mktemp("quantized")
    onnx.save(model, folder / "real.onnx")

    class Samples(quant.CalibrationDataReader):
        def __init__(self):
            self.rest = [{"x": np.ones((1, 3, 24, 24), np.float32)}]

        def get_next(self):
            return self.rest.pop() if self.rest else None

    logging.disable(logging.WARNING)
    for form in ("QDQ", "QOperator"):
        quant.quantize_static(
            folder / "real.onnx", folder / f"{form}.onnx", Samples(),
            quant_format=quant.QuantFormat[form],
        )  # fmt: skip
    quant.quantize_dynamic(folder / "real.onnx", folder / "dynamic.onnx")
    logging.disable(logging.NOTSET)
    return folder


@pytest.mark.parametrize(("form", "level"), QUANTIZED)
def test_a_quantized_file_has_the_same_products_in_eight_bits(model, quantized, form, level):
    stored = onnx.load(quantized / f"{form}.onnx")
    after = from_onnx_model(optimised(stored, level, quantized) if level else stored, "t")
    assert products(after) == products(from_onnx_model(model, "t"))
    assert {layer.precision for layer in after.layers if layer.gemms} == {"int8"}
    assert all(t.bits == 8 for a in after.layers if a.gemms for t in a.multiplied)


def test_a_norm_of_an_old_operator_set_is_read_as_onnxruntime_writes_it():
    b = Builder(opset=11)
    y = b.op("LayerNormalization", b.input("x", [2, 5, 8]), b.weight(8), b.weight(8), axis=-1)
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert (layer.outputs[0].shape, layer.vector_ops) == ((2, 5, 8), 7 * 80)


@pytest.mark.parametrize("channels", [1, 5, 8, 13, 16, 43])
def test_blocks_are_counted_without_fill_at_any_width(channels, tmp_path):
    b = Random(opset=13)
    y = b.op("Conv", b.input("x", [1, 3, 9, 9]), b.weight(channels, 3, 3, 3))
    y = b.op("Conv", b.op("Relu", y), b.weight(20, channels, 1, 1))
    y = b.op("Conv", b.op("Relu", y), b.weight(7, 20, 1, 1))
    model = runnable(b.model(y))
    optimised(model, "all", tmp_path)
    after = load_network(tmp_path / "all.onnx")  # whose weights are stepped over
    assert after.macs == 49 * (27 * channels + 20 * channels + 7 * 20)
    assert after.layers[-1].outputs[0].shape == (1, 7, 7, 7)
