"""A board watched: what is recorded reads back, and stands beside what is predicted."""

from __future__ import annotations

import pytest

from dfsrt.live import BoardError, Devfreq
from dfsrt.live.compared import compare
from dfsrt.live.nvml import Nvml
from dfsrt.live.powercap import Powercap
from dfsrt.live.watch import watch
from dfsrt.recording import read_recording, table
from dfsrt.report.api import Job
from tests.helpers.fake_devfreq import NAME, FakeDevfreq
from tests.live.test_meters import ZONE, Files
from tests.power.measure.fake_gpu import Clock, FakeNvml

MHZ = 1_000_000
TICK_NS = 100_000_000


class Meter:
    """A meter that reads one value after another."""

    id = "hwmon:hwmon0/power1"

    def __init__(self, *watts):
        self._watts = iter(watts)

    def watts(self):
        return next(self._watts)


@pytest.fixture
def fake():
    fake = FakeDevfreq(lambda: 0.0, demand_hz=300 * MHZ)
    fake.governor = "userspace"
    return fake


def held(fake, mhz):
    fake.told = fake.target = fake.hz = mhz * MHZ


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_recording_reads_back_with_clock_load_and_power(fake, tmp_path, suffix):
    board = Devfreq(fake, NAME)

    def ticks():
        for number, mhz in enumerate((300, 300, 600)):
            held(fake, mhz)
            yield number * TICK_NS

    recording = watch(board, [Meter(0.1, 0.2, 0.4)], ticks())
    path = tmp_path / f"r{suffix}"
    table.write(recording, path)
    back = read_recording(path)
    c = back.counters
    rows = {
        name: c.value[c.track == back.texts.index(name)].tolist()
        for name in ("frequency", "load", Meter.id)
    }
    assert rows["frequency"] == [300e6, 300e6, 600e6]
    assert rows["load"] == [100, 100, 50]
    assert rows[Meter.id] == [0.1, 0.2, 0.4]


def test_time_at_each_clock_stands_beside_what_a_run_there_takes(fake):
    held(fake, 300)

    def ticks():
        for number in range(4):
            held(fake, 300 if number < 3 else 700)
            yield number * TICK_NS

    recording = watch(Devfreq(fake, NAME), [Meter(0.1, 0.1, 0.1, 0.5)], ticks())
    job = Job("squeezenet", device="rk3588-npu", cap="none", frames=2)
    done = compare(recording, job, "npu")
    low, high = done.clocks
    assert (low.freq_hz, low.share, low.load) == (300 * MHZ, 0.75, 1.0)
    assert (high.freq_hz, high.share) == (700 * MHZ, 0.25)
    report = job.run("userspace:freq=700MHz").report
    assert high.predicted_w == pytest.approx(report.energy_by_domain_j.npu / report.time_s)
    assert low.predicted_w < high.predicted_w
    assert done.predicted_w == pytest.approx(0.75 * low.predicted_w + 0.25 * high.predicted_w)
    assert done.measured_w == {
        Meter.id: pytest.approx(0.1)
    }  # the last sample's stretch is not known
    assert compare(recording, job, "system").predicted_w > 2 * done.predicted_w


def test_a_clock_that_the_device_has_not_is_not_predicted_and_a_rounded_one_is(fake):
    job = Job("squeezenet", device="rk3588-npu", cap="none", frames=1)

    def recorded(mhz):
        fake.rounds = {300 * MHZ: mhz * MHZ}
        fake.told = 300 * MHZ
        fake.hz = fake.target = mhz * MHZ
        return watch(Devfreq(fake, NAME), [], iter([0, TICK_NS]))

    (rounded,) = compare(recorded(297), job, "npu").clocks
    assert rounded.predicted_w is not None
    (foreign,) = compare(recorded(350), job, "npu").clocks
    assert (foreign.share, foreign.predicted_w) == (1.0, None)
    assert compare(recorded(350), None, "npu").predicted_w is None


def test_energy_of_powercap_is_recorded_as_joules_whose_growth_is_the_power(fake):
    files = Files({f"{ZONE}/energy_uj": "0", f"{ZONE}/max_energy_range_uj": "1000000"})

    def ticks():
        for number, uj in enumerate((900_000, 100_000, 300_000)):
            files.texts[f"{ZONE}/energy_uj"] = str(uj)
            yield number * TICK_NS

    recording = watch(Devfreq(fake, NAME), [Powercap(files, "intel-rapl:0")], ticks())
    done = compare(recording, None, "npu")
    assert done.measured_w == {"powercap:intel-rapl:0": pytest.approx(2.0)}


class WholeNvml(FakeNvml):
    """The same with what live commands ask for, still nothing that sets."""

    def nvmlInit(self):  # noqa: N802
        pass

    def nvmlDeviceGetPowerUsage(self, _handle):  # noqa: N802
        return 123_400

    def nvmlDeviceGetUtilizationRates(self, _handle):  # noqa: N802
        raise self.NVMLError("Not Supported")

    def nvmlDeviceGetSupportedMemoryClocks(self, _handle):  # noqa: N802
        return [1593, 2619]

    def nvmlDeviceGetSupportedGraphicsClocks(self, _handle, memory_mhz):  # noqa: N802
        return {2619: [1980, 1965, 345], 1593: [345]}[memory_mhz]


def test_a_card_is_read_and_what_it_does_not_show_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pynvml", WholeNvml(Clock()))
    card = Nvml(0)
    assert (card.id, card.label, card.watts()) == ("nvml:0", "Fake H100", pytest.approx(123.4))
    assert card.points() == (345 * MHZ, 1965 * MHZ, 1980 * MHZ)
    with pytest.raises(BoardError, match="nvml:0 does not answer: Not Supported"):
        card.read()
    with pytest.raises(BoardError, match="only read"):
        card.write(345 * MHZ)
