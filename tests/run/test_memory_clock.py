"""The memory's clock in a run: by hand, each nanosecond and joule, and against a plain walk."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.governor.plan import uniform
from dfsrt.run import constant_cap
from dfsrt.run.lap import position, signature
from dfsrt.run.memory_plans import asked_ahead
from dfsrt.run.memory_policy import MemoryPolicy
from tests.helpers.naive_memory import Walk, joined, naive_asks
from tests.helpers.serve import frames_of
from tests.helpers.tiny_memory import ByPoint, Counted, Mapped, Told, memory_npu, memory_table

FREE = constant_cap(math.inf)
# 1000 cycles take 10 us at 100 MHz and 5 us at 200; 4000 bytes 8 us at 500 MB/s and 4 at 1 GB/s.
CYCLES, BYTES = [1_000, 100], [1_000, 4_000]


def ran(table, governor, frames=1, period_ns=None, policy=None, **options):
    """Return rows ``(layer, start, end, stall, level)``, the machine and the log."""
    run = frames_of(
        table, governor, FREE, frames, period_ns, memory=policy or MemoryPolicy(), **options
    )
    log = run.run()
    columns = (log.layer, log.start_ns, log.end_ns, log.stall_ns, log.level)
    rows = [tuple(int(v) for v in row) for row in zip(*columns, strict=True)]
    return joined(rows), run.machine, log


def test_the_memory_is_at_its_highest_where_nobody_sets_it():
    rows, m, _ = ran(memory_table(memory_npu(), CYCLES, BYTES), ByPoint([[1, 1], [1, 1]]))
    assert rows == [(0, 0, 5_000, 0, 3), (1, 5_000, 9_000, 0, 3)]
    assert (m.memory, m.memory_changes) == (1, 0)


def test_a_change_without_delay_takes_effect_at_once_and_its_layer_waits():
    """The first layer runs at the low point, the second asks for the high one: 300 ns."""
    table = memory_table(memory_npu(delay_ns=0), CYCLES, BYTES)
    rows, m, _ = ran(table, ByPoint([[1, 1], [1, 1]], [0, 1]), frames=2)
    assert rows == [
        (0, 0, 5_000, 0, 1),
        (1, 5_300, 9_300, 300, 3),
        (0, 9_600, 14_600, 300, 1),
        (1, 14_900, 18_900, 300, 3),
    ]
    assert (m.memory_changes, m.memory_unseen) == (3, 0)


def test_core_and_memory_that_change_together_wait_for_both():
    table = memory_table(memory_npu(delay_ns=0), CYCLES, BYTES)
    rows, _, _ = ran(table, ByPoint([[1, 0], [1, 0]], [0, 1]))
    assert rows == [(0, 0, 5_000, 0, 1), (1, 5_400, 9_400, 400, 2)]


def test_a_change_is_asked_for_as_far_ahead_as_it_takes():
    """3 us before the second layer is in the first, so at the first layer's own boundary."""
    table = memory_table(memory_npu(delay_ns=3_000), CYCLES, BYTES)
    rows, m, _ = ran(table, ByPoint([[1, 1], [1, 1]], [0, 1]))
    assert rows == [(0, 0, 5_000, 0, 1), (1, 5_300, 9_300, 300, 3)]
    # It then asked for the low point at the second layer, 3 us before the next frame.
    assert (m.memory, m.memory_to, m.memory_ns) == (1, 0, 5_000 + 3_000)


def test_until_the_delay_has_passed_layers_run_at_the_old_point_with_its_plan():
    """20 us is more than a frame: asked for at 0, in effect at the first boundary from 20 us on."""
    table = memory_table(memory_npu(delay_ns=20_000), CYCLES, BYTES)
    policy = MemoryPolicy(Told(sampling_ns=1_000, points=[0, 1]))
    rows, m, _ = ran(table, ByPoint([[0, 1], [1, 1]]), frames=3, policy=policy)
    # Asked for at 1 us: in effect from 21 us on. At the low point the first layer is at 100 MHz.
    assert rows == [
        (0, 0, 10_000, 0, 0),
        (1, 10_100, 18_100, 100, 1),
        (0, 18_200, 28_200, 100, 0),
        (1, 28_600, 32_600, 400, 3),
        (0, 32_600, 37_600, 0, 3),
        (1, 37_600, 41_600, 0, 3),
    ]
    assert m.memory_changes == 1


def test_in_idle_time_it_takes_effect_at_its_time_and_nobody_sees_the_stall():
    table = memory_table(memory_npu(delay_ns=7_000), CYCLES, BYTES)
    policy = MemoryPolicy(Told(sampling_ns=6_000, points=[0, 1]))
    rows, m, _ = ran(table, ByPoint([[1, 1], [1, 1]]), 2, 30_000, policy)
    assert rows == [
        (0, 0, 5_000, 0, 1),
        (1, 5_000, 13_000, 0, 1),  # asked for at 6 us, in effect at 13, when nothing runs
        (-1, 13_000, 30_000, 0, 3),
        (0, 30_000, 35_000, 0, 3),
        (1, 35_000, 39_000, 0, 3),
        (-1, 39_000, 60_000, 0, 3),
    ]
    assert (m.memory_changes, m.memory_unseen) == (1, 1)


