"""Standby of the memory in the books: by the point where the machine stands, by rows and meter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.device import load_device
from dfsrt.device.boundary import rail_times
from dfsrt.device.idle import IdleState
from dfsrt.device.memory_point import MemoryChange, MemoryPoint
from dfsrt.device.npu import Domain
from dfsrt.power.components import COMPONENTS
from dfsrt.power.table import stall_table
from dfsrt.power.workload import workload
from dfsrt.run import constant_cap
from dfsrt.run.energy import row_energy
from dfsrt.run.job import make_job
from dfsrt.run.machine import Machine
from dfsrt.run.meter import book_idle, book_run, make_meter
from dfsrt.run.recorder import COLUMNS, IDLE, Rows
from dfsrt.run.run import execute
from dfsrt.run.sleep_state import ASLEEP, phase_code
from tests.helpers.serve import run_frames
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table

DRAM = COMPONENTS.index("dram")
POINTS = (
    MemoryPoint(1_000_000_000, 250e6, 250e6, 600_000, 600_000, 0.1, 2.5),
    MemoryPoint(2_000_000_000, 1e9, 1e9, 800_000, 700_000, 0.3, 1.25),
)
ASLEEP_STATE = IdleState("deep", 0.001, 1_000, 2_000, 1e-9, 1e-9, rail_uv=500_000)


def with_points(table):
    """The tiny table on a device with two memory points, its times at the lower four times."""
    memory = replace(table.npu.memory, points=POINTS, change=MemoryChange(5_000, 80_000))
    npu = replace(table.npu, memory=memory, idle=(ASLEEP_STATE,))
    load = table.load

    def twice(array, slower=1):
        return np.concatenate([array * slower, array], axis=1)

    load = replace(
        load,
        duration_ns=twice(load.duration_ns, 4),
        waits_for_memory=np.tile(load.waits_for_memory, 2),
        dram_j_per_byte=twice(load.dram_j_per_byte, 2),
        clock_share=twice(load.clock_share),
    )
    standby = type(table.plant.standby)(*[np.repeat([0.1, 0.3], 3)] * 2)
    return replace(
        table,
        npu=npu,
        load=load,
        predicted_w=twice(table.predicted_w),
        stall_ns=stall_table(npu),
        plant=replace(table.plant, standby=standby),
    )


TABLE = with_points(
    tiny_table(tiny_npu(), [40_000, 90_000, 50_000], [1_000, 0, 70_000], [2.0, 9.0, 3.0])
)


def rows_of(columns):
    column = {name: np.array(columns.get(name, [0]), dtype=np.int64) for name in COLUMNS}
    code = np.maximum(IDLE - column["layer"], 0)
    column["layer"] = np.maximum(column["layer"], IDLE)
    return Rows({**column, "phase": code}, np.ones(1, dtype=np.int64))


@pytest.mark.parametrize("level", range(6))
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_meter_and_rows_agree_at_every_level(level, layer):
    stall, start = 6_000, 50_000
    end = start + int(TABLE.duration_ns[layer, level])
    meter = make_meter(TABLE, Domain.SYSTEM)
    uv = TABLE.npu.opps.set_points_uv
    point = len(uv) - 1
    m = Machine(
        now_ns=end, level=level, layer=layer + 1, last_begin_ns=start - stall,
        from_uv=uv[point], to_uv=uv[point], set_point=point,
    )  # fmt: skip
    book_run(meter, m, rail_times(TABLE.npu.rail), stall)
    row = {"layer": layer, "start_ns": start, "end_ns": end, "stall_ns": stall, "level": level,
           "from_uv": uv[point], "to_uv": uv[point]}  # fmt: skip
    energy_j, _, _ = row_energy(TABLE, rows_of({k: [v] for k, v in row.items()}))
    assert meter.joules()[layer] == pytest.approx(energy_j[0], rel=1e-12)
    moved, own_w = (1_000, 0, 70_000)[layer], (0.1, 0.3)[level // 3]
    by_hand = moved * (20e-12, 10e-12)[level // 3] + own_w * (end - start + stall) * 1e-9
    assert energy_j[0, DRAM] == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("level", [0, 2, 3, 5])
@pytest.mark.parametrize("code", [0, phase_code(ASLEEP, -1, 0, 1)])
def test_idle_time_has_the_standby_of_where_the_memory_stands(level, code):
    uv = TABLE.npu.opps.set_points_uv[0]
    meter = make_meter(TABLE, Domain.SYSTEM)
    phase, state = (ASLEEP, 0) if code else (0, -1)
    m = Machine(now_ns=9_000, level=level, from_uv=uv, to_uv=uv, phase=phase, state=state)
    book_idle(meter, m, rail_times(TABLE.npu.rail), 1, 2_000)
    row = {"layer": IDLE - code, "start_ns": 2_000, "end_ns": 9_000, "level": level,
           "from_uv": uv, "to_uv": uv}  # fmt: skip
    energy_j, _, _ = row_energy(TABLE, rows_of({k: [v] for k, v in row.items()}))
    assert meter.joules()[-1] == pytest.approx(energy_j[0], rel=1e-12)
    assert energy_j[0, DRAM] == pytest.approx((0.1, 0.3)[level // 3] * 7e-6, rel=1e-12)


def test_a_run_stands_at_the_highest_point_where_nobody_says_otherwise():
    plan = Fixed([2, 0, 2], [1_000_000] * 3, sees_cap=False)
    log = run_frames(TABLE, plan, constant_cap(1.0), 3, 400_000)
    assert set(TABLE.levels.memory[log.level].tolist()) == {1}
    assert set(log.freq_hz[log.ran].tolist()) == {100_000_000, 400_000_000}
    dram_j = float((log.energy_j[:, DRAM] * log.times).sum())
    by_hand = 3 * 71_000 * 10e-12 + 0.3 * log.span_ns * 1e-9
    assert dram_j == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("governor", ["performance", "dfs"])
def test_the_default_device_draws_what_it_did_and_its_memorys_standby(governor):
    """Against the same device without points: nothing changes but watts of DRAM."""
    npu = load_device("rk3588-npu")
    before = replace(npu, memory=replace(npu.memory, points=(), change=MemoryChange(0, 0)))
    runs = [
        execute(make_job("squeezenet", device=d, frames=3, period="9 ms", governor=governor))
        for d in (npu, before)
    ]
    now, then = (run.book for run in runs)
    assert (now.span_ns, now.busy_ns, now.stall_ns) == (then.span_ns, then.busy_ns, then.stall_ns)
    others = [k for k in range(len(COMPONENTS)) if k != DRAM]
    assert now.component_j[others] == pytest.approx(then.component_j[others], rel=1e-12)
    more_j = now.component_j[DRAM] - then.component_j[DRAM]
    assert more_j == pytest.approx(0.45 * now.span_ns * 1e-9, rel=1e-9)


def test_what_a_world_holds_among_its_components_is_not_counted_twice():
    job = make_job("edge-camera")
    assert job.npu.memory.points
    assert not np.any(job.table.plant.standby)
    assert np.all(make_job("squeezenet").table.plant.standby.idle_w > 0)
    assert workload(job.table.costs, job.npu).duration_ns.shape[1] == len(job.table.levels)
