"""Cores of a device: how many a network uses, which operators they share, what they get of DRAM."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError
from dfsrt.base.tomltext import toml_text
from dfsrt.cost import cost_network
from dfsrt.device import device_choices, load_device
from dfsrt.device.activation import ACTIVATIONS
from dfsrt.device.build import build_npu
from dfsrt.device.load import parse_device_file
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.network import Network
from dfsrt.network.rules.registry import operator_names
from dfsrt.network.tensor import Tensor
from dfsrt.power.card import device_digest
from dfsrt.power.workload import workload
from tests.helpers.channel import channel_table, conv_layer

CORES = {"count": 3, "bandwidth_bytes_per_s": 11.7e9, "split": ["Conv", "Conv+relu", "Add"]}


def cored_text(**changes):
    cores = {k: v for k, v in {**CORES, **changes}.items() if v is not None}
    table = channel_table()
    table["cores"] = {**cores, "source": dict.fromkeys(cores, "assumed: for a test")}
    table["memory"]["bandwidth_bytes_per_s"] = 19.3e9
    return toml_text(table)


def cored(used="", **changes):
    return build_npu(parse_device_file(cored_text(**changes), "cored"), cores=used)


def costs(layers, npu):
    return cost_network(Network("t", tuple(layers), 0), npu)


def add():
    # An Add of a published profile: 480 x 480 of 16 channels, 11,059,200 bytes.
    x, y, z = (Tensor(name, (1, 16, 480, 480), "int8") for name in "xyz")
    return Layer("a", "Add", Kind.VECTOR, ("a",), (x, y), (), (z,), vector_ops=3_686_400)


def test_a_network_runs_on_one_core_if_nothing_is_said():
    assert (cored().used_cores, cored("3").used_cores) == (1, 3)
    assert load_device("rk3588-npu").used_cores == 1


def test_cores_share_what_the_device_splits_and_nothing_else():
    plain, relu, slow = (
        conv_layer((10, 10), 64, 64, 3, joined=ops) for ops in ((), ("Relu",), ("Sigmoid", "Mul"))
    )
    one, all_ = costs([plain, relu, slow], cored()), costs([plain, relu, slow], cored("3"))
    assert [c.cores for c in all_] == [3, 3, 1]
    assert [c.compute_cycles for c in all_[:2]] == [-(-c.compute_cycles // 3) for c in one[:2]]
    assert all_[2].compute_cycles == one[2].compute_cycles
    assert [c.dram_bytes for c in all_] == [c.dram_bytes for c in one]
    assert [c.actions for c in all_] == [c.actions for c in one]


def test_an_addition_takes_its_bytes_at_the_bandwidth_of_the_cores_in_use():
    for used, bandwidth in (("1", 11.7e9), ("2", 19.3e9), ("3", 19.3e9)):
        npu = cored(used)
        load = workload(costs([add()], npu), npu)
        assert load.duration_ns[0, -1] == round(11_059_200 / bandwidth * 1e9)  # 945 and 573 us
        assert load.waits_for_memory[0, -1]


@given(st.integers(1, 40), st.integers(1, 80), st.integers(1, 80), st.integers(1, 3))
def test_more_cores_never_lengthen_a_layer_and_never_gain_more_than_their_number(h, a, b, k):
    layer = conv_layer((h, h), a, b, k)
    times = []
    for used in ("1", "2", "3"):
        npu = cored(used)
        times.append(workload(costs([layer], npu), npu).duration_ns[0])
    for cores, time in enumerate(times, 1):
        assert (time <= times[0]).all()
        assert (time * cores >= times[0] - 2 * cores).all()  # rounded to whole nanoseconds


def test_every_core_in_use_has_its_clock_tree_its_leakage_and_its_fixed_power():
    one, three = cored("1").silicon, cored("3").silicon
    assert three.clock_farad == pytest.approx(3 * one.clock_farad)
    assert three.leakage[0].power_w == pytest.approx(3 * one.leakage[0].power_w)
    assert one.fixed_w > 0
    assert three.fixed_w == pytest.approx(3 * one.fixed_w)
    assert (three.mac_pj, three.uncore_w) == (one.mac_pj, one.uncore_w)


def test_another_number_of_cores_is_another_device_to_a_power_model():
    assert device_digest(cored("1")) != device_digest(cored("3"))
    assert device_digest(cored("2")) == device_digest(cored("2"))


def test_a_digest_is_the_same_in_every_process(tmp_path):
    (tmp_path / "cored.toml").write_text(cored_text())
    code = (
        "from dfsrt.device import load_device; from dfsrt.power.card import device_digest; "
        f"print(device_digest(load_device({str(tmp_path / 'cored.toml')!r} + ':cores=3')))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    }
    assert found == {device_digest(cored("3"))}


@pytest.mark.parametrize("used", ["0", "4", "-1", "two", "1.5"])
def test_cores_that_a_device_lacks_are_one_line(tmp_path, used):
    (tmp_path / "cored.toml").write_text(cored_text())
    with pytest.raises(DeviceError, match=rf"cores '{used}': channel has 3; .* from 1 to 3"):
        load_device(f"{tmp_path / 'cored.toml'}:cores={used}")


def test_a_device_that_tells_of_no_cores_has_one():
    assert load_device("mdla:cores=1") == load_device("mdla")
    with pytest.raises(DeviceError, match="cores '2': mdla tells of no cores"):
        load_device("mdla:cores=2")


def test_cores_are_among_the_choices_where_there_are_several(tmp_path):
    (tmp_path / "cored.toml").write_text(cored_text())
    assert device_choices(str(tmp_path / "cored.toml"))["cores"] == ("1", "2", "3")


def test_what_is_split_needs_its_source():
    table = tomllib.loads(cored_text())
    del table["cores"]["source"]["split"]
    with pytest.raises(DeviceError, match=r"cores.split has no source; add source.split"):
        parse_device_file(toml_text(table), "cored")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 0}, "cores.count is 0; allowed is above 0"),
        ({"count": None}, "key 'count' of cores is missing; add it"),
        ({"bandwidth_bytes_per_s": 0.0}, "cores.bandwidth_bytes_per_s is 0.0; allowed is above 0"),
        ({"split": ["Cnov"]}, "cores.split: unknown operator 'Cnov'; did you mean 'Conv'"),
        ({"split": ["Conv+silo"]}, "cores.split: unknown activation 'silo'; did you mean 'silu'"),
        ({"split": "Conv"}, "'cores.split' is text in quotes; give a list"),
    ],
)
def test_wrong_facts_of_cores_are_one_line(changes, message):
    with pytest.raises(DeviceError) as error:
        cored(**changes)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["rk3588-npu", "rk3576-npu"])
def test_presets_share_operators_that_there_are(name):
    # Files of people's own are checked when they are read; presets here.
    for entry in load_device(name).cores.split:
        operator, _, kind = entry.partition("+")
        assert operator in operator_names()
        assert kind in ("", *ACTIVATIONS[1:])
