"""The networks of the onnx package and ours, against counts made without dfsrt."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import NetworkError
from dfsrt.network import load_network, network_names, shelf_names, trained_names

# Run-time nodes, MACs of Conv, Gemm and MatMul, and constant elements. Derived once from
# onnxruntime's run-time shapes by a script that shares no code with dfsrt.
TABLE = {
    "alexnet": (24, 654_560_384, 60_965_224),
    "digits": (17, 1_796_736, 147_754),
    "densenet121": (668, 2_834_161_664, 8_146_152),
    "inception_v1": (143, 1_431_556_352, 6_998_552),
    "inception_v2": (371, 2_018_851_840, 11_234_792),
    "resnet50": (176, 4_089_184_256, 25_610_152),
    "shufflenet": (203, 124_664_528, 1_420_152),
    "squeezenet": (66, 349_151_936, 1_235_496),
    "vgg19": (46, 19_632_062_464, 143_667_240),
    "zfnet512": (22, 1_481_727_008, 87_250_536),
}


@pytest.mark.parametrize("name", TABLE)
def test_nodes_macs_and_params_are_those_counted_independently(name):
    raw = load_network(name, fuse=False)
    assert (len(raw.layers), raw.macs, raw.params) == TABLE[name]


@pytest.mark.parametrize("name", TABLE)
def test_fusion_changes_neither_macs_nor_params(name):
    fused = load_network(name)
    assert (fused.macs, fused.params) == TABLE[name][1:]
    assert fused.fused and fused.name == name and not fused.unknown_ops


def test_the_shelf_lists_all_of_them_and_which_are_trained():
    assert set(network_names()) == set(TABLE)
    assert trained_names() == ("digits",)
    assert set(network_names()) - set(shelf_names()) == {"digits"}


def test_resnet50_becomes_one_layer_a_convolution():
    ops = [layer.op for layer in load_network("resnet50").layers]
    assert ops == ["Conv", "MaxPool", *["Conv"] * 52, "AveragePool", "Gemm", "Softmax"]


def test_densenets_split_batch_norm_folds_into_one_bias_per_convolution():
    convolutions = [a for a in load_network("densenet121").layers if a.op == "Conv"]
    assert all(len(layer.weights) <= 2 for layer in convolutions)
    assert convolutions[0].nodes == ("n0", "n1", "n3", "n5", "n6")


def test_an_unknown_name_gets_the_list_and_a_guess():
    with pytest.raises(NetworkError, match=r"did you mean 'resnet50'.*alexnet.*zfnet512"):
        load_network("resnet5O")
