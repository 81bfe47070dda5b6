"""Resident: which whole maps stay on chip, exactly, and what then crosses."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec
from dfsrt.cost.choice import with_memory
from dfsrt.cost.memory import memory_plan, memory_work
from dfsrt.cost.schedule import LayerPlan, MemoryPlan, make_schedule
from dfsrt.cost.schedule.check import check_plan
from dfsrt.cost.schedule.lifetimes import maps_of
from dfsrt.cost.schedule.planned import planned_bytes, planned_traffic
from dfsrt.cost.schedule.residency import Level, most_saved
from dfsrt.device import load_device
from dfsrt.network import load_network
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.tensor import Tensor
from tests.helpers.memory import adds, graphs, network_work, work_of

KIB = 1024


def saved(maps, rooms):
    chosen = most_saved(maps, rooms)
    assert len(chosen) == len(maps)
    return sum(m.saved_bytes for m, room in zip(maps, chosen, strict=True) if room is not None)


def brute(maps, rooms):
    """The most saved of all ways to lay maps into rooms, tried one by one."""
    best = 0
    for where in product(range(-1, len(rooms)), repeat=len(maps)):
        if any(r > 0 and (m.comes or m.goes) for m, r in zip(maps, where, strict=True)):
            continue
        for r, room in enumerate(rooms):
            for layer, most in enumerate(room):
                pairs = zip(maps, where, strict=True)
                taken = sum(m.bytes for m, w in pairs if w == r and m.first <= layer <= m.last)
                if taken > most:
                    break
            else:
                continue
            break
        else:
            best = max(best, sum(m.saved_bytes for m, w in zip(maps, where, strict=True) if w >= 0))
    return best


def by_steps(maps, room):
    """The most saved by a program with a variable for each map at each layer that it lives in."""
    at = [(m, layer) for m, each in enumerate(maps) for layer in range(each.first, each.last + 1)]
    gain = np.array([maps[m].saved_bytes if maps[m].first == layer else 0 for m, layer in at])
    held = np.array([[maps[m].bytes * (layer == k) for m, layer in at] for k in range(len(room))])
    same = [
        [float(at[j] == pair) - float(at[j] == (pair[0], pair[1] + 1)) for j in range(len(at))]
        for pair in at
        if pair[1] < maps[pair[0]].last
    ]
    limits = [LinearConstraint(held, ub=room)]
    if same:
        limits.append(LinearConstraint(np.array(same), 0, 0))
    done = milp(-gain.astype(float), constraints=limits, integrality=1, bounds=(0, 1))
    return round(-done.fun)


@given(graphs(), st.integers(0, 150), st.data())
@settings(max_examples=30)
def test_no_other_choice_of_maps_saves_more(graph, room, data):
    outer = data.draw(st.sets(st.sampled_from([f"t{i}" for i in range(len(graph[0]))]), max_size=2))
    work = work_of(adds(*graph), 1000, outer=("in1", *outer))
    maps = [m for m in maps_of(work) if m.saved_bytes]
    rooms = [[room] * len(work.layers)]
    if len(maps) <= 5:
        rooms.append([data.draw(st.integers(0, 80))] * len(work.layers))
    assert saved(maps, rooms) == brute(maps, rooms)


@given(graphs(8), st.data())
@settings(max_examples=25)
def test_what_tiles_lose_counts_against_what_maps_save(graph, data):
    """Of all choices of maps, one by one, at two layers with three levels each."""
    work = work_of(adds(*graph), 1000)
    maps, n = [m for m in maps_of(work) if m.saved_bytes], len(work.layers)
    sizes, losses = st.integers(1, 40), st.integers(1, 60)
    levels = {}
    for layer in {0, n // 2}:
        a, b, c = (data.draw(sizes) for _ in range(3))
        lost = data.draw(losses)
        levels[layer] = (
            Level(a, 0),
            Level(a + b, lost),
            Level(a + b + c, lost + data.draw(losses)),
        )
    room = [levels[i][-1].map_bytes if i in levels else 100 for i in range(n)]

    def worth(stay):
        taken = [sum(m.bytes for m in stay if m.first <= i <= m.last) for i in range(n)]
        if any(used > most for used, most in zip(taken, room, strict=True)):
            return -1
        lost = (
            next(up.lost_bytes for up in each if up.map_bytes >= taken[i])
            for i, each in levels.items()
        )
        return sum(m.saved_bytes for m in stay) - sum(lost)

    chosen = most_saved(maps, [room], levels)
    stay = [m for m, where in zip(maps, chosen, strict=True) if where == 0]
    subsets = product((False, True), repeat=len(maps))
    every = ([m for m, inside in zip(maps, each, strict=True) if inside] for each in subsets)
    assert worth(stay) == max(worth(each) for each in every)


def test_a_program_of_another_form_saves_as_much_on_larger_networks():
    rng = np.random.default_rng(5)
    reads = [
        [int(x) for x in {max(i - 1, -1), rng.integers(-1, i) if i else -1}] for i in range(45)
    ]
    maps = maps_of(work_of(adds(reads, [int(x) for x in rng.integers(1, 60, 45)]), 1000))
    for room in (60, 120, 200):
        assert saved(maps, [[room] * 45]) == by_steps(maps, [room] * 45)


def test_a_map_saves_its_write_and_each_read_and_the_callers_cross_once():
    # in1 -> l0 -> t0 (10 bytes) -> l1 and l2; l2 reads in1 again; t2 goes to the caller and to l3.
    work = work_of(
        adds([[-1], [0], [0, -1], [2]], [10, 20, 30, 5]), 2000, outer=("in1", "t2", "t3")
    )
    by_name = {min(m.names): m for m in maps_of(work)}
    assert {name: m.saved_bytes for name, m in by_name.items()} == {
        "in1": 7,  # 2 reads, the first of which crosses
        "t0": 30,  # written, and read twice
        "t1": 20,  # written, and nobody reads it
        "t2": 30,  # read once; the write crosses
        "t3": 0,
    }
    plan = make_schedule("resident:reserve=1").plan(work)
    check_plan(work, plan)
    assert plan.places == {"t0": "buffer", "t1": "buffer"}
    assert planned_bytes(work, plan) == 7 + 30 + 5


def test_views_are_the_same_map():
    t0 = Tensor("t0", (10,), "int8")
    seen = replace(t0, name="seen", shape=(2, 5))
    first, last = adds([[-1], [0]], [10, 5])
    view = Layer("v", "Reshape", Kind.VIEW, ("v",), (t0,), (), (seen,))
    work = work_of([first, view, replace(last, inputs=(seen,))], 2000, outer=("in1", "t1"))
    plan = make_schedule("resident:reserve=1").plan(work)
    assert plan.places == {"t0": "buffer", "seen": "buffer"}
    assert planned_bytes(work, plan) == 7 + 5


def test_a_map_that_goes_in_or_out_of_a_loop_crosses():
    layers = adds([[-1], [0], [1], [2]], [10, 10, 10, 10])
    work = work_of(layers, 2000, outer=("in1", "t3"), passes=(1, 3, 3, 1))
    plan = make_schedule("resident:reserve=1").plan(work)
    assert plan.places == {"t1": "buffer"}
    assert planned_bytes(work, plan) == 7 + 10 + 3 * 10 + 3 * 10 + 10 + 10


@pytest.mark.parametrize(
    ("name", "buffer", "of_maps", "of_all"),
    [
        ("resnet50", 512, 0.27, 0.14),
        ("resnet50", 1152, 0.80, 0.42),
        ("resnet50", 2048, 0.99, 0.52),
        ("squeezenet", 1152, 0.98, 0.86),
        ("inception_v1", 512, 0.64, 0.44),
        ("densenet121", 1152, 0.88, 0.78),
        ("vgg19", 2048, 0.48, 0.09),
    ],
)
def test_networks_save_what_the_table_says(name, buffer, of_maps, of_all):
    """Source: memory.md 4.1, shares saved with a reserve of 128 KB."""
    work = network_work(name, buffer * KIB)
    alone, plan = (
        planned_bytes(work, make_schedule("layerwise").plan(work)),
        memory_plan(replace(work, memory=replace(work.memory, schedule="resident"))),
    )
    maps = sum(a.input_bytes + a.output_bytes for a in work.layers if a.kind is not Kind.VIEW)
    gain = alone - planned_bytes(work, plan)
    assert gain / maps == pytest.approx(of_maps, abs=0.011)
    assert gain / alone == pytest.approx(of_all, abs=0.011)


def test_tiles_that_lose_more_than_maps_save_have_the_maps_go():
    # Half of 256 KiB stays for tiles: too little for VGG-19, whose tiles need all of it.
    work = network_work("vgg19", 256 * KIB)
    alone = planned_bytes(work, make_schedule("layerwise").plan(work))
    assert planned_bytes(work, make_schedule("resident:reserve=1KB").plan(work)) <= alone


def test_system_sram_takes_maps_beside_the_buffer():
    work = network_work("resnet50", 384 * KIB, system_sram_bytes=956 * KIB)
    plan = make_schedule("resident:sram=true").plan(work)
    check_plan(work, plan)
    assert set(plan.places.values()) == {"buffer", "system sram"}
    assert planned_bytes(work, plan) < planned_bytes(work, make_schedule("resident").plan(work))


def test_maps_lie_in_the_buffers_of_all_cores_in_use():
    three = replace(network_work("resnet50", 384 * KIB), other_bytes=768 * KIB)
    one = network_work("resnet50", 1152 * KIB)
    plans = [make_schedule("resident").plan(work) for work in (three, one)]
    check_plan(three, plans[0])
    assert plans[0].places == plans[1].places
    assert max(own.kept_bytes for own in plans[0].layers) <= (384 - 128) * KIB


def test_a_buffer_that_is_given_is_that_of_all_cores_in_use():
    npu = load_device(NameSpec("rk3588-npu", {"cores": "3"}))
    network = load_network("squeezenet")
    assert memory_work(network, npu).map_bytes == 3 * npu.memory.buffer_bytes
    assert memory_work(network, with_memory(npu, buffer="1152KiB")).map_bytes == 1152 * KIB


def test_system_sram_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="leave sram=true out"):
        make_schedule("resident:sram=true").plan(work_of(adds([[-1]], [9]), 99))


def test_sums_of_a_plan_are_those_of_its_layers():
    work = network_work("squeezenet", 512 * KIB)
    traffic = planned_traffic(work, make_schedule("resident").plan(work))
    moved = sum(t.read_bytes + t.write_bytes for t in traffic)
    weights = sum(layer.weight_bytes for layer in work.layers)
    outer = 3 * 224 * 224 + 1000
    assert moved >= weights + outer


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (MemoryPlan((LayerPlan(),)), "1 layers; give one for each of 2"),
        (MemoryPlan((LayerPlan(99),) * 2), "layer 'l0' keeps 99 bytes"),
        (MemoryPlan((LayerPlan(),) * 2, {"t0": "buffer"}), "at layer .l0. takes 10 bytes"),
        (MemoryPlan((LayerPlan(),) * 2, {"t0": "system sram"}), "takes 10 bytes; the system SRAM"),
        (MemoryPlan((LayerPlan(50),) * 2, {"t1": "buffer"}), "'t1' is the caller's"),
        (MemoryPlan((LayerPlan(50),) * 2, {"t0": "attic"}), "lies in 'attic'"),
        (MemoryPlan((LayerPlan(50),) * 2, {"t9": "buffer"}), "'t9' is no map"),
        (MemoryPlan((LayerPlan(50),) * 2, {"t0": "resident memory"}), "does not fit in the resid"),
        (
            MemoryPlan((LayerPlan(fetches=(1, 0, 1)), LayerPlan())),
            "fetches of layer number 0 is 0; give a whole number from 1 on",
        ),
        (MemoryPlan((LayerPlan(50, on_chip={"in1"}), LayerPlan(50))), "first to have it"),
        (MemoryPlan((LayerPlan(), LayerPlan(on_chip={"t0"}))), "at layer .l0. takes 10 bytes"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(plan, message):
    work = work_of(adds([[-1], [0]], [10, 10]), 60, outer=("in1", "t1"))
    with pytest.raises(InputError, match=message):
        check_plan(work, plan)
