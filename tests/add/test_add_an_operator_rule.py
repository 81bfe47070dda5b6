"""To add an operator rule, two files are touched: the rule's own, and the registry."""

from __future__ import annotations

import json

import onnx
import pytest

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model
from tests.network.builders import Builder


def spectrum():
    """A transform of 1024 points, and what a network does with it."""
    b = Builder(opset=17)
    points = b.input("points", [1, 1024])
    bands = b.op("Haar", points, levels=10, domain="my.signal", name="/transform")
    model = b.model(b.op("Relu", bands), imports={"my.signal": 1})
    declared = onnx.helper.make_tensor_value_info(bands, onnx.TensorProto.FLOAT, [1, 1024])
    model.graph.value_info.append(declared)
    return model


@pytest.fixture(scope="module")
def house(followed):
    steps, house = followed("An operator rule")
    assert steps.files == {
        "dfsrt/network/rules/wavelet.py",
        "dfsrt/network/rules/registry.py",
    }
    onnx.save(spectrum(), house.folder / "spectrum.onnx")
    return steps, house


def test_without_the_rule_the_operator_is_refused():
    with pytest.raises(NetworkError, match=r"operator 'Haar' .*has no rule"):
        from_onnx_model(spectrum(), "spectrum")


def test_its_work_is_as_counted_by_hand(house):
    # 512 pairs, then 256 and so on: 1024 + 512 + ... + 2 sums and differences.
    read = "import dfsrt; n = dfsrt.load_network('spectrum.onnx', fuse=False)\n"
    show = "print(n.layers[0].op, n.layers[0].vector_ops, n.unknown_ops)\n"
    assert house[1].call("-c", read + show).split() == ["Haar", "2046", "()"]


def test_what_the_recipe_shows_runs_and_so_does_the_network(house):
    steps, built = house
    for command in steps.commands:
        assert "/transform" in built.shell(command)
    report = json.loads(built.dfsrt("run", "spectrum.onnx", "-n", 1, "--json", "-"))
    assert report["frames"] == 1
    assert report["energy_j"] > 0
