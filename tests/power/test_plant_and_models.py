"""The plant and the models that governors plan with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.device import load_device
from dfsrt.power.choose import choose_model, parse_confidence
from dfsrt.power.features import names
from dfsrt.power.fit import fit_model, measure_samples
from dfsrt.power.plant import build_plant, true_npu_w
from tests.helpers.strategies import tables
from tests.helpers.tiny import clock_shares, tiny_npu, tiny_table, true_power


@given(tables())
def test_true_power_equals_the_plain_sum(table):
    npu = table.npu
    freqs = np.array(npu.opps.freqs_hz, dtype=float)
    counts = zip(table.load.macs.tolist(), table.load.dram_bytes.tolist(), strict=True)
    flowing = np.array([clock_shares(npu, cycles, moved) for cycles, moved in counts])
    plain = true_power(npu, table.plant, table.duration_ns, flowing)
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


def test_each_network_of_a_die_draws_its_own_activity_and_the_first_as_if_alone():
    npu = replace(tiny_npu(), hidden=replace(tiny_npu().hidden, activity_sigma=0.5))
    load = tiny_table(npu, [100] * 50, [1] * 50, [1.0] * 50).load
    alone, first, second, third = (
        build_plant(npu, load, 7, **place).switched_farad
        for place in ({}, {"place": 0}, {"place": 1}, {"place": 2})
    )
    assert np.array_equal(alone, first)
    assert abs(np.corrcoef([first, second, third])[np.triu_indices(3, 1)]).max() < 0.5
    draws = np.random.default_rng([7, 2]).standard_normal(50)  # the promised stream, by hand
    assert third == pytest.approx(1e-6 * np.minimum(np.exp(0.5 * draws), 1.0), rel=1e-12)


def test_a_place_below_zero_is_refused():
    with pytest.raises(InputError, match="place -1 is below 0; number the networks"):
        build_plant(tiny_npu(), tiny_table(tiny_npu(), [1], [1], [1.0]).load, 0, -1)


@pytest.fixture(scope="module")
def rk3588():
    return load_device("rk3588-npu")


def weights(model, npu):
    """What a model that is linear gives for each feature alone."""
    return model.watts_of(np.eye(len(names(npu))))


def standing_w(model_weights, npu):
    """What weights say of leakage and fixed power at every voltage, where nothing is counted."""
    over_ref = np.array(npu.opps.set_points_uv) / npu.silicon.ref_uv
    watts = [t.power_w * over_ref**t.exponent for t in npu.silicon.leakage]
    watts.append(np.full(len(over_ref), npu.silicon.fixed_w))
    return model_weights[4:] @ np.array(watts)


def test_the_fit_recovers_a_device_that_hides_nothing(rk3588):
    hidden = replace(rk3588.hidden, activity_mean=1.0, activity_sigma=0.0, temp_c=50.0)
    plain = replace(rk3588, hidden=replace(hidden, leakage_scale=1.0))
    found = weights(fit_model(plain), plain)
    # Every feature is in the device's own watts, so each weight is one over the efficiency,
    # up to the meter's gain error; what stands still is told apart in sum alone.
    assert found[:4] == pytest.approx([1 / 0.9] * 4, rel=0.05)
    assert standing_w(found, plain) == pytest.approx(
        standing_w(np.full(7, 1 / 0.9), plain), rel=0.05
    )


def test_samples_are_the_same_every_time(rk3588):
    one, two = measure_samples(rk3588), measure_samples(rk3588)
    assert [s.reading for s in one] == [s.reading for s in two]
    assert [s.subject for s in one] == [s.subject for s in two]


def test_a_changed_device_does_not_get_the_shelfs_model(rk3588):
    changed = replace(rk3588, hidden=replace(rk3588.hidden, temp_c=90.0))
    shipped, made = choose_model("fitted", rk3588), choose_model("fitted", changed)
    # A hotter die leaks more: the model made for it knows.
    one, other = (standing_w(weights(model, rk3588), rk3588) for model in (made, shipped))
    assert (one > 1.2 * other).all()
    with pytest.raises(InputError, match="as it was then"):
        choose_model("rk3588-npu", changed)


def test_a_guard_plans_with_that_much_more(rk3588):
    load = tiny_table(rk3588, [1_000], [1], [1.0]).load
    freqs, volts = np.array(rk3588.opps.freqs_hz, dtype=float), np.full(8, 0.85)
    for name in ("fitted", "datasheet"):
        plain = choose_model(name, rk3588).predict_w(load, rk3588, freqs, volts)
        for text in ("10%", "0.1"):
            guarded = choose_model(f"{name}:guard={text}", rk3588)
            assert guarded.predict_w(load, rk3588, freqs, volts) == pytest.approx(plain * 1.1)


def test_a_bound_is_on_what_the_layer_switches_and_grows_with_confidence(rk3588):
    busy = tiny_table(rk3588, [1_000, 1_000], [1, 1], [0.0, 1.0]).load
    freqs, volts = np.array(rk3588.opps.freqs_hz, dtype=float), np.full(8, 0.85)
    mean, wide, wider = (
        choose_model("fitted", rk3588, c).predict_w(busy, rk3588, freqs, volts)
        for c in (None, 0.95, 0.99)
    )
    assert wide[0] == pytest.approx(mean[0])  # a layer that switches nothing hides nothing
    assert (wide[1] > mean[1]).all()
    assert (wider[1] > wide[1]).all()


@pytest.mark.parametrize(
    ("text", "confidence", "message"),
    [
        ("fited", None, "did you mean 'fitted'"),
        ("fitted:gard=5%", None, "did you mean 'guard'"),
        ("fitted:guard=-1%", None, "allowed is 0 to 1"),
        ("fitted:guard=much", None, "not a quantity"),
        ("h100-sxm", None, "which no simulated device is"),
        ("mdla", None, "not on this rk3588-npu"),
        ("no/such/model", None, "unknown power model"),
        ("datasheet", 0.99, "has no bound"),
        ("fitted", 0.99999, "outside what this model's samples carry"),
    ],
)
def test_a_wrong_power_model_is_refused(rk3588, text, confidence, message):
    with pytest.raises(InputError, match=message):
        choose_model(text, rk3588, confidence)


@pytest.mark.parametrize(("text", "share"), [("99%", 0.99), ("0.5", 0.5), (0.9, 0.9)])
def test_a_confidence_is_a_share(text, share):
    assert parse_confidence(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["0", "1", "100%", "-5%", "sure", "nan"])
def test_a_confidence_of_nothing_or_certainty_is_refused(text):
    with pytest.raises(InputError, match=r"confidence|quantity"):
        parse_confidence(text)
