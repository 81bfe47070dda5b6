"""ROMANet: bytes by policy, rows by placement, their product, and the paper beside them."""

from __future__ import annotations

import math

import msgspec
import pytest

from dfsrt.base.errors import InputError
from dfsrt.cost.buffer_size import parse_buffer
from dfsrt.cost.dram import command_energy
from dfsrt.device.dram import load_dram
from dfsrt.network.layer import Kind
from dfsrt.reproduce import romanet
from dfsrt.reproduce.bare import bare_traffic, bare_work, is_convolution, load_int8
from dfsrt.reproduce.romanet.figures import BASELINES, POLICIES
from dfsrt.reproduce.romanet.schema import RomanetReport
from docs.generate import DOCS

FIXED = ("weight", "input", "output")
KIB = 1024


@pytest.fixture(scope="module")
def report():
    networks = [load_int8(name) for name in ("alexnet", "vgg16", "mobilenetv1")]
    return romanet.reproduce(networks, parse_buffer("64KiB+64KiB+64KiB"), "ddr3-1600")


@pytest.fixture(scope="module")
def convolutions(report):
    return {network.network: network.scopes[0] for network in report.networks}


@pytest.mark.parametrize(("name", "within"), [("alexnet", 1.0045), ("mobilenetv1", 1.10)])
def test_no_policy_of_reuse_can_gain_what_the_paper_does_on_two_networks(
    convolutions, name, within
):
    """memory.md 6: within 0.4 % and 10 % of every operand once, best fixed reuse 2 % of that."""
    scope = convolutions[name]
    least = scope.of("exhaustive").over_once
    assert 1 <= least < within
    assert min(scope.of(policy).over_once for policy in FIXED) < 1.02 * least


def test_vgg16_has_room_for_tiles(convolutions):
    assert convolutions["vgg16"].of("exhaustive").over_once == pytest.approx(2.2, abs=0.05)


@pytest.mark.parametrize(
    ("name", "kib", "once_mb", "times"),
    [
        ("vgg16", 108, 37.3, 1.73),
        ("vgg16", 256, 37.3, 1.25),
        ("vgg16", 1152, 37.3, 1.00),
        ("mobilenetv1", 108, 13.4, 1.00),
    ],
)
def test_bytes_at_a_shared_buffer_are_those_of_the_fact_sheet(name, kib, once_mb, times):
    """memory.md 1.2, an exhaustive search of its own."""
    work = bare_work(load_int8(name), parse_buffer(kib * KIB))
    pairs = zip(work.layers, bare_traffic(work), strict=True)
    moved = [(layer, t) for layer, t in pairs if is_convolution(layer)]
    once = sum(x.bytes for a, _ in moved for x in (*a.multiplied, *a.outputs))
    assert once / 1e6 == pytest.approx(once_mb, abs=0.05)
    operands = sum(t.input + t.weight + t.output + 2 * t.partials for _, t in moved)
    assert operands / once == pytest.approx(times, abs=0.006)


def test_every_operand_once_is_the_sum_of_all_tensors(report, convolutions):
    for network in report.networks:
        layers = [a for a in load_int8(network.network).layers if a.kind is not Kind.VIEW]
        each = {a.name: sum(t.bytes for t in (*a.reads, *a.outputs)) for a in layers}
        own = sum(each[a.name] for a in layers if is_convolution(a))
        assert convolutions[network.network].once_bytes == own
        assert network.scopes[1].once_bytes == sum(each.values())


def test_no_policy_that_counts_halos_is_below_the_least_nor_the_least_below_the_bound(report):
    for scope in (s for network in report.networks for s in network.scopes):
        least = scope.of("exhaustive").dram_bytes
        assert scope.bound_bytes <= least
        assert all(
            scope.of(policy).dram_bytes >= least for policy in POLICIES if policy != "half-buffer"
        )
        assert scope.of("romanet").dram_bytes <= scope.of("smartshuttle").dram_bytes


def test_energy_is_bytes_times_energy_a_byte(report):
    for scope in (s for network in report.networks for s in network.scopes):
        own = scope.of("romanet").dram_bytes
        for place in scope.placements:
            assert place.energy_j == pytest.approx(own * place.energy_per_byte_j)
        for change in scope.changes:
            before = scope.of(change.baseline).dram_bytes
            assert 1 + change.bytes == pytest.approx(own / before)
            both = (1 + change.bytes) * (1 + change.energy_per_byte)
            assert 1 + change.energy == pytest.approx(both)
        assert [change.baseline for change in scope.changes] == list(BASELINES)