def test_idle_time_is_cut_where_the_clock_changes_and_draws_that_clocks_standby():
    """10 mW of standby at the low point, 20 mW at the high one; 2 uJ from 50 to 150 us."""
    table = memory_table(memory_npu(delay_ns=40_000), CYCLES, BYTES)
    policy = MemoryPolicy(Told(sampling_ns=10_000, points=[0, 1]))
    rows, _, log = ran(table, ByPoint([[1, 1], [1, 1]]), 1, 150_000, policy)
    assert rows[2:] == [(-1, 13_000, 50_000, 0, 1), (-1, 50_000, 150_000, 0, 3)]
    dram_j = log.energy_j[:, 5]
    idle = log.layer == -1
    low, high = (idle & (log.level == level) for level in (1, 3))
    assert dram_j[low].sum() == pytest.approx(37e-6 * 0.01)
    assert dram_j[high].sum() == pytest.approx(100e-6 * 0.02)
    # A layer: standby, stalls included, and 10 pJ a byte.
    assert dram_j[0] == pytest.approx(5e-6 * 0.01 + 1_000 * 1e-11)


def test_a_layer_that_begins_in_the_nanosecond_of_the_change_waits_for_it():
    table = memory_table(memory_npu(delay_ns=20_000), CYCLES, BYTES)
    policy = MemoryPolicy(Told(sampling_ns=10_000, points=[0, 1]))
    rows, m, _ = ran(table, ByPoint([[1, 1], [1, 1]]), 2, 30_000, policy)
    assert rows[2:5] == [
        (-1, 13_000, 30_000, 0, 1),
        (0, 30_300, 35_300, 300, 3),
        (1, 35_300, 39_300, 0, 3),
    ]
    assert (m.memory_changes, m.memory_unseen) == (1, 0)


def test_one_change_is_under_way_at_a_time_and_what_is_wished_meanwhile_comes_after_it():
    """Asked for point 1 at 2 us and, at 4 us, for point 2: that is asked for at the next boundary
    after the first has taken effect, at 18 us, and takes effect at the first from 28 us on."""
    npu = memory_npu((0.5e9, 1e9, 2e9), delay_ns=10_000)
    table = memory_table(npu, [1_000, 1_000], [100, 100])
    policy = MemoryPolicy(Told(sampling_ns=2_000, points=[0, 1, 2]))
    rows, m, _ = ran(table, ByPoint([[1, 1], [1, 1], [1, 1]]), 5, policy=policy)
    assert [(row[1], row[3], row[4]) for row in rows] == [
        (0, 0, 1),
        (5_000, 0, 1),
        (10_000, 0, 1),
        (15_300, 300, 3),  # asked for at 2 us, and there from 12 us on; point 2 is asked for now
        (20_300, 0, 3),
        (25_600, 300, 5),  # from 15 us on, 10 us later
        (30_600, 0, 5),
        (35_600, 0, 5),
        (40_600, 0, 5),
        (45_600, 0, 5),
    ]
    assert m.memory_changes == 2


def test_passive_asks_where_the_core_changes():
    table = memory_table(memory_npu(), CYCLES, BYTES)
    rows, _, _ = ran(table, ByPoint([[0, 1], [0, 1]]), policy=MemoryPolicy(Mapped([0, 1])))
    assert rows == [(0, 0, 10_000, 0, 0), (1, 10_400, 14_400, 400, 3)]


def test_bytes_of_a_layer_under_way_are_counted_as_far_as_it_has_come():
    """The first layer's 1000 bytes take 5 us; 4000 more take 4 us at the high point."""
    seen = []

    class Watch:
        sampling_ns = 2_500

        def choose(self, view):
            seen.append(view.moved_bytes)
            return 1

    ran(
        memory_table(memory_npu(), CYCLES, BYTES),
        ByPoint([[1, 1]] * 2),
        policy=MemoryPolicy(Watch()),
    )
    assert seen[1:] == [(500,), (500, 500), (2_500, 500, 500)]


def test_a_plan_for_the_highest_clock_alone_is_late_where_one_that_knows_is_not():
    """Blind it takes 9 us for granted and runs at 100 MHz what takes 18 at the low point."""

    class InTime:
        """The slowest clock at which a frame is done in 15 us."""

        sees_cap = False

        def plan(self, view):
            times = view.duration_ns.sum(axis=0)
            return uniform(view, int(np.flatnonzero(times <= 15_000)[0]))

    npu = memory_npu((0.5e9, 1e9))
    table = memory_table(npu, CYCLES, BYTES)  # 18 and 13 us at the low point, 14 and 9 at the high
    for blind, end_ns in ((False, 13_000), (True, 18_000)):
        policy = MemoryPolicy(Told(1_000_000, [0]), blind)
        rows, _, _ = ran(table, InTime(), policy=policy)
        assert rows[-1][2] == end_ns


