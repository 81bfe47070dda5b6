"""What an operating-point table may hold, and what it answers."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device import OperatingPoint, OppTable, load_device


def table(*pairs):
    return OppTable(tuple(OperatingPoint(freq_hz, uv) for freq_hz, uv in pairs))


SHARED = table((100, 700_000), (200, 700_000), (300, 750_000), (400, 800_000))


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ((), "is empty; give at least one"),
        (((200, 1), (100, 1)), "100 Hz follows 200 Hz; list each clock once, slowest first"),
        (((100, 1), (100, 1)), "100 Hz follows 100 Hz"),
        (((100, 800), (200, 700)), "200 Hz has 700 uV, below its slower neighbour's 800 uV"),
        (((0, 700),), "0 Hz at 700 uV is out of range; allowed is 1 Hz to 1 THz"),
        (((-5, 700),), "out of range"),
        (((100, 0),), "out of range"),
        (((100, 850_000_000),), "1 uV to 10 V"),
        (((10**15, 850_000),), "1 Hz to 1 THz"),
    ],
)
def test_table_that_breaks_a_rule_is_refused_with_its_numbers(pairs, message):
    with pytest.raises(DeviceError, match=message):
        table(*pairs)


def test_set_points_are_the_distinct_voltages():
    assert SHARED.set_points_uv == (700_000, 750_000, 800_000)


def test_levels_snap_to_a_clock_from_either_side():
    assert [SHARED.level_at_least(f) for f in (0, 100, 101, 400, 999)] == [0, 0, 1, 3, 3]
    assert [SHARED.level_at_most(f) for f in (0, 100, 199, 400, 999)] == [0, 0, 0, 3, 3]


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ("freq_hz = 1200, rail_uv = 800_000", "freq_hz is in hertz: 1200 MHz are 1_200_000_000"),
        (
            "freq_hz = 300, rail_uv = 600_000 }, { freq_hz = 600_000_000, rail_uv = 600_000",
            r"clock of opp.points\[0\] is 300 Hz",
        ),
        (
            "freq_hz = 300_000_000, rail_uv = 600 }, { freq_hz = 600_000_000, rail_uv = 700_000",
            r"voltage of opp.points\[0\] is 600 uV",
        ),
        ("freq_hz = 1_200_000_000, rail_uv = 800", "rail_uv is in microvolts: 800 mV are 800_000"),
    ],
)
def test_points_in_another_unit_are_refused_with_what_was_meant(tmp_path, point, message):
    path = tmp_path / "mine.toml"
    path.write_text(
        'format = 1\nbase = "orin-dla-spec"\nname = "mine"\ndescription = "d"\n[opp]\n'
        f'points = [{{ {point} }}]\nsource.points = "assumed: a test"\n'
    )
    with pytest.raises(DeviceError, match=message):
        load_device(str(path))
