"""Cores side by side: a golden by hand, a naive twin, conservation, limits and real networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.power.components import COMPONENTS, rates_of
from dfsrt.run import constant_cap
from dfsrt.run.book import book_of
from dfsrt.run.detail import Detail
from dfsrt.run.lane_execution import LaneExecution
from dfsrt.run.lanes import Lane, LaneBook, LaneSetup, Work
from dfsrt.run.lanes.lane import ONE, WORK
from dfsrt.run.lanes.sharing import share_out
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.masks import Lanes, parse_lanes
from dfsrt.run.program import plain
from dfsrt.run.rules import Rules
from dfsrt.run.stream import NEVER_NS, streams
from tests.helpers.naive_lanes import fair_shares, walk
from tests.helpers.serve import load_of, serve
from tests.helpers.strategies import caps_w, tables
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table, true_power
from tests.run.test_queue import loads

TWO_CLOCKS = [(100_000_000, 500_000), (200_000_000, 500_000)]


def lanes_of(count, workloads=1):
    """So many lanes of one core, all of them for every workload."""
    every = tuple(range(count))
    return Lanes(tuple((core,) for core in every), (every,) * workloads)


def run_lanes(
    table, work, lanes, governor, cap, load, plots, *, rules=None, chunk=200_000, compiled=False,
    least_ns=0, until_ns=NEVER_NS,
):  # fmt: skip
    """Serve a load on lanes; return the execution, its book, and its log."""
    npu = replace(table.npu, share=1 / len(lanes))
    own = replace(table, npu=npu, plant=replace(table.plant, rates=rates_of(npu)))
    rules = rules or Rules(closed=load.closed)
    requests = LiveRequests(load, plots, rules, NEVER_NS, compiled, lanes.bits)
    setup = LaneSetup(lanes, (own,) * len(lanes), (own,) * len(lanes), work)
    execution = LaneExecution(
        table, governor, cap, requests, Detail(compiled=compiled, chunk=chunk), setup,
        least_ns=least_ns, until_ns=until_ns,
    )  # fmt: skip
    book, kept = LaneBook(table, cap, len(plots), lanes), Kept()
    execution.stream([book, kept])
    book.close(requests.queue.state, requests.host_calls, int(execution.machine.level))
    return book, kept


class Kept:
    """Keeps the rows of a log as tuples, and when requests finished by their number."""

    def __init__(self):
        self.rows, self.finish, self.logs = [], {}, []

    def add(self, log):
        self.logs.append(log)
        names = ("lane", "frame", "layer", "start_ns", "end_ns", "stall_ns", "level", "ends")
        columns = [getattr(log, name).tolist() for name in names]
        self.rows += zip(*columns, strict=True)
        done = log.requests.done
        self.finish |= dict(zip(done.number.tolist(), done.finish_ns.tolist(), strict=True))

    def ended(self):
        """Each layer that ended: lane, request, begin, end and stalls of all its rows together."""
        layers, begun = [], {}
        for lane, frame, layer, start, end, stall, _, ends in self.rows:
            if layer < 0:
                continue
            first, stalled = begun.get(lane, (start - stall, 0))
            begun[lane] = (first, stalled + stall)
            if ends:
                layers.append((lane, frame, first, end, begun.pop(lane)[1]))
        return layers


def work_of_layers(layers):
    """The parts of layers given as in the naive walk."""
    head, compute, memory = (
        [ns for layer in layers for ns in layer[name]] for name in ("head", "compute", "memory")
    )
    need = [layer["need"] for layer in layers for _ in layer["head"]]
    return Work(*(np.array(a) for a in (head, compute, memory, need)), own_clocks=False)


def table_for(layers, npu, switched_uj=1.0):
    """A table with as many layers, whose durations are those of the parts."""
    n = len(layers)
    table = tiny_table(npu, [1] * n, [1] * n, [switched_uj] * n)
    whole = [
        [h + max(c, m) for h, c, m in zip(a["head"], a["compute"], a["memory"], strict=True)]
        for a in layers
    ]
    duration_ns = np.array(whole)
    watts = true_power(npu, table.plant, duration_ns, table.load.clock_share)
    load = replace(table.load, duration_ns=duration_ns)
    return replace(table, load=load, predicted_w=watts)


A = {"head": [14, 10], "compute": [60, 30], "memory": [60, 60], "need": 600_000, "wish": 1}
B = {"head": [0, 0], "compute": [80, 40], "memory": [40, 40], "need": 800_000, "wish": 0}

GOLDEN = [  # lane, request, layer, start, end, stall, level, ends
    (0, 0, 0, 0, 79, 0, 1, 1),  # 49 ns for the last 40 ns of bytes: 5/6 of its pace from 30 on
    (1, -1, -1, 0, 20, 0, 1, 0),
    (1, 1, 0, 20, 79, 0, 1, 0),  # cut: B of request 0 brings the slow clock
    (1, 1, 0, 84, 108, 5, 0, 1),  # 23.00003 ns of bytes end within the 24th
    (0, 0, 1, 84, 164, 5, 0, 1),  # its bytes end at 148, its compute 16 ns later
    (0, -1, -1, 164, 188, 0, 0, 0),
    (1, 1, 1, 108, 188, 0, 0, 1),  # alone from 148 on: 15 ns for 15 ns of bytes; compute holds it
]


def two_lanes(chunk=200_000):
    npu = tiny_npu(TWO_CLOCKS, freq_switch_ns=5)
    table, work = table_for([A, B], npu), work_of_layers([A, B])
    governor = Fixed([A["wish"], B["wish"]], [500_000] * 2)
    load = load_of([0, 20], session=[0, 1])
    plots = [plain(0, 2)]
    return run_lanes(
        table, work, lanes_of(2), governor, constant_cap(9.0), load, plots, chunk=chunk
    )


def test_two_lanes_are_as_worked_by_hand_to_the_nanosecond():
    _, kept = two_lanes()
    assert sorted(kept.rows, key=lambda r: (r[4], r[0])) == sorted(
        GOLDEN, key=lambda r: (r[4], r[0])
    )
    assert kept.finish == {0: 164, 1: 188}


def test_two_lanes_draw_as_worked_by_hand_to_the_joule():
    book, _ = two_lanes()
    joules = dict(zip(COMPONENTS, book.component_j, strict=True))
    # 4 layers of 1 uJ at 1 V on 0.5 V; two cores' 50 mW at 1 V, as V squared, 188 ns long; uncore
    # once. The clock tree, 0.1 nF: 138 ns at 200 MHz and 184 ns at 100 MHz, stalls left out.
    assert joules["switching"] == pytest.approx(4 * 1e-6 * 0.25)
    assert joules["leakage"] == pytest.approx(2 * 0.05 * 0.25 * 188e-9)
    assert joules["uncore"] == pytest.approx(0.01 * 188e-9)
    assert joules["clock"] == pytest.approx(1e-10 * 0.25 * (138e-9 * 2e8 + 184e-9 * 1e8))
    assert joules["dram"] == pytest.approx(4 * 1e-11)
    assert book.lane_busy_ns.tolist() == [164, 168]
    assert book.lane_runs.tolist() == [2, 2]


def test_books_are_the_same_in_pieces():
    whole, pieces = two_lanes()[0], two_lanes(chunk=1)[0]
    for name in ("energy_j", "idle_j", "time_ns", "runs", "lane_j", "lane_busy_ns"):
        assert getattr(pieces, name) == pytest.approx(getattr(whole, name)), name
    assert (pieces.power_max_w, pieces.layers_over) == pytest.approx(
        (whole.power_max_w, whole.layers_over)
    )


def random_layer(rng):
    def times(least):
        slow = int(rng.integers(least, 41))
        return [slow, int(rng.integers(min(least, slow), slow + 1))]

    bytes_ns = int(rng.integers(0, 41))
    needs = [0, 150_000, 400_000, 615_385, 999_999, ONE]
    return {
        "head": times(0), "compute": times(1), "memory": [bytes_ns] * 2,
        "need": needs[rng.integers(len(needs))] if bytes_ns else 0, "wish": int(rng.integers(2)),
    }  # fmt: skip


def random_scene(seed):
    """Layers, requests of one or two networks that come at random, lanes, a mask perhaps."""
    rng = np.random.default_rng(seed)
    layers = [random_layer(rng) for _ in range(rng.integers(1, 6))]
    n, split = int(rng.integers(1, 9)), int(rng.integers(1, len(layers) + 1))
    arrival = np.cumsum(rng.integers(0, 61, n)).tolist()
    kinds = rng.integers(0, 1 + (split < len(layers)), n).tolist()
    sections = [(0, split), (split, len(layers))][: 1 + (split < len(layers))]
    every = tuple(range(int(rng.integers(1, 4))))
    own = (every, (0,) if rng.integers(2) else every)[: len(sections)]
    lanes = Lanes(tuple((core,) for core in every), own)
    return layers, arrival, kinds, sections, lanes, int(rng.choice([0, 3, 20]))


@pytest.mark.parametrize("seed", range(60))
def test_any_lanes_do_as_the_naive_walk_does(seed):
    layers, arrival, kinds, sections, lanes, stall = random_scene(seed)
    npu = tiny_npu(TWO_CLOCKS, freq_switch_ns=stall)
    governor = Fixed([a["wish"] for a in layers], [500_000] * len(layers))
    load = load_of(arrival, kinds, session=range(len(arrival)))
    book, kept = run_lanes(
        table_for(layers, npu), work_of_layers(layers), lanes, governor, constant_cap(9.0), load,
        [plain(*section) for section in sections],
    )  # fmt: skip
    asked = [layers[slice(*sections[kind])] for kind in kinds]
    ended, finish, most = walk(
        list(zip(arrival, asked, strict=True)), len(lanes), layers[0]["wish"], stall,
        lambda number, lane: lane in lanes.of_workload[kinds[number]],
    )  # fmt: skip
    assert kept.finish == finish
    assert sorted(kept.ended()) == sorted(ended)
    assert most <= ONE
    assert book.lane_bytes.sum() == sum(map(len, asked)) == book.lane_runs.sum()  # a byte each


@settings(max_examples=60)
@given(st.lists(st.integers(1, ONE), min_size=1, max_size=6))
def test_shares_are_max_min_fair_and_never_more_than_there_is(needs):
    lanes = [Lane(doing=WORK, layer=k, bytes_ns=1) for k in range(len(needs))]
    share_out(lanes, Work([], [], [], needs, False), 1)
    given_out = [need * lane.share // ONE for need, lane in zip(needs, lanes, strict=True)]
    assert sum(given_out) <= ONE
    assert all(lane.share <= ONE for lane in lanes)
    assert given_out == pytest.approx(fair_shares(needs), abs=2)


@settings(max_examples=25)
@given(
    st.data(), st.sampled_from(["performance", "app-dvfs", "dfs", "dvfs", "schedutil:period=1ms"])
)
def test_one_lane_is_the_npu_as_it_was_row_by_row(data, governor):
    table, cap = data.draw(tables(max_layers=4)), constant_cap(data.draw(caps_w))
    closed = data.draw(st.booleans())
    load, plots = data.draw(loads(1, closed)), [plain(0, len(table.load.names))]
    zero = np.zeros(table.duration_ns.size, dtype=np.int64)
    work = Work(zero, table.duration_ns.ravel(), zero, zero, False)
    rules = Rules(closed=closed)
    alone = serve(table, make_governor(governor), cap, load, plots, rules, least_ns=2_000_000)
    book, kept = run_lanes(
        table, work, lanes_of(1), make_governor(governor), cap, load, plots, least_ns=2_000_000
    )
    log = alone.log
    busy = [r for r in kept.rows if r[2] >= 0]
    ran = log.ran
    columns = (log.frame, log.layer, log.start_ns, log.end_ns, log.stall_ns, log.level)
    assert [r[1:7] for r in busy if r[7]] == list(
        zip(*(c[ran].tolist() for c in columns), strict=True)
    )
    once = book_of(log)
    assert book.span_ns == once.span_ns
    assert book.component_j == pytest.approx(once.component_j, rel=1e-9, abs=1e-18)
    assert book.moves == once.moves
    assert (book.transitions == once.transitions).all()


def streams_on(count, layer, frames=12):
    """How long so many frames of one layer take on lanes, each stream for itself."""
    npu = tiny_npu([(100_000_000, 500_000)])
    table, work = table_for([layer], npu), work_of_layers([layer])
    book, _ = run_lanes(
        table, work, lanes_of(count), make_governor("performance"), constant_cap(9.0),
        streams(frames, count), [plain(0, 1)],
    )  # fmt: skip
    return book.span_ns


def one_clock(head, compute, memory, need):
    return {"head": [head], "compute": [compute], "memory": [memory], "need": need, "wish": 0}


def test_lanes_that_need_no_memory_are_as_many_times_as_fast():
    layer = one_clock(5, 100, 90, 0)
    assert [streams_on(n, layer) for n in (1, 2, 3, 4)] == [12 * 105 // n for n in (1, 2, 3, 4)]


def test_lanes_that_need_all_of_the_memory_are_no_faster_than_it():
    layer = one_clock(0, 10, 90, ONE)
    times = [streams_on(n, layer) for n in (1, 2, 3, 4)]
    assert times == pytest.approx([12 * 90] * 4, abs=4)


def test_an_idle_core_leaks_and_its_clock_stands():
    npu = tiny_npu([(100_000_000, 500_000)], fixed_w=0.004)
    layer = one_clock(0, 100, 0, 0)
    book, _ = run_lanes(
        table_for([layer], npu), work_of_layers([layer]), lanes_of(3),
        make_governor("performance"), constant_cap(9.0), load_of([0]), [plain(0, 1)],
    )  # fmt: skip
    joules = dict(zip(COMPONENTS, book.component_j, strict=True))
    assert joules["leakage"] == pytest.approx(3 * 0.05 * 0.25 * 100e-9)
    assert joules["fixed"] == pytest.approx(3 * 0.004 * 100e-9)
    assert joules["clock"] == pytest.approx(1e-10 * 1e8 * 0.25 * 100e-9)
    assert joules["uncore"] == pytest.approx(0.01 * 100e-9)


def test_a_core_that_is_gated_alone_draws_its_share_of_the_uncore_and_no_more():
    device = dfsrt.load_device("rk3588-npu")
    gated = replace(device, cores=replace(device.cores, gated_alone=True))
    joules = []
    for npu in (device, gated):
        report = dfsrt.run(
            "squeezenet", device=npu, parallel=2, frames=4, period="5 ms", cap="none",
            governor="performance", step="layer",
        ).report  # fmt: skip
        joules.append(report)
    flows, off = joules
    assert off.idle_j == pytest.approx(0, abs=1e-12) and flows.idle_j > 0
    assert off.energy_j == pytest.approx(flows.energy_j - flows.idle_j)
    assert off.outside_domain_j == pytest.approx(flows.outside_domain_j)


@pytest.mark.parametrize("seed", range(15))
def test_a_cap_that_each_share_keeps_is_kept_by_all(seed):
    layers, arrival, _, _, lanes, stall = random_scene(seed)
    npu = tiny_npu(TWO_CLOCKS, freq_switch_ns=stall)
    table = table_for(layers, npu, switched_uj=1e-3)
    share_w = float(table.predicted_w[:, 0, 0].max()) * 1.1
    cap = constant_cap(share_w * len(lanes))
    book, _ = run_lanes(
        table, work_of_layers(layers), lanes_of(len(lanes)), make_governor("dfs"), cap,
        load_of(arrival, session=range(len(arrival))), [plain(0, len(layers))],
    )  # fmt: skip
    assert book.layers_over == 0
    assert 0 < book.power_max_w <= cap.first_w * (1 + 1e-9)


def test_clocks_of_their_own_do_not_wait_for_each_other():
    npu = tiny_npu(TWO_CLOCKS, freq_switch_ns=5)
    layers = [A, B]
    work = work_of_layers(layers)._replace(own_clocks=True)
    _, kept = run_lanes(
        table_for(layers, npu), work, lanes_of(2), Fixed([1, 0], [500_000] * 2),
        constant_cap(9.0), load_of([0, 20], session=[0, 1]), [plain(0, 2)],
    )  # fmt: skip
    levels = {(lane, layer): level for lane, _, layer, _, _, _, level, _ in kept.rows if layer >= 0}
    assert levels == {(0, 0): 1, (0, 1): 0, (1, 0): 1, (1, 1): 0}
    assert [r[5] for r in kept.rows if r[0] == 1 and r[2] >= 0] == [0, 5]  # its own change alone


# Masks.

RK = dfsrt.load_device("rk3588-npu")


def test_masks_give_networks_lanes_of_their_own():
    lanes = parse_lanes("a=0,b=1_2", RK, ("a", "b"))
    assert lanes.cores == ((0,), (1, 2))
    assert lanes.of_workload == ((0,), (1,))
    assert (lanes.width(0), lanes.width(1)) == (1, 2)
    assert lanes.names == ("0", "1_2")


def test_a_network_without_a_mask_runs_on_any_core_that_is_in_no_group():
    lanes = parse_lanes("b=1", RK, ("a", "b"))
    assert lanes.cores == ((0,), (1,), (2,))
    assert lanes.of_workload == ((0, 1, 2), (1,)) and lanes.bits == (-1, 2)
    assert parse_lanes("a=all", RK, ("a",)).cores == ((0, 1, 2),)
    assert parse_lanes("auto", RK, ("a",)) == parse_lanes(3, RK, ("a",))


@pytest.mark.parametrize(
    ("parallel", "says"),
    [
        (4, "has 3 cores; give 1 to 3, auto"),
        ("0", "give 1 to 3"),
        ("a=3", "core mask '3' is unknown"),
        ("a=0_0", "core mask '0_0' is unknown"),
        ("a=0_1,b=1", "core 1 is in two masks"),
        ("a=0,a=1", "'a' has two masks"),
        ("c=0", "unknown network of the load"),
        ("a=all", "leaves no core for 'b'"),
    ],
)
def test_masks_that_cannot_be_are_refused_in_a_line(parallel, says):
    with pytest.raises(InputError, match=says):
        parse_lanes(parallel, RK, ("a", "b"))


@pytest.mark.parametrize(
    ("device", "said", "says"),
    [
        ("ideal", {"parallel": 2}, "ideal tells of no cores"),
        ("rk3588-npu:cores=3", {"parallel": 2}, "leave 'cores=' out"),
        ("rk3588-npu", {"parallel": 2, "correct": True}, "'correct' does not go together"),
        ("rk3588-npu", {"parallel": 2, "blind": True, "memory": "528MHz"}, "'blind' does not go"),
        ("rk3588-npu", {"parallel": 2, "cap_window": "1 ms"}, "'cap_window' does not go"),
        ("rk3588-npu", {"parallel": 2, "idle": "timeout=1ms"}, "'idle' does not go together"),
        ("rk3588-npu", {"parallel": 2, "prefetch": "weights"}, "fetching ahead does not go"),
        ("rk3588-npu", {"parallel": 2, "memory": "dmc_ondemand"}, "'dmc_ondemand' does not go"),
        ("rk3588-npu", {"parallel": 2, "governor": "edf-la"}, "goes by the queue of one NPU"),
        ("rk3588-npu", {"parallel": 2, "governor": "pid"}, "goes by the meter"),
    ],
)
def test_what_does_not_go_together_with_cores_in_parallel_is_refused(device, said, says):
    with pytest.raises(InputError, match=says):
        dfsrt.run("squeezenet", device=device, **said)


# Real networks.


def test_a_lane_at_a_fixed_memory_clock_is_planned_by_the_devices_own_model():
    """One lane at a memory point is the NPU at it, with what the shelf's model predicts."""
    said = {"device": "rk3588-npu", "memory": "528MHz", "frames": 1, "step": "layer"}
    alone, lane = (dfsrt.run("squeezenet", parallel=p, **said).report for p in (None, 1))
    assert not [note for note in lane.notes if "power model" in note]
    assert (lane.time_s, lane.energy_j) == pytest.approx((alone.time_s, alone.energy_j))
    assert lane.prediction == alone.prediction


