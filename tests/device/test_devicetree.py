"""Import of operating points from device-tree source."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.device import load_device
from dfsrt.device.build import build_npu
from dfsrt.device.devicetree import import_device_tree, parse_supported_hw, read_device_tree
from dfsrt.device.load import parse_device_file

# The published table of rk3588s.dtsi, node by node: kHz, target, then what each bin names.
VENDOR = {
    300_000: (700_000, {1: 687_500, 2: 675_000, 3: 675_000, 4: 675_000, 5: 675_000}),
    400_000: (700_000, {1: 687_500, 2: 675_000, 3: 675_000, 4: 675_000, 5: 675_000}),
    500_000: (700_000, {1: 687_500, 2: 675_000, 3: 675_000, 4: 675_000, 5: 675_000}),
    600_000: (700_000, {1: 687_500, 2: 675_000, 3: 675_000, 4: 675_000, 5: 675_000}),
    700_000: (700_000, {3: 687_500, 4: 675_000, 5: 675_000}),
    800_000: (750_000, {2: 737_500, 3: 725_000, 4: 712_500, 5: 700_000}),
    900_000: (800_000, {1: 787_500, 2: 775_000, 3: 762_500, 4: 750_000, 5: 737_500}),
    1_000_000: (850_000, {1: 837_500, 2: 825_000, 3: 812_500, 4: 800_000, 5: 787_500}),
}
INDUSTRIAL = {khz: (750_000, {}) for khz in range(300_000, 800_001, 100_000)}
INDUSTRIAL[950_000] = (
    837_500,
    {1: 825_000, 2: 812_500, 3: 800_000, 4: 787_500, 5: 775_000},
)


def vendor_node(prefix, mask, khz, target, bins):
    """One node as the vendor writes it: two regulators with the same triplet."""
    lines = [
        f"\t\t{prefix}-{khz}000 {{",
        f"\t\t\topp-supported-hw = <{mask} 0xffff>;",
        f"\t\t\topp-hz = /bits/ 64 <{khz}000>;",
    ]
    for suffix, uv in [("", target), *((f"-L{i}", uv) for i, uv in bins.items())]:
        lines.append(f"\t\t\topp-microvolt{suffix} = <{uv} {uv} 850000>,")
        lines.append(f"\t\t\t\t\t<{uv} {uv} 850000>;")
    return "\n".join([*lines, "\t\t};"])


RK3588 = "\n".join(
    [
        "// SPDX-License-Identifier: (GPL-2.0+ OR MIT)",
        "/ {",
        "\tnpu_opp_table: npu-opp-table {",
        '\t\tcompatible = "operating-points-v2";',
        "\t\trockchip,pvtm-voltage-sel = <0 815 0>, <816 835 1>, <836 860 2>;",
        "\t\t/* RK3588 NPU OPPs */",
        *(vendor_node("opp", "0xf9", khz, *rest) for khz, rest in VENDOR.items()),
        "\t\t/* RK3588J/M NPU OPPs */",
        *(vendor_node("opp-j-m", "0x06", khz, *rest) for khz, rest in INDUSTRIAL.items()),
        "\t};",
        "};",
    ]
)
SMALL = """
opp_table0: opp-table {
    compatible = "operating-points-v2";
    slow: opp-200 { opp-hz = /bits/ 64 <200000000>; opp-microvolt = <700000>; };
    opp-400 { opp-hz = /bits/ 64 <400000000>; opp-microvolt = <800000>; };
};
"""


def opps_of(imported, bin=""):
    return build_npu(parse_device_file(imported.text, "imported"), bin).opps


@pytest.mark.parametrize("bin", ["", "L0", "L1", "L2", "L3", "L4", "L5"])
def test_vendor_table_of_rk3588_becomes_the_presets_points(bin):
    imported = import_device_tree(RK3588, supported_hw=(0xF9, 0xFFFF))
    assert opps_of(imported, bin) == load_device(f"rk3588-npu:bin={bin}").opps


def test_other_hardware_of_the_same_table_has_its_own_points():
    opps = opps_of(import_device_tree(RK3588, supported_hw=(0x02, 0x1)), "L5")
    assert opps.freqs_hz[-1] == 950_000_000
    assert opps.rails_uv == (*[750_000] * 6, 775_000)


def test_table_for_several_hardwares_asks_which_and_lists_versions_of_one_bit_a_level():
    with pytest.raises(DeviceError, match=r"--supported-hw, one of: 0x1,0x1 0x2,0x1$"):
        import_device_tree(RK3588)


def test_hardware_is_not_asked_for_where_all_points_name_the_same():
    text = SMALL.replace("opp-microvolt", "opp-supported-hw = <0x3>; opp-microvolt")
    assert opps_of(import_device_tree(text)).rails_uv == (700_000, 800_000)


def test_of_two_points_of_one_clock_the_first_is_taken_which_a_note_says():
    text = """t { a { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; opp-supported-hw = <3>; };
                  b { opp-hz = /bits/ 64 <100>; opp-microvolt = <650000>; opp-supported-hw = <6>; };
                  c { opp-hz = /bits/ 64 <200>; opp-microvolt = <700000>; };
    };"""
    with pytest.raises(DeviceError, match=r"--supported-hw, one of: 0x1 0x4$"):
        import_device_tree(text)
    imported = import_device_tree(text, supported_hw=(2,))
    assert opps_of(imported).rails_uv == (700_000, 700_000)
    assert imported.warnings == ("line 2: b has the clock of a, which is taken",)


def test_result_is_a_file_that_loads_and_says_where_it_is_from(tmp_path):
    imported = import_device_tree(SMALL, source="board.dts", name="mine", base="mdla")
    path = tmp_path / "mine.toml"
    path.write_text(imported.text, encoding="utf-8")
    npu = load_device(path)
    assert npu.name == "mine"
    assert npu.opps.rails_uv == (700_000, 800_000)
    assert npu.sources["opp.points"] == "imported from board.dts"
    assert npu.silicon == load_device("mdla").silicon
    assert imported.warnings == ()


def test_name_falls_back_to_the_inputs():
    assert 'name = "my-board"' in import_device_tree(SMALL, source="my board.dtsi").text


def test_points_come_out_slowest_first_whatever_their_order():
    text = """t { b { opp-hz = /bits/ 64 <900>; opp-microvolt = <800000>; };
                  a { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; }; };"""
    assert opps_of(import_device_tree(text)).freqs_hz == (100, 900)


@pytest.mark.parametrize(
    "hertz",
    [
        "/bits/ 64 <800000000>",
        "/bits/ 64 <0x2faf0800>",
        "/bits/ 64 <(800 * 1000 * 1000)>",
        "/bits/ 64 <((1 << 3) * (100000000UL))>",
        "/bits/ 64 <800000000 1>",
        "<0x0 0x2faf0800>",
        "<0 800000000>, <0 1>",
    ],
)
@pytest.mark.parametrize("volts", ["<750000>", "<750000 700000 (850 * 1000)>", "<0xb71b0 800000>"])
def test_numbers_are_read_in_every_notation(hertz, volts):
    text = f"opp-table {{ opp {{ opp-hz = {hertz}; opp-microvolt = {volts}; }}; }};"
    opps = opps_of(import_device_tree(text))
    assert (opps.freqs_hz, opps.rails_uv) == ((800_000_000,), (750_000,))


def test_comments_strings_and_other_nodes_are_passed_over():
    text = """/dts-v1/;
    / { #address-cells = <2>; model = "http://a/* b"; // c
      npu: npu@fdab0000 { reg = <0x0 0xfdab0000>; clocks = <&cru ACLK_NPU0 (1 + 2)>, <&{/x} 'a'>;
        mac = [00 1a ff]; alias = &npu; operating-points-v2 = <&opp_table0>; }; };
    """ + SMALL.replace("opp-microvolt", "/* a\n */ opp-microvolt")
    imported = import_device_tree(text)
    assert opps_of(imported).freqs_hz == (200_000_000, 400_000_000)
    assert imported.warnings == ()


def test_fragment_adds_to_the_node_of_its_label():
    text = (
        SMALL + "&opp_table0 { opp-600 { opp-hz = /bits/ 64 <600>; opp-microvolt = <500000>; }; };"
    )
    text += "&slow { opp-microvolt = <500000>; };"
    opps = opps_of(import_device_tree(text))
    assert (opps.freqs_hz[0], opps.rails_uv[:2]) == (600, (500_000, 500_000))


def test_fragment_alone_is_a_table_by_its_label():
    text = "&npu_opp_table { opp-6 { opp-hz = /bits/ 64 <600>; opp-microvolt = <500000>; }; };"
    assert opps_of(import_device_tree(text, table="npu_opp_table")).freqs_hz == (600,)


def test_bare_points_without_their_table_are_read():
    text = "opp-1 { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; };"
    assert opps_of(import_device_tree(text)).freqs_hz == (100,)


def test_table_is_chosen_by_label_or_name_where_there_are_several():
    other = "bus: bus-table { opp-1 { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; }; };"
    with pytest.raises(DeviceError, match=r"choose one with --table: opp_table0, bus$"):
        import_device_tree(SMALL + other)
    with pytest.raises(DeviceError, match="unknown operating-point table 'buz'; did you mean"):
        import_device_tree(SMALL + other, table="buz")
    for table in ("bus", "bus-table", "/bus-table"):
        assert opps_of(import_device_tree(SMALL + other, table=table)).freqs_hz == (100,)


def test_what_is_left_out_is_said_with_its_line():
    text = """opp-table {
    rockchip,init-freq = <1000000>;
    opp-1 { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>, <800000>; opp-suspend; };
    opp-2 { opp-hz = /bits/ 64 <200>; opp-microvolt = <700000>; opp-suspend; turbo-mode; };
    opp-3 { opp-hz = /bits/ 64 <300>; opp-microvolt = <700000>; status = "disabled"; };
    opp-4 { opp-hz = /bits/ 64 <400>; opp-microvolt = <700000>; status = "okay"; };
    };"""
    imported = import_device_tree(text)
    assert imported.warnings == (
        "line 5: opp-3 is not enabled by its status; skipped",
        "line 2: property 'rockchip,init-freq' is ignored",
        "line 3: property 'opp-suspend' is ignored (2 times)",
        "line 3: several regulators; only the first one's voltage is read",
    )
    assert [p.turbo for p in opps_of(imported).points] == [False, True, False]


def test_clock_latency_becomes_the_clock_switch_time():
    text = SMALL.replace("opp-microvolt", "clock-latency-ns = <40000>; opp-microvolt")
    imported = import_device_tree(text)
    npu = build_npu(parse_device_file(imported.text, "x"))
    assert (npu.clock.freq_switch_ns, npu.clock.pll_switch_ns) == (40_000, 40_000)
    assert "clock-latency-ns" in npu.sources["clock.freq_switch_ns"]
    assert imported.warnings == ()
    uneven = import_device_tree(text.replace("<40000>", "<50000>", 1))
    assert "differs between points (40000 to 50000, in 2 of 2)" in uneven.warnings[0]
    assert "freq_switch_ns = 50_000" in uneven.text


def test_without_latency_the_clock_is_the_bases():
    npu = build_npu(parse_device_file(import_device_tree(SMALL).text, "x"))
    assert npu.clock == load_device("rk3588-npu").clock


def test_default_bin_can_be_chosen_and_must_exist():
    text = SMALL.replace("<800000>;", "<800000>; opp-microvolt-fast = <750000>;")
    assert opps_of(import_device_tree(text)).rails_uv[-1] == 800_000
    assert opps_of(import_device_tree(text, default_bin="fast")).rails_uv[-1] == 750_000
    with pytest.raises(DeviceError, match=r"unknown speed bin 'L0'.*known: fast"):
        import_device_tree(text, default_bin="L0")


def test_bins_are_in_order_of_their_numbers():
    named = " ".join(f"opp-microvolt-L{i} = <{800000 - i}>;" for i in (10, 2, 0, 1))
    imported = import_device_tree(SMALL.replace("<800000>;", f"<800000>; {named}"))
    assert 'bins = ["L0", "L1", "L2", "L10"]' in imported.text
    assert imported.warnings == ()


@pytest.mark.parametrize(
    ("hardware", "clocks"),
    [
        ((0x1, 0x1), (100, 300)),
        ((0x2, 0x4), (200, 300)),
        ((0x4, 0x8), (200, 300)),
        ((0x1, 0x4), (300,)),
    ],
)
def test_point_is_enabled_when_any_group_matches_in_every_level(hardware, clocks):
    text = """t {
    a { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; opp-supported-hw = <0x1 0x1>; };
    b { opp-hz = /bits/ 64 <200>; opp-microvolt = <700000>; opp-supported-hw = <2 4>, <4 8>; };
    c { opp-hz = /bits/ 64 <300>; opp-microvolt = <700000>; };
    };"""
    assert opps_of(import_device_tree(text, supported_hw=hardware)).freqs_hz == clocks


def test_supported_hardware_is_read_as_people_type_it():
    assert parse_supported_hw("0xf9,0xffff") == (0xF9, 0xFFFF)
    assert parse_supported_hw("6") == (6,)
    for bad in ("", "x", "1,,2", "-1", "0x100000000"):
        with pytest.raises(DeviceError, match="write it like 0xf9,0xffff"):
            parse_supported_hw(bad)


def test_a_file_that_is_no_tree_is_refused(tmp_path):
    path = tmp_path / "a.dts"
    path.write_text(SMALL, encoding="utf-8")
    assert (
        import_device_tree(read_device_tree(path)).text
        == import_device_tree(SMALL, source="a.dts").text
    )
    path.write_bytes(b"\xd0\x0d\xfe\xed\x00\x00")
    with pytest.raises(DeviceError, match=r"a.dts: the compiled device tree is damaged"):
        read_device_tree(path)
    path.write_bytes(b"\xff\x00\xfe")
    with pytest.raises(DeviceError, match=r"not a text file; give device-tree source"):
        read_device_tree(path)
    for missing in (tmp_path, tmp_path / "none.dts"):
        with pytest.raises(DeviceError, match="cannot read device tree"):
            read_device_tree(missing)


def test_places_are_those_of_the_source_that_line_markers_name():
    text = """# 0 "board.dts"
