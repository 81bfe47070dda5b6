"""Arithmetic in 4 bits: where a device file says it, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dfsrt.base.errors import InputError
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.network.network import Network
from dfsrt.power.workload import workload
from tests.cost.test_decoding import product

PLAIN = load_device("rk3588-npu-ideal")
NETWORK = Network("one", (product(),), 0)


def with_int4(npu):
    """Twice int8's rate; a quarter of the multiplier, 0.07 pJ, and all of the sum, 0.03 pJ."""
    silicon = replace(
        npu.silicon,
        mac_pj={**npu.silicon.mac_pj, "int4": 0.07 / 4 + 0.03},
        register_pj_per_mac={**npu.silicon.register_pj_per_mac, "int4": 0.03},
        vector_pj_per_op={**npu.silicon.vector_pj_per_op, "int4": 0.15},
    )
    array = replace(npu.array, cycles_per_step={**npu.array.cycles_per_step, "int4": 0.5})
    vector = replace(npu.vector, lanes={**npu.vector.lanes, "int4": npu.vector.lanes["int8"]})
    return replace(npu, silicon=silicon, array=array, vector=vector)


def cost(npu, precision):
    return cost_network(at_device_precision(NETWORK, npu, precision), npu)


@pytest.mark.parametrize("precision", ["int4", "w4a4"])
def test_four_bits_take_half_of_the_bytes_and_fewer_cycles(precision):
    npu = with_int4(PLAIN)
    (wide,), (narrow,) = cost(npu, "int8"), cost(npu, precision)
    assert (wide.precision, narrow.precision) == ("int8", "int4")
    assert narrow.compute_cycles < wide.compute_cycles
    assert narrow.traffic.weight == wide.traffic.weight / 2


def test_a_multiplication_in_four_bits_takes_2_1_times_less_not_4():
    npu = with_int4(PLAIN)
    wide, narrow = (workload(cost(npu, p), npu).mac_pj.sum() for p in ("int8", "int4"))
    assert wide / narrow == pytest.approx(0.10 / 0.0475)


@pytest.mark.parametrize("precision", ["int4", "w4a4"])
def test_a_device_without_it_says_what_it_has(precision):
    with pytest.raises(InputError, match=r"in int4, which .* does not have; use --precision"):
        cost(PLAIN, precision)
