"""Published power tables, typed in from their sources: what the physics says about each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.device import rules
from dfsrt.power.opp_fit import fit_opp_table

# apusys_power_cust.c (dvfs_table_0, kHz and mV) and apu_power_table.c (mW), MT6885, points 0 to 9
MT6885_VPU = (
    (832000, 800, 242),
    (728000, 750, 188),
    (624000, 700, 142),
    (594000, 700, 136),
    (550000, 700, 127),
    (499200, 650, 100),
    (458333, 650, 93),
    (392857, 650, 81),
    (364000, 650, 76),
    (273000, 575, 47),
)
MT6885_MDLA = (
    (800000, 800, 200),
    (800000, 800, 200),
    (700000, 750, 159),
    (687500, 750, 157),
    (572000, 700, 117),
    (546000, 700, 110),
    (457000, 650, 84),
    (416000, 650, 74),
    (280000, 575, 46),
    (273000, 575, 44),
)
MT6885_MDLA_DISTINCT = MT6885_MDLA[1:]
# mdla_dvfs.c, points 12 to 0: kHz, mV, mW
FIRST_MDLA = (
    (208000, 650, 109),
    (273000, 650, 144),
    (312000, 650, 164),
    (364000, 650, 192),
    (416000, 725, 274),
    (450000, 725, 297),
    (525000, 725, 346),
    (546000, 725, 360),
    (594000, 725, 392),
    (606000, 725, 400),
    (624000, 825, 544),
    (700000, 825, 611),
    (788000, 825, 688),
)
# npu_opp_table of rk3576.dtsi and rk1808.dtsi, plain bin: MHz, uV; mW by the chip's coefficient
RK3576_UW_PER_MHZ_V2 = 2570  # dynamic-power-coefficient
RK3576 = (
    (300, 725000, 405),
    (400, 725000, 540),
    (500, 725000, 675),
    (600, 725000, 811),
    (700, 725000, 946),
    (800, 800000, 1316),
    (900, 850000, 1671),
    (950, 875000, 1869),
)
RK1808_PW_PER_HZ_V2 = 3080  # dynamic-coefficient
RK1808 = (
    (200, 750000, 347),
    (297, 750000, 515),
    (400, 750000, 693),
    (594, 750000, 1029),
    (792, 850000, 1762),
)
# rk1808.dtsi, power model of the NPU: `ts` and `static-coefficient`
RK1808_TS = (88610, 303120, -5000, 100)
RK1808_STATIC_UW = 100_000
RK1808_TSF = ((0, 0.0089), (25, 0.610), (50, 1.524), (70, 3.111), (85, 5.114), (100, 8.040))
# Perfetto, wattson/data/Tensor_G5/tpu.csv, cluster 0, one request: MHz, mW. No voltages there.
TENSOR_G5 = (
    (38, 35.68),
    (134, 66.0),
    (192, 85.0),
    (288, 122.61),
    (403, 178.45),
    (480, 228.53),
    (595, 296.96),
    (691, 359.04),
    (768, 400.71),
    (825, 434.77),
    (883, 486.32),
    (960, 540.95),
    (1036, 618.37),
    (1113, 698.21),
    (1209, 841.25),
    (1286, 939.34),
)


@pytest.mark.parametrize(
    ("table", "nanofarad", "static_mw", "mape_percent", "worst_mw"),
    [
        (MT6885_VPU, 0.4401, (7.76, 0.005), (0.35, 0.005), (0.63, 0.005)),
        (MT6885_MDLA_DISTINCT, 0.3735, (10.84, 0.005), (1.3, 0.05), (2.5, 0.05)),
        (MT6885_MDLA, 0.3714, (11.24, 0.005), (1.3, 0.05), (2.5, 0.05)),
    ],
    ids=["vpu", "mdla-distinct", "mdla-all-rows"],
)
def test_mt6885_is_c_f_v2_plus_a_constant(table, nanofarad, static_mw, mape_percent, worst_mw):
    fit = fit_opp_table(*si(table))
    assert fit.farad * 1e9 == pytest.approx(nanofarad, abs=0.00005)
    assert fit.static_w * 1e3 == within(static_mw)
    assert fit.mape * 100 == within(mape_percent)
    assert fit.worst_w * 1e3 == within(worst_mw)


@pytest.mark.parametrize(
    ("table", "nanofarad", "mape_percent"),
    [
        (MT6885_VPU, 0.4643, 3.3),
        (MT6885_MDLA_DISTINCT, 0.4059, 6.0),
        (MT6885_MDLA, 0.4021, 6.2),
    ],
    ids=["vpu", "mdla-distinct", "mdla-all-rows"],
)
def test_mt6885_without_the_constant_fits_several_times_worse(table, nanofarad, mape_percent):
    fit = fit_opp_table(*si(table), static=False)
    assert fit.static_w == 0
    assert fit.farad * 1e9 == pytest.approx(nanofarad, abs=0.00005)
    assert fit.mape * 100 == pytest.approx(mape_percent, abs=0.05)
    assert fit.mape > 4 * fit_opp_table(*si(table)).mape


@pytest.mark.parametrize(
    ("table", "worst_mw"),
    [(MT6885_VPU, 0.63), (MT6885_MDLA_DISTINCT, 2.5)],
    ids=["vpu", "mdla"],
)
def test_every_mt6885_point_lies_within_the_stated_error(table, worst_mw):
    freqs_hz, volts, watts = si(table)
    error_w = np.abs(fit_opp_table(*si(table)).predict_w(freqs_hz, volts) - watts)
    assert len(error_w) in (9, 10)
    assert (error_w * 1e3 <= worst_mw + 0.005).all()


def test_first_mdla_needs_no_constant():
    fit = fit_opp_table(*si(FIRST_MDLA))
    assert fit.static_w == 0
    assert fit == fit_opp_table(*si(FIRST_MDLA), static=False)


def test_first_mdla_is_1_270_nanofarad_within_2_4_percent_at_every_point():
    freqs_hz, volts, watts = si(FIRST_MDLA)
    fit = fit_opp_table(freqs_hz, volts, watts)
    relative = np.abs(fit.predict_w(freqs_hz, volts) / watts - 1)
    assert fit.farad * 1e9 == pytest.approx(1.270, abs=0.0005)
    assert fit.mape * 100 == pytest.approx(1.4, abs=0.05)
    assert relative.max() * 100 == pytest.approx(2.4, abs=0.05)
    assert fit.worst_w * 1e3 == pytest.approx(6.86, abs=0.005)


def test_first_mdla_is_proportional_to_the_clock_within_each_voltage():
    """Exactly f, to rounding; over voltages it is V² to a few percent only (the test above)."""
    for mv in (650, 725, 825):
        per_khz = [mw / khz for khz, at_mv, mw in FIRST_MDLA if at_mv == mv]
        assert max(per_khz) / min(per_khz) - 1 < 0.007


def test_rk3576_coefficient_gives_the_listed_power_at_every_point():
    farad = RK3576_UW_PER_MHZ_V2 * 1e-6 / 1e6
    for mhz, uv, mw in RK3576:
        assert dynamic_mw(farad, mhz, uv) == rounds_to(mw)


def test_rk1808_coefficient_gives_the_listed_power_at_every_point():
    farad = RK1808_PW_PER_HZ_V2 * 1e-12
    for mhz, uv, mw in RK1808:
        assert dynamic_mw(farad, mhz, uv) == rounds_to(mw)


@pytest.mark.parametrize(("temp_c", "published"), RK1808_TSF)
def test_rk1808_leakage_has_the_listed_temperature_factors(temp_c, published):
    at_1v_w = RK1808_STATIC_UW * 1e-6 * published
    assert rk1808_static_w(temp_c, mv=1000) == pytest.approx(at_1v_w, rel=0.005)


@given(st.integers(-40_000, 107_000), st.integers(650, 1000))
def test_rk1808_leakage_is_the_drivers_integer_arithmetic(temp_mc, mv):
    assert rk1808_static_w(temp_mc * 1e-3, mv) == pytest.approx(
        driver_static_uw(temp_mc, mv) * 1e-6, abs=2e-6
    )


def test_rk1808_driver_alone_stops_leakage_at_ten_times_above_107_degrees():
    """The device's rule keeps to the polynomial there: it is a bound of the driver's integers."""
    assert driver_static_uw(107_000, 1000) < 10 * RK1808_STATIC_UW
    assert driver_static_uw(125_000, 1000) == 10 * RK1808_STATIC_UW
    assert rk1808_static_w(125, 1000) > 10 * RK1808_STATIC_UW * 1e-6


def test_tensor_g5_has_its_least_energy_per_cycle_at_288_mhz():
    energy = energy_per_cycle_nj()
    assert min(energy, key=energy.get) == 288
    assert energy[288] == pytest.approx(0.426, abs=0.0005)


def test_tensor_g5_energy_per_cycle_falls_to_the_minimum_and_never_falls_after_it():
    before = [e for mhz, e in energy_per_cycle_nj().items() if mhz <= 288]
    after = [e for mhz, e in energy_per_cycle_nj().items() if mhz >= 288]
    assert all(a > b for a, b in pairwise(before))
    assert all(a < b for a, b in pairwise(after))


@pytest.mark.parametrize(
    ("mhz", "more_percent", "stated_percent"), [(1286, 71.6, 71), (38, 120.6, 120)]
)
def test_tensor_g5_ends_of_the_range_cost_more_per_cycle(mhz, more_percent, stated_percent):
    """+71 % and +120 % are stated, from energies of three decimals; all digits give 0.6 more."""
    energy = energy_per_cycle_nj()
    short = {f: round(nj, 3) for f, nj in energy.items()}
    assert (energy[mhz] / energy[288] - 1) * 100 == pytest.approx(more_percent, abs=0.05)
    assert (short[mhz] / short[288] - 1) * 100 == pytest.approx(stated_percent, abs=0.5)


def test_tensor_g5_is_not_c_f_v2_plus_a_constant_at_one_voltage():
    """The table has no voltages. At one voltage, here 1 V, the fit misses by 20 % on average.

    Its least-squares constant would be -74 mW, so 0 is the best that physics allows; energy per
    cycle is flat then, and the minimum at 288 MHz is lost. Voltage has to rise with the clock.
    """
    mhz, milliwatts = (np.array(column) for column in zip(*TENSOR_G5, strict=True))
    fit = fit_opp_table(mhz * 1e6, np.ones(len(mhz)), milliwatts * 1e-3)
    assert fit.static_w == 0
    assert fit.farad * 1e9 == pytest.approx(0.6070, abs=0.0005)
    assert fit.mape == pytest.approx(0.2034, abs=0.0005)
    assert fit.worst_w == pytest.approx(0.1587, abs=0.0005)


points = st.tuples(st.integers(20, 2000), st.integers(400, 1200))


@given(
    st.lists(points, min_size=3, max_size=16, unique=True),
    st.floats(1e-11, 1e-7),
    st.floats(0.01, 10),
)
def test_a_table_made_of_c_and_static_gives_them_back(table, farad, static_share):
    freqs_hz, volts = (np.array(column, dtype=float) for column in zip(*table, strict=True))
    freqs_hz, volts = freqs_hz * 1e6, volts * 1e-3
    dynamic_w = farad * freqs_hz * volts**2
    assume(dynamic_w.max() > 1.01 * dynamic_w.min())  # else nothing tells the parts apart
    static_w = static_share * dynamic_w.mean()
    fit = fit_opp_table(freqs_hz, volts, dynamic_w + static_w)
    assert fit.farad == pytest.approx(farad, rel=1e-6)
    assert fit.static_w == pytest.approx(static_w, rel=1e-6)
    assert fit.mape < 1e-9
    assert fit.predict_w(freqs_hz, volts) == pytest.approx(dynamic_w + static_w, rel=1e-9)


@given(st.lists(points, min_size=3, max_size=16), st.floats(1e-11, 1e-7))
def test_a_table_made_of_c_alone_gives_it_back(table, farad):
    freqs_hz, volts = (np.array(column, dtype=float) for column in zip(*table, strict=True))
    fit = fit_opp_table(freqs_hz, volts, farad * freqs_hz * volts**2, static=False)
    assert fit.farad == pytest.approx(farad, rel=1e-6)
    assert fit.static_w == 0


@pytest.mark.parametrize(
    ("freqs_hz", "volts", "watts", "says"),
    [
        ([1e8, 2e8], [0.7, 0.8], [0.1, 0.2], "at least 3"),
        ([], [], [], "at least 3"),
        ([1e8, 2e8, 3e8], [0.7, 0.8], [0.1, 0.2, 0.3], "one length"),
        ([1e8, 2e8, 3e8], [0.7, 0.8, 0.9], [0.1, 0.2], "one length"),
        ([[1e8, 2e8, 3e8]], [[0.7, 0.8, 0.9]], [[0.1, 0.2, 0.3]], "one length"),
        ([1e8, 0.0, 3e8], [0.7, 0.8, 0.9], [0.1, 0.2, 0.3], "clock 0.0"),
        ([1e8, 2e8, 3e8], [0.7, -0.8, 0.9], [0.1, 0.2, 0.3], "voltage -0.8"),
        ([1e8, 2e8, 3e8], [0.7, 0.8, 0.9], [0.1, float("nan"), 0.3], "power nan"),
        ([1e8, 2e8, 3e8], [0.7, 0.8, 0.9], [0.1, 0.2, float("inf")], "power inf"),
        ([1e8, 1e8, 1e8], [0.7, 0.7, 0.7], [0.1, 0.2, 0.3], "cannot be told apart"),
    ],
)
def test_a_table_that_cannot_be_fitted_is_refused(freqs_hz, volts, watts, says):
    with pytest.raises(InputError, match=says):
        fit_opp_table(freqs_hz, volts, watts)


def si(table):
    """Hz, V and W of a table in kHz, mV and mW."""
    khz, mv, mw = (np.array(column, dtype=float) for column in zip(*table, strict=True))
    return khz * 1e3, mv * 1e-3, mw * 1e-3


def within(value_and_rounding):
    value, rounding = value_and_rounding
    return pytest.approx(value, abs=rounding)


def rounds_to(mw):
    """A whole milliwatt; 346.5 mW is printed as 347."""
    return pytest.approx(mw, abs=0.5 + 1e-9)


def dynamic_mw(farad, mhz, uv):
    return rules.dynamic_w(0.0, farad, mhz * 1e6) * (uv * 1e-6) ** 2 * 1e3


def rk1808_static_w(temp_c, mv):
    """Leakage by the device's rules: ts is per degree and, like the driver's sum, 1e7 is 1."""
    ref_c = 25.0
    at_ref = rules.polynomial(RK1808_TS, ref_c) * 1e-7
    heat = rules.leakage_at_temperature(RK1808_TS, temp_c, ref_c)
    return rules.leakage_w(RK1808_STATIC_UW * 1e-6 * at_ref * heat, (mv * 1e-3) ** 4)


def driver_static_uw(temp_mc, mv):
    """The same in integers, from the formula of rockchip_ipa.c: milli-degrees, mV, microwatts."""
    ts0, ts1, ts2, ts3 = RK1808_TS
    cubic = ts3 * temp_mc**3 // 10**6 + ts2 * temp_mc**2 // 10**3 + ts1 * temp_mc + ts0 * 1000
    millionths = min(max(cubic // 10_000, 0), 10_000_000)
    return RK1808_STATIC_UW * millionths // 10**6 * mv**4 // 10**12


def energy_per_cycle_nj():
    """MHz to nJ: a milliwatt at a megahertz is a nanojoule a cycle."""
    return {mhz: mw / mhz for mhz, mw in TENSOR_G5}
