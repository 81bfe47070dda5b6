"""The golden run of docs/golden_run.md: three layers, three levels, two voltages, by hand."""

from __future__ import annotations

import pytest

from dfsrt.runtime import Runtime, constant_cap
from dfsrt.runtime.log import COMPONENTS, HeldBy
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table

# frame, layer, start, end, stall (ns), MHz, rail at the start (mV)
ROWS = [
    (0, 0, 0, 20_000, 0, 200, 500),
    (0, 1, 21_000, 41_000, 1_000, 100, 500),
    (0, 2, 42_000, 62_000, 1_000, 400, 1_000),
    (1, 0, 63_000, 83_000, 1_000, 200, 1_000),
    (1, 1, 84_000, 104_000, 1_000, 100, 500),
    (1, 2, 105_000, 125_000, 1_000, 400, 1_000),
]

# command, ramp start, ramp end, settled (ns), from, to (mV)
MOVES = [
    (20_000, 22_000, 27_000, 28_000, 500, 1_000),
    (63_000, 65_000, 70_000, 71_000, 1_000, 500),
    (83_000, 85_000, 90_000, 91_000, 500, 1_000),
]

# Microjoules: switching, clock, leakage, regulator loss, dram, uncore.
# A ramp between 0.5 V and 1 V has a mean V² of (1³ - 0.5³) / (3 · 0.5) = 7/12.
ENERGY_UJ = [
    (0.5, 0.1, 0.25, 0.2125, 0.01, 0.2),
    # stall at 0.5 V; run: 1 µs at 0.25, 5 µs at 7/12, 14 µs at 1: mean V² 103/120
    (103 / 240, 103 / 600, 0.0125 + 103 / 120, None, 0.2, 0.21),
    (4.0, 0.8, 0.05 + 1.0, None, 0.0, 0.21),
    # stall at 1 V; run: 2 µs at 1, 5 µs at 7/12, 13 µs at 0.25: mean V² 49/120
    (2 * 49 / 120, 0.4 * 49 / 120, 0.05 + 49 / 120, None, 0.01, 0.21),
    (103 / 240, 103 / 600, 0.0125 + 103 / 120, None, 0.2, 0.21),
    (4.0, 0.8, 0.05 + 1.0, None, 0.0, 0.21),
]


@pytest.fixture(scope="module")
def log():
    table = tiny_table(tiny_npu(), [4_000, 1_000, 8_000], [1_000, 20_000, 0], [2.0, 0.5, 4.0])
    governor = Fixed([1, 0, 2], [500_000, 1_000_000, 1_000_000])
    return Runtime(table, governor, constant_cap(1.0), frames=2).run()


def test_every_nanosecond_is_as_worked_by_hand(log):
    rows = zip(
        log.frame,
        log.layer,
        log.start_ns,
        log.end_ns,
        log.stall_ns,
        log.freq_hz // 1_000_000,
        log.rail_uv // 1_000,
        strict=True,
    )
    assert [tuple(int(v) for v in row) for row in rows] == ROWS


def test_the_rail_moves_as_worked_by_hand(log):
    moves = [
        (m.command_ns, m.ramp_start_ns, m.ramp_end_ns, m.settled_ns, m.from_uv, m.to_uv)
        for m in log.moves
    ]
    assert moves == [(*m[:4], m[4] * 1_000, m[5] * 1_000) for m in MOVES]


def test_every_joule_is_as_worked_by_hand(log):
    for row, expected in zip(log.energy_j * 1e6, ENERGY_UJ, strict=True):
        switching, clock, leakage, loss, dram, uncore = expected
        rail = switching + clock + leakage
        worked = (switching, clock, leakage, rail / 4, dram, uncore)  # 80 % efficient
        assert loss is None or loss == pytest.approx(rail / 4)
        assert dict(zip(COMPONENTS, row, strict=True)) == pytest.approx(
            dict(zip(COMPONENTS, worked, strict=True)), rel=1e-12
        )


def test_each_layer_says_what_held_its_clock(log):
    # A (4 µJ of work at 1 V) is held by its 500 mV rail, B by memory, C is at the end of range.
    held = [HeldBy(h) for h in log.held_by]
    assert held[:3] == [HeldBy.VOLTAGE, HeldBy.MEMORY, HeldBy.RANGE]
    assert held[4:] == [HeldBy.MEMORY, HeldBy.RANGE]
