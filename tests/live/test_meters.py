"""Meters: counters that wrap, loads in the forms that boards show, words where rights lack."""

from __future__ import annotations

import errno
import os

import pytest

from dfsrt.live import BoardError
from dfsrt.live.boards import ids, open_any
from dfsrt.live.hwmon import Hwmon
from dfsrt.live.load import devfreq_load, rknpu_load
from dfsrt.live.powercap import Powercap

ZONE = "sys/class/powercap/intel-rapl:0"


class Files:
    """A tree of texts; those of ``denied`` may not be read."""

    def __init__(self, texts, denied=()):
        self.texts, self.denied = dict(texts), set(denied)

    def read(self, path):
        if path in self.denied:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if path not in self.texts:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self.texts[path]

    def write(self, path, text):
        raise AssertionError("a meter is never written")

    def names(self, folder):
        inside = {p[len(folder) + 1 :].split("/")[0] for p in self.texts if p.startswith(folder)}
        return tuple(sorted(inside))


def counter(values, times_ns, most=1_000_000):
    """A zone whose counter shows ``values`` at ``times_ns``, one after the other."""
    files = Files({f"{ZONE}/max_energy_range_uj": str(most), f"{ZONE}/name": "package-0"})
    shown, times = iter(values), iter(times_ns)

    def now_ns():
        return next(times)

    meter = Powercap(files, "intel-rapl:0", now_ns)

    def look():
        files.texts[f"{ZONE}/energy_uj"] = str(next(shown))
        return meter

    return look


def test_watts_are_the_energy_between_two_looks():
    look = counter([100_000, 350_000], [0, 500_000_000])
    assert look().watts() is None
    assert look().watts() == pytest.approx(0.5)


def test_a_counter_that_wraps_goes_on():
    look = counter([900_000, 100_000, 200_000], [0, 10**9, 2 * 10**9])
    look().watts()
    assert look().watts() == pytest.approx(0.2)
    assert look().energy_j() == pytest.approx(1.2)


def test_a_counter_for_root_alone_says_so():
    files = Files({f"{ZONE}/energy_uj": "1"}, denied={f"{ZONE}/energy_uj"})
    with pytest.raises(BoardError, match=r"for root alone.*run as root"):
        Powercap(files, "intel-rapl:0").watts()


def test_hwmon_reads_microwatts_of_either_kind_and_negative_ones():
    chip = "sys/class/hwmon/hwmon0"
    files = Files({f"{chip}/power1_input": "-2500", f"{chip}/power2_average": "1500000"})
    assert ids(files) == ("hwmon:hwmon0/power1", "hwmon:hwmon0/power2")
    assert Hwmon(files, "hwmon0/power1").watts() == pytest.approx(-0.0025)
    assert open_any(files, "hwmon:hwmon0/power2").watts() == pytest.approx(1.5)
    files.texts[f"{chip}/power1_input"] = "nan"
    with pytest.raises(BoardError, match="no power"):
        Hwmon(files, "hwmon0/power1").watts()


@pytest.mark.parametrize("make", [lambda files: open_any(files, "powercap:intel-rapl:0")])
def test_a_meter_refuses_to_be_set(make):
    meter = make(Files({f"{ZONE}/energy_uj": "1"}))
    with pytest.raises(BoardError, match="only read"):
        meter.write(800_000_000)
    meter.restore()
    assert meter.points() == ()


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("45@800000000Hz", 0.45),
        ("7", 0.07),
        ("100%", 1.0),
        ("0@300000000Hz\n", 0.0),
        *((text, None) for text in ("", "busy", "-3", "45@")),
    ],
)
def test_loads_of_devfreq(text, share):
    assert devfreq_load(text) == share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("NPU load:  Core0: 86%, Core1: 84%, Core2: 61%,", 0.77),
        ("NPU load:  21%", 0.21),
        ("NPU load:  Core0:  0%,", 0.0),
        ("nothing", None),
    ],
)
def test_loads_of_rockchips_npus(text, share):
    got = rknpu_load(text)
    assert got == share if share is None else got == pytest.approx(share)
