"""Governors of the memory: their rules by hand, their names, and what is refused in one line."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from dfsrt.base.errors import InputError
from dfsrt.governor.memory import make_memory_governor, memory_governor_names, memory_label
from dfsrt.testing import MemoryGovernorConformance
from dfsrt.testing.bus_views import make_bus_view

OURS = (
    *memory_governor_names(), "dmc_ondemand:up=40:other=2000MB", "bwmon:recent=3:share=60",
    "passive:map=400MHz=1000MHz+600MHz=1500MHz",
)  # fmt: skip
CHECKS = [name for name in dir(MemoryGovernorConformance) if name.startswith("test_")]


def chosen(text, **view):
    return make_memory_governor(text).choose(replace(make_bus_view(), **view))


class Ours(MemoryGovernorConformance):
    def views(self):
        """A map names clocks, which not every odd view has."""
        four = make_bus_view().freqs_hz
        return [
            (k, v) for k, v in super().views() if "map" not in self.governor or v.freqs_hz == four
        ]


@pytest.mark.parametrize("name", OURS)
def test_our_own_pass(name):
    one = type("T", (Ours,), {"governor": name})()
    for check in CHECKS:
        getattr(one, check)()


class Sound:
    """The slowest point, always: right in everything. Each class below breaks one thing."""

    name = "powersave"

    def choose(self, view):
        return 0


class TooHigh(Sound):
    def choose(self, view):
        return view.top + 1


class WithDice(Sound):
    rolls = count()

    def choose(self, view):
        return next(self.rolls) % (view.top + 1)


class Remembers(Sound):
    def __init__(self):
        self.calls = 0

    def choose(self, view):
        self.calls += 1
        return min(self.calls - 1, 1, view.top)


class HandsOnTheView(Sound):
    def choose(self, view):
        object.__setattr__(view, "period_ns", view.period_ns + 1)
        return 0


class WithoutATime(Sound):
    sampling_ns = 0


FAULTS = {
    "test_a_choice_is_the_number_of_a_point_that_is_there": TooHigh,
    "test_the_same_view_gives_the_same_choice": WithDice,
    "test_what_was_chosen_before_does_not_matter": Remembers,
    "test_choosing_leaves_the_view_as_it_was": HandsOnTheView,
    "test_a_period_is_a_time": WithoutATime,
}


@pytest.mark.parametrize("check", FAULTS)
def test_each_check_fails_the_governor_with_its_fault_and_no_sound_one(check):
    def suite(governor):
        return type("T", (MemoryGovernorConformance,), {"make": lambda self: governor()})()

    getattr(suite(Sound), check)()
    with pytest.raises(AssertionError):
        getattr(suite(FAULTS[check]), check)()


def test_performance_powersave_and_a_clock_stay_where_they_are():
    assert (chosen("performance"), chosen("powersave"), chosen("1500MHz")) == (3, 0, 2)
    assert chosen("1.5 GHz") == 2


@pytest.mark.parametrize(
    ("point", "moved", "choice"),
    [
        # 16 GB/s move 160 MB in 10 ms: 25 % are 40 MB, 5 % are 8 MB.
        (3, 40_000_001, 3),
        (3, 8_000_001, 3),
        (0, 10_000_001, 3),  # 25 % of 40 MB
        (0, 2_000_001, 0),
        (3, 8_000_000, 1),  # 5 % of 2 GHz over 15 %: 667 MHz
        (3, 6_000_000, 0),  # 3.75 %: 500 MHz
        (3, 6_000_001, 1),
        (3, 0, 0),
    ],
)
def test_dmc_ondemand_by_hand(point, moved, choice):
    assert chosen("dmc_ondemand", point=point, moved_bytes=(moved,)) == choice


def test_dmc_ondemand_begins_at_the_top_and_sees_the_rest_of_the_chip():
    assert chosen("dmc_ondemand", point=0) == 3
    # 3 GB/s of others are 30 MB in 10 ms: with 11 MB of the NPU's they are over 25 % of 160.
    assert chosen("dmc_ondemand:other=3000MB", moved_bytes=(11_000_000,)) == 3
    # 20 and 4 MB are 15 %, below 25 - 5; over 23 % of 2 GHz that is 1304 MHz.
    assert chosen("dmc_ondemand:other=2000MB:down=5", moved_bytes=(4_000_000,)) == 2


@pytest.mark.parametrize(
    ("text", "moved", "choice"),
    [
        ("bwmon", (40_000_000,), 0),  # in 10 ms: 4 GB/s
        ("bwmon", (40_000_001,), 1),
        ("bwmon", (0, 0, 90_000_000, 0), 2),  # the highest of the last ten
        ("bwmon", (0,) * 10 + (90_000_000,), 0),  # is forgotten after ten
        ("bwmon:recent=3", (0, 0, 0, 90_000_000), 0),
        ("bwmon:share=50", (40_000_000,), 1),
        ("bwmon:other=4000MB", (40_000_000,), 1),
        ("bwmon", (10**12,), 3),
    ],
)
def test_bwmon_by_hand(text, moved, choice):
    assert chosen(text, moved_bytes=moved) == choice


def test_bwmon_begins_at_the_top():
    assert chosen("bwmon", point=0) == 3


def test_passive_lies_as_high_as_the_core_does():
    """200, 400, 600, 1000 MHz lie 0, 25, 50 and 100 % up: 500, 875, 1250 and 2000 MHz."""
    assert [chosen("passive", core_level=k) for k in range(4)] == [0, 1, 2, 3]


def test_passive_by_a_map():
    text = "passive:map=400MHz=1500MHz+1000MHz=1000MHz"
    assert [chosen(text, core_level=k) for k in range(4)] == [0, 2, 2, 1]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("dmc_ondemand:up=25", "dmc_ondemand:up=25.0"),
        ("dmc_ondemand:up=30", "dmc_ondemand:up=30.0"),
        ("bwmon:other=2GB", "bwmon:other=2000MB"),
        ("1560MHz", "1560MHz"),
        ("2.75GHz", "2750MHz"),
        ("passive:map=0.4GHz=1GHz", "passive:map=0.4GHz=1GHz"),
    ],
)
def test_a_label_reads_back(text, label):
    governor = make_memory_governor(text)
    assert memory_label(governor) == memory_label(text) == label
    assert make_memory_governor(label) == governor


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("has no name", "like '1560MHz'", "bwmon")),
        ("dmc_ondeman", ("unknown memory governor", "did you mean 'dmc_ondemand'")),
        ("1560 apples", ("'1560 apples'",)),
        ("dmc_ondemand:up=0", ("'0' is out of range",)),
        ("dmc_ondemand:up=10", ("down=20 is above up=10",)),
        ("bwmon:recent=0", ("recent=0", "1 to 32")),
        ("bwmon:period=0ms", ("above 0",)),
        ("bwmon:peroid=1ms", ("'peroid'",)),
        ("passive:map=1GHz=1GHz+0.4GHz=1GHz", ("out of order",)),
        ("passive:map=fast", ("like 300MHz=528MHz", "'fast'")),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(text, parts):
    with pytest.raises(InputError) as error:
        make_memory_governor(text)
    assert "\n" not in str(error.value)
    assert all(part in str(error.value) for part in parts), str(error.value)


@pytest.mark.parametrize("text", ["1501MHz", "passive:map=200MHz=1501MHz"])
def test_a_clock_that_the_device_lacks_is_refused_with_those_it_has(text):
    with pytest.raises(InputError) as error:
        chosen(text)
    assert str(error.value) == (
        "memory clock 1501MHz is none of device 'board'; use one of 500MHz, 1000MHz, 1500MHz, "
        "2000MHz"
    )
