"""Numbers in a device's name: as a file with that base would say them, to the bit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt import run
from dfsrt.base.errors import InputError
from dfsrt.device import device_names, load_device
from dfsrt.device.facts import key_facts
from dfsrt.device.load import read_device_file
from dfsrt.power.card import device_digest
from dfsrt.report.device_sheet import device_sheet


def plain_numbers(name):
    """Keys of a device that are one number each."""
    return [k for k in key_facts(name) if "." in k.key and [*map(plain, k.leaves)] == [True]]


def plain(leaf):
    return leaf.is_number and not leaf.place


HEAD = 'format = 1\nbase = "{base}"\nname = "{name}"\n'


def as_file(folder, base, lines, name="mine"):
    path = folder / f"{name}.toml"
    path.write_text(HEAD.format(base=base, name=name) + "\n".join(lines), encoding="utf-8")
    return load_device(path)


def numbers_of(npu):
    """All of a device that is no text about it."""
    return {
        name: getattr(npu, name)
        for name in type(npu).__dataclass_fields__
        if name not in ("name", "description", "sources", "taken_from", "file")
    }


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("memory.buffer_bytes=512KiB", ["[memory]", "buffer_bytes = 524_288"]),
        ("memory.bandwidth_bytes_per_s=9.1GB/s", ["[memory]", "bandwidth_bytes_per_s = 9.1e9"]),
        ("array.rows=64", ["[array]", "rows = 64"]),
        ("silicon.ref_uv=900mV", ["[silicon]", "ref_uv = 900_000"]),
        ("clock.freq_switch_ns=2us", ["[clock]", "freq_switch_ns = 2000"]),
        ("run.cap_w=1.5W", ["[run]", "cap_w = 1.5"]),
        ("silicon.sram_pj_per_byte=0.7pJ/B", ["[silicon]", "sram_pj_per_byte = 0.7"]),
        (
            "silicon.mac_pj.int8=0.07pJ",
            ["[silicon]", "mac_pj = { int8 = 0.07, fp16 = 0.45, fp32 = 1.69 }"],
        ),
        (
            "rail.regulators.rk8602.slew_uv_per_us=12500",
            ["[rail.regulators.rk8602]", "slew_uv_per_us = 12_500.0"],
        ),
        ("cores.count=4", ["[cores]", "count = 4"]),
        ("memory.double_buffer=false", ["[memory]", "double_buffer = false"]),
    ],
)
def test_a_number_in_the_name_is_what_a_file_with_that_base_says(tmp_path, text, lines):
    key = lines[1].partition(" = ")[0]
    source = [] if "false" in text else [f'source.{key} = "x"']
    mine = as_file(tmp_path, "rk3588-npu", [*lines, *source])
    npu = load_device(f"rk3588-npu:{text}")
    assert numbers_of(npu) == numbers_of(mine) != numbers_of(load_device("rk3588-npu"))
    assert npu.name == f"rk3588-npu:{text}"


def test_a_bandwidth_moves_reads_and_writes_along():
    preset, npu = (
        read_device_file(f"rk3588-npu{said}").memory
        for said in ("", ":memory.bandwidth_bytes_per_s=9.1GB/s")
    )
    assert npu.read_bandwidth_bytes_per_s == pytest.approx(29.1e9 / 2)
    assert npu.write_bandwidth_bytes_per_s == pytest.approx(11.9e9 / 2)
    assert preset.read_bandwidth_bytes_per_s == 29.1e9


def test_a_run_tells_the_device_and_equals_that_of_a_file(tmp_path):
    mine = as_file(tmp_path, "systolic-128", ["[array]", "rows = 64", 'source.rows = "x"'])
    said = {"cap": "1W", "frames": 2, "power_model": "datasheet"}
    a = run("squeezenet", device="systolic-128:array.rows=64", **said).report
    b, preset = (run("squeezenet", device=d, **said).report for d in (mine, "systolic-128"))
    assert a.device == "systolic-128:array.rows=64"
    assert (a.time_s, a.energy_j, a.energy_by_domain_j) == (
        b.time_s,
        b.energy_j,
        b.energy_by_domain_j,
    )
    assert (a.time_s, a.energy_j) != (preset.time_s, preset.energy_j)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("memory.buffer_bytes=512KiB", "memory.buffer_bytes=524288"),
        ("memory.buffer_bytes=0.5MiB:array.rows=64", "array.rows=64:memory.buffer_bytes=524288 B"),
        ("points=300MHz+1GHz", "points=1000MHz+300000000Hz"),
        ("array.rows=64:bin=L5", "bin=L5:array.rows=64.0"),
    ],
)
def test_texts_of_equal_meaning_load_alike(one, other):
    one, other = load_device(f"rk3588-npu:{one}"), load_device(f"rk3588-npu:{other}")
    assert one == other and one.name == other.name and one.taken_from == other.taken_from
    again = load_device(one.name + (f":bin={one.bin}" if one.bin != "L0" else ""))
    assert again == one, "the name that is shown loads the same device"


def test_what_a_device_has_already_changes_nothing_about_it():
    preset = load_device("rk3588-npu")
    every = "+".join(f"{hz}Hz" for hz in preset.opps.freqs_hz)
    npu = load_device(f"rk3588-npu:memory.buffer_bytes=384KiB:points={every}")
    assert npu == preset and npu.taken_from == preset.taken_from
    assert device_digest(npu) == device_digest(preset)


def test_a_device_with_another_number_has_another_digest_whatever_its_text():
    digests = [
        device_digest(load_device(f"rk3588-npu{said}"))
        for said in ("", ":array.rows=64", ":array.rows=6.4e1", ":array.rows=16")
    ]
    assert digests[1] == digests[2] and len(set(digests)) == 3


def test_some_points_are_kept_with_their_voltages_in_every_bin():
    whole, npu = (load_device(f"rk3588-npu:bin=L5{p}") for p in ("", ":points=1GHz+300MHz"))
    assert npu.opps.points == (whole.opps.points[0], whole.opps.points[-1])
    assert "rk3588s.dtsi" in npu.sources["opp.points"]
    assert "these of them given with the device's name" in npu.sources["opp.points"]


def test_a_sheet_says_who_gave_a_number():
    sheet, _ = device_sheet("rk3588-npu:memory.buffer_bytes=512KiB:bin=L5")
    number = next(n for n in sheet.numbers if n.number == "memory.buffer_bytes")
    assert (number.value, number.source) == (524_288, "given with the device's name")
    assert number.taken_from is None and not number.assumed
    assert next(n for n in sheet.numbers if n.number == "array.rows").taken_from == "rk3588-npu"
    assert (sheet.device, sheet.bin) == ("rk3588-npu:memory.buffer_bytes=512KiB", "L5")
    assert sheet.points[-1].bins_uv["L5"] == 787_500


def test_numbers_are_laid_over_a_file_of_ones_own(tmp_path):
    as_file(tmp_path, "rk3588-npu", ["[array]", "rows = 16", 'source.rows = "x"'])
    npu = load_device(f"{tmp_path}/mine.toml:array.cols=8")
    assert (npu.name, npu.array.rows, npu.array.cols) == ("mine:array.cols=8", 16, 8)
    assert npu.file == f"{tmp_path}/mine.toml"


@settings(max_examples=30)
@given(name=st.sampled_from(["rk3588-npu", "systolic-128"]), data=st.data())
def test_any_plain_number_takes_any_value_as_a_file_does(tmp_path_factory, name, data):
    key = data.draw(st.sampled_from(plain_numbers(name)))
    value = data.draw(st.integers(0, 10**6) | st.floats(0, 1e6))
    table, _, word = key.key.rpartition(".")
    lines = [f"[{table}]", f"{word} = {value!r}", f'source.{word} = "x"']
    text = f"{name}:{key.key}={value!r}"
    try:
        mine = as_file(tmp_path_factory.mktemp("d"), name, lines)
    except InputError:
        with pytest.raises(InputError):
            load_device(text)
    else:
        assert numbers_of(load_device(text)) == numbers_of(mine)
        assert load_device(load_device(text).name) == load_device(text)


@pytest.mark.parametrize("name", device_names())
def test_every_number_of_a_preset_that_has_a_place_of_its_own_may_be_said(name):
    plain = plain_numbers(name)
    said = ":".join(f"{k.key}={k.leaves[0].value!r}" for k in plain)
    assert len(plain) > 20 and load_device(f"{name}:{said}") == load_device(name)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("memory.bufer_bytes=1", "did you mean 'memory.buffer_bytes'?"),
        ("memory.bandwidth_bytes_per_s=18", "is 18 B/s, slower than any memory; 18 GB/s are 18e9"),
        ("memory.points=1", "no single number or word; write a device file with base = "),
        ("silicon.leakage[0].power_w=1", "no single number or word; write a device file"),
        ("silicon.mac_pj=1", "no single number or word; write a device file"),
        ("memory.mapper=fixed", "give it with --mapper, or write a device file"),
        ("rail.default=rk806", "is chosen by 'rail='"),
        ("memory.buffer_bytes=0", "memory.buffer_bytes is 0; allowed is above 0"),
        ("memory.buffer_bytes=1.5", "give a whole number"),
        ("memory.buffer_bytes=3s", "is not a quantity in B"),
        ("memory.buffer_bytes=", "is not a quantity in B"),
        ("array.rows=many", "is no number"),
        ("silicon.uncore_w=inf", "give a finite number"),
        ("silicon.sram_pj_per_byte=1W", "a bare number is in pJ/B"),
        ("memory.double_buffer=2", "is not true or false"),
        ("array.dataflow=weigth", "did you mean 'weight'?"),
        ("name.x=1", "unknown number of device"),
        ("size=1", "or give a number by its key"),
        ("points=1.1GHz", "give some of 300MHz+400MHz"),
        ("points=1GHz+1000MHz", "each once"),
        ("points=fast", "is not a quantity in Hz"),
        ("array.rows=1:array.rows=2", "sets 'array.rows' twice"),
    ],
)
def test_what_cannot_be_said_is_one_line(said, message):
    with pytest.raises(InputError) as error:
        load_device(f"rk3588-npu:{said}")
    assert message in str(error.value) and "\n" not in str(error.value)


def test_a_base_to_calibrate_says_no_numbers():
    from dfsrt.study.calibration.board import calibrate

    with pytest.raises(InputError, match="write it into a device file"):
        calibrate("rk3588-npu:array.rows=64", [])
