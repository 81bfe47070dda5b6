"""The presets against the published tables, entered here a second time."""

from __future__ import annotations

import pytest

from dfsrt.device import load_device, rules

MHZ = 1_000_000
# rk3588s.dtsi, npu_opp_table: MHz, and mV in bins L0 (plain) to L5
RK3588 = {
    300: (700, 687.5, 675, 675, 675, 675),
    400: (700, 687.5, 675, 675, 675, 675),
    500: (700, 687.5, 675, 675, 675, 675),
    600: (700, 687.5, 675, 675, 675, 675),
    700: (700, 700, 700, 687.5, 675, 675),
    800: (750, 750, 737.5, 725, 712.5, 700),
    900: (800, 787.5, 775, 762.5, 750, 737.5),
    1000: (850, 837.5, 825, 812.5, 800, 787.5),
}
# mdla_dvfs.c, points 15 to 0: MHz, mV, mW (None: not tabulated)
MDLA = (
    (26, 650, None),
    (52, 650, None),
    (137, 650, None),
    (208, 650, 109),
    (273, 650, 144),
    (312, 650, 164),
    (364, 650, 192),
    (416, 725, 274),
    (450, 725, 297),
    (525, 725, 346),
    (546, 725, 360),
    (594, 725, 392),
    (606, 725, 400),
    (624, 825, 544),
    (700, 825, 611),
    (788, 825, 688),
)
# NeuSim, dvfs_power_getter.py: V, fmax GHz, GHz of the dynamic power, and W of one array:
# dynamic, static; then static W of the SRAM and of one of six vector units
TPU7NM = (
    (0.45, 0.600, 0.600, 2.93, 0.588, 6.4365, 0.2055),
    (0.50, 0.850, 0.850, 5.20, 0.707, 8.8315, 0.2459),
    (0.55, 1.149, 1.10, 8.24, 0.837, 11.7431, 0.2934),
    (0.60, 1.351, 1.351, 12.21, 0.995, 15.2484, 0.3457),
    (0.65, 1.603, 1.603, 17.15, 1.165, 19.3594, 0.4058),
    (0.70, 1.70, 1.70, 21.32, 1.359, 24.2135, 0.4751),
)
SRAM_W = ((0.5, 0.45, 7.9), (1.7, 0.70, 65.0))  # GHz, V, dynamic W of the whole SRAM


@pytest.mark.parametrize("index", range(6))
def test_rk3588_has_the_vendor_points_in_every_bin(index):
    opps = load_device(f"rk3588-npu:bin=L{index}").opps
    assert opps.freqs_hz == tuple(f * MHZ for f in RK3588)
    assert opps.rails_uv == tuple(round(v[index] * 1000) for v in RK3588.values())


def test_rk3588_uses_its_slowest_silicon_unless_told():
    assert load_device("rk3588-npu").opps == load_device("rk3588-npu:bin=L0").opps


def test_mdla_has_16_clocks_on_3_voltages():
    opps = load_device("mdla").opps
    assert opps.freqs_hz == tuple(f * MHZ for f, _, _ in MDLA)
    assert opps.rails_uv == tuple(mv * 1000 for _, mv, _ in MDLA)
    assert opps.set_points_uv == (650_000, 725_000, 825_000)


def test_mdla_regulator_is_the_drivers():
    rail = load_device("mdla").rail
    assert rail.slew_uv_per_us == 10_000
    assert rail.settle_ns == 100_000


def test_tpu7nm_has_the_table_of_six_voltages():
    opps = load_device("tpu7nm").opps
    assert opps.freqs_hz == tuple(round(row[1] * 1e9) for row in TPU7NM)
    assert opps.rails_uv == tuple(round(row[0] * 1e6) for row in TPU7NM)


