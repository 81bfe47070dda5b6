"""Devices by name, by file, by specification and by base."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.base.names import NameSpec
from dfsrt.device import device_choices, device_names, load_device

VARIANT = """
format = 1
base = "rk3588-npu"
name = "variant"
description = "half the bandwidth"
[memory]
bandwidth_bytes_per_s = 10e9
source.bandwidth_bytes_per_s = "assumed: half"
"""


def test_spec_chooses_bin_and_regulator():
    npu = load_device("rk3588-npu:bin=L5:rail=rk806")
    assert (npu.bin, npu.opps.rails_uv[-1]) == ("L5", 787_500)
    assert (npu.rail.name, npu.rail.slew_uv_per_us) == ("rk806", 12_500)
    assert npu == load_device(NameSpec("rk3588-npu", {"bin": "L5", "rail": "rk806"}))


def regulators_with_sources(npu):
    return {p.split(".")[2] for p in npu.sources if p.startswith("rail.regulators.")}


@pytest.mark.parametrize("name", device_names())
def test_a_device_has_sources_of_the_one_regulator_that_it_uses(name):
    for rail in device_choices(name)["rail"]:
        npu = load_device(f"{name}:rail={rail}")
        assert regulators_with_sources(npu) == {npu.rail.name} == {rail}
    assert regulators_with_sources(load_device(name)) == {load_device(name).rail.name}


def test_a_derived_device_does_not_assume_what_only_its_base_uses():
    npu = load_device("rk3588-npu-ivr")
    assert "rail.regulators.ivr.command_ns" in npu.assumed
    assert not [path for path in npu.assumed if "rk8" in path]


def test_the_choices_are_all_regulators_and_bins():
    bins = ("L0", "L1", "L2", "L3", "L4", "L5")
    assert device_choices("rk3588-npu:bin=L5") == {
        "rail": ("rk8602", "rk806"),
        "bin": bins,
        "cores": ("1", "2", "3"),
    }
    assert device_choices("mdla") == {"rail": ("mtk-buck",), "bin": ()}


def test_faster_bin_leaks_more():
    slow, fast = load_device("rk3588-npu:bin=L0"), load_device("rk3588-npu:bin=L5")
    assert fast.hidden.leakage_scale > slow.hidden.leakage_scale


def test_file_loads_by_text_and_by_path(write_device, preset_table):
    path = write_device(preset_table("mdla"))
    assert load_device(path) == load_device(str(path)) == load_device("mdla")


def test_file_with_a_byte_order_mark_loads(write_device):
    assert load_device(write_device("\ufeff" + VARIANT.lstrip())).name == "variant"


def test_variant_takes_the_rest_from_its_base(write_device):
    variant, base = load_device(write_device(VARIANT)), load_device("rk3588-npu")
    assert variant.name == "variant"
    assert variant.memory.bandwidth_bytes_per_s == 10e9
    assert variant.memory.buffer_bytes == base.memory.buffer_bytes
    assert variant.opps == base.opps
    assert variant.sources["memory.bandwidth_bytes_per_s"] == "assumed: half"


def test_variant_may_not_borrow_its_bases_source(write_device):
    path = write_device(VARIANT.replace("source.bandwidth", "#"))
    with pytest.raises(DeviceError, match=r"mine\.toml': memory\.bandwidth_\w+ has no source"):
        load_device(path)


def test_base_file_is_found_beside_the_file_that_names_it(write_device, tmp_path, monkeypatch):
    write_device(VARIANT, "first.toml")
    second = write_device(VARIANT.replace('base = "rk3588-npu"', 'base = "first.toml"'))
    monkeypatch.chdir("/")
    assert load_device(second).memory.bandwidth_bytes_per_s == 10e9


def test_who_uses_memory_is_sought_beside_the_file_that_names_it(write_device, tmp_path):
    own = 'mapper = "mine.py:Mine"\nschedule = "best"\n'
    path = write_device(VARIANT.replace("[memory]\n", f"[memory]\n{own}"))
    memory = load_device(path).memory
    assert memory.mapper == str(tmp_path / "mine.py:Mine")
    assert memory.schedule == "best"


def test_mapping_of_numbers_replaces_its_bases_whole(write_device):
    only = (
        VARIANT + '[array]\ncycles_per_step = { int8 = 1 }\nsource.cycles_per_step = "assumed: x"'
    )
    assert dict(load_device(write_device(only)).array.cycles_per_step) == {"int8": 1}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("rk3588", r"unknown device 'rk3588'; did you mean 'rk3588-npu'\?.*give a \.toml file"),
        (
            "nowhere",
            "unknown device 'nowhere'.*known: a311d-npu, ethos-u55-256, etri-like, eyeriss-v1",
        ),
        ("rk3588-npu:bin=L9", "unknown bin of rk3588-npu 'L9'; did you mean"),
        ("mdla:bin=L0", r"unknown bin of mdla 'L0' \(known: none\)"),
        ("rk3588-npu:rail=rk860", "unknown rail of rk3588-npu 'rk860'; did you mean 'rk8602'"),
        ("rk3588-npu:volt=1", r"unknown device option 'volt' \(known: bin, cores, points, rail\)"),
        ("nowhere.toml", "cannot read device file 'nowhere.toml': No such file"),
        ("bad\0name.toml", "its name holds a zero byte"),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(spec, message):
    with pytest.raises(DeviceError, match=message):
        load_device(spec)


@pytest.mark.parametrize("spec", ["", "  ", ":bin=L0", "rk3588-npu:bin=L0:bin=L1"])
def test_spec_without_name_or_with_a_doubled_option_is_refused(spec):
    with pytest.raises(InputError):
        load_device(spec)


def test_reads_and_writes_go_along_with_a_bandwidth_that_a_file_changes(tmp_path):
    own = 'format = 1\nbase = "rk3588-npu"\nname = "my-npu"\ndescription = "half of the channels"\n'
    own += "[memory]\nbandwidth_bytes_per_s = 9.1e9\n"
    own += 'source.bandwidth_bytes_per_s = "assumed: half"\n'
    path, told = tmp_path / "my-npu.toml", "read_bandwidth_bytes_per_s"
    path.write_text(own)
    base, mine = load_device("rk3588-npu"), load_device(path)
    assert mine.memory.bandwidth_bytes_per_s == base.memory.bandwidth_bytes_per_s / 2
    assert mine.memory.read_share == pytest.approx(base.memory.read_share)
    path.write_text(f'{own}{told} = 9.1e9\nsource.{told} = "assumed: as both"\n')
    assert load_device(path).memory.read_share == 1.0