# 1 "board.dts"
/ { opp-table {
# 41 "soc.dtsi" 1
    opp-1 { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; };
    opp-2 { opp-hz = /bits/ 64 <200>; opp-microvolt = <600000>; };
# 3 "board.dts" 2
    opp-suspend;
}; };"""
    with pytest.raises(DeviceError, match=r"soc.dtsi line 42: opp-2 .* opp-1 in soc.dtsi line 41"):
        import_device_tree(text)
    imported = import_device_tree(text.replace("600000", "700000"), source="board.dts")
    assert imported.warnings == ("line 3: property 'opp-suspend' is ignored",)


def test_a_value_that_nothing_defines_counts_only_inside_the_table():
    text = "/ { led { function = LED_LAN; pins = <PIN(1, 2) (A | B) 3>; FOO(1) }; };" + SMALL
    assert opps_of(import_device_tree(text)).rails_uv == (700_000, 800_000)
    with pytest.raises(DeviceError, match=r"line 5: 'opp-hz' holds 'TOP', which nothing defines"):
        import_device_tree(text.replace("<400000000>", "<TOP>"))


def test_deletions_and_repetitions_act_as_in_dtc():
    text = (
        SMALL
        + """
    &opp_table0 {
        opp-400 { opp-microvolt = <750000>; opp-microvolt = <760000>; };
        opp-600 { opp-hz = /bits/ 64 <600000000>; opp-microvolt = <900000>; };
        /delete-node/ opp-600;
    };
    /delete-node/ &slow;"""
    )
    opps = opps_of(import_device_tree(text))
    assert (opps.freqs_hz, opps.rails_uv) == ((400_000_000,), (760_000,))


def test_a_label_goes_on_to_mean_what_is_left_of_its_nodes():
    text = """/ { npu_opp: opp-table {
            opp-1 { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; }; };
        other: pmic { npu_opp: x { }; }; };
    /delete-node/ &other;
    &npu_opp { opp-1 { opp-microvolt = <750000>; }; };
    late: &npu_opp { };
    &late { opp-2 { opp-hz = /bits/ 64 <200>; opp-microvolt = <800000>; }; };"""
    assert opps_of(import_device_tree(text, table="late")).rails_uv == (750_000, 800_000)


@pytest.mark.parametrize(
    "table", ["npu@1", "/npu@1", "npu", "opp_npu", "/npu@1/opp-table", "opp-npu2"]
)
def test_a_table_is_chosen_by_the_device_that_uses_or_holds_it(table):
    text = """/ {
    npu: npu@1 { operating-points-v2 = <&opp_npu>; opp_npu: opp-table { opp-1 {
        opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; }; }; };
    opp-npu2 { operating-points-v2 = <&opp_npu>; };
    gpu@2 { opp-table { opp-1 { opp-hz = /bits/ 64 <200>; opp-microvolt = <700000>; }; }; }; };"""
    assert opps_of(import_device_tree(text, table=table)).freqs_hz == (100,)
    assert opps_of(import_device_tree(text, table="gpu")).freqs_hz == (200,)  # of gpu@2
    with pytest.raises(
        DeviceError, match=r"--table: opp_npu \(of npu@1 and 1 more\), /gpu@2/opp-table$"
    ):
        import_device_tree(text)
    with pytest.raises(DeviceError, match="2 operating-point tables; choose one with --table"):
        import_device_tree(text, table="opp-table")


def test_bins_without_a_plain_voltage_are_bins_of_which_the_first_is_the_default():
    text = """t {
    a { opp-hz = /bits/ 64 <100>; opp-microvolt-s0 = <700000>; opp-microvolt-s1 = <650000>;
        opp-microvolt-s2 = <690000>; };
    b { opp-hz = /bits/ 64 <200>; opp-microvolt-s0 = <800000>; opp-microvolt-s2 = <790000>; };
    };"""
    imported = import_device_tree(text)
    assert opps_of(imported).rails_uv == opps_of(imported, "s0").rails_uv == (700_000, 800_000)
    assert 'bins = ["s0", "s2"]' in imported.text
    assert imported.warnings == ("bin s1 has no voltage at b; left out",)
    assert opps_of(import_device_tree(text, default_bin="s2")).rails_uv == (690_000, 790_000)
    with pytest.raises(DeviceError, match=r"unknown speed bin 's1'.*known: s0, s2"):
        import_device_tree(text, default_bin="s1")
    with pytest.raises(DeviceError, match=r"no bin has a voltage at every point: a has s0; add"):
        import_device_tree(
            """t { a { opp-hz = /bits/ 64 <100>; opp-microvolt-s0 = <700000>; };
                   b { opp-hz = /bits/ 64 <200>; opp-microvolt-s1 = <800000>; }; };"""
        )


def test_corner_levels_are_never_taken_for_microvolts():
    text = SMALL.replace("<700000>", "<64>").replace("<800000>", "<256>")
    with pytest.raises(DeviceError, match=r"2 of 2 points name corner levels \(64, 256\) and no v"):
        import_device_tree(text)
    imported = import_device_tree(text, volts=("64=0.6V", "256=750mV"))
    assert opps_of(imported).rails_uv == (600_000, 750_000)
    assert "voltages given: 64=0.6V, 256=750mV" in imported.text
    assert "voltages given" not in import_device_tree(SMALL, volts=("1V",)).text


@pytest.mark.parametrize("bad", ["64=", "x=600mV", "=600mV", "64=fast", ""])
def test_voltages_given_by_hand_are_read_as_people_type_them(bad):
    with pytest.raises(InputError):
        import_device_tree(SMALL, volts=(bad,))


def test_points_of_the_first_binding_are_pairs_told_once_however_many_cores_have_them():
    core = "operating-points = <1000000 900000 500000 800000>;"
    text = f"/ {{ cpu@0 {{ clock-latency = <5000>; {core} }}; cpu@1 {{ {core} }}; }};"
    imported = import_device_tree(text)
    opps = opps_of(imported)
    assert (opps.freqs_hz, opps.rails_uv) == ((500_000_000, 10**9), (800_000, 900_000))
    assert "freq_switch_ns = 5_000" in imported.text
    with pytest.raises(DeviceError, match=r"choose one with --table: /cpu@0, /cpu@1$"):
        import_device_tree(text.replace("900000", "950000", 1))


def test_idle_states_are_named_with_their_latencies():
    text = (
        SMALL
        + """/ { idle-states { off: npu-off { compatible = "domain-idle-state";
        entry-latency-us = <120>; exit-latency-us = <250>; min-residency-us = <900>; }; }; };"""
    )
    assert import_device_tree(text).warnings == (
        "1 idle state is not taken over: npu-off (entry latency 120 us, exit latency 250 us, "
        "min residency 900 us)",
    )


def test_power_levels_of_a_gpu_leave_out_the_one_that_sleeps_and_say_so():
    text = """gpu { qcom,gpu-pwrlevels {
    a@0 { reg = <0>; qcom,gpu-freq = <500>; qcom,level = <128>; qcom,bus-freq = <9>; };
    b@1 { reg = <1>; qcom,gpu-freq = <0>; }; }; };"""
    imported = import_device_tree(text, volts=("128=0.7V",))
    assert opps_of(imported).freqs_hz == (500,)
    assert imported.warnings == (
        "line 3: b@1 sleeps at 0 Hz; skipped",
        "line 2: property 'qcom,bus-freq' is ignored",
    )


@pytest.mark.parametrize("hertz", [19_200_000, 27_000_000])
def test_a_clock_whose_cell_begins_like_a_mark_of_ours_is_a_clock(hertz):
    table = f"a@0 {{ qcom,gpu-freq = <{hertz}>; }}; b@1 {{ qcom,gpu-freq = <500000000>; }};"
    imported = import_device_tree(f"gpu {{ qcom,gpu-pwrlevels {{ {table} }}; }};", volts=("0.7V",))
    assert opps_of(imported).freqs_hz == (hertz, 500_000_000)


def test_tables_without_clocks_are_named():
    text = "/ { pd: power { opp1 { opp-level = <64>; }; opp2 { opp-level = <128>; }; }; };"
    with pytest.raises(
        DeviceError, match=r"'pd' has performance levels \(opp-level\) and no clocks"
    ):
        import_device_tree(text)


names = st.from_regex(r"[a-z][a-z0-9_.-]{0,5}", fullmatch=True)


@st.composite
def tables(draw):
    """Clocks and never-falling voltages, plain and for each of some bins."""
    clocks = sorted(draw(st.sets(st.integers(1, 10**12), min_size=1, max_size=6)))
    bins = draw(st.lists(names, unique=True, max_size=3))
    rails = st.lists(st.integers(10**5, 10**7), min_size=len(clocks), max_size=len(clocks))
    return clocks, {bin: sorted(draw(rails)) for bin in ("", *bins)}


@settings(max_examples=40)
@given(tables(), st.booleans(), st.booleans(), st.randoms(use_true_random=False))
def test_printed_tables_come_back_the_same(table, hexadecimal, triplets, random):
    clocks, rails = table
    cell = hex if hexadecimal else str
    nodes = []
    for index, clock in enumerate(clocks):
        properties = [f"opp-hz = /bits/ 64 <{cell(clock)}>;"]
        for bin, uvs in rails.items():
            uv = cell(uvs[index])
            value = f"<{uv} {uv} {cell(10**7)}>" if triplets else f"<{uv}>"
            properties.append(f"opp-microvolt{bin and '-'}{bin} = {value};")
        random.shuffle(properties)
        nodes.append(f"opp-{index} {{ {' '.join(properties)} }};")
    random.shuffle(nodes)
    imported = import_device_tree("\n".join(["opp-table {", *nodes, "};"]))
    for bin, uvs in rails.items():
        opps = opps_of(imported, bin)
        assert (list(opps.freqs_hz), list(opps.rails_uv)) == (clocks, uvs)