def test_least_squares_c_f_v2_meets_all_13_mdla_powers_within_2_5_percent():
    known = [(f * 1e6 * (mv * 1e-3) ** 2, mw * 1e-3) for f, mv, mw in MDLA if mw]
    c = sum(x * w for x, w in known) / sum(x * x for x, _ in known)
    assert len(known) == 13
    assert c == pytest.approx(1.270e-9, rel=1e-3)
    assert all(c * x == pytest.approx(w, rel=0.025) for x, w in known)


def test_mdla_at_full_load_draws_the_vendors_power_within_3_percent():
    npu = load_device("mdla")
    for freq_mhz, mv, mw in MDLA:
        if mw:
            watts = full_load_w(npu, "int8", freq_mhz * 1e6, mv * 1e-3)
            assert watts == pytest.approx(mw * 1e-3, rel=0.03)


@pytest.mark.parametrize("name", ["rk3588-npu", "rk3576-npu"])
def test_all_cores_at_full_load_draw_the_vendors_coefficient_within_3_percent(name):
    npu = load_device(name)
    for freq_hz, uv in zip(npu.opps.freqs_hz, npu.opps.rails_uv, strict=True):
        expected = 2570e-12 * freq_hz * (uv * 1e-6) ** 2  # RK3576, uW/MHz/V^2
        one_core_w = full_load_w(npu, "int8", freq_hz, uv * 1e-6)
        assert npu.cores.count * one_core_w == pytest.approx(expected, rel=0.03)


def test_tpu7nm_arrays_draw_the_published_dynamic_power_within_4_percent():
    npu = load_device("tpu7nm")
    for volt, _, ghz, dynamic_w, *_ in TPU7NM:
        arrays_w = full_load_w(npu, "fp16", ghz * 1e9, volt, sram=False)
        assert arrays_w == pytest.approx(8 * dynamic_w, rel=0.04)


def test_tpu7nm_sram_draws_the_published_dynamic_power_within_1_percent():
    npu = load_device("tpu7nm")
    for ghz, volt, watts in SRAM_W:
        both = full_load_w(npu, "fp16", ghz * 1e9, volt)
        arrays = full_load_w(npu, "fp16", ghz * 1e9, volt, sram=False)
        assert both - arrays == pytest.approx(watts, rel=0.01)


def test_tpu7nm_leaks_as_published_at_all_six_voltages_within_3_percent():
    npu = load_device("tpu7nm")
    logic, sram = npu.silicon.leakage
    for volt, _, _, _, array_w, sram_w, vector_w in TPU7NM:
        over_ref = volt / (npu.silicon.ref_uv * 1e-6)
        logic_w = logic.power_w * over_ref**logic.exponent
        assert logic_w == pytest.approx(8 * array_w + 6 * vector_w, rel=0.03)
        assert sram.power_w * over_ref**sram.exponent == pytest.approx(sram_w, rel=0.01)


def test_tpu7nm_hbm_energy_is_the_published_watt_per_bandwidth():
    npu = load_device("tpu7nm")
    watts = 1e9 * 8 * npu.silicon.dram_pj_per_bit * 1e-12
    assert watts == pytest.approx(0.0154, rel=1e-6)


def full_load_w(npu, precision, freq_hz, volt, sram=True):
    """Dynamic watts of weight-stationary arrays that take a step each cycle, all bits switching.

    Written from the counting rules, not with the cost room: each step of the array reads a row
    of inputs and moves 4-byte partial sums of all columns twice.
    """
    array, silicon = npu.array, npu.silicon
    steps_per_s = freq_hz * array.count / array.cycles_per_step[precision]
    macs = array.rows * array.cols
    width = {"int8": 1, "fp16": 2}[precision]
    moved = array.rows * width + array.cols * 2 * 4
    pj = macs * (silicon.mac_pj[precision] + silicon.register_pj_per_mac[precision])
    pj += moved * silicon.sram_pj_per_byte if sram else 0.0
    farad_per_s = pj * 1e-12 / (silicon.ref_uv * 1e-6) ** 2 * steps_per_s
    return rules.dynamic_w(farad_per_s, silicon.clock_farad, freq_hz) * volt**2
