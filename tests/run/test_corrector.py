"""The online corrector: what it learns, what it leaves alone, and that it keeps the cap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.device import load_device
from dfsrt.device.npu import Domain
from dfsrt.governor import make_governor
from dfsrt.governor.dfs import Dfs
from dfsrt.power.fit import fit_model
from dfsrt.power.measure.ina226 import CONVERSION_S
from dfsrt.run import Corrector, constant_cap
from dfsrt.run.corrector import (
    BIAS_SHARE,
    FLOOR_SHARE,
    FORGETTING,
    GAIN_RANGE,
    NOISE_SD,
    PRIOR_SD,
)
from dfsrt.run.recorder import Recorder
from dfsrt.run.stretch import Stretches
from tests.helpers.serve import frames_of, run_frames
from tests.helpers.strategies import tables
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table

WARM_UP = 5
"""Frames until the corrector is judged."""

CAP_W = 0.18
"""Binds on one core: most layers of resnet50 take more at the highest clock."""

WIDE_W = 0.26
"""Binds, and can be kept at the lowest clock by a die that leaks far more."""


def fed(corrector, predicted, measured):
    for p, m in zip(predicted, measured, strict=True):
        corrector.update(p, m)
    return corrector


@pytest.mark.parametrize(("gain", "bias_w"), [(1.0, 0.0), (1.3, 0.2), (0.6, -0.1), (1.9, -0.7)])
def test_constant_gain_and_bias_are_recovered_from_noiseless_readings(gain, bias_w):
    predicted = np.random.default_rng(1).uniform(1.0, 4.0, 1500)
    corrector = fed(Corrector(2.0), predicted, gain * predicted + bias_w)
    assert corrector.gain == pytest.approx(gain, abs=1e-6)
    assert corrector.bias_w == pytest.approx(bias_w, abs=1e-6)


def test_without_forgetting_it_is_least_squares_with_the_prior():
    rng, typical = np.random.default_rng(2), 3.0
    predicted = rng.uniform(0, 6, 40)
    measured = 1.2 * predicted + 0.3 + 0.05 * rng.standard_normal(40)
    corrector = fed(Corrector(typical, forgetting=1.0), predicted, measured)
    weight = NOISE_SD / PRIOR_SD  # each prior is one more reading, that much less certain
    rows = np.vstack([np.stack([predicted / typical, np.ones(40)], 1), weight * np.eye(2)])
    answers = np.concatenate([measured / typical, weight * np.array([1.0, 0.0])])
    (gain, share), *_ = np.linalg.lstsq(rows, answers, rcond=None)
    assert corrector.gain == pytest.approx(gain, rel=1e-9)
    assert corrector.bias_w == pytest.approx(share * typical, rel=1e-9)


def test_with_forgetting_each_older_reading_weighs_less():
    rng = np.random.default_rng(3)
    predicted = rng.uniform(0, 2, 600)
    measured = 1.1 * predicted + 0.05 + 0.02 * rng.standard_normal(600)
    corrector = fed(Corrector(1.0), predicted, measured)
    root = np.sqrt(FORGETTING ** np.arange(600)[::-1])
    rows = np.stack([predicted, np.ones(600)], 1) * root[:, None]
    (gain, bias_w), *_ = np.linalg.lstsq(rows, measured * root, rcond=None)
    assert corrector.gain == pytest.approx(gain, abs=1e-5)
    assert corrector.bias_w == pytest.approx(bias_w, abs=1e-5)


def test_it_follows_a_device_that_drifts():
    predicted = np.random.default_rng(4).uniform(0.2, 2.0, 1000)
    bias = np.linspace(0.0, 0.3, 1000)
    corrector = fed(Corrector(1.0), predicted, predicted + bias)
    assert corrector.correct(1.0) == pytest.approx(1.3, abs=0.02)


def test_after_readings_that_are_all_alike_a_slightly_odd_one_is_no_upset():
    corrector = fed(Corrector(1.0), [1.0] * 5000, [1.1] * 5000)
    before = corrector.gain
    assert corrector.correct(1.0) == pytest.approx(1.1, abs=1e-3)
    corrector.update(0.95, 1.05 + NOISE_SD)  # would move the gain by 0.4 if trusted in full
    assert corrector.gain == pytest.approx(before, abs=0.1)
    assert corrector.correct(1.0) == pytest.approx(1.1, abs=0.01)


def test_what_one_may_not_correct_the_other_makes_up_for():
    predicted = np.linspace(0.9, 1.1, 200)
    corrector = fed(Corrector(1.0), predicted, predicted + 0.8)
    assert corrector.bias_w == pytest.approx(BIAS_SHARE)
    assert corrector.correct(1.0) == pytest.approx(1.8, abs=0.02)


@pytest.mark.parametrize("reading", [float("nan"), float("inf"), -0.1])
def test_a_reading_that_is_no_power_changes_nothing(reading):
    corrector = fed(Corrector(1.0), [0.5, 1.0], [0.6, 1.1])
    before = corrector.correction
    corrector.update(1.0, reading)
    assert corrector.correction == before


@pytest.mark.parametrize("predicted_w", [float("nan"), float("inf"), -1.0])
def test_a_prediction_that_is_no_power_is_refused(predicted_w):
    with pytest.raises(InputError, match="is no power"):
        Corrector(1.0).update(predicted_w, 1.0)


@pytest.mark.parametrize("typical_w", [0.0, -1.0, float("nan"), float("inf")])
def test_a_typical_power_without_a_scale_is_refused(typical_w):
    with pytest.raises(InputError, match="no scale"):
        Corrector(typical_w)


@pytest.mark.parametrize("forgetting", [0.0, -0.5, 1.01, float("nan")])
def test_forgetting_out_of_range_is_refused(forgetting):
    with pytest.raises(InputError, match="out of range"):
        Corrector(1.0, forgetting)


def test_predicting_nothing_teaches_the_bias_alone():
    corrector = fed(Corrector(1.0), [0.0] * 50, [0.1] * 50)
    assert corrector.gain == 1.0
    assert corrector.bias_w == pytest.approx(0.1, abs=1e-3)


watts = st.floats(0, 1e4)


@given(
    st.floats(1e-3, 1e3),
    st.floats(0.5, 1.0),
    st.lists(st.tuples(watts, st.one_of(watts, st.just(float("nan")))), max_size=60),
    st.lists(watts, min_size=1, max_size=5),
)
def test_corrected_power_is_always_finite_and_positive(typical_w, forgetting, readings, ask):
    corrector = Corrector(typical_w, forgetting)
    for predicted_w, measured_w in readings:
        corrector.update(predicted_w, measured_w)
    corrected = corrector.correct(ask)
    assert np.isfinite(corrected).all()
    assert (corrected >= FLOOR_SHARE * typical_w).all()
    assert GAIN_RANGE[0] <= corrector.gain <= GAIN_RANGE[1]
    assert abs(corrector.bias_w) <= BIAS_SHARE * typical_w


def test_a_level_that_may_not_run_stays_infinite():
    corrected = fed(Corrector(1.0), [1.0], [0.2]).correct([[1.0, np.inf]])
    assert np.isfinite(corrected[0, 0])
    assert np.isinf(corrected[0, 1])


# In the runtime.


class Exact:
    """A meter without errors that remembers."""

    def __init__(self):
        self.seen = []

    def read_w(self, true_w):
        self.seen.append(true_w)
        return true_w


class Spy:
    """``dfs`` at the high voltage that keeps what it was shown."""

    name = "spy"

    def __init__(self, sees_cap=True):
        self.sees_cap = sees_cap
        self.views = []

    def plan(self, view):
        self.views.append(view)
        return Dfs(rail=1_000_000).plan(view)


def small_table(error=1.0):
    """Two layers of 0.1 to 0.8 ms, predicted ``error`` times too low."""
    table = tiny_table(tiny_npu(), [40_000, 80_000], [10_000, 20_000], [20.0, 90.0])
    return replace(table, predicted_w=table.predicted_w / error)


def test_layers_are_put_together_until_the_meter_had_time_for_them():
    table = small_table()
    log = run_frames(table, Fixed([2, 1], [10**6] * 2), constant_cap(9.0), frames=9)
    recorder, corrector, meter = Recorder(3), Corrector(table.typical_w), Exact()
    columns = (log.frame, log.layer, log.start_ns, log.end_ns, log.stall_ns, log.level)
    zero = np.zeros_like(log.layer)
    recorder.add_rows(np.stack([*columns, zero, log.rail_uv, log.rail_uv, zero], axis=1))
    stretches = Stretches(table, corrector, meter)
    stretches.add(recorder.rows())
    seconds = (log.end_ns - log.start_ns) * 1e-9
    expected, first = [], 0
    for i in range(len(seconds)):
        if seconds[first : i + 1].sum() >= CONVERSION_S:
            span = slice(first, i + 1)
            expected.append(np.average(log.power_w[span], weights=seconds[span]))
            first = i + 1
    assert len(expected) >= 3
    assert meter.seen == pytest.approx(expected, rel=1e-12)
    assert corrector.readings == len(expected)
    assert corrector.gain == pytest.approx(1.0, abs=1e-9)


@given(st.data(), st.sampled_from(["dfs", "dvfs", "app-dvfs", "schedutil:period=1ms"]))
def test_a_frame_at_a_time_sees_the_same_power_as_the_closed_books(data, name):
    table = data.draw(tables())
    period = data.draw(st.sampled_from([None, 700_000]))
    runtime = frames_of(table, make_governor(name), constant_cap(0.5), 4, period)
    log = runtime.run()
    at_once, in_steps = Exact(), Exact()
    whole = Stretches(table, Corrector(1.0), at_once)
    whole.add(runtime._recorder.rows())
    parts, first = Stretches(table, Corrector(1.0), in_steps), 0
    for frame in range(4):
        after = int(np.searchsorted(log.frame, frame + 1))
        parts.add(runtime._recorder.rows(first).until(int(log.end_ns[after - 1])))
        first = after
    assert in_steps.seen == at_once.seen


@pytest.mark.parametrize("domain", list(Domain))
def test_every_frame_is_planned_and_logged_on_what_was_known_when_it_began(domain):
    table, spy = small_table(error=1.4), Spy()
    corrector = Corrector(table.typical_w)
    log = run_frames(table, spy, constant_cap(0.4, domain), frames=8, corrector=corrector)
    assert len(spy.views) == 8
    assert not len(log.moves)  # so every voltage in the log is a set point
    set_points = np.array(table.npu.opps.set_points_uv)
    for frame, view in enumerate(spy.views):
        rows = np.flatnonzero(log.frame == frame)
        point = np.searchsorted(set_points, log.rail_uv[rows])
        planned = view.predicted_w[log.layer[rows], log.level[rows], point]
        assert (log.predicted_w[rows] == planned).all()
    assert (spy.views[0].predicted_w == table.predicted_in(domain)).all()
    assert (spy.views[-1].predicted_w > spy.views[0].predicted_w)[0, 0, 0]
    assert log.correction == corrector.correction


def test_a_governor_that_ignores_the_cap_is_not_asked_again():
    table, blind = small_table(), Spy(sees_cap=False)
    run_frames(table, blind, constant_cap(0.4), 5, corrector=Corrector(table.typical_w))
    assert len(blind.views) == 1


@given(st.data())
def test_a_corrector_changes_what_is_predicted_and_not_what_is_drawn(data):
    table = data.draw(tables().filter(lambda t: t.typical_w > 0))
    plan = Fixed([0] * len(table.duration_ns), [0] * len(table.duration_ns))
    off = run_frames(table, plan, constant_cap(0.5), 3)
    on = run_frames(table, plan, constant_cap(0.5), 3, corrector=Corrector(table.typical_w))
    for column in ("start_ns", "end_ns", "level", "power_w", "energy_j"):
        assert (getattr(on, column) == getattr(off, column)).all()


def test_without_a_corrector_predictions_are_the_tables_own_to_the_bit():
    job = dfsrt.Job("squeezenet", frames=4, cap_domain="system")
    done = job.run("dfs")
    log = done.log
    assert not len(log.moves)  # so every voltage in the log is a set point
    point = np.searchsorted(job.npu.opps.set_points_uv, log.rail_uv)
    own = job.table.predicted_in(Domain.SYSTEM)[log.layer, log.level, point]
    assert (log.predicted_w == own).all()
    assert log.correction is None
    assert not any("corrector" in note for note in done.report.notes)


# What it is for.


def share_over(log):
    judged = log.ran & (log.frame >= WARM_UP)
    return float((log.power_w > log.cap_w * (1 + 1e-9))[judged].mean())


@pytest.fixture(scope="module")
def nominal():
    npu = load_device("rk3588-npu")
    return npu, fit_model(npu)


def drifted(npu, hotter_c=0.0, leakage=1.0, capacitance=1.0):
    hidden = npu.hidden
    return replace(
        npu,
        hidden=replace(
            hidden,
            temp_c=hidden.temp_c + hotter_c,
            leakage_scale=hidden.leakage_scale * leakage,
            capacitance_scale=hidden.capacitance_scale * capacitance,
        ),
    )


def job_on(npu, model, **fields):
    return dfsrt.Job("resnet50", device=npu, power_model=model, **fields)


@pytest.mark.parametrize(("hotter_c", "leakage", "capacitance"), [(40, 1.0, 1.0), (0, 2.0, 1.1)])
def test_a_die_that_drifted_breaks_the_cap_without_a_corrector_and_keeps_it_with_one(
    nominal, hotter_c, leakage, capacitance
):
    npu, model = nominal
    on_nominal = share_over(job_on(npu, model, frames=150, cap=CAP_W).run("dfs").log)
    job = job_on(drifted(npu, hotter_c, leakage, capacitance), model, frames=150, cap=CAP_W)
    two_layers = 2 / len(job.table.load.names)  # of 57: which ones are at the edge, chance decides
    assert share_over(job.run("dfs").log) > on_nominal + 0.3
    assert share_over(job.changed(correct=True).run("dfs").log) < on_nominal + two_layers


def test_on_a_die_far_off_a_corrector_keeps_the_cap_as_well_as_a_model_of_that_very_die(nominal):
    npu, model = nominal
    die = drifted(npu, 40, 1.5, 1.1)
    job = job_on(die, model, frames=150, cap=WIDE_W)
    own = job_on(die, fit_model(die), frames=150, cap=WIDE_W).run("dfs")
    assert own.report.cap.layers_unreachable == 0
    corrected = job.changed(correct=True).run("dfs")
    assert share_over(job.run("dfs").log) > 0.6
    assert share_over(corrected.log) <= share_over(own.log) + 0.01
    assert corrected.report.fps > 0.95 * own.report.fps


def test_on_the_die_it_was_fitted_on_a_corrector_costs_nothing(nominal):
    npu, model = nominal
    job = job_on(npu, model, frames=40, cap=CAP_W)
    plain, corrected = job.run("dfs"), job.changed(correct=True).run("dfs")
    assert share_over(corrected.log) <= share_over(plain.log) + 0.01
    assert corrected.report.fps == pytest.approx(plain.report.fps, rel=0.01)
    assert corrected.report.prediction.mape < plain.report.prediction.mape + 0.01


def test_the_note_has_the_sign_of_the_bias(nominal):
    npu, model = nominal
    done = job_on(drifted(npu, leakage=0.2), model, correct=True).run("dfs")
    learned = done.log.correction
    assert learned.bias_w < 0
    expected = f"{learned.gain:.2f} x predicted - {-learned.bias_w * 1e3:.3g} mW at the end"
    assert done.report.notes[-1] == f"corrector: the meter read {expected}"


def test_a_run_and_a_comparison_say_what_was_learned(dfsrt):
    run = dfsrt("run", "squeezenet", "--frames", 20, "--correct")
    assert run.returncode == 0
    assert "note: corrector: the meter read " in run.stdout
    both = dfsrt("compare", "squeezenet", "-g", "dfs,app-dvfs", "--frames", 20, "--correct")
    assert "corrector: the meter read" in both.stdout
    # One core takes longer than one reading for a frame of any network; an ideal array does not.
    ideal = ("--device", "rk3588-npu-ideal")
    short = dfsrt("run", "squeezenet", "--frames", 1, "--correct", *ideal)
    assert "too short for one reading of the meter (1.1 ms)" in short.stdout
