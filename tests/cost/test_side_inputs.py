"""What joins a product streams past it once: tiles and fetches are the product's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.cost import cost_network
from dfsrt.cost.choice import with_memory
from dfsrt.cost.layer_traffic import layer_traffic
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.traffic import Buffer
from dfsrt.device import load_device
from dfsrt.network import from_onnx_model
from tests.network.builders import Builder, gelu

MAPPERS = st.sampled_from([make_mapper(name) for name in ("exhaustive", "half-buffer")])
HALF = make_mapper("half-buffer")
MIB = 1 << 20


def layers_of(build, fuse=True):
    b = Builder()
    network = from_onnx_model(b.model(build(b)), "t", fuse=fuse)
    return network.as_precision("int8").layers


def traffic(layer, buffer_bytes, mapper=HALF):
    return layer_traffic(layer, mapper, Buffer(buffer_bytes)).dram_bytes


def large_product(b):
    return b.op("MatMul", b.input("x", [4096, 512]), b.input("y", [512, 4096]))


# int8 on a buffer of 1 MiB: an operand of 2 MiB is held in pieces of half the buffer, so it takes
# 4 pieces and the other one is read 4 times. Operands 2 + 4 x 2 MiB, results 16 MiB: 26 MiB.
ALONE = 26 * MIB


@pytest.mark.parametrize(
    ("join", "more_bytes"),
    [
        (lambda b, y: y, 0),
        (lambda b, y: b.op("Mul", y, b.const(0.1, np.float32)), 1),
        (lambda b, y: b.op("Add", y, b.weight(4096)), 4096),
        (lambda b, y: b.op("Add", y, b.weight(4096, 4096)), 16 * MIB),
        (lambda b, y: b.op("Add", y, b.input("r", [4096, 4096])), 16 * MIB),
    ],
    ids=["alone", "scalar", "bias", "mask", "residual"],
)
def test_a_large_product_of_run_time_tensors_costs_its_own_26_mib_whatever_joins(join, more_bytes):
    (layer,) = layers_of(lambda b: join(b, large_product(b)))
    assert traffic(layer, MIB) == ALONE + more_bytes


def test_a_mask_by_itself_costs_the_way_of_the_scores_out_and_back_again():
    product, mask = layers_of(lambda b: b.op("Add", large_product(b), b.weight(4096, 4096)), False)
    assert traffic(product, MIB) == ALONE == 27_262_976
    assert traffic(mask, MIB) == 3 * 16 * MIB  # scores and mask in, result out: 77.6 MB in all


def test_a_shipped_device_counts_the_three_figures_of_the_product_above():
    npu = with_memory(load_device("rk3588-npu-ideal"), mapper="half-buffer")
    for build, megabytes in (
        (large_product, 27.262976),
        (lambda b: b.op("Mul", large_product(b), b.const(0.1, np.float32)), 27.262977),
        (lambda b: b.op("Add", large_product(b), b.weight(4096, 4096)), 44.040192),
    ):
        b = Builder()
        network = from_onnx_model(b.model(build(b)), "t").as_precision("int8")
        assert [c.dram_bytes for c in cost_network(network, npu)] == [round(megabytes * 1e6)]


def matrix(b, name, *shape):
    return b.input(name, list(shape))


PRODUCTS = {
    "run time by run time": lambda b: b.op("MatMul", matrix(b, "x", 40, 30), matrix(b, "y", 30, 6)),
    "by weights": lambda b: b.op("MatMul", matrix(b, "x", 20, 30), b.weight(30, 50)),
    "weights by run time": lambda b: b.op("MatMul", b.weight(20, 30), matrix(b, "x", 30, 50)),
    "a matrix by itself": lambda b: b.op("MatMul", matrix(b, "x", 30, 30), "x"),
    "batched": lambda b: b.op("MatMul", matrix(b, "x", 3, 20, 30), matrix(b, "y", 3, 30, 9)),
    "gemm with a bias": lambda b: b.op(
        "Gemm", matrix(b, "x", 20, 30), b.weight(30, 8), b.weight(8)
    ),
    "einsum": lambda b: b.op(
        "Einsum", matrix(b, "x", 20, 30), matrix(b, "y", 30, 9), equation="ij,jk->ik"
    ),
    "three in a row": lambda b: b.op(
        "Einsum",
        *(matrix(b, f"x{i}", s, t) for i, (s, t) in enumerate([(20, 30), (30, 9), (9, 40)])),
        equation="ab,bc,cd->ad",
    ),
    "convolution": lambda b: b.op(
        "Conv", matrix(b, "x", 1, 8, 9, 9), b.weight(16, 8, 3, 3), b.weight(16)
    ),
    "grouped": lambda b: b.op("Conv", matrix(b, "x", 1, 8, 9, 9), b.weight(8, 1, 3, 3), group=8),
    "transposed": lambda b: b.op("ConvTranspose", matrix(b, "x", 1, 8, 5, 5), b.weight(8, 4, 2, 2)),
}
SHAPES = {
    name: layers_of(build, fuse=False)[0].outputs[0].shape for name, build in PRODUCTS.items()
}
JOINS = {
    "scalar": lambda b, y, shape: b.op("Mul", y, b.const(3.0, np.float32)),
    "shift": lambda b, y, shape: b.op("Add", y, b.const(3.0, np.float32)),
    "last axis": lambda b, y, shape: b.op("Add", y, b.weight(shape[-1])),
    "channels": lambda b, y, shape: b.op("Mul", y, b.weight(shape[1], *[1] * (len(shape) - 2))),
    "mask": lambda b, y, shape: b.op("Add", y, b.weight(*shape)),
    "residual": lambda b, y, shape: b.op("Add", y, b.input(b.fresh("r"), list(shape))),
    "gelu": lambda b, y, shape: gelu(b, y),
    "clip": lambda b, y, shape: b.op("Clip", y, b.const(0, np.float32), b.const(6, np.float32)),
    "where": lambda b, y, shape: b.op(
        "Where", b.input(b.fresh("m"), list(shape), 9), y, b.const(-1, np.float32)
    ),
}


def joined(product, joins):
    def build(b):
        y = PRODUCTS[product](b)
        for name in joins:
            y = JOINS[name](b, y, SHAPES[product])
        return y

    return build


def sides_bytes(layer):
    return sum(t.touched_bytes for t in layer.side_inputs)


@settings(max_examples=200)
@given(
    st.sampled_from(list(PRODUCTS)),
    st.lists(st.sampled_from(list(JOINS)), max_size=3),
    st.integers(100, 5_000),
    MAPPERS,
)
def test_side_inputs_leave_the_products_tiles_and_fetches_as_they_are(
    product, joins, buffer_bytes, mapper
):
    (alone,) = layers_of(PRODUCTS[product])
    (layer,) = layers_of(joined(product, joins))
    buffer = Buffer(buffer_bytes)
    tiled, tiled_alone = (layer_traffic(each, mapper, buffer) for each in (layer, alone))
    assert layer.multiplied == alone.multiplied
    assert layer.precision == alone.precision
    assert tiled.mappings == tiled_alone.mappings
    for operand in ("input", "weight", "output", "partials"):
        assert getattr(tiled, operand) == getattr(tiled_alone, operand)
    more = sides_bytes(layer) - sides_bytes(alone)
    assert tiled.dram_bytes == tiled_alone.dram_bytes + more


@settings(max_examples=200)
@given(
    st.sampled_from(list(PRODUCTS)),
    st.lists(st.sampled_from(list(JOINS)), max_size=3),
    st.integers(100, 5_000),
    MAPPERS,
)
def test_joining_saves_the_way_of_what_stays_inside_and_no_more(
    product, joins, buffer_bytes, mapper
):
    (layer,) = layers_of(joined(product, joins))
    steps = layers_of(joined(product, joins), fuse=False)
    inside = {t.name: t.touched_bytes for s in steps[:-1] for t in s.outputs}
    ways = sum(inside[t.name] for s in steps for t in s.outputs if t.name in inside)
    ways += sum(inside[t.name] for s in steps for t in s.inputs if t.name in inside)
    constants = sum(t.touched_bytes for s in steps for t in s.side_inputs if t.name not in inside)
    folded = constants - sides_bytes(layer)  # what fusion writes into other constants
    one_by_one = sum(traffic(s, buffer_bytes, mapper) for s in steps)
    assert traffic(layer, buffer_bytes, mapper) == one_by_one - ways - folded
