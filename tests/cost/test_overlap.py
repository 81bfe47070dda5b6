"""Layers that overlap: goldens of a flow shop, what may come early, and what it saves."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.cost import cost_network
from dfsrt.cost.choice import with_memory
from dfsrt.cost.overlap import ahead_ns, flow_shop_ns, least_ns
from dfsrt.device import load_device
from dfsrt.network import load_network
from dfsrt.network.layer import Kind
from dfsrt.power.workload import workload

GOLDENS = [
    ((2, 1, 3), (3, 2, 1), {1: 12, 2: 9, 3: 8, 0: 8}, 8, 6),
    ((4, 1, 1, 6), (1, 5, 5, 1), {1: 24, 2: 17, 3: 16, 0: 16}, 20, 12),
    ((1, 8, 1, 8), (8, 1, 8, 1), {1: 36, 2: 19, 3: 19, 0: 19}, 32, 18),
]
"""Fetches, work, end by room, the sum of the longer of each, the bound: measured elsewhere."""

TIMES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=7)


@pytest.mark.parametrize(("fetch", "work", "by_room", "each", "bound"), GOLDENS)
def test_flow_shops_end_when_they_were_measured_to(fetch, work, by_room, each, bound):
    assert {rooms: flow_shop_ns(fetch, work, rooms) for rooms in by_room} == by_room
    assert sum(map(max, fetch, work)) == each
    assert least_ns(fetch, work) == bound


@settings(max_examples=100)
@given(TIMES)
def test_with_room_for_all_it_is_the_longest_way_through_fetches_and_work(pairs):
    fetch, work = zip(*pairs, strict=True)
    before = list(accumulate(fetch))
    after = list(accumulate(reversed(work)))[::-1]
    assert flow_shop_ns(fetch, work) == max(map(sum, zip(before, after, strict=True)))


@settings(max_examples=100)
@given(TIMES, st.integers(1, 4))
def test_more_room_is_never_slower_and_one_layers_room_is_no_overlap(pairs, rooms):
    fetch, work = zip(*pairs, strict=True)
    assert flow_shop_ns(fetch, work, rooms) >= flow_shop_ns(fetch, work, rooms + 1)
    assert flow_shop_ns(fetch, work, 1) == sum(fetch) + sum(work)
    assert flow_shop_ns(fetch, work) >= least_ns(fetch, work)


def walk_ns(ahead, compute, memory, launch):
    """Each layer's time, second by second of a memory that first fetches the layer's own bytes."""
    early, times = 0.0, []
    for i in range(len(memory)):
        left = memory[i] - early
        span = launch[i] + (compute[i] if compute[i] > left else left)
        times.append(span)
        idle = span - left
        if i + 1 < len(memory):
            early = min(ahead[i + 1], memory[i + 1], idle)
    return times


LAYERS = st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=1, max_size=8)


@settings(max_examples=150)
@given(LAYERS)
def test_what_comes_early_is_what_a_walk_fetches(layers):
    ahead, compute, memory, launch = (
        np.array(column, dtype=float)[:, None] for column in zip(*layers, strict=True)
    )
    early = ahead_ns(ahead, compute, memory, launch)
    times = np.maximum(compute, memory - early) + launch
    expected = walk_ns(*(a[:, 0] for a in (ahead, compute, memory, launch)))
    assert times[:, 0].tolist() == pytest.approx(expected)
    assert (early >= 0).all()
    assert (early <= memory).all()


def squeezenet():
    return load_network("squeezenet").as_precision("int8")


def times_ns(network, npu):
    costs = [c for c in cost_network(network, npu) if c.layer.kind is not Kind.VIEW]
    return workload(costs, npu).duration_ns


def test_fetching_more_ahead_is_never_slower():
    network, npu = squeezenet(), load_device("rk3588-npu")
    plain = times_ns(network, npu)
    by_choice = [times_ns(network, with_memory(npu, prefetch=p)) for p in ("weights", "all")]
    assert (by_choice[0] <= plain).all()
    assert by_choice[0].sum() < plain.sum()
    assert by_choice[1].sum() < by_choice[0].sum()
    assert (times_ns(network, with_memory(npu, prefetch="none")) == plain).all()


def test_only_what_the_buffer_has_room_for_comes_early():
    network, npu = squeezenet(), load_device("rk3588-npu")
    for cost in cost_network(network, with_memory(npu, prefetch="all")):
        assert 0 <= cost.traffic.ahead_bytes <= npu.memory.buffer_bytes
        assert cost.traffic.ahead_bytes <= cost.traffic.read_bytes
    weights = cost_network(network, with_memory(npu, prefetch="weights"))
    assert weights[0].traffic.ahead_bytes == 0
    small = replace(npu, memory=replace(npu.memory, buffer_bytes=49_152))
    less = cost_network(network, with_memory(small, prefetch="weights"))
    assert sum(c.traffic.ahead_bytes for c in less) < sum(c.traffic.ahead_bytes for c in weights)


def test_another_word_than_what_there_is_is_refused():
    with pytest.raises(InputError, match=r"prefetch 'weight'.*weights"):
        with_memory(load_device("rk3588-npu"), prefetch="weight")
