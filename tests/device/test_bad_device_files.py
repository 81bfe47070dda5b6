"""Bad device files: each ends in one DeviceError of one line that says what to do."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device import load_device

INT8 = {"int8": 1}
# where, what is put there (None: taken out), what the message says
SPOILED = [
    ("clock.freq_switch_ns", None, "key 'freq_switch_ns' of clock is missing; add it"),
    ("clock", None, "key 'clock' is missing; add it"),
    ("clok", {"freq_switch_ns": 1}, r"unknown key 'clok'; did you mean 'clock'\?"),
    ("memory.bufer_bytes", 1, r"unknown key of memory 'bufer_bytes'; did you mean 'buffer_bytes"),
    (
        "memory.x",
        1,
        "known: bandwidth_bytes_per_s, bank_bytes_per_cycle, banks, buffer_bytes, cache_row_ns, "
        "change, channel_pad, double_buffer, ideal, line_buffer, mapper, overflow_slowdown, "
        "points, prefetch, range, read_bandwidth_bytes_per_s, resident_bytes, schedule, source, "
        "split_bytes, system_sram_bytes, write_bandwidth_bytes_per_s",
    ),
    ("opp.points.0.freq", 1, r"unknown key of opp\.points\[0\] 'freq'; did you mean 'freq_hz'"),
    ("rail.regulators.rk806.slew_uv", 1, "did you mean 'slew_uv_per_us'"),
    ("silicon.leakage.0.watt", 1, "known: exponent, power_w"),
    ("array.rows", 32.5, "'array.rows' is a number; give a whole number"),
    ("array.rows", "32", "'array.rows' is text in quotes; give a whole number"),
    ("array.rows", True, "'array.rows' is true or false; give a whole number"),
    ("array", 3, "'array' is a whole number; give a table"),
    ("opp.points", 3, "'opp.points' is a whole number; give a list"),
    ("memory.prefetch", "some", r"memory: unknown prefetch 'some'.*known: all, none, weights"),
    ("array.dataflow", "sideways", "array.dataflow: unknown dataflow 'sideways'.*output"),
    ("memory.source", 3, "'memory.source' is a whole number; give a table"),
    ("format", 2, "has format 2; this dfsrt reads format 1"),
    ("base", 3, "base is not text"),
    ("base", "mdlb", "unknown device 'mdlb'; did you mean 'mdla'"),
    ("base", "mine.toml", r"is its own base \(.*mine\.toml -> .*mine\.toml\); end that chain"),
    ("memory.source.buffer_bytes", None, "memory.buffer_bytes has no source; add source.buffer_b"),
    ("memory.source.buffer_bytes", "  ", "memory.buffer_bytes has no source"),
    ("memory.source.banks", "x", "memory.source.banks is the source of nothing"),
    ("memory.bandwidth_bytes_per_s", float("nan"), "bandwidth_bytes_per_s is nan; give a finite"),
    ("memory.bandwidth_bytes_per_s", float("inf"), "bandwidth_bytes_per_s is inf; give a finite"),
    ("memory.bandwidth_bytes_per_s", 0.0, "above 0, or ideal = true"),
    ("memory.bandwidth_bytes_per_s", -1.0, "is -1.0; allowed is 0 to"),
    ("memory.bandwidth_bytes_per_s", 1e30, "allowed is 0 to 1e"),
    ("memory.channel_pad", 0, "memory.channel_pad is 0; allowed is above 0"),
    ("memory.system_sram_bytes", -1, "memory.system_sram_bytes"),
    ("memory.banks", -1, "memory.banks"),
    ("memory.split_bytes", [1, 2, 3], "memory.split_bytes has no source; add source.split_bytes"),
    ("memory.buffer_bytes", 0, "memory.buffer_bytes is 0; allowed is above 0"),
    ("memory.resident_bytes", -1, "memory.resident_bytes"),
    ("silicon.mac_pj.int8", float("nan"), "silicon.mac_pj.int8 is nan; give a finite number"),
    ("silicon.mac_pj.int8", -0.1, "silicon.mac_pj.int8 is -0.1; allowed is 0 to"),
    ("silicon.mac_pj.fp16", None, "silicon.mac_pj has no entry for fp16.*cycles_per_step lists"),
    ("silicon.register_pj_per_mac.fp32", None, "register_pj_per_mac has no entry for fp32"),
    ("silicon.vector_pj_per_op.int8", None, "vector_pj_per_op has no entry for int8"),
    ("vector.lanes.int8", None, "vector.lanes has no entry for int8"),
    ("vector.lanes.int8", 0, "vector.lanes.int8 is 0; allowed is above 0"),
    ("array.cycles_per_step", {}, "array.cycles_per_step is empty"),
    ("array.cycles_per_step.int7", 1, "unknown precision 'int7'; did you mean 'int8'"),
    ("array.cycles_per_step.int8", 0, "cycles_per_step.int8 is 0; allowed is above 0"),
    ("array.count", -3, "array.count is -3; allowed is above 0"),
    ("run.precision", "int4", "run.precision is 'int4', which its array does not have"),
    ("run.cap_w", 0.0, "run.cap_w is 0.0; allowed is above 0"),
    ("run.launch_cycles", -1, "run.launch_cycles is -1"),
    ("clock.pll_switch_ns", -1, "clock.pll_switch_ns is -1; allowed is 0 to"),
    ("silicon.ref_uv", 0, "silicon.ref_uv is 0"),
    ("silicon.leakage.0.power_w", float("inf"), r"silicon\.leakage\[0\]\.power_w is inf"),
    ("silicon.leakage.0.power_w", -1.0, r"silicon\.leakage\[0\]\.power_w is -1.0"),
    ("silicon.leakage.0.exponent", -1.0, r"silicon\.leakage\[0\]\.exponent is -1.0; allowed is 0"),
    ("silicon.fixed_w", -0.01, "silicon.fixed_w is -0.01; allowed is 0 to"),
    ("silicon.fixed_w", float("nan"), "silicon.fixed_w is nan; give a finite number"),
    ("silicon.source.fixed_w", None, "silicon.fixed_w has no source; add source.fixed_w"),
    ("silicon.clock_stall_share", 1.5, r"clock_stall_share is 1.5; allowed is 0 \(the clock tree"),
    ("silicon.clock_stall_share", -0.1, "silicon.clock_stall_share is -0.1; allowed is 0"),
    ("silicon.clock_stall", 0.5, "did you mean 'clock_stall_share'"),
    ("silicon.leakage_per_c", [0.0], "leakage_per_c is not above 0 at ref_temp_c = 50.0"),
    ("silicon.ref_temp_c", 1000.0, "silicon.ref_temp_c is 1000.0; allowed is -60 to 200"),
    ("hidden.temp_c", -273.0, "hidden.temp_c is -273.0; allowed is -60 to 200"),
    ("hidden.activity_mean", 0.0, "hidden.activity_mean is 0.0; allowed is above 0"),
    ("hidden.activity_sigma", -0.1, "hidden.activity_sigma is -0.1"),
    ("hidden.bin_leakage.L0", 0.0, "hidden.bin_leakage.L0 is 0.0"),
    ("rail.default", "rk860", "unknown regulator 'rk860'; did you mean 'rk8602'"),
    ("rail.regulators", {}, "unknown regulator 'rk8602' .known: none"),
    (
        "rail.regulators.rk806.efficiency",
        1.1,
        "rk806.efficiency is 1.1; allowed is 0.01 to 1",
    ),
    ("rail.regulators.rk806.efficiency", 0.0, "rk806.efficiency is 0.0"),
    ("rail.regulators.rk806.efficiency", 1e-300, "rk806.efficiency is 1e-300; allowed is 0.01"),
    ("rail.regulators.rk806.slew_uv_per_us", 0.0, "rk806.slew_uv_per_us is 0.0; allowed is above"),
    ("rail.regulators.rk806.settle_ns", -1, "rk806.settle_ns is -1"),
    ("opp.points", [], "the operating-point table is empty"),
    ("opp.points.7.rail_uv", 600_000, "1000000000 Hz has 600000 uV, below its slower neighbour"),
    ("opp.points.7.freq_hz", 900_000_000, "900000000 Hz follows 900000000 Hz"),
    ("opp.points.7.bins.L5", 1, "'rk3588-npu', bin L5: operating point 1000000000 Hz has 1 uV"),
    ("opp.points.7.bins.L7", 800_000, "unknown bin 'L7'.*list it in opp.bins"),
    ("opp.points.0.freq_hz", 10**40, "freq_hz = 10000000000000000000... is beyond 64 bits"),
    ("opp.points.0.freq_hz", 10**18, "out of range; allowed is 1 Hz to 1 THz"),
    ("opp.default_bin", "L7", "opp.default_bin: unknown bin 'L7'"),
]


@pytest.mark.parametrize(("path", "value", "message"), SPOILED)
def test_spoiled_key_is_named(path, value, message, preset_table, write_device):
    raw = preset_table()
    spoil(raw, path.split("."), value)
    with pytest.raises(DeviceError, match=message) as caught:
        load_device(write_device(raw))
    assert "\n" not in str(caught.value)
    assert "`" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "keys 'format', 'name', .* 'run' are missing; add them"),
        ("format = ", "is not valid TOML: Invalid value"),
        ("[opp", "is not valid TOML"),
        ("format = 1\nformat = 1", "is not valid TOML: Cannot overwrite"),
        ("x = " + "[" * 5000, "nests too deeply|is not valid TOML"),
        (b"\xff\xfe\x00", "is not a text file; give an existing .toml file"),
        ("\0", "is not valid TOML"),
    ],
)
def test_what_is_no_device_file_is_refused(content, message, write_device):
    with pytest.raises(DeviceError, match=message):
        load_device(write_device(content))


def test_folder_is_refused(tmp_path):
    with pytest.raises(DeviceError, match=r"cannot read device file .*: Is a directory; give"):
        load_device(str(tmp_path))


def test_chain_of_bases_that_closes_is_shown(write_device):
    write_device('base = "b.toml"', "a.toml")
    with pytest.raises(DeviceError, match=r"its own base \(.*b\.toml -> .*a\.toml -> .*b\.toml\)"):
        load_device(write_device('base = "a.toml"', "b.toml"))


def spoil(raw, path, value):
    """Put ``value`` at ``path``, or take out what is there."""
    *above, last = path
    for step in above:
        raw = raw[int(step)] if isinstance(raw, list) else raw.setdefault(step, {})
    if value is None:
        del raw[last]
    else:
        raw[last] = value


@pytest.mark.parametrize("parts", [[1, 2, 3], [131_072, 131_072], [393_216, 0, 0]])
def test_parts_of_a_buffer_add_up_to_it(parts, preset_table, write_device):
    raw = preset_table("rk3588-npu")
    raw["memory"]["split_bytes"] = parts
    raw["memory"]["source"]["split_bytes"] = "assumed: for a test"
    with pytest.raises(DeviceError, match=r"three parts above 0, .* add up to .*393216"):
        load_device(write_device(raw))


def test_a_base_that_is_not_there_is_said_with_the_file_that_names_it(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('format = 1\nbase = "chip.toml"\nname = "mine"\ndescription = "d"\n')
    with pytest.raises(DeviceError, match=r"base of '.*mine\.toml', device file '.*chip\.toml'"):
        load_device(str(path))
