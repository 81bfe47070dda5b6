"""Every preset loads, and every number of it says where it comes from."""

from __future__ import annotations

import copy
import tomllib

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.base.tomltext import toml_text
from dfsrt.device import device_names, load_device
from dfsrt.device.idle_numbers import idle_numbers
from dfsrt.device.load import parse_device_file

PRESETS = (
    "a311d-npu",
    "ethos-u55-256",
    "etri-like",
    "eyeriss-v1",
    "h100-sxm",
    "hexagon-8gen2",
    "hexagon-spec",
    "ideal",
    "mdla",
    "orin-dla",
    "orin-dla-spec",
    "rk3562-npu",
    "rk3566-npu",
    "rk3576-npu",
    "rk3588-npu",
    "rk3588-npu-ideal",
    "rk3588-npu-ivr",
    "systolic-128",
    "tpu7nm",
    "xdna2",
)


def source_tables(table, path=()):
    """Yield the path of every ``source`` table."""
    for key, value in table.items():
        if key == "source":
            yield path
        elif isinstance(value, dict):
            yield from source_tables(value, (*path, key))


def test_the_presets_are_the_documented_ones():
    assert device_names() == PRESETS


def test_a_preset_written_as_toml_reads_back_the_same(preset_table):
    for name in device_names():
        table = preset_table(name)
        assert tomllib.loads(toml_text(table)) == table


@pytest.mark.parametrize("name", PRESETS)
def test_preset_loads_under_its_own_name_and_has_sources(name):
    npu = load_device(name)
    assert npu.name == name
    assert npu.description
    assert len(npu.sources) > 25
    assert set(npu.assumed) < set(npu.sources)
    assert all(len(text) > 10 for text in npu.sources.values())


@pytest.mark.parametrize("name", PRESETS)
def test_every_bin_and_rail_of_a_preset_builds(name, preset_table):
    raw = preset_table(name)
    for rail in raw.get("rail", {}).get("regulators", {}):
        assert load_device(f"{name}:rail={rail}").rail.name == rail
    for bin in raw.get("opp", {}).get("bins", []):
        assert load_device(f"{name}:bin={bin}").bin == bin


CHOICES = {"double_buffer", "line_buffer", "mapper", "schedule", "skip_precisions"}
"""Facts that are no numbers: presets say where they come from, a file of one's own need not."""


@pytest.mark.parametrize("name", PRESETS)
def test_removing_any_one_source_is_an_error(name, preset_table):
    raw = preset_table(name)
    removed = 0
    for path in source_tables(raw):
        for key in _at(raw, path)["source"].keys() - CHOICES:
            spoiled = copy.deepcopy(raw)
            del _at(spoiled, path)["source"][key]
            with pytest.raises(DeviceError, match=rf"{key} has no source; add source\.{key}"):
                parse_device_file(toml_text(spoiled), "spoiled")
            removed += 1
    assert removed


@pytest.mark.parametrize("name", PRESETS)
def test_removing_a_whole_source_table_is_an_error(name, preset_table):
    raw = preset_table(name)
    for path in source_tables(raw):
        spoiled = copy.deepcopy(raw)
        del _at(spoiled, path)["source"]
        with pytest.raises(DeviceError, match="has no source"):
            parse_device_file(toml_text(spoiled), "spoiled")


def test_the_on_die_variant_is_the_same_chip_with_another_default_regulator():
    chip, variant = load_device("rk3588-npu"), load_device("rk3588-npu-ivr")
    assert variant.opps == chip.opps
    assert variant.silicon == chip.silicon
    assert (chip.rail.name, variant.rail.name) == ("rk8602", "ivr")
    assert (
        load_device("rk3588-npu-ivr:rail=rk806").rail == load_device("rk3588-npu:rail=rk806").rail
    )


def test_systolic_128_is_free_of_everything_but_array_cycles():
    npu = load_device("systolic-128")
    assert npu.memory.bandwidth_bytes_per_s == float("inf")
    assert (npu.launch_cycles, npu.clock.freq_switch_ns) == (0, 0)
    assert set(npu.array.cycles_per_step.values()) == {1}


def test_etri_like_names_every_unpublished_number_as_assumed_with_a_range():
    npu = load_device("etri-like")
    for key in ("opp.points", "hidden.activity_sigma", "run.cap_w"):
        assert key in npu.assumed
        assert "range" in npu.sources[key]
    assert {"silicon.leakage", "silicon.uncore_w"} <= idle_numbers("etri-like").keys()
    assert npu.array.rows * npu.array.cols * npu.array.count == 16_384
    assert 2 * 16_384 * npu.opps.freqs_hz[-1] == pytest.approx(40e12, rel=0.02)


@pytest.mark.parametrize("name", PRESETS)
def test_what_nobody_measured_of_a_presets_idle_power_has_a_range(name):
    npu = load_device(name)
    drawn = ("silicon.leakage", "silicon.fixed_w", "silicon.uncore_w", "idle.")
    assumed = {key for key in npu.assumed if key.startswith(drawn)} - {"silicon.leakage_per_c"}
    assert assumed <= idle_numbers(name).keys()


def _at(table, path):
    for key in path:
        table = table[key]
    return table
