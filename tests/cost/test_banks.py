"""Banks of the buffer: an array waits where they give less than it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dfsrt.cost import cost_network
from dfsrt.device import load_device
from dfsrt.network.network import Network
from tests.helpers.channel import channel_npu, conv_layer

LAYER = conv_layer((4, 5), 8, 40, 3)
# 20 pixels of 72 inputs for each of two groups of results, 72 by 40 weights, 20 by 40 results.
BYTES = 20 * 72 * 2 + 72 * 40 + 20 * 40


def cycles(banks, width):
    npu = channel_npu()
    npu = replace(npu, memory=replace(npu.memory, banks=banks, bank_bytes_per_cycle=width))
    (cost,) = cost_network(Network("one", (LAYER,), 0), npu)
    return cost.compute_cycles


def test_banks_that_are_too_narrow_hold_the_array_up():
    assert cycles(1, 1) == BYTES
    assert cycles(2, 3) == -(-BYTES // 6)


def test_banks_that_are_wide_enough_change_nothing():
    assert cycles(12, 1024) == cycles(0, 0) < BYTES


@pytest.mark.parametrize("banks", [1, 2, 4, 8, 16, 64])
def test_more_banks_never_take_longer(banks):
    assert cycles(banks, 4) >= cycles(2 * banks, 4) >= cycles(0, 0)


def test_presets_say_no_banks_and_so_never_wait_for_them():
    assert load_device("rk3588-npu").memory.banks == 0
