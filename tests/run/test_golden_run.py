"""The golden run of docs/golden_run.md: three layers, three levels, two voltages, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfsrt.power.components import COMPONENTS
from dfsrt.run import constant_cap
from dfsrt.run.log import HeldBy
from tests.helpers.serve import run_frames
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

GOLDEN = Path(__file__).resolve().parents[2] / "docs" / "golden_run.md"


def energy_table():
    """The last table of the page: microjoules by row and component, worked by hand."""
    lines = GOLDEN.read_text(encoding="utf-8").rsplit("\n\n", 1)[1].splitlines()
    return [[float(cell) for cell in line.split("|")[2:-1]] for line in lines[2:]]


@pytest.fixture(scope="module")
def log():
    npu = tiny_npu(fixed_w=0.004, clock_stall_share=0.25)
    table = tiny_table(npu, [4_000, 1_000, 8_000], [1_000, 20_000, 0], [2.0, 0.5, 4.0])
    governor = Fixed([1, 0, 2], [500_000, 1_000_000, 1_000_000])
    return run_frames(table, governor, constant_cap(1.0), frames=2)


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
        for m in log.rail_moves
    ]
    assert moves == [(*m[:4], m[4] * 1_000, m[5] * 1_000) for m in MOVES]


def test_every_joule_is_as_worked_by_hand(log):
    worked = energy_table()
    assert len(worked) == len(log.layer)
    for row, expected in zip(log.energy_j * 1e6, worked, strict=True):
        assert dict(zip(COMPONENTS, row, strict=True)) == pytest.approx(
            dict(zip(COMPONENTS, expected, strict=True)), abs=6e-10
        )


def test_the_page_agrees_with_itself():
    # While V ramps from 0.5 to 1 V the mean of V² is 7/12.
    rise, fall = (1 / 4 + 5 * 7 / 12 + 14) / 20, (2 + 5 * 7 / 12 + 13 / 4) / 20
    table = energy_table()
    assert table[1][0] == pytest.approx(0.5 * rise)
    assert table[3][0] == pytest.approx(2 * fall)
    for switching, clock, leakage, fixed, loss, *_ in table:
        assert loss == pytest.approx((switching + clock + leakage + fixed) / 4, abs=2e-9)


def test_each_layer_says_what_held_its_clock(log):
    # A (4 µJ of work at 1 V) is held by its 500 mV rail, B by memory, C is at the end of range.
    held = [HeldBy(h) for h in log.held_by]
    assert held[:3] == [HeldBy.VOLTAGE, HeldBy.MEMORY, HeldBy.RANGE]
    assert held[4:] == [HeldBy.MEMORY, HeldBy.RANGE]
