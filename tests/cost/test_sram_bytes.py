"""On-chip accesses of a layer: the units' own, and one for each byte from or to DRAM."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from dfsrt.cost import cost_network
from dfsrt.cost.choice import with_memory
from dfsrt.device.npu import Memory
from dfsrt.network import Kind, Layer, Network, Tensor, from_onnx_model
from tests.helpers.tiny import tiny_npu
from tests.network.builders import Builder


def costs(b, output, mapper="exhaustive"):
    network = from_onnx_model(b.model(output), "t").as_precision("int8")
    npu = with_memory(tiny_npu(), mapper=mapper)
    return cost_network(network, npu)  # an array of 4 x 4, weights stay; 1 MiB of buffer


def test_a_product_is_filled_worked_on_and_drained():
    # 6x5 by 5x7: 2 folds of k by 2 of n. The array reads 6·5·2 + 5·7, writes and reads back 6·7
    # sums of 4 B once and writes 6·7 results. DRAM: 30 and 35 B in, 42 B out.
    b = Builder()
    (cost,) = costs(b, b.op("MatMul", b.input("x", [6, 5]), b.weight(5, 7)))
    assert cost.dram_bytes == 30 + 35 + 42
    assert cost.actions.sram_bytes == (60 + 35 + 2 * 4 * 42 + 42) + (30 + 35 + 42)


def test_a_side_input_is_written_once_and_read_once():
    alone, joined = Builder(), Builder()
    (before,) = costs(alone, alone.op("MatMul", alone.input("x", [6, 5]), alone.weight(5, 7)))
    y = joined.op("MatMul", joined.input("x", [6, 5]), joined.weight(5, 7))
    (after,) = costs(joined, joined.op("Add", y, joined.input("r", [6, 7])))
    assert after.dram_bytes == before.dram_bytes + 42
    assert after.actions.sram_bytes == before.actions.sram_bytes + 2 * 42


def test_vector_work_is_filled_read_written_and_drained():
    b = Builder()
    (cost,) = costs(b, b.op("Add", b.input("x", [10]), b.weight(10)))
    assert cost.dram_bytes == 30
    assert cost.actions.sram_bytes == 30 + 30


def test_a_view_touches_no_buffer():
    b = Builder()
    (cost,) = costs(b, b.op("Reshape", b.input("x", [2, 3]), b.const([6])))
    assert (cost.dram_bytes, cost.actions.sram_bytes) == (0, 0)


def test_bytes_fetched_again_are_written_again():
    # Half a buffer of 512 KiB holds a quarter of the 2 MiB of weights, so inputs come four times.
    b = Builder()
    product = b.op("MatMul", b.input("x", [4096, 512]), b.input("y", [512, 4096]))
    (cost,) = costs(b, product, "half-buffer")
    array = 4096 * 512 * 1024 + 512 * 4096 + 4096 * 4096 * (127 * 2 * 4 + 1)
    assert cost.dram_bytes == 26 << 20
    assert cost.actions.sram_bytes == array + cost.dram_bytes


def test_what_stays_on_chip_is_not_filled():
    tensors = [Tensor(name, (8,), "int8") for name in ("in", "kept", "too", "out")]
    layers = tuple(
        Layer(f"copy_{a.name}", "Copy", Kind.MOVE, (f"copy_{a.name}",), (a,), (), (b,))
        for a, b in pairwise(tensors)
    )
    npu = replace(tiny_npu(), memory=Memory(1e9, 1 << 20, resident_bytes=16))
    found = cost_network(Network("n", layers, 0, inputs=("in",), outputs=("out",)), npu)
    assert [c.dram_bytes for c in found] == [8, 0, 8]
    assert [c.actions.sram_bytes for c in found] == [16 + 8, 16, 16 + 8]
