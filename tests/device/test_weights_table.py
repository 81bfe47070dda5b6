"""The table ``[weights]`` of a device file: read, shown, and refused where it cannot be."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device import load_device
from dfsrt.device.weights import Weights

HEAD = 'format = 1\nbase = "mdla"\nname = "mine"\n[weights]\n'
SOURCE = 'source.{0} = "assumed: for a test"\n'


def device(tmp_path, keys):
    path = tmp_path / "mine.toml"
    sources = (SOURCE.format(line.split(" = ")[0]) for line in keys.splitlines())
    path.write_text(HEAD + keys + "\n" + "".join(sources))
    return load_device(path)


def test_all_keys_are_read(tmp_path):
    keys = """decode = ["int4", "zeros+shared", "2:4"]
gap_bits = [3, 5]
decoded_per_cycle = 64.0
pointwise_only = true
least_outputs = 33
skip = "2:4"
skip_efficiency = 0.8
skip_precisions = ["int8"]
skip_inputs = 65"""
    assert device(tmp_path, keys).weights == Weights(
        ("int4", "zeros+shared", "2:4"), (3, 5), 64.0, True, 33, "2:4", 0.8, ("int8",), 65
    )


def test_one_width_of_gaps_needs_no_list(tmp_path):
    assert device(tmp_path, "gap_bits = 4").weights.gap_bits == (4,)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('decode = ["int5"]', "weights.decode: unknown coding 'int5'.*did you mean 'int4'"),
        ('decode = ["4:2"]', "or give a pattern like 2:4"),
        ('skip = "all"', r"weights.skip: unknown coding 'all'.*none, zeros.*pattern like 2:4"),
        ("gap_bits = 9", r"weights.gap_bits is \[9\]; allowed are widths from 1 to 8"),
        ("skip_efficiency = 0.0", "weights.skip_efficiency is 0.0; allowed is above 0 up to 1"),
        ("skip_efficiency = 1.5", "allowed is above 0 up to 1"),
        ("least_outputs = -1", "weights.least_outputs is -1; allowed is 0 to"),
        ('skip_precisions = ["int5"]', "unknown precision 'int5'"),
        ("decoder = 1", "unknown key of weights 'decoder'; did you mean 'decode'"),
    ],
)
def test_what_no_device_can_be_is_refused_in_a_line(tmp_path, keys, message):
    with pytest.raises(DeviceError, match=message):
        device(tmp_path, keys)


@pytest.mark.parametrize("key", ['decode = ["zeros"]', 'skip = "zeros"', "skip_efficiency = 0.5"])
def test_what_a_device_decodes_and_skips_says_where_it_comes_from(tmp_path, key):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + key)
    with pytest.raises(DeviceError, match="has no source; add source"):
        load_device(path)


def test_a_device_that_says_nothing_takes_what_its_base_says(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('base = "hexagon-8gen2"\nname = "mine"\n')
    assert load_device(path).weights == load_device("hexagon-8gen2").weights


@pytest.mark.parametrize(
    ("name", "decode", "skip"),
    [
        ("rk3588-npu", (), "none"),
        ("rk3576-npu", ("int4",), "none"),
        ("ethos-u55-256", ("zeros", "shared", "zeros+shared"), "none"),
        ("hexagon-8gen2", ("int4",), "none"),
        ("orin-dla", ("2:4",), "2:4"),
        ("a311d-npu", ("zeros",), "none"),
        ("h100-sxm", ("2:4",), "2:4"),
    ],
)
def test_presets_say_what_is_published(name, decode, skip):
    weights = load_device(name).weights
    assert (weights.decode, weights.skip) == (decode, skip)
