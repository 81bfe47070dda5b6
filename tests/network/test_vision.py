"""Networks of truth: published counts, published shapes, and files that run."""

from __future__ import annotations

import csv
import math
from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.device.truth_file import SHELF
from dfsrt.network import built_names, load_network
from dfsrt.network.built import build_network
from dfsrt.network.vision import RECIPES
from tests.network.test_sd2 import shapes_of

HEADS = ("detect8", "detect16", "detect32")
SPLIT_HEADS = tuple(f"{head}.{part}" for head in HEADS for part in ("box", "class"))
WITHOUT_NORM = {
    "yolov5s": HEADS,
    "yolov5s-relu": HEADS,
    "yolov7-tiny": HEADS,
    "yolov8n": SPLIT_HEADS,
}
"""Convolutions that are published with a bias of their own; all others have a batch norm behind."""

DEPLOYED = [
    # ultralytics' YOLOv5 prints it after folding: jacobgil/pytorch-grad-cam issue 496.
    ("yolov5s", 7_225_885, 0),
    ("yolov5s-relu", 7_225_885, 0),
    # ultralytics/ultralytics issue 8784. Theirs has the 16 places of the sides' distributions;
    # ours has three sums over 80 classes, of a constant one each.
    ("yolov8n", 3_151_904, 16 - 3 * 80),
]
PUBLISHED = [
    # torchvision's page of mobilenet_v2.
    ("mobilenetv2", 3_504_872, 0),
    # YOLOv5's own training log; ReLU has no parameters.
    ("yolov5s", 7_235_389, 0),
    ("yolov5s-relu", 7_235_389, 0),
    # WongKinYiu/yolov7 issue 958, trained on four classes.
    ("yolov7-tiny:classes=4", 6_022_129, 0),
    # The table of the model's page; for what is added and taken away see above.
    ("yolov8n", 3_157_200, 16 - 3 * 80),
]
GIGA_MACS = {
    "mobilenetv2": (0.30, 0.005),  # Sandler et al., 2018, table 4: 300 million
    # Those below are printed as twice as many operations, with biases and activations in them.
    "yolov5s": (16.5 / 2, 0.05),  # its table of models
    "yolov5s-relu": (16.5 / 2, 0.05),
    "yolov7-tiny": (13.8 / 2, 0.06),  # Wang et al., YOLOv7, 2022, table 2
    "yolov8n": (8.7 / 2, 0.03),  # ultralytics/ultralytics issue 8784
}


def built(name):
    spec, *sizes = name.split(":")
    return build_network(spec, {k: int(v) for k, v in (size.split("=") for size in sizes)})


def weights_of(model):
    """Shapes of all weights by name, from the file alone."""
    values = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    fills = [n for n in model.graph.node if n.op_type == "ConstantOfShape"]
    return {n.output[0]: tuple(values[n.input[0]]) for n in fills}


def params_of(model):
    return sum(map(math.prod, weights_of(model).values()))


def norms_of(model, without):
    """Channels of all folded batch norms: a scale and a shift each became one bias."""
    weights = weights_of(model)
    return sum(
        weights[n.input[2]][0]
        for n in model.graph.node
        if n.op_type == "Conv" and len(n.input) == 3 and n.name not in without
    )


@pytest.mark.parametrize(("name", "published", "more"), DEPLOYED)
def test_parameters_are_those_published_for_deployment(name, published, more):
    assert params_of(built(name)) + more == published


@pytest.mark.parametrize(("name", "published", "more"), PUBLISHED)
def test_parameters_with_batch_norms_put_back_are_the_published_ones(name, published, more):
    model = built(name)
    without = WITHOUT_NORM.get(model.graph.name, ())
    assert params_of(model) + norms_of(model, without) + more == published


@pytest.mark.parametrize("name", RECIPES)
def test_parameters_of_the_lowered_network_are_those_of_the_file(name):
    assert load_network(name).params == params_of(built(name))


@pytest.mark.parametrize("name", GIGA_MACS)
def test_macs_are_the_published_ones_as_far_as_they_are_given(name):
    published, within = GIGA_MACS[name]
    assert load_network(name).macs / 1e9 == pytest.approx(published, abs=within)


