"""Memory points of device files: what follows where one says less, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device import load_device
from dfsrt.device.memory_points import without_standby
from dfsrt.power.standby import standby_of

POINT = (
    "{{ freq_hz = {freq}, bandwidth_bytes_per_s = {bandwidth}, controller_uv = 700_000, "
    "phy_uv = 700_000, standby_w = 0.1{more} }}"
)
SAID = 'source.points = "here"\nsource.change = "here"\n'
CHANGE = "change = { stall_ns = 10, delay_ns = 20 }\n"


def point(freq=1_000_000, bandwidth="1e9", more=""):
    return POINT.format(freq=freq, bandwidth=bandwidth, more=more)


def device_file(folder, memory, base="rk3588-npu"):
    path = folder / "mine.toml"
    path.write_text(
        f'format = 1\nbase = "{base}"\nname = "mine"\ndescription = "mine"\n[memory]\n{memory}'
    )
    return path


def test_a_core_takes_what_it_can_of_a_points_bandwidth(tmp_path):
    points = f"{point()}, {point(2_000_000, '12e9')}, {point(3_000_000, '18.2e9')}"
    npu = load_device(device_file(tmp_path, f"points = [{points}]\n{CHANGE}{SAID}"))
    assert [p.core_bandwidth_bytes_per_s for p in npu.memory.points] == [1e9, 11.2e9, 11.2e9]
    assert [p.dram_pj_per_bit for p in npu.memory.points] == [8.0] * 3
    assert npu.memory.change.delay_ns == 20


def test_points_of_a_base_go_with_another_bandwidth(tmp_path):
    text = 'bandwidth_bytes_per_s = 9.1e9\nsource.bandwidth_bytes_per_s = "measured"\n'
    from dfsrt.device.at_memory import at_memory_point

    npu = load_device(device_file(tmp_path, text))
    lowest = at_memory_point(npu, 0)
    assert lowest.memory.bandwidth_bytes_per_s == pytest.approx(4.55e9 / 2)
    assert at_memory_point(npu, -1).memory.bandwidth_bytes_per_s == 9.1e9


def test_standby_at_the_wall_of_a_board_is_what_was_measured():
    """About 0.6 W more at 2112 than at 528 MHz, of which conversion and DRAM have a part."""
    points = load_device("rk3588-npu").memory.points
    more_w = points[-1].standby_w - points[0].standby_w
    assert 0.3 < more_w < 0.6
    fv2 = [2112e6, 528e6]
    volts = [p.controller_uv * 1e-6 for p in (points[-1], points[0])]
    farad = more_w / (fv2[0] * volts[0] ** 2 - fv2[1] * volts[1] ** 2)
    of_labels = [p.freq_hz if p is not points[-1] else 2112e6 for p in points]
    for p, hz in zip(points, of_labels, strict=True):
        assert p.standby_w == pytest.approx(farad * hz * (p.controller_uv * 1e-6) ** 2, abs=0.006)


def test_somebody_else_may_count_standby():
    assert not np.any(standby_of(without_standby(load_device("rk3588-npu"))))
    assert standby_of(load_device("rk3588-npu")).idle_w[-1] == 0.45


@pytest.mark.parametrize(
    ("memory", "message"),
    [
        (
            f"points = [{point(2_000_000)}, {point()}]\n{CHANGE}{SAID}",
            r"memory\.points: 1000000 Hz comes after 2000000 Hz; list each clock once, slow to f",
        ),
        (f"points = [{point()}, {point()}]\n{CHANGE}{SAID}", "1000000 Hz comes after 1000000 Hz"),
        (
            f"points = [{point(bandwidth='2e9')}, {point(2_000_000)}]\n{CHANGE}{SAID}",
            "bandwidth_bytes_per_s falls from 2e.09 at 1000000 Hz to 1e.09 at 2000000 Hz; a fas",
        ),
        (
            f"points = [{point().replace(', standby_w = 0.1', '')}]\n{CHANGE}{SAID}",
            r"key 'standby_w' of memory\.points\[0\] is missing; add it",
        ),
        (f"points = [{point()}]\n{CHANGE}", r"memory\.(points|change) has no source; add source\."),
        (
            f'points = [{point()}, {point(2_000_000)}]\nsource.points = "here"\n',
            None,  # what a change costs is the base's
        ),
        (f"points = [{point(bandwidth='0')}]\n{CHANGE}{SAID}", "is 0.0; allowed is above 0 to"),
        (f"points = [{point(freq=-1)}]\n{CHANGE}{SAID}", r"points\[0\]\.freq_hz is -1; allowed"),
        (
            f"points = [{point(more=', watts = 1')}]\n{CHANGE}{SAID}",
            r"unknown key of memory\.points\[0\] 'watts'",
        ),
        (
            f"points = [{point()}]\nchange = {{ stall_ns = -1, delay_ns = 0 }}\n{SAID}",
            r"memory\.change\.stall_ns is -1; allowed is 0 to",
        ),
        (
            f"bandwidth_bytes_per_s = 2e9\npoints = [{point()}]\n{CHANGE}{SAID}"
            'source.bandwidth_bytes_per_s = "here"\n',
            "bandwidth_bytes_per_s is 2000000000.0, but that of the highest of its points is 1000",
        ),
        (
            f"ideal = true\npoints = [{point()}]\n{CHANGE}{SAID}",
            "and its memory is ideal; leave it",
        ),
        (
            f"points = [{', '.join(point(k + 1) for k in range(17))}]\n{CHANGE}{SAID}",
            r"memory\.points are 17; allowed are up to 16",
        ),
    ],
)
def test_bad_points_are_one_line_that_says_what_to_do(tmp_path, memory, message):
    path = device_file(tmp_path, memory)
    if message is None:
        assert len(load_device(path).memory.points) == 2
        return
    with pytest.raises(DeviceError, match=message) as error:
        load_device(path)
    assert "\n" not in str(error.value)


def test_ideal_memory_has_no_points(tmp_path):
    path = device_file(
        tmp_path, f"ideal = true\npoints = [{point()}]\n{CHANGE}{SAID}", base="ideal"
    )
    with pytest.raises(DeviceError, match="memory is ideal and has points; give one of the two"):
        load_device(path)


def test_several_points_ask_what_a_change_costs(tmp_path):
    points = f'points = [{point()}, {point(2_000_000, "2e9")}]\nsource.points = "here"\n'
    path = device_file(tmp_path, points, base="mdla")
    with pytest.raises(DeviceError, match=r"what a change costs is not said; add change = \{"):
        load_device(path)
