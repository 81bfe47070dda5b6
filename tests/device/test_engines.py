"""Engines are found by the dataflow of a device file, and a third needs one file."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

import dfsrt
from dfsrt.base.errors import DeviceError
from dfsrt.cost import cost_network
from dfsrt.device import engine, engines, load_device
from dfsrt.device.engine import engine_names, engine_of, make_engine
from dfsrt.network import load_network
from dfsrt.power.card import device_digest

THIRD = """
import msgspec

class Serial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    macs_per_cycle: int

    def product_cycles(self, layer, npu, precision):
        return -(-layer.macs // self.macs_per_cycle)

    def drain_cycles(self, layer, npu, precision):
        return 0

    def vector_cycles(self, layer, npu, precision):
        return 0

    def sram_bytes(self, layer, npu, precision, operand_bits):
        return layer.macs

    def exposed_bytes(self, layer, npu, precision):
        return 0

    def in_dram(self, layer, raw, npu):
        return layer

ENGINES = {"serial": Serial}
"""


@pytest.fixture
def fresh_registry():
    """Forget what was found, before and after."""
    for found in (engine._own, engine._others):
        found.cache_clear()
    yield
    for found in (engine._own, engine._others):
        found.cache_clear()


@pytest.fixture
def third_engine(tmp_path, monkeypatch, fresh_registry):
    """One more file in the folder of engines."""
    (tmp_path / "serial.py").write_text(THIRD)
    monkeypatch.setattr(engines, "__path__", [*engines.__path__, str(tmp_path)])
    yield
    sys.modules.pop("dfsrt.device.engines.serial", None)


def serial(preset_table, facts):
    raw = preset_table("rk3588-npu")
    raw["array"]["dataflow"] = "serial"
    raw["engine"] = {"serial": {**facts, "source": dict.fromkeys(facts, "assumed: for a test")}}
    return raw


def test_the_systolic_dataflows_are_engines():
    assert {"input", "output", "weight"} <= set(engine_names())


def test_a_third_engine_needs_one_file(third_engine, preset_table, write_device):
    npu = load_device(write_device(serial(preset_table, {"macs_per_cycle": 7})))
    network = load_network("squeezenet")
    for cost in cost_network(network, npu):
        assert cost.compute_cycles == -(-cost.layer.macs // 7)
    assert npu.sources["engine.serial.macs_per_cycle"] == "assumed: for a test"
    assert dfsrt.run("squeezenet", device=npu, power_model="datasheet").report.time_s > 0


def test_an_engine_of_another_package_is_found_by_its_entry_point(monkeypatch, fresh_registry):
    entry = EntryPoint("other", "dfsrt.device.engines.systolic:Systolic", engine.GROUP)
    monkeypatch.setattr(engine, "entry_points", lambda group: [entry])
    assert make_engine("other", {}, "mine") == engine_of(load_device("mdla"))


def test_an_engine_that_cannot_be_imported_is_one_line(monkeypatch, fresh_registry):
    entry = EntryPoint("other", "nowhere.at_all:Engine", engine.GROUP)
    monkeypatch.setattr(engine, "entry_points", lambda group: [entry])
    with pytest.raises(DeviceError, match=r"engine 'other' cannot be loaded: .*; reinstall it"):
        make_engine("other", {}, "mine")


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({}, "engine.serial: key 'macs_per_cycle' is missing; add it"),
        ({"macs_per_cycle": 7, "rows": 4}, "engine.serial: unknown key 'rows'"),
        ({"macs_per_cycle": "7"}, "'macs_per_cycle' is text in quotes; give a whole number"),
    ],
)
def test_wrong_facts_of_an_engine_are_one_line(
    third_engine, preset_table, write_device, facts, message
):
    with pytest.raises(DeviceError, match=message) as error:
        load_device(write_device(serial(preset_table, facts)))
    assert "\n" not in str(error.value)


def test_a_fact_of_an_engine_needs_its_source(third_engine, preset_table, write_device):
    raw = serial(preset_table, {"macs_per_cycle": 7})
    del raw["engine"]["serial"]["source"]["macs_per_cycle"]
    with pytest.raises(DeviceError, match=r"engine.serial.macs_per_cycle has no source"):
        load_device(write_device(raw))


def test_facts_of_an_unknown_engine_are_refused(preset_table, write_device):
    raw = preset_table()
    raw["engine"] = {"weigth": {}}
    with pytest.raises(DeviceError, match=r"engine: unknown dataflow 'weigth'; .* 'weight'\?"):
        load_device(write_device(raw))


def test_facts_of_an_engine_are_part_of_a_devices_digest(third_engine, preset_table, write_device):
    one = load_device(write_device(serial(preset_table, {"macs_per_cycle": 7})))
    two = load_device(write_device(serial(preset_table, {"macs_per_cycle": 8})))
    assert device_digest(one) != device_digest(two)


def test_shipped_models_still_know_their_devices():
    """Digests as they were before devices had engines: models on the shelf were trained then."""
    assert device_digest(load_device("rk3588-npu")).startswith("a029de1653d0")
    assert device_digest(load_device("mdla")).startswith("ac66bc2d01ec")


def test_a_device_loads_without_onnx():
    code = (
        "import sys; from dfsrt.device import load_device; load_device('rk3588-npu'); "
        "print('onnx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