@st.composite
def scenes(draw):
    layers, points = draw(st.integers(1, 4)), draw(st.integers(2, 3))
    times = st.integers(1, 5_000)
    cycles = draw(st.lists(times, min_size=layers, max_size=layers))
    moved = draw(st.lists(times, min_size=layers, max_size=layers))
    npu = memory_npu(
        (0.4e9, 0.7e9, 1.3e9)[-points:],
        stall_ns=draw(st.integers(0, 3_000)),
        delay_ns=draw(st.sampled_from([0, 1, 5_000, 20_000, 100_000])),
    )
    core = st.lists(st.integers(0, 1), min_size=layers, max_size=layers)
    levels = [draw(core) for _ in range(points)]
    frames = draw(st.integers(1, 6))
    period = draw(st.none() | st.sampled_from([10_000, 50_000, 150_000]))
    return memory_table(npu, cycles, moved), levels, frames, period


def walked(scene, asks, poll=None, choose=None, home=0, wants=None):
    table, core, frames, period = scene
    walk = Walk(
        table.duration_ns.tolist(), table.stall_ns.tolist(), core, asks,
        table.npu.memory.change.delay_ns, table.load.dram_bytes.tolist(), home, poll, choose,
        wants,
    )  # fmt: skip
    return walk.frames(frames, period)


def assert_as(walk, found):
    rows, m, _ = found
    assert rows == joined(walk.rows)
    assert (m.memory_changes, m.memory_unseen) == (walk.changes, walk.unseen)


@settings(max_examples=60)
@given(scenes(), st.data())
def test_any_plan_of_the_memory_runs_as_the_plain_walk_says(scene, data):
    table, core, frames, period = scene
    layers, points = len(core[0]), len(core)
    wish = data.draw(
        st.lists(st.integers(0, points - 1), min_size=layers, max_size=layers), label="memory"
    )
    plan = core[-1]  # made while the memory is at its highest, where a run begins
    pairs = [wish[k] * 2 + plan[k] for k in range(layers)]
    spent = [
        int(table.duration_ns[k, pairs[k]] + table.stall_ns[pairs[k - 1], pairs[k]])
        for k in range(layers)
    ]
    asks = naive_asks(wish, spent, table.npu.memory.change.delay_ns, period)
    scene = table, [plan] * points, frames, period
    walk = walked(scene, [asks] * points, home=wish[0], wants=wish)
    assert_as(walk, ran(table, ByPoint(core, wish), frames, period))


@settings(max_examples=60)
@given(scenes(), st.integers(700, 40_000), st.integers(1, 4_000), st.integers(0, 1))
def test_a_polled_governor_runs_as_the_plain_walk_says(scene, poll, per_point, start):
    table, core, frames, period = scene
    governor = Counted(poll, per_point, start)
    walk = walked(scene, None, poll, lambda moved: moved // per_point % len(core), home=start)
    assert_as(walk, ran(table, ByPoint(core), frames, period, MemoryPolicy(governor)))


@settings(max_examples=30)
@given(scenes(), st.permutations([0, 1]))
def test_following_the_core_runs_as_the_plain_walk_says(scene, table_of):
    table, core, frames, period = scene
    asks = [[table_of[level] for level in levels] for levels in core]
    walk = walked(scene, asks, home=table_of[core[table_of[1]][0]])
    assert_as(walk, ran(table, ByPoint(core), frames, period, MemoryPolicy(Mapped(table_of))))


@settings(max_examples=60)
@given(scenes(), st.sampled_from([None, 40_000]), st.data())
def test_laps_are_multiplied_as_if_they_had_been_walked(scene, period, data):
    """State that must come again includes the memory's point, where it goes, and how soon."""
    table, core, _, _ = scene
    layers, points = len(core[0]), len(core)
    wish = data.draw(st.lists(st.integers(0, points - 1), min_size=layers, max_size=layers))
    machines = []
    for multiplies in (False, True):
        run = frames_of(
            table, ByPoint(core, wish), FREE, 60, period, every_row=False, multiplies=multiplies
        )
        log = run.run()
        machines.append((run.machine, int((log.times * (log.end_ns - log.begin_ns)).sum())))
    (one, one_ns), (two, two_ns) = machines
    assert one == two
    assert one_ns == two_ns


@settings(max_examples=200)
@given(st.data())
def test_commands_are_given_as_early_as_the_plain_rule_says(data):
    n = data.draw(st.integers(1, 6))
    memory = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    spent = data.draw(st.lists(st.integers(1, 50), min_size=n, max_size=n))
    delay = data.draw(st.integers(0, 200))
    period = data.draw(st.none() | st.integers(1, 400))
    found = asked_ahead(np.array(memory), np.array(spent), delay, period)
    assert found.tolist() == naive_asks(memory, spent, delay, period)


def test_a_lap_that_begins_with_another_memory_is_not_alike():
    run = frames_of(memory_table(memory_npu(), CYCLES, BYTES), ByPoint([[1, 1]] * 2), FREE)
    queue, m = run.requests.queue, run.machine
    at = position(m, queue)
    first = signature(m, queue, at, [])
    m.memory_to, m.memory_ns = 0, 5_000
    pending = signature(m, queue, at, [])
    m.memory_ns = 6_000
    later = signature(m, queue, at, [])
    assert len({first, pending, later}) == 3
