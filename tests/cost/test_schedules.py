"""All schedules: what every one keeps to, and how they stand to each other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.cost.schedule import make_schedule
from dfsrt.cost.schedule.check import check_plan
from dfsrt.cost.schedule.planned import planned_bytes, planned_traffic
from dfsrt.cost.schedule.registry import schedule_names
from dfsrt.testing import ScheduleConformance
from dfsrt.testing.works import least_bytes, odd_works
from tests.helpers.memory import adds, conv, graphs, network_work, work_of

KIB = 1024
OTHERS = ("layerwise", "resident", "adaptive", "depth-first")


class TestLayerwise(ScheduleConformance):
    schedule = "layerwise"


class TestResident(ScheduleConformance):
    schedule = "resident:reserve=4KB"


class TestAdaptive(ScheduleConformance):
    schedule = "adaptive"


class TestDepthFirst(ScheduleConformance):
    schedule = "depth-first:online=true"


class TestBest(ScheduleConformance):
    schedule = "best"


def moved(work, schedule):
    plan = make_schedule(schedule).plan(work)
    check_plan(work, plan)
    return planned_bytes(work, plan)


def test_best_is_never_above_another_nor_any_above_layer_by_layer():
    works = [*odd_works().values(), network_work("squeezenet", 96 * KIB)]
    for work in works:
        each = {name: moved(work, name) for name in (*OTHERS, "best")}
        assert each["best"] == min(each.values())
        assert max(each.values()) == each["layerwise"]
        assert each["best"] >= least_bytes(work)


def test_best_goes_on_where_rows_save_the_halo_of_what_the_caller_gives():
    # All maps stay, and tiles in all of the buffer would still read some rows of m0 twice.
    work = work_of(
        [conv(1, 16, 32, 2, 3, 2, 1), conv(2, 2, 16, 2, 1, 1, 0)], 2600, ("m0", "m2"), "exhaustive"
    )
    assert moved(work, "resident") > moved(work, "depth-first")
    assert moved(work, "best") == 16 * 32 * 32 + 2 * 16 * 9 + 2 * 2 + 2 * 16 * 16


@given(graphs(7), st.integers(40, 250))
@settings(max_examples=15)
def test_any_graph_has_plans_that_can_be_kept(graph, buffer):
    work = work_of(adds(*graph), buffer, ("in1", f"t{len(graph[0]) - 1}"))
    each = {name: moved(work, name) for name in (*OTHERS, "best")}
    assert each["best"] == min(each.values())
    assert max(each.values()) == each["layerwise"]


@pytest.mark.parametrize("schedule", ["resident", "best"])
def test_bytes_fall_or_stay_as_the_buffer_grows(schedule):
    for name, sizes in (("squeezenet", range(48, 1600, 200)), ("resnet18", (256, 640, 672, 1152))):
        each = [moved(network_work(name, kib * KIB, "exhaustive"), schedule) for kib in sizes]
        assert each == sorted(each, reverse=True)


def test_bytes_of_operands_are_those_of_the_layers():
    work = network_work("squeezenet", 128 * KIB)
    for name in schedule_names():
        plan = make_schedule(name).plan(work)
        traffic = planned_traffic(work, plan)
        parts = ("input", "weight", "output", "residual", "constants")
        of_operands = sum(sum(getattr(t, p) for t in traffic) for p in parts)
        of_operands += 2 * sum(t.partials for t in traffic)
        assert of_operands == planned_bytes(work, plan)


def test_an_unknown_schedule_suggests_the_nearest():
    with pytest.raises(InputError, match="depth-first"):
        make_schedule("depth_first")
    with pytest.raises(InputError, match="online"):
        make_schedule("depth-first:onlin=true")


def test_a_buffer_too_small_for_a_tile_names_the_layer_and_the_least():
    work = odd_works()["plain"]
    work = replace(work, buffer=replace(work.buffer, total_bytes=8))
    for name in schedule_names():
        with pytest.raises(InputError, match="layer 'l1'"):
            moved(work, name)
