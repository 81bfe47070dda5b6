"""Streams that read or write, rows of caches, and operators with numbers of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError
from dfsrt.base.tomltext import toml_text
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.cost.stream_pace import cache_rows, stream_share
from dfsrt.device import load_device
from dfsrt.device.load import parse_device_file
from dfsrt.network import load_network
from dfsrt.network.network import Network
from dfsrt.network.passes import CACHE_BLOCK, language_model
from dfsrt.power.card import device_digest
from dfsrt.power.workload import workload
from tests.helpers.channel import FACTS, channel_npu, channel_table, conv_layer

POINTWISE = conv_layer((1, 1025), 16, 64, 1, dtype="float16")
"""Waits for memory: 32,800 bytes in and 2,048 of weights are read, 131,200 are written."""
SPATIAL = conv_layer((1, 1025), 32, 64, 3, dtype="float16")
"""Waits for the array: 36,900 cycles, 45,556 over 0.81, at 1 GHz."""
TINYLLAMA = "llm:tinyllama-1.1b:bits=8:context=160"


def device(**memory):
    npu = channel_npu()
    return replace(npu, memory=replace(npu.memory, **memory))


def nanoseconds(layer, npu):
    costs = cost_network(Network("t", (layer,), 0), npu)
    return int(workload(costs, npu).duration_ns[0, -1])


def test_reads_and_writes_take_their_times_one_after_the_other():
    # At 11.2 GB/s; reads at twice that, writes at half of it.
    assert nanoseconds(POINTWISE, device()) == round(166_048 / 11.2)
    both = device(read_share=2.0, write_share=0.5)
    assert nanoseconds(POINTWISE, both) == round(34_848 / 22.4 + 131_200 / 5.6)
    assert nanoseconds(POINTWISE, device(read_share=2.0)) == round(34_848 / 22.4 + 131_200 / 11.2)
    assert nanoseconds(SPATIAL, both) == nanoseconds(SPATIAL, device()) == 45_556


def test_what_one_core_takes_binds_reads_and_writes_alike():
    npu = load_device("rk3588-npu")
    plain = replace(npu, memory=replace(npu.memory, read_share=1.0, write_share=1.0))
    for layer in (POINTWISE, SPATIAL):
        assert nanoseconds(layer, npu) == nanoseconds(layer, plain)


def test_rk3588_adds_and_copies_on_three_cores_as_was_measured():
    """Two reads and a write at 19.3 GB/s, one of each at 17.2 (facts of its profiles)."""
    npu = load_device("rk3588-npu:cores=3")
    for reads, writes, measured in ((2, 1, 19.3e9), (1, 1, 17.2e9)):
        traffic = replace(cost_network(Network("t", (POINTWISE,), 0), npu)[0].traffic, weight=0,
                          input=reads, output=writes)  # fmt: skip
        share = stream_share(traffic, npu.memory)
        assert npu.bandwidth_bytes_per_s(3, share) == pytest.approx(measured, rel=0.03)


@given(st.floats(0.2, 4.0), st.floats(0.2, 4.0))
def test_a_mix_lies_between_pure_reading_and_pure_writing(read, write):
    npu = device(read_share=read, write_share=write)
    traffic = cost_network(Network("t", (POINTWISE,), 0), npu)[0].traffic
    share = stream_share(traffic, npu.memory)
    assert min(read, write) * (1 - 1e-12) <= share <= max(read, write) * (1 + 1e-12)


def test_at_a_lower_memory_point_reads_keep_their_share():
    top, low = load_device("rk3588-npu:cores=3"), load_device("rk3588-npu:cores=3")
    point = low.memory.points[0]
    low = replace(
        low, memory=replace(low.memory, bandwidth_bytes_per_s=point.bandwidth_bytes_per_s)
    )
    ratio = point.bandwidth_bytes_per_s / top.memory.bandwidth_bytes_per_s
    faster = nanoseconds(POINTWISE, top) - top.launch_ns
    assert nanoseconds(POINTWISE, low) - top.launch_ns == pytest.approx(faster / ratio, rel=1e-3)


def test_rows_of_a_cache_are_one_heads_key_or_value_of_one_token():
    """TinyLlama: 22 layers, 4 key-value heads; a cache layer is a block of 16 tokens."""
    network = load_network(TINYLLAMA)
    assert sum(map(cache_rows, network.layers)) == 22 * 2 * 4 * 160
    grown = language_model("llm:tinyllama-1.1b:bits=8").decode()
    blocks = [grown.layers[i] for i in grown.growing]
    assert [cache_rows(layer) for layer in blocks] == 22 * [2 * 4 * CACHE_BLOCK]


def test_each_row_takes_its_time_beside_its_bytes():
    npu = load_device("xdna2")
    network = at_device_precision(load_network(TINYLLAMA), npu)
    free = replace(npu, memory=replace(npu.memory, cache_row_ns=0.0))
    slow = replace(npu, memory=replace(npu.memory, cache_row_ns=100.0))
    times = [workload(cost_network(network, n), n).duration_ns[:, -1].sum() for n in (free, slow)]
    assert times[1] - times[0] == pytest.approx(22 * 2 * 4 * 160 * 100, abs=22)


def test_numbers_that_are_not_said_leave_a_device_and_its_times_as_they_were():
    table = channel_table()
    said = parse_device_file(toml_text(table), "mine")
    assert said.memory.read_bandwidth_bytes_per_s is None
    npu = channel_npu()
    assert (npu.memory.read_share, npu.memory.write_share, npu.memory.cache_row_ns) == (1, 1, 0)
    assert device_digest(device(read_share=2.0)) == device_digest(npu)


def test_an_operator_may_have_an_efficiency_and_a_launch_of_its_own():
    # 36,900 cycles over 0.5 instead of 0.81.
    npu = channel_npu({**FACTS, "operator_mac_efficiency": {"Conv": 0.5}})
    assert nanoseconds(SPATIAL, npu) == 73_800
    other = channel_npu({**FACTS, "operator_mac_efficiency": {"MatMulNBits": 0.5}})
    assert nanoseconds(SPATIAL, other) == 45_556
    launched = replace(npu, launch_ns=7_000, operator_launch_ns={"Conv": 250_000})
    assert nanoseconds(SPATIAL, launched) == 73_800 + 250_000
    assert nanoseconds(SPATIAL, replace(launched, operator_launch_ns={"Add": 1})) == 73_800 + 7_000


@pytest.mark.parametrize(
    ("memory", "message"),
    [
        (
            {"read_bandwidth_bytes_per_s": 0.0},
            "read_bandwidth_bytes_per_s is 0.0; allowed is above",
        ),
        ({"write_bandwidth_bytes_per_s": -1.0}, "write_bandwidth_bytes_per_s is -1.0; allowed"),
        ({"cache_row_ns": -1.0}, "memory.cache_row_ns is -1.0; allowed is 0"),
        ({"ideal": True, "read_bandwidth_bytes_per_s": 9e9}, "memory is ideal; leave it out"),
    ],
)
def test_streams_that_cannot_be_are_refused(memory, message):
    table = channel_table()
    own = table["memory"]
    own |= memory
    own["source"] |= {k: "assumed: for a test" for k in memory if k != "ideal"}
    with pytest.raises(DeviceError, match=message):
        parse_device_file(toml_text(table), "spoiled")


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_an_operators_efficiency_is_a_share(share):
    with pytest.raises(DeviceError, match=r"operator_mac_efficiency\.Conv is"):
        channel_npu({**FACTS, "operator_mac_efficiency": {"Conv": share}})