def profiled():
    """Convolutions of the published profile: operator and shapes, each as often as it runs."""
    with (SHELF / "rk3588_yolov8n_1920.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["op"].startswith("conv")]
    sizes = ("in_channels", "in_h", "in_w", "out_channels", "kernel", "out_h", "out_w")
    return Counter((row["op"], *(int(row[size]) for size in sizes)) for row in rows)


def convolutions(model):
    """The same of a file: what reads a convolution is its activation."""
    shapes = shapes_of(model)
    for node in model.graph.node:
        if node.op_type == "Conv":
            readers = [n.op_type for n in model.graph.node if node.output[0] in n.input]
            name = {"Sigmoid": "+sigmoid", "Clip": "+clip", "Identity": ""}
            kind = "+silu" if sorted(readers) == ["Mul", "Sigmoid"] else name[readers[0]]
            x, w, y = (shapes[t] for t in (node.input[0], node.input[1], node.output[0]))
            yield ("conv" + kind, *x[1:], y[1], w[2], *y[2:])


def test_all_66_convolutions_of_the_profile_come_out_with_their_activations():
    found = Counter(convolutions(built("yolov8n:image=1920:classes=3")))
    assert found == profiled() and found.total() == 66


def test_the_other_operators_of_the_profile_come_out_as_often():
    with (SHELF / "rk3588_yolov8n_1920.csv").open() as file:
        rows = Counter(row["op"] for row in csv.DictReader(file))
    ops = Counter(n.op_type.lower() for n in built("yolov8n:image=1920:classes=3").graph.node)
    for op in ("add", "concat", "maxpool", "resize", "split"):
        assert ops[op] == rows[op]


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("name", RECIPES)
def test_files_are_valid_small_and_know_all_their_shapes(name, precision):
    model = build_network(name, precision=precision)
    onnx.checker.check_model(model, full_check=True)
    assert model.ByteSize() < 200_000
    shapes = shapes_of(model)
    made = [out for node in model.graph.node for out in node.output]
    assert all(name in shapes and 0 not in shapes[name] for name in made)
    names = [node.name for node in model.graph.node]
    assert all(names) and len(set(names)) == len(names)


def yolo(*channels):
    sides = (80, 40, 20)
    return [(1, c, side, side) for side in sides for c in channels]


ANSWERS = {
    "mobilenetv2": [(1, 1000)],
    "yolov5s": yolo(255),
    "yolov5s-relu": yolo(255),
    "yolov7-tiny": yolo(255),
    "yolov8n": yolo(64, 80, 1),
}


@pytest.mark.parametrize("name", RECIPES)
def test_networks_run_and_answer_in_the_published_shapes(name):
    model = build_network(name)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (picture,) = session.get_inputs()
    random = np.random.default_rng(0).random(picture.shape, dtype=np.float32)
    answers = session.run(None, {picture.name: random})
    assert [a.shape for a in answers] == ANSWERS[name]
    assert all(np.isfinite(a).all() for a in answers)


@pytest.mark.parametrize("name", RECIPES)
def test_a_batch_of_two_doubles_the_work_but_not_the_parameters(name):
    one, two = load_network(f"{name}:image=64"), load_network(f"{name}:image=64:batch=2")
    assert (two.params, two.macs) == (one.params, 2 * one.macs)


@pytest.mark.parametrize("name", ["yolov5s", "yolov7-tiny", "yolov8n"])
def test_pictures_need_not_be_square(name):
    wide, square = load_network(f"{name}:image=128:height=64"), load_network(f"{name}:image=128")
    assert (wide.params, 2 * wide.macs) == (square.params, square.macs)
    assert shapes_of(built(f"{name}:image=128:height=64"))["picture"] == (1, 3, 64, 128)


def test_relu_and_silu_differ_in_nothing_but_their_activation():
    relu, silu = load_network("yolov5s-relu"), load_network("yolov5s")
    assert [layer.gemms for layer in relu.layers] == [layer.gemms for layer in silu.layers]
    assert {op for layer in relu.layers for op in layer.joined} == {"Relu", "Add", "Sigmoid"}


def test_they_stand_on_the_shelf_of_built_networks():
    assert set(RECIPES) < set(built_names())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("yolov8n:image=650", "image=650 is out of range; allowed is 32 to 4096 in steps of 32"),
        ("yolov8n:height=33", "height=33 is out of range; allowed is 32 to 4096 in steps of 32"),
        ("yolov5s:classes=0", "classes=0 is out of range; allowed is 1 to 1000"),
        ("mobilenetv2:batch=65", "batch=65 is out of range; allowed is 1 to 64"),
        ("mobilenetv2:imag=224", "unknown dimension 'imag'; did you mean 'image'"),
        ("mobilenetv2:image=a", "image='a' is no whole number"),
        ("yolov5", "did you mean 'yolov5s'"),
    ],
)
def test_sizes_that_cannot_be_built_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        load_network(name)


def test_an_unknown_network_or_precision_is_refused():
    with pytest.raises(NetworkError, match="unknown built network 'resnet50'"):
        build_network("resnet50")
    with pytest.raises(NetworkError, match="precision 'int8' cannot be built; use fp32 or fp16"):
        build_network("yolov8n", precision="int8")
