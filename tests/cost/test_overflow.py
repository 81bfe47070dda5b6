"""Results that outgrow the buffer, in precisions in which that slows a device down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError
from dfsrt.base.tomltext import toml_text
from dfsrt.cost import cost_network
from dfsrt.device.load import parse_device_file
from dfsrt.network.network import Network
from dfsrt.power.card import device_digest
from dfsrt.power.workload import workload
from tests.helpers.channel import channel_npu, channel_table, conv_layer

BUFFER = 131_072
"""64 channels of 1,024 pixels in fp16."""


def device(slowdown):
    npu = channel_npu()
    memory = replace(npu.memory, buffer_bytes=BUFFER, overflow_slowdown=slowdown)
    return replace(npu, memory=memory)


def nanoseconds(layer, npu):
    costs = cost_network(Network("t", (layer,), 0), npu)
    return workload(costs, npu).duration_ns[0, -1], costs[0]


def test_layers_by_hand_take_so_many_times_their_own_time():
    # 1,025 pixels, 32 to 64 channels, 3 x 3 in fp16: 1,025 x 2 x 9 x 2 = 36,900 cycles, 45,556 over
    # 0.81, at 1 GHz; results 131,200 bytes.
    layer = conv_layer((1, 1025), 32, 64, 3, dtype="float16")
    assert nanoseconds(layer, device({}))[0] == 45_556
    assert nanoseconds(layer, device({"fp16": 2.5}))[0] == 2.5 * 45_556
    # 1 x 1, 16 to 64 channels waits for memory: 32,800 bytes in, 2,048 of weights and the results.
    layer = conv_layer((1, 1025), 16, 64, 1, dtype="float16")
    assert nanoseconds(layer, device({}))[0] == round(166_048 / 11.2)
    assert nanoseconds(layer, device({"fp16": 2.5}))[0] == round(2.5 * 166_048 / 11.2)


def test_results_that_just_fit_and_other_precisions_are_not_slowed():
    npu = device({"fp16": 2.5})
    for pixels, dtype in ((1024, "float16"), (1025, "int8"), (9999, "int8")):
        layer = conv_layer((1, pixels), 32, 64, 3, dtype=dtype)
        assert nanoseconds(layer, npu)[0] == nanoseconds(layer, device({}))[0]


@given(st.integers(1, 60), st.integers(1, 80), st.integers(1, 80), st.floats(1, 10))
def test_bytes_and_actions_stay_and_time_grows_by_no_more_than_the_slowdown(h, a, b, slowdown):
    layer = conv_layer((h, h), a, b, 3, dtype="float16")
    plain, slow = nanoseconds(layer, device({})), nanoseconds(layer, device({"fp16": slowdown}))
    assert slow[1].dram_bytes == plain[1].dram_bytes
    assert slow[1].actions == plain[1].actions
    assert plain[0] - 1 <= slow[0] <= (plain[0] + 1) * slowdown + 1


@pytest.mark.parametrize(
    ("slowdown", "wrong"),
    [
        ({"int3": 2.0}, "int3"),
        ({"fp16": 0.5}, "allowed is 1 to 1000"),
        ({"fp16": 1e9}, "1 to 1000"),
    ],
)
def test_a_slowdown_out_of_range_or_of_no_precision_is_refused_in_one_line(slowdown, wrong):
    table = channel_table()
    table["memory"]["overflow_slowdown"] = slowdown
    table["memory"]["source"]["overflow_slowdown"] = "assumed: for a test, range 1 to 3"
    with pytest.raises(DeviceError, match=wrong) as refused:
        parse_device_file(toml_text(table), "channel")
    assert "\n" not in str(refused.value)


def test_a_models_digest_sees_it():
    assert device_digest(device({"fp16": 2.0})) != device_digest(device({}))
