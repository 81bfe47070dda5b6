"""Each governor's policy on small views worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.device.rail import Rail
from dfsrt.governor import Telemetry, View, governor_names, make_governor
from dfsrt.governor.registry import label

INF = np.inf


def make_view(**changes):
    """Two layers, three levels on two voltages; watts by [layer, level, set point]."""
    view = View(
        freqs_hz=np.array([100, 200, 400]) * 1_000_000,
        rails_uv=np.array([500_000, 500_000, 900_000]),
        set_points_uv=np.array([500_000, 900_000]),
        duration_ns=np.array([[400, 200, 100], [300, 300, 300]]),
        predicted_w=np.array(
            [
                [[1.0, 3.0], [2.0, 6.0], [INF, 9.0]],
                [[0.5, 1.0], [0.6, 1.2], [INF, 2.0]],
            ]
        ),
        cap_w=2.5,
        stall_ns=np.zeros((3, 3), dtype=np.int64),
        rail=Rail("r", 0, 1e9, 0, 1.0),
        level=1,
        rail_uv=500_000,
    )
    return replace(view, **changes)


def plan(name, **changes):
    made = make_governor(name).plan(make_view(**changes))
    return made.level.tolist(), made.rail_uv.tolist()


def test_performance_and_powersave_do_not_look_at_the_cap():
    assert plan("performance") == ([2, 2], [900_000] * 2)
    assert plan("powersave") == ([0, 0], [500_000] * 2)


@pytest.mark.parametrize(
    ("freq", "level"), [("50MHz", 0), ("100MHz", 0), ("150MHz", 1), ("400MHz", 2), ("1GHz", 2)]
)
def test_userspace_snaps_up_to_an_operating_point(freq, level):
    assert plan(f"userspace:freq={freq}")[0] == [level, level]


def test_app_dvfs_is_set_by_its_hungriest_layer():
    assert plan("app-dvfs") == ([1, 1], [500_000] * 2)
    assert plan("app-dvfs", cap_w=1.5)[0] == [0, 0]
    assert plan("app-dvfs", cap_w=9.0)[0] == [2, 2]
    assert plan("app-dvfs", cap_w=0.1)[0] == [0, 0]
    assert plan("app-dvfs:freq=150MHz", cap_w=9.0)[0] == [0, 0]


def test_dvfs_gives_each_layer_its_own_voltage():
    # Layer 1 takes the same time at every clock, so it stays at the lowest.
    assert plan("dvfs", cap_w=9.0) == ([2, 0], [900_000, 500_000])


def test_dfs_holds_the_voltage_that_is_fastest_under_the_cap():
    # At 900 mV layer 0 cannot keep 2.5 W at all, at 500 mV it runs at level 1.
    assert plan("dfs") == ([1, 0], [500_000] * 2)
    # At 7 W both can: level 1 at 900 mV is no faster than at 500 mV; ties take the lower.
    assert plan("dfs", cap_w=7.0) == ([1, 0], [500_000] * 2)
    assert plan("dfs", cap_w=9.0) == ([2, 0], [900_000] * 2)
    assert plan("dfs:tie=highest", cap_w=9.0) == ([2, 2], [900_000] * 2)


def test_dfs_counts_the_stalls_of_changing_clocks_when_it_picks_a_voltage():
    # At 900 mV layer 0 saves 100 ns at level 2, but layer 1 must stay at level 1: two changes
    # a frame. At 500 mV both run at level 1.
    watts = make_view().predicted_w.copy()
    watts[1, 2, 1] = 20.0
    cheap, dear = ((1 - np.eye(3, dtype=np.int64)) * ns for ns in (49, 51))
    name, cap = "dfs:tie=highest:same=0", 9.0
    assert plan(name, cap_w=cap, predicted_w=watts, stall_ns=cheap) == ([2, 1], [900_000] * 2)
    assert plan(name, cap_w=cap, predicted_w=watts, stall_ns=dear) == ([1, 1], [500_000] * 2)


def test_dfs_takes_the_voltage_of_least_energy_among_those_as_fast():
    # At 7 W 900 mV saves 2 of 300 ns, less than one per cent, for three times the watts.
    watts = np.full((1, 3, 2), np.inf)
    watts[0, :2, 0], watts[0, :, 1] = 2.0, 6.0
    one = {"duration_ns": np.array([[600, 300, 298]]), "predicted_w": watts, "cap_w": 7.0}
    assert plan("dfs", **one) == ([1], [500_000])
    assert plan("dfs:same=0.001", **one) == ([2], [900_000])


def layers(*watts, short_ns=300, stall_ns=100):
    """Layers of 300, 300 and ``short_ns`` at the slow clock, half of that at the fast one."""
    view = make_view(cap_w=2.5)
    slow = np.array([300, 300, short_ns])
    return {
        "freqs_hz": view.freqs_hz[:2],
        "rails_uv": np.array([500_000, 500_000]),
        "set_points_uv": np.array([500_000]),
        "duration_ns": np.stack([slow, slow // 2], axis=1),
        "predicted_w": np.array(watts)[:, :, None],
        "cap_w": 2.5,
        "stall_ns": (1 - np.eye(2, dtype=np.int64)) * stall_ns,
        "level": 0,
    }


@pytest.mark.parametrize("name", ["dfs", "dvfs", "segment-dvfs"])
def test_no_clock_changes_where_the_change_costs_more_than_it_gains(name):
    # Layer 2 alone may run fast. It saves half its time, two changes of 100 ns a frame.
    slow = (1.0, 3.0), (1.0, 3.0)
    assert plan(name, **layers(*slow, (1.0, 2.0), short_ns=420))[0] == [0, 0, 1]
    assert plan(name, **layers(*slow, (1.0, 2.0), short_ns=380))[0] == [0, 0, 0]
    # All may. Layer 2 gains no time, but 100 ns of energy by its slow clock.
    fast = (1.0, 2.0), (1.0, 2.0)
    told = layers(*fast, (1.0, 1.5))
    told["duration_ns"] = np.array([[300, 150], [300, 150], [200, 200]])
    assert plan(name, **told)[0] == [1, 1, 1]
    told["stall_ns"] = told["stall_ns"] // 4
    assert plan(name, **told)[0] == [1, 1, 0]


def test_dfs_takes_the_voltage_it_is_told():
    assert plan("dfs:rail=900mV") == ([0, 0], [900_000] * 2)
    assert plan("dfs:rail=0.6V", cap_w=9.0)[1] == [900_000] * 2
    assert plan("dfs:rail=auto") == plan("dfs")


@pytest.mark.parametrize("rail", ["100mV", "1V", "800"])
def test_dfs_refuses_a_voltage_that_the_device_does_not_have(rail):
    with pytest.raises(InputError, match=r"outside this device's 0\.5 V to 0\.9 V"):
        plan(f"dfs:rail={rail}")


@pytest.mark.parametrize(
    ("busy", "level"),
    [
        (100, 2),  # above 90 %: top
        (91, 2),
        (90, 1),  # above 85 %: hold
        (86, 1),
        (85, 1),  # 85/88 of 200 MHz is 193: snaps up to 200
        (40, 0),  # 40/88 of 200 MHz is 91: 100 MHz
        (0, 0),
    ],
)
def test_simple_ondemand_follows_the_kernels_rules(busy, level):
    seen = Telemetry(busy * 1_000, 100_000, 1)
    assert plan("simple_ondemand", telemetry=seen)[0] == [level, level]


def test_simple_ondemand_starts_at_the_top():
    assert plan("simple_ondemand")[0] == [2, 2]
    assert plan("simple_ondemand", telemetry=Telemetry(0, 0, 0))[0] == [2, 2]


@pytest.mark.parametrize(
    ("busy", "now", "level"),
    [
        (79, 0, 0),  # 1.25 · 0.79 · 100 MHz is 98.75
        (81, 0, 1),  # beyond the tipping point of 0.8
        (100, 1, 2),  # 250 MHz
        (30, 2, 1),  # 150 MHz
        (10, 2, 0),
    ],
)
def test_schedutil_tips_at_eighty_percent(busy, now, level):
    seen = Telemetry(busy, 100, now)
    assert plan("schedutil", telemetry=seen)[0] == [level, level]


@pytest.mark.parametrize("name", governor_names())
def test_every_registered_governor_has_a_promise_and_plans(name):
    governor = make_governor(name)
    assert governor.__doc__
    made = governor.plan(make_view())
    assert len(made.level) == len(made.rail_uv) == 2
    assert label(governor) == name


def test_a_label_shows_what_was_told():
    assert label(make_governor("dfs:tie=highest")) == "dfs:tie=highest"
    assert label(make_governor("userspace:freq=600MHz")) == "userspace:freq=600MHz"


@pytest.mark.parametrize(
    "text",
    [
        "dfs:rail=712.5mV:tie=highest",
        "dfs:same=0.25",
        "userspace:freq=297MHz",
        "app-dvfs:freq=1234.567891MHz",
        "simple_ondemand:up=80:down=3:period=1ms",
        "schedutil:headroom=1.5:period=0.25ms",
    ],
)
def test_a_label_reads_back_as_the_same_governor(text):
    governor = make_governor(text)
    assert make_governor(label(governor)) == governor


def test_any_object_with_a_plan_is_a_governor():
    class Mine:
        def plan(self, view):
            return None

    assert isinstance(make_governor(Mine()), Mine)
    assert label(Mine()) == "Mine"
    for wrong in (3, Mine):
        with pytest.raises(InputError, match="no governor"):
            make_governor(wrong)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dsf", "did you mean 'dfs'"),
        ("dfs:volt=1", "unknown parameter of governor dfs 'volt'"),
        ("dfs:rail=fast", "parameter rail: .*not a quantity"),
        ("dfs:tie=middle", "use one of lowest, highest"),
        ("simple_ondemand:period=0s", "above 0"),
        ("simple_ondemand:up=50:down=60", "down=60 is above up=50"),
        ("simple_ondemand:up=200", "allowed is 1 to 100"),
        ("simple_ondemand:up=80MHz", "not a quantity"),
        ("schedutil:headroom=2W", "not a quantity"),
        ("userspace:freq=-3MHz", "not positive"),
    ],
)
def test_a_wrong_governor_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        make_governor(text)
