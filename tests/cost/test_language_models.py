"""What passes of language models cost: weights read once, caches by the block."""

import pytest

from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.network import language_model, load_network

NAME = "llm:llama-3.2-1b"
PRODUCTS, CACHE = 1_235_746_816, 32_768
BLOCKS = 64
"""Blocks of a context of 1,024 tokens."""


def costs(network, device):
    npu = load_device(device)
    return cost_network(at_device_precision(network, npu), npu)


def total(found, what):
    return sum(getattr(cost, what) for cost in found)


def actions(found, what):
    return sum(getattr(cost.actions, what) for cost in found)


@pytest.mark.parametrize("device", ["rk3588-npu", "hexagon-spec", "etri-like", "a311d-npu"])
def test_a_step_and_its_blocks_cost_what_the_graph_with_that_context_costs(device):
    whole = costs(load_network(f"{NAME}:context=1024"), device)
    found = costs(language_model(NAME).decode(), device)
    own = [c for c in found if not c.layer.grows]
    block = [c for c in found if c.layer.grows]

    def both(count):
        return count(own) + BLOCKS * count(block)

    assert total(whole, "dram_bytes") == both(lambda c: total(c, "dram_bytes"))
    assert actions(whole, "macs") == both(lambda c: actions(c, "macs"))
    for count in (lambda c: total(c, "compute_cycles"), lambda c: actions(c, "sram_bytes")):
        assert count(whole) == pytest.approx(both(count), rel=0.01)
    assert total(whole, "overhead_cycles") == total(own, "overhead_cycles")
    assert total(whole, "launch_ns") == total(own, "launch_ns")
    assert total(block, "overhead_cycles") == total(block, "launch_ns") == 0


def test_a_block_of_the_cache_is_read_once_and_by_no_other_layer():
    found = costs(language_model(NAME).decode(), "rk3588-npu")
    block = [c for c in found if c.layer.grows]
    assert {c.dram_bytes for c in block} == {16 * CACHE // 16}
    assert {c.precision for c in block} == {"fp16"}


def test_a_block_is_read_once_for_all_tokens_of_a_prompt():
    """64 queries do 64 times the work on the same bytes."""
    one, many = (
        next(c for c in costs(network, "rk3588-npu") if c.layer.grows)
        for network in (language_model(NAME).decode(), language_model(NAME).prefill(64))
    )
    assert many.dram_bytes == one.dram_bytes
    assert many.actions.macs == 64 * one.actions.macs
    assert many.compute_cycles == pytest.approx(64 * one.compute_cycles, rel=0.02)


@pytest.mark.parametrize(
    ("device", "stored_bits"), [("hexagon-spec", 4.5), ("rk3588-npu", 8.5), ("etri-like", 8.5)]
)
def test_a_step_reads_each_weight_once_as_the_device_stores_it(device, stored_bits):
    """Without a decoder 4-bit weights lie as bytes, with their scales; else less than 0.2 %."""
    found = costs(load_network(f"{NAME}:context=1024"), device)
    expected = PRODUCTS * stored_bits / 8 + 1025 * CACHE
    assert total(found, "dram_bytes") == pytest.approx(expected, rel=2e-3)
    head = found[-1]
    assert head.traffic.weight == pytest.approx(2048 * 128_256 * stored_bits / 8, rel=1e-3)
    words = found[0]
    assert words.dram_bytes < 10_000


def test_a_cache_in_int8_is_half_as_many_bytes_at_the_same_work():
    half, whole = (
        next(c for c in costs(language_model(f"{NAME}:kv={kv}").decode(), "rk3588-npu")
             if c.layer.grows)
        for kv in ("int8", "fp16")
    )  # fmt: skip
    assert 2 * half.dram_bytes == whole.dram_bytes
    assert half.compute_cycles == whole.compute_cycles


def test_products_run_in_int8_where_the_file_lets_them_and_else_as_the_data_come():
    found = {}
    for act in ("int8", "fp16"):
        layers = costs(language_model(f"{NAME}:act={act}").prefill(64), "rk3588-npu")
        found[act] = next(c for c in layers if c.layer.name == "layers.3.mlp.down")
    assert found["int8"].precision == "int8" and found["fp16"].precision == "fp16"
    ratio = found["fp16"].compute_cycles / found["int8"].compute_cycles
    assert ratio == pytest.approx(2, rel=0.01)


def test_a_mapper_of_the_engine_does_not_keep_a_cache_on_chip():
    found = costs(language_model(NAME).decode(), "ethos-u55-256")
    assert {c.dram_bytes for c in found if c.layer.grows} == {16 * CACHE // 16 // 2}
