"""All that a device file says comes out again: value, unit, source, range, and who says it."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device import device_names, load_device
from dfsrt.device.facts import key_facts
from dfsrt.power.card import device_digest

MINE = {
    "format": 1,
    "base": "rk3588-npu",
    "name": "mine",
    "memory": {
        "bandwidth_bytes_per_s": 4e9,
        "source": {"bandwidth_bytes_per_s": "assumed: half"},
        "range": {"bandwidth_bytes_per_s": [2e9, 8e9]},
    },
}


def facts(name):
    return {fact.number: fact for key in key_facts(str(name)) for fact in key.facts}


def numbers(value, path):
    """Yield the path and value of each number of a TOML file: an oracle of its own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("source", "range"):
                yield from numbers(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from numbers(inner, f"{path}[{index}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


@pytest.mark.parametrize("name", device_names())
def test_every_number_of_a_preset_is_there_with_its_source(name):
    raw = tomllib.loads((files("dfsrt.device") / "presets" / f"{name}.toml").read_text("utf-8"))
    found = facts(name)
    for path, value in numbers({k: v for k, v in raw.items() if k != "format"}, ""):
        fact = found[path]
        assert (fact.value, fact.taken_from) == (value, None)
        assert len(fact.source) > 10
        assert fact.assumed == fact.source.startswith("assumed")


@pytest.mark.parametrize("name", device_names())
def test_what_a_preset_does_not_say_comes_from_its_base_or_is_the_default(name):
    found = facts(name)
    own, base = device_names(), None
    for fact in found.values():
        assert fact.taken_from in (None, "default", *own)
        base = fact.taken_from if fact.taken_from in own else base
        if fact.taken_from == "default":
            assert fact.source == ""
    if base is not None:
        below = facts(base)
        taken = [f for f in found.values() if f.taken_from == base]
        assert taken
        for fact in taken:
            assert (fact.value, fact.source) == (
                below[fact.number].value,
                below[fact.number].source,
            )


@pytest.mark.parametrize("name", device_names())
def test_a_range_holds_its_number(name):
    held = [f for f in facts(name).values() if f.range is not None]
    for fact in held:
        assert fact.range[0] <= fact.value <= fact.range[1], fact.number
        assert fact.range[0] < fact.range[1]
    assert held or name == "ideal"


def test_a_derived_device_tells_what_it_took(write_device):
    path = write_device(MINE)
    found, npu = facts(path), load_device(path)
    own = found["memory.bandwidth_bytes_per_s"]
    assert (own.value, own.unit, own.taken_from, own.range) == (4e9, "B/s", None, (2e9, 8e9))
    assert found["silicon.mac_pj.int8"].taken_from == "rk3588-npu"
    assert found["memory.resident_bytes"].taken_from == "default"
    assert "memory.bandwidth_bytes_per_s" not in npu.taken_from
    assert set(npu.taken_from) | {"memory.bandwidth_bytes_per_s"} == set(npu.sources)
    assert set(npu.taken_from.values()) == {"rk3588-npu"}
    assert (npu.file, load_device("mdla").file) == (str(path), "")


def test_each_file_of_a_chain_is_named_for_what_it_says(write_device):
    write_device(MINE, "middle.toml")
    top = write_device({"format": 1, "base": "middle.toml", "name": "top"}, "top.toml")
    found = facts(top)
    assert found["memory.bandwidth_bytes_per_s"].taken_from.endswith("middle.toml")
    assert found["memory.bandwidth_bytes_per_s"].range == (2e9, 8e9)
    assert found["memory.buffer_bytes"].taken_from == "rk3588-npu"


def test_a_number_that_is_laid_over_does_not_keep_the_range_of_its_base(write_device):
    write_device(MINE, "middle.toml")
    over = {"bandwidth_bytes_per_s": 9e9, "source": {"bandwidth_bytes_per_s": "measured at home"}}
    top = write_device({"format": 1, "base": "middle.toml", "memory": over}, "top.toml")
    assert facts(top)["memory.bandwidth_bytes_per_s"].range is None


def test_ranges_of_entries_are_told_by_name(write_device):
    table = {
        "lanes": {"int8": 96, "fp16": 48, "fp32": 24},
        "source": {"lanes": "assumed: fp16 alone is known"},
        "range": {"lanes": {"int8": [32, 128], "fp32": [8, 64]}},
    }
    found = facts(write_device({**MINE, "vector": table}))
    spans = {name: found[f"vector.lanes.{name}"].range for name in table["lanes"]}
    assert spans == {"int8": (32, 128), "fp16": None, "fp32": (8, 64)}


def test_texts_about_a_number_do_not_change_the_device(write_device):
    with_range = load_device(write_device(MINE))
    memory = {k: v for k, v in MINE["memory"].items() if k != "range"}
    memory["source"] = {"bandwidth_bytes_per_s": "measured on the desk"}
    without = load_device(write_device({**MINE, "memory": memory}, "other.toml"))
    assert device_digest(with_range) == device_digest(without)


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"bandwidth_bytes_per_s": [5e9, 8e9]}, "lies outside its range 5e+09 to 8e+09"),
        ({"bandwidth_bytes_per_s": [8e9, 2e9]}, "range.bandwidth_bytes_per_s is [8000000000"),
        ({"bandwidth_bytes_per_s": [2e9]}, "give [LOW, HIGH], the low end first"),
        ({"bandwidth_bytes_per_s": [float("nan"), 8e9]}, "give [LOW, HIGH]"),
        ({"bandwidth_bytes_per_s": {"int8": [1e9, 8e9]}}, "unknown entry 'int8'"),
        ({"bandwidth": [1e9, 8e9]}, "memory.range.bandwidth is the range of nothing"),
        ({"bandwidth_bytes_per_s": "2 to 8"}, "memory.range"),
    ],
)  # fmt: skip
def test_a_range_that_does_not_fit_is_one_line(write_device, ranges, message):
    path = write_device({**MINE, "memory": {**MINE["memory"], "range": ranges}})
    with pytest.raises(DeviceError) as error:
        load_device(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