def test_placement_is_bursts_times_rows_where_each_comes_after_the_other(convolutions):
    for scope in convolutions.values():
        first, last = scope.placed("channel-first", "romanet"), scope.placed("tiled", "romanet")
        start = scope.placed("channel-first", "next-row")
        rows = first.energy_per_byte_j / start.energy_per_byte_j
        assert (1 + scope.bursts_change) * rows == pytest.approx(1 + scope.placement_change)
        assert last.overfetch <= first.overfetch
        assert scope.rows_change <= 0


def test_a_byte_takes_at_least_its_burst_and_what_the_hits_leave_to_activate(convolutions):
    dram = load_dram("ddr3-1600")
    energy, burst = command_energy(dram), dram.organisation.burst_bytes
    least_j = min(energy.read_j, energy.write_j)
    for place in (p for scope in convolutions.values() for p in scope.placements):
        access_j = least_j + (1 - place.row_hit_rate) * energy.activate_j
        assert place.energy_per_byte_j > access_j * place.overfetch / burst
        assert 0 <= place.row_hit_rate < 1


def test_the_ends_of_the_scale_are_those_of_two_cycle_simulators(report):
    """memory.md 5.3: 131 pJ a byte in a row, 616 with a conflict for every burst."""
    assert report.best_energy_per_byte_j * 1e12 == pytest.approx(131, rel=0.03)
    assert report.worst_energy_per_byte_j * 1e12 == pytest.approx(616, rel=0.03)


def test_a_poorer_row_than_said_leaves_the_room_and_one_burst_more_does_not(report):
    """By hand: nanojoules of a burst and of an activate, standby at the pace of four activates."""
    dram = load_dram("ddr3-1600")
    energy, time = command_energy(dram), dram.timing
    for network in report.networks:
        own = network.scopes[0].placed("tiled", "romanet").energy_per_byte_j
        gains = []
        for bursts in (network.bursts_a_row, network.bursts_a_row + 1):
            clocks = max(bursts * time.tccd_s, time.tfaw / 4, time.trrd_s) / (1 - time.refreshing)
            standing_j = (energy.open_w + energy.refresh_w) * clocks * time.tck_ns * 1e-9
            poor = (energy.activate_j + bursts * energy.read_j + standing_j) / (64 * bursts)
            gains.append(own / poor - 1)
        assert gains[0] <= network.paper < gains[1]


def test_what_the_paper_says_stands_there_with_its_source(report):
    papers = {network.network: network.paper for network in report.networks}
    assert papers == {"alexnet": -0.12, "vgg16": -0.36, "mobilenetv1": -0.46}
    assert (report.paper_source, report.precision) == ("abstract", "int8")
    assert "arXiv 1902.10222" in report.paper and "recalled, unverified" in report.recalled


def test_the_words_follow_the_numbers(report):
    for network in report.networks:
        scope, words = network.scopes[0], network.verdict
        bytes_give = min(change.bytes for change in scope.changes) <= network.paper
        assert f"{'can' if bytes_give else 'cannot'} come from bytes" in words
        placed = scope.placement_change <= network.paper
        assert f"It {'can' if placed else 'cannot'} come from placement" in words
    assert ["cannot come from bytes" in n.verdict for n in report.networks] == [True] * 3


def test_a_network_that_the_paper_does_not_have_gets_no_figure():
    squeezenet = load_int8("tiny-keywords")
    (network,) = romanet.reproduce([squeezenet], parse_buffer("64KiB"), "lpddr4-3200").networks
    assert (network.paper, network.bursts_a_row) == (None, None)
    assert network.verdict.startswith("not in the paper")


def test_the_page_shows_what_the_experiment_says(report):
    text = (DOCS / "memory_papers.md").read_text()
    assert all(f"- **{n.network}**: {n.verdict}\n" in text for n in report.networks)


def test_json_is_the_report_and_tables_have_a_line_for_every_policy(report):
    outcome = romanet.RomanetOutcome(report)
    assert msgspec.json.decode(outcome.to_json(), type=RomanetReport) == report
    moved, rows, product, words = outcome.grids()
    assert len(moved.rows) == 6 and set(POLICIES) < set(moved.heads)
    assert len(rows.rows) == 6 * 3 and len(product.rows) == 3 * len(BASELINES)
    assert not words.rows and sum("mobilenetv1" in line for line in words.lines) == 1
    assert all(len(row) == len(grid.heads) for grid in (moved, rows, product) for row in grid.rows)
    assert not any(math.isnan(p.energy_j) for n in report.networks for p in n.scopes[0].placements)


def test_a_dram_with_a_map_of_its_own_is_refused():
    with pytest.raises(InputError, match=r"chooses a map.* like 'ddr3-1600'"):
        romanet.placed_drams("ddr3-1600:map=drmap")