def fps(network, parallel, frames):
    return dfsrt.run(
        network, device="rk3588-npu", parallel=parallel, frames=frames, cap="none",
        governor="performance", step="layer",
    ).report  # fmt: skip


def test_three_streams_are_three_times_as_fast_as_far_as_dram_allows():
    """Measured: yolov5s alone 53 FPS, three copies 159 together (silicon.md, 1.5)."""
    one, three = fps("yolov5s", 1, 2), fps("yolov5s", 3, 60)
    assert three.fps / one.fps == pytest.approx(3.0, rel=0.05)
    used = three.parallel.used_bytes_per_s
    assert used < 18.2e9
    assert used * three.time_s == pytest.approx(3 * 20 * one.memory.dram_bytes / 2)
    uncore = three.outside_domain_j["uncore"]
    assert uncore == pytest.approx(0.25 * three.time_s)
    assert [lane.cores for lane in three.parallel.lanes] == ["0", "1", "2"]
    assert three.energy_j == pytest.approx(sum(lane.energy_j for lane in three.parallel.lanes))


def test_governors_of_lanes_are_compared_once_each():
    compared = dfsrt.compare(
        "squeezenet", device="rk3588-npu", parallel=2, memory="528MHz", frames=2, cap="600 mW",
        governors=["dfs", "performance"], step="layer",
    )  # fmt: skip
    assert [run.governor for run in compared.report.runs] == ["dfs", "performance"]
