"""The plant, the meter and the models that learn from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.device import device_names, load_device
from dfsrt.errors import InputError
from dfsrt.power.card import device_digest, read_card, shipped_model
from dfsrt.power.choose import choose_model
from dfsrt.power.fit import fit_model, measure_samples
from dfsrt.power.meter import VirtualMeter
from dfsrt.power.plant import build_plant, true_npu_w
from dfsrt.power.ship import make_card
from dfsrt.shelf import find_entry
from tests.helpers.strategies import tables
from tests.helpers.tiny import tiny_npu, tiny_table, true_power


@given(tables())
def test_true_power_equals_the_plain_sum(table):
    npu = table.npu
    freqs = np.array(npu.opps.freqs_hz, dtype=float)
    plain = true_power(npu, table.plant, table.duration_ns)
    for s, uv in enumerate(npu.opps.set_points_uv):
        watts = true_npu_w(table.plant, table.load, freqs, np.full(len(freqs), uv * 1e-6))
        allowed = np.isfinite(plain[:, :, s])
        assert watts[allowed] == pytest.approx(plain[:, :, s][allowed], rel=1e-12)


@given(st.floats(1e-3, 2.0), st.floats(0.3, 1.2))
def test_at_constant_capacitance_power_follows_c_f_v_squared(c_nf, volt):
    npu = tiny_npu(leakage=(), clock_farad=c_nf * 1e-9)
    table = tiny_table(npu, [1_000], [1], [0.0])
    freqs = np.array(npu.opps.freqs_hz, dtype=float)
    watts = true_npu_w(table.plant, table.load, freqs, np.full(3, volt))
    assert watts[0] * 0.8 == pytest.approx(c_nf * 1e-9 * freqs * volt**2, rel=1e-12)


def test_hidden_activity_is_the_seeds_and_never_above_counted_switching():
    npu = replace(tiny_npu(), hidden=replace(tiny_npu().hidden, activity_sigma=0.5))
    load = tiny_table(npu, [100] * 50, [1] * 50, [1.0] * 50).load
    one, again, other = (build_plant(npu, load, seed).switched_farad for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert (one <= 1e-6 * (1 + 1e-12)).all()
    assert one.std() > 0


def test_a_meter_reads_near_the_truth_in_whole_steps():
    readings = VirtualMeter(seed=3).read_w(np.full(10_000, 1.0), step_w=0.01)
    assert readings.mean() == pytest.approx(1.0, abs=0.02)
    assert 0.003 < readings.std() < 0.012
    assert np.allclose(readings * 100, np.rint(readings * 100))


@pytest.fixture(scope="module")
def rk3588():
    return load_device("rk3588-npu")


def test_the_fit_recovers_a_device_that_hides_nothing(rk3588):
    hidden = replace(rk3588.hidden, activity_mean=1.0, activity_sigma=0.0, temp_c=50.0)
    plain = replace(rk3588, hidden=replace(hidden, leakage_scale=1.0))
    model = fit_model(plain)
    # Every feature is in the device's own watts, so each weight is one over the efficiency,
    # up to the meter's gain error.
    assert model.weights == pytest.approx([1 / 0.9] * len(model.weights), rel=0.05)


def test_samples_are_the_same_every_time(rk3588):
    one, two = measure_samples(rk3588), measure_samples(rk3588)
    assert np.array_equal(one.watts, two.watts)
    assert np.array_equal(one.features, two.features)


@pytest.mark.parametrize("name", device_names())
def test_the_shelf_has_the_model_of_every_preset_as_fitted_today(name):
    npu = load_device(name)
    folder = find_entry("powermodels", name)
    assert folder is not None
    card, fresh = read_card(folder), make_card(npu)
    assert card.digest == device_digest(npu)
    assert card.weights == pytest.approx(fresh.weights, rel=1e-6, abs=1e-9)
    assert card.mape == pytest.approx(fresh.mape, abs=2e-6)


def test_a_changed_device_does_not_get_the_shelfs_model(rk3588):
    changed = replace(rk3588, hidden=replace(rk3588.hidden, temp_c=70.0))
    assert shipped_model(rk3588) is not None
    assert shipped_model(changed) is None
    assert choose_model("fitted", changed).weights != choose_model("fitted", rk3588).weights


def test_a_guard_plans_with_that_much_more(rk3588):
    load = tiny_table(rk3588, [1_000], [1], [1.0]).load
    freqs, volts = np.array(rk3588.opps.freqs_hz, dtype=float), np.full(8, 0.85)
    for name in ("fitted", "datasheet"):
        plain = choose_model(name, rk3588).predict_w(load, rk3588, freqs, volts)
        for text in ("10%", "0.1"):
            guarded = choose_model(f"{name}:guard={text}", rk3588)
            assert guarded.predict_w(load, rk3588, freqs, volts) == pytest.approx(plain * 1.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fited", "did you mean 'fitted'"),
        ("fitted:gard=5%", "did you mean 'guard'"),
        ("fitted:guard=-1%", "allowed is 0 to 1"),
        ("fitted:guard=much", "not a quantity"),
    ],
)
def test_a_wrong_power_model_is_refused(rk3588, text, message):
    with pytest.raises(InputError, match=message):
        choose_model(text, rk3588)
