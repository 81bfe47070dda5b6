"""The core of a report: each number is the report's own, whatever ran."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.report.brief import brief_of


def test_brief_of_a_network_is_its_reports_numbers_by_the_frame():
    report = dfsrt.run("squeezenet", frames=4, cap="0.18W").report
    brief = brief_of(report)
    energy = brief.energy_per_frame_j
    assert energy is not None
    assert (brief.fps, brief.frames) == (report.fps, 4)
    assert energy.npu + energy.dram + energy.uncore == pytest.approx(energy.total, rel=1e-12)
    assert brief.fps_per_w == pytest.approx(4 / report.energy_by_domain_j.total, rel=1e-12)
    assert (brief.life_s, energy.battery) == (None, None)


def test_brief_of_a_battery_counts_what_left_the_cell():
    report = dfsrt.run("infinite-zoom-phone", until="20 min").report
    brief, battery = brief_of(report), report.battery
    assert battery is not None
    assert brief.energy_per_frame_j is not None
    assert brief.life_s == battery.life_s
    assert brief.energy_per_frame_j.battery == pytest.approx(
        battery.energy_j.chemical / report.frames, rel=1e-12
    )
    assert brief.fps_per_w == pytest.approx(report.frames / battery.energy_j.chemical, rel=1e-12)
    assert brief.skin_max_c == battery.temperature_c.skin_max


def test_what_is_of_a_frame_is_null_where_none_was_shown():
    brief = brief_of(dfsrt.run("squeezenet", until="10 us").report)
    assert brief.frames == 0
    assert (brief.energy_per_frame_j, brief.fps_per_w, brief.dram_bytes_per_frame) == (None,) * 3
