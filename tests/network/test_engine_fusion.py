"""What joins a convolution's kernel, and what does not."""

from __future__ import annotations

import pytest

from dfsrt.network import Kind, Layer, Network, Tensor, load_network
from dfsrt.network.engine_fusion import with_joined_convolutions


def tensor(name: str, *shape: int) -> Tensor:
    return Tensor(name, shape or (1, 4, 5, 5), "float16")


def step(op: str, source: str, out: str, *weights: Tensor, kind: Kind = Kind.VECTOR) -> Layer:
    image = (tensor(source),)
    return Layer(f"{op}_{out}", op, kind, (out,), image, weights, (tensor(out),), vector_ops=100)


def chain(*layers: Layer, outputs: tuple[str, ...] = ("z",)) -> list[Layer]:
    network = Network("n", layers, params=0, fused=False, inputs=("x",), outputs=outputs)
    return list(with_joined_convolutions(network).layers)


CONV = step("Conv", "x", "c", tensor("w", 4, 4, 3, 3))
NORM = step("BatchNormalization", "c", "b", *(tensor(f"s{i}", 4) for i in range(4)))


def test_norm_and_relu_join_and_the_norm_leaves_a_bias():
    (layer,) = chain(CONV, NORM, step("Relu", "b", "z"))
    assert layer.joined == ("Relu",)
    assert layer.nodes == ("c", "b", "z")
    assert [t.shape for t in layer.weights] == [(4, 4, 3, 3), (4,)]
    assert [t.name for t in layer.outputs] == ["z"]
    assert layer.fused_ops == 100


def test_a_bias_that_is_there_becomes_the_norms():
    biased = step("Conv", "x", "c", tensor("w", 4, 4, 3, 3), tensor("own", 4))
    (layer,) = chain(biased, step("BatchNormalization", "c", "z"))
    assert [t.name for t in layer.weights] == ["w", "BatchNormalization_z/bias"]


@pytest.mark.parametrize("op", ["Clip", "Sigmoid", "HardSwish"])
def test_other_activations_stay(op):
    assert [a.op for a in chain(CONV, NORM, step(op, "b", "z"))] == ["Conv", op]


def test_what_two_layers_read_or_the_caller_wants_stays_apart():
    twice = [CONV, step("Relu", "c", "z"), step("Sigmoid", "c", "y")]
    assert [a.joined for a in chain(*twice)] == [(), (), ()]
    assert len(chain(CONV, step("Relu", "c", "z"), outputs=("c", "z"))) == 2


def test_a_residual_keeps_its_relu():
    network = load_network("resnet18", fuse=False)
    joined = with_joined_convolutions(network)
    count = {op: sum(a.op == op for a in joined.layers) for op in ("Conv", "Relu", "Add")}
    assert count["Conv"] == 20
    assert sum(a.joined == ("Relu",) for a in joined.layers) == 9  # the first, and one a block
    assert count["Relu"] == 8  # behind the eight additions
    assert joined.macs == network.macs
