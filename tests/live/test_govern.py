"""A governor over a board: the clock it chooses, and what no board can give it."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.live import Devfreq, Reading
from dfsrt.live.chooser import Chooser
from dfsrt.live.govern import Governed, govern
from dfsrt.live.loads import Recorded, Said, Shown, parse_load
from dfsrt.live.outlook import outlook_of_board, outlook_of_job
from dfsrt.live.plan_table import plan_table, write_plan
from dfsrt.live.ticks import rehearsed_ticks
from dfsrt.live.watch import watch
from dfsrt.run.job import make_job
from tests.helpers.fake_devfreq import NAME, POINTS, FakeDevfreq

MHZ = 1_000_000
TICK_NS = 100_000_000


@pytest.fixture(scope="module")
def job():
    return make_job("squeezenet", device="rk3588-npu", cap="0.16 W")


def chooser_of(text, outlook=None):
    return Chooser(make_governor(text), outlook or outlook_of_board(POINTS), TICK_NS)


@given(st.sampled_from(POINTS), st.integers(0, 100))
def test_simple_ondemand_chooses_as_the_kernels_rule_does(freq_hz, percent):
    wish = chooser_of("simple_ondemand").wish(freq_hz, percent / 100)
    if percent > 90:
        assert wish == POINTS[-1]
    elif percent > 85:
        assert wish == freq_hz
    else:
        assert wish == next(f for f in POINTS if f >= round(percent * freq_hz / 88, 3))


@pytest.mark.parametrize(
    ("text", "mhz"),
    [("performance", 1000), ("powersave", 300), ("userspace:freq=640MHz", 700)],
)
def test_governors_without_load_choose_once(text, mhz):
    assert chooser_of(text).wish(500 * MHZ) == mhz * MHZ


def test_app_dvfs_holds_the_cap_with_the_hungriest_layer_within_the_boards_limits(job):
    wish = chooser_of("app-dvfs", outlook_of_job(job, POINTS)).wish(300 * MHZ)
    watts = job.table.predicted_w
    rails = np.searchsorted(job.npu.opps.set_points_uv, job.npu.opps.rails_uv)
    fits = [watts[:, n, rails[n]].max() <= 0.16 for n in range(len(POINTS))]
    assert wish == POINTS[max(n for n, fit in enumerate(fits) if fit)]
    narrow = outlook_of_job(job, [300 * MHZ, 400 * MHZ])
    assert chooser_of("performance", narrow).wish(300 * MHZ) == 400 * MHZ


def test_pid_goes_by_the_boards_own_watts(job):
    chooser = chooser_of("pid", outlook_of_job(job, POINTS))
    assert chooser.wish(300 * MHZ) == 300 * MHZ
    assert chooser.wish(500 * MHZ, watts=0.10) > 500 * MHZ
    assert chooser.wish(800 * MHZ, watts=0.30) < 800 * MHZ


def test_a_plan_of_layers_is_refused_with_the_way_to_export_it(job):
    with pytest.raises(InputError, match=r"one for each layer.*--export plan\.csv"):
        chooser_of("dfs", outlook_of_job(job, POINTS)).wish(300 * MHZ)


@pytest.mark.parametrize(
    ("text", "said"), [("app-dvfs", "name the network"), ("edf-cc", "queue of requests")]
)
def test_a_governor_that_needs_more_than_a_board_shows_is_refused(text, said):
    with pytest.raises(InputError, match=said):
        chooser_of(text)


def test_a_board_without_a_clock_of_the_devices_is_refused(job):
    with pytest.raises(InputError, match="no clock of the board's"):
        outlook_of_job(job, [123 * MHZ])
    with pytest.raises(InputError, match="lists no clock"):
        outlook_of_board([])


def governed_of(fake, text, load):
    board = Devfreq(fake, NAME, pause=lambda s: None)
    return board, Governed(board, board, load, chooser_of(text))


def test_only_a_choice_that_is_another_is_written():
    fake = FakeDevfreq(lambda: 0.0, delay_s=0.0)
    board, governed = governed_of(fake, "simple_ondemand", Said(0.5))
    done = list(govern(governed, board.write, rehearsed_ticks(TICK_NS, 10 * TICK_NS)))
    assert len(done) == 10
    assert fake.writes == [("governor", "userspace"), ("userspace/set_freq", str(300 * MHZ))]
    assert [each.is_write for each in done] == [True] + [False] * 9


def test_a_board_that_shows_no_load_is_refused_to_governors_that_need_it():
    fake = FakeDevfreq(lambda: 0.0)
    board, governed = governed_of(fake, "simple_ondemand", Said(0.5))
    blind = Governed(NoLoad(), board, Shown(), governed.chooser)
    with pytest.raises(InputError, match="shows no load; say it with --load 60%"):
        blind.look(0)


class NoLoad:
    id = "devfreq:blind"

    def read(self):
        return Reading(freq_hz=300 * MHZ)


def test_a_recording_of_a_board_stands_for_its_work(tmp_path):
    fake = FakeDevfreq(lambda: 0.0, delay_s=0.0, demand_hz=600 * MHZ)
    fake.governor = "performance"
    board = Devfreq(fake, NAME)
    recording = watch(board, [], rehearsed_ticks(TICK_NS, 5 * TICK_NS))
    load = Recorded(recording, tmp_path / "x.csv")
    assert load.span_ns == 4 * TICK_NS
    for freq_hz, share in ((1000 * MHZ, 0.6), (800 * MHZ, 0.75), (500 * MHZ, 1.0)):
        assert load.at(Reading(freq_hz=freq_hz), TICK_NS) == pytest.approx(share)
    _, governed = governed_of(fake, "schedutil", load)
    ticks = rehearsed_ticks(TICK_NS, 3 * TICK_NS)
    done = list(govern(governed, lambda f: f, ticks, assumes=True))
    # 1.25 x 600 MHz of work: at 1 GHz, and at 800 MHz as well.
    assert [each.wish_hz for each in done] == [800 * MHZ] * 3


@pytest.mark.parametrize("text", ["101%", "2"])
def test_a_load_beyond_all_time_is_refused(text):
    with pytest.raises(InputError, match="0% to 100%"):
        parse_load(text)


def test_a_table_for_firmware_holds_the_plan_that_a_run_follows(job, tmp_path):
    outlook = outlook_of_job(job, POINTS)
    table = plan_table(make_governor("dfs"), outlook, "devfreq:x")
    assert len(table.layers) == len(job.table.load.names)
    assert {layer.freq_hz for layer in table.layers} <= set(POINTS)
    assert all(layer.predicted_w <= 0.16 for layer in table.layers)
    write_plan(table, tmp_path / "p.csv")
    write_plan(table, tmp_path / "p.json")
    rows = list(csv.DictReader((tmp_path / "p.csv").read_text().splitlines()))
    whole = json.loads((tmp_path / "p.json").read_text())
    assert (whole["governor"], whole["cap_w"], whole["format"]) == ("dfs", 0.16, 1)
    for row, layer, own in zip(rows, whole["layers"], table.layers, strict=True):
        assert int(row["freq_hz"]) == layer["freq_hz"] == own.freq_hz
        assert row["name"] == layer["name"]
    slow = plan_table(make_governor("powersave"), outlook, "devfreq:x")
    assert {layer.freq_hz for layer in slow.layers} == {300 * MHZ}
