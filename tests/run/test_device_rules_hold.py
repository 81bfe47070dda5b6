"""What holds for every run on every device, whatever the governor asks."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dfsrt
from dfsrt.device import OppTable
from dfsrt.device.npu import Clock, Domain
from dfsrt.governor import make_governor
from dfsrt.governor.dfs import Dfs
from dfsrt.power.components import COMPONENTS
from dfsrt.report.clocks import held_share, residency
from dfsrt.run import CapStep, HeldBy, PowerCap, constant_cap
from dfsrt.run.book import book_of
from dfsrt.run.excess import layer_excess, layers_over, window_excess
from tests.helpers.naive import NODES, WEIGHTS
from tests.helpers.serve import frames_of, run_frames
from tests.helpers.strategies import caps_w, npus, plans, tables
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table

GOVERNORS = (
    "performance",
    "powersave",
    "userspace:freq=300MHz",
    "simple_ondemand:period=1ms",
    "schedutil:period=1ms",
    "app-dvfs",
    "dfs",
    "dvfs",
)


def volts_at(log, t_ns):
    """The rail's voltage at any time, from the log's moves alone."""
    past = [m for m in log.rail_moves if m.command_ns <= t_ns]
    if not past:
        return (log.rail_moves[0].from_uv if len(log.moves) else log.rail_uv[0]) * 1e-6
    return past[-1].volts_at(t_ns)


@given(st.data())
def test_no_layer_ever_runs_below_its_voltage(data):
    table = data.draw(tables())
    levels, rail = data.draw(plans(table))
    log = run_frames(table, Fixed(levels, rail), constant_cap(1.0), frames=3)
    for row in range(len(log.layer)):
        needed = table.npu.opps.rails_uv[log.level[row]] * 1e-6
        corners = [t for m in log.rail_moves for t in (m.ramp_start_ns, m.ramp_end_ns)]
        inside = [t for t in corners if log.start_ns[row] <= t <= log.end_ns[row]]
        for t in (log.start_ns[row], log.end_ns[row], *inside):
            # A command at the very end of the row belongs to the next one.
            if t < log.end_ns[row]:
                assert volts_at(log, t) >= needed - 1e-12


@given(st.data(), st.sampled_from(GOVERNORS))
def test_energy_by_layer_sums_to_the_rails_integral(data, name):
    table = data.draw(tables())
    period = data.draw(st.sampled_from([None, 500_000, 5_000_000]))
    log = run_frames(table, make_governor(name), constant_cap(0.5), 3, period)
    # Integrate leakage over the whole run from the rail's moves, without looking at rows.
    cuts = {int(log.begin_ns[0]), int(log.end_ns[-1])}
    cuts |= {t for m in log.rail_moves for t in (m.command_ns, m.ramp_start_ns, m.ramp_end_ns)}
    cuts = sorted(t for t in cuts if t <= log.end_ns[-1])
    leaked = 0.0
    for left, right in pairwise(cuts):
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            v = volts_at(log, left + (right - left) * (node + 1) / 2)
            leaked += (
                weight / 2 * (right - left) * 1e-9 * sum(k * v**n for k, n in table.plant.leakage)
            )
    assert log.energy_j[:, COMPONENTS.index("leakage")].sum() == pytest.approx(
        leaked, rel=1e-6, abs=1e-15
    )
    fixed_j = table.npu.silicon.fixed_w * log.span_ns * 1e-9  # in ramps, stalls and idle time, too
    assert log.energy_j[:, COMPONENTS.index("fixed")].sum() == pytest.approx(fixed_j)
    uncore_j = table.plant.rates.uncore_w * log.span_ns * 1e-9
    assert log.energy_j[:, -1].sum() == pytest.approx(uncore_j)


@given(st.data(), st.sampled_from(GOVERNORS), st.sampled_from(list(Domain)))
def test_the_books_parts_sum_to_the_whole(data, name, domain):
    table = data.draw(tables())
    period = data.draw(st.sampled_from([None, 500_000, 5_000_000]))
    log = run_frames(table, make_governor(name), constant_cap(0.5, domain), 3, period)
    book = book_of(log)
    assert math.fsum(r.share for r in residency(book)) == pytest.approx(1.0, abs=1e-9)
    joules = math.fsum(book.component_j[: book.inside].tolist())
    assert log.domain_energy_j().sum() == pytest.approx(joules)
    assert log.energy_j.sum() == pytest.approx(math.fsum(book.component_j.tolist()))
    assert len(book.component_j) == len(COMPONENTS)
    assert book.busy_ns + book.idle_ns == book.span_ns == log.span_ns
    assert math.fsum(held_share(book).values()) == pytest.approx(1.0)


@given(st.data())
def test_rows_follow_each_other_without_gap_or_overlap(data):
    table = data.draw(tables())
    levels, rail = data.draw(plans(table))
    log = run_frames(table, Fixed(levels, rail), constant_cap(1.0), 3, 700_000)
    assert (log.begin_ns[1:] == log.end_ns[:-1]).all()
    assert log.begin_ns[0] == 0


@given(st.data())
def test_with_free_switches_raising_the_cap_never_slows_dfs(data):
    table = data.draw(tables(data.draw(npus(freq_switch_ns=st.just(0)))))
    low, high = sorted((data.draw(caps_w), data.draw(caps_w)))
    slow = run_frames(table, Dfs(), constant_cap(low), frames=2)
    fast = run_frames(table, Dfs(), constant_cap(high), frames=2)
    assert fast.span_ns <= slow.span_ns


@given(st.data())
def test_dfs_never_plans_above_the_cap_unless_it_says_unreachable(data):
    table = data.draw(tables())
    cap = data.draw(caps_w)
    log = run_frames(table, Dfs(), constant_cap(cap), frames=1)
    over = log.predicted_w > cap
    if (table.predicted_w[:, 0, 0] <= cap).all():
        assert not over.any()
        assert not log.cap_unreachable.any()
    # Whatever is planned above the cap runs at the lowest level and says so.
    assert (log.cap_unreachable[over]).all()
    assert (log.level[over] == 0).all()


def test_a_told_voltage_at_which_nothing_fits_says_so():
    run = dfsrt.run("resnet50", governor="dfs:rail=850mV", cap="0.14 W", frames=1)
    over = run.log.predicted_w > 0.14
    assert over.any()
    assert (run.log.cap_unreachable == over).all()


def test_governors_that_ignore_the_cap_are_held_by_their_own_policy():
    for governor in ("powersave", "userspace:freq=800MHz"):
        held = dfsrt.run("resnet50", governor=governor, cap="0.08 W", frames=1).report.held_share
        assert set(held) <= {"policy", "memory"}
        assert held["policy"] > 0


def test_a_layer_that_waits_for_memory_at_the_top_clock_says_memory():
    held = dfsrt.run(
        "vgg19", device="etri-like", governor="performance", frames=1
    ).report.held_share
    assert held["memory"] > 0.3


def test_cap_changes_leave_governors_alone_that_do_not_look_at_the_cap():
    job = {"period": "15 ms", "frames": 21, "cap": "0.2 W"}
    steps = {f"{ms} ms": "0.3 W" for ms in (113, 131, 165, 236)}
    for governor in ("schedutil:period=20ms", "simple_ondemand:period=20ms"):
        plain = dfsrt.run("resnet50", governor=governor, **job).log
        stepped = dfsrt.run("resnet50", governor=governor, cap_changes=steps, **job).log
        assert plain.level.tolist() == stepped.level.tolist()
        assert len(set(plain.level.tolist())) > 1


def test_no_energy_is_lost_on_a_device_with_an_ideal_memory():
    log = dfsrt.run("densenet121", device="systolic-128", cap_domain="npu+dram", frames=1).log
    moved = sum(cost.dram_bytes for cost in log.table.costs)
    dram_j = log.energy_j[:, COMPONENTS.index("dram")].sum()
    assert dram_j == pytest.approx(moved * log.table.plant.rates.dram_j_per_byte)
    assert (log.end_ns > log.start_ns).all()


def test_dfs_counts_relocks_across_pll_groups():
    npu = dfsrt.load_device("rk3588-npu")
    points = tuple(replace(p, pll_group=i) for i, p in enumerate(npu.opps.points))
    npu = replace(npu, opps=OppTable(points), clock=Clock(0, 50_000))
    auto = dfsrt.run("resnet50", device=npu, cap="0.2 W").report.fps
    for uv in npu.opps.set_points_uv:
        told = dfsrt.run("resnet50", device=npu, cap="0.2 W", governor=f"dfs:rail={uv}uV").report
        if not told.cap.layers_unreachable:
            assert auto >= told.fps * (1 - 1e-9)


@given(st.data())
def test_an_exact_prediction_under_dfs_keeps_the_cap(data):
    table = data.draw(tables())  # predicted power is true power in these tables
    cap = data.draw(caps_w)
    log = run_frames(table, Dfs(), constant_cap(cap), frames=2)
    if not log.cap_unreachable.any():
        assert layers_over(log) == 0
        assert layer_excess(log).time_s == 0


@given(tables(), st.sampled_from(list(Domain)))
def test_an_exact_model_predicts_every_domains_power_on_a_rail_that_stands(table, domain):
    log = run_frames(table, Dfs(), constant_cap(0.5, domain), frames=1)
    assert log.predicted_w == pytest.approx(log.power_w, rel=1e-9)


@given(st.data())
def test_the_running_average_never_exceeds_more_than_single_layers_do(data):
    table = data.draw(tables())
    window = data.draw(st.integers(1, 3_000_000))
    cap = data.draw(caps_w)
    log = run_frames(table, make_governor("performance"), constant_cap(cap, window_ns=window), 3)
    assert window_excess(log).max_w <= layer_excess(log).max_w * (1 + 1e-6) + 1e-12


def test_running_average_is_as_worked_by_hand():
    # One layer of 10 µs at 0.2 W + idle until the next: over 20 µs the average peaks at half.
    npu = tiny_npu(leakage=(), clock_farad=0.0, uncore_w=0.0)
    npu_rail = npu.rail.efficiency
    table = tiny_table(npu, [4_000], [1], [2.0 * npu_rail])
    cap = constant_cap(0.1, window_ns=20_000)
    log = run_frames(table, Fixed([2], [1_000_000]), cap, frames=3, period_ns=40_000)
    # 2 µJ in 10 µs is 0.2 W; the average climbs to 2 µJ / 20 µs = 0.1 W and never above.
    assert log.power_w[log.ran] == pytest.approx(0.2)
    assert window_excess(log).time_s == 0
    lower = constant_cap(0.05, window_ns=20_000)
    log = run_frames(table, Fixed([2], [1_000_000]), lower, frames=3, period_ns=40_000)
    # Above half of the peak: the last 5 µs of the climb, 10 µs flat, the first 5 µs of the
    # fall, in each of three frames; the run lasts to the end of the third one's period.
    assert log.span_ns == 120_000
    assert window_excess(log).time_s == pytest.approx(60e-6)
    assert window_excess(log).max_w == pytest.approx(0.05)


def test_a_cap_change_at_the_very_start_of_a_layer_holds_for_that_layer():
    table = tiny_table(tiny_npu(freq_switch_ns=0), [4_000, 4_000], [1, 1], [2.0, 2.0])
    first = int(table.duration_ns[0, 1])
    cap = PowerCap((CapStep(0, 5.0), CapStep(first, 0.01)))
    log = run_frames(table, Fixed([1, 1], [500_000, 500_000]), cap, frames=1)
    assert log.cap_w.tolist() == [5.0, 0.01]


def test_a_governor_that_plans_nonsense_is_told_so():
    from dfsrt.run.clamp import PlanError

    table = tiny_table(tiny_npu(), [100], [1], [1.0])
    for level, rail in (([0, 0], [500_000]), ([0], [float("nan")]), (["x"], [500_000])):
        with pytest.raises(PlanError, match=r"return \d+ finite|give one per layer"):
            frames_of(table, Fixed(level, rail), constant_cap(1.0))


def test_wishes_outside_the_table_are_clamped():
    table = tiny_table(tiny_npu(), [100], [1], [1.0])
    log = run_frames(table, Fixed([99], [10**9]), constant_cap(1.0))
    assert (log.level[0], log.rail_uv[0]) == (2, 1_000_000)
    log = run_frames(table, Fixed([-5], [0]), constant_cap(1.0))
    assert (log.level[0], log.rail_uv[0]) == (0, 500_000)


def test_memory_bound_layers_take_the_lowest_clock_unless_told_otherwise():
    table = tiny_table(tiny_npu(freq_switch_ns=0), [100, 40_000], [50_000, 1], [0.1, 0.1])
    lowest = run_frames(table, make_governor("dfs"), constant_cap(9.0))
    highest = run_frames(table, make_governor("dfs:tie=highest"), constant_cap(9.0))
    assert lowest.level.tolist() == [0, 2]
    assert highest.level.tolist() == [2, 2]
    assert lowest.span_ns == highest.span_ns
    assert HeldBy(lowest.held_by[0]) is HeldBy.MEMORY


def test_same_seed_gives_the_same_bytes():
    table = tiny_table(tiny_npu(), [4_000, 9_000], [10, 10], [2.0, 1.0])
    logs = [run_frames(table, Dfs(), constant_cap(0.3), frames=5) for _ in range(2)]
    assert np.array_equal(logs[0].energy_j, logs[1].energy_j)
    assert np.array_equal(logs[0].end_ns, logs[1].end_ns)
