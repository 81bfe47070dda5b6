"""Networks of truth: valid files that run, answer in published shapes, and refuse bad sizes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.network import built_names, load_network
from dfsrt.network.built import build_network
from dfsrt.network.vision import RECIPES
from tests.helpers.graphs import built, session_of, shapes_of


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("name", RECIPES)
def test_files_are_valid_small_and_know_all_their_shapes(name, precision):
    model = build_network(name, precision=precision)
    onnx.checker.check_model(model, full_check=True)
    assert model.ByteSize() < 200_000 and model.graph.name in name
    shapes = shapes_of(model)
    made = [out for node in model.graph.node for out in node.output]
    assert all(name in shapes and 0 not in shapes[name] for name in made)
    names = [node.name for node in model.graph.node]
    assert all(names) and len(set(names)) == len(names)


def yolo(*channels):
    sides = (80, 40, 20)
    return [(1, c, side, side) for side in sides for c in channels]


def boxes(sides, counts, classes):
    """Boxes' sides and classes' scores of one map after the other."""
    each = zip(sides, counts, strict=True)
    return [(1, n * c, side, side) for side, n in each for c in (4, classes)]


SCORES = [(1, 1000)]
ANSWERS = {
    "clip-text-encoder": [(1, 512)],
    "deeplabv3-mobilenetv2": [(1, 21, 65, 65)],
    "efficientnet_b0": [(1, 1000)],
    **dict.fromkeys(("mobilenetv1", "mobilenetv2", "vgg16"), SCORES),
    "mobilesam-encoder": [(1, 256, 28, 28)],
    **dict.fromkeys(("resnet18", "resnet34", "resnet50-v1.5"), SCORES),
    "retinanet-resnext50:image=256": [
        (1, 9 * c, side, side) for c in (4, 264) for side in (32, 16, 8, 4, 2)
    ],
    "ssd-mobilenetv1": boxes((19, 10, 5, 3, 2, 1), (3, 6, 6, 6, 6, 6), 91),
    "ssd-resnet34:image=400": boxes((17, 9, 5, 3, 1, 1), (4, 6, 6, 6, 4, 4), 81),
    **dict.fromkeys(("swin_t", "vit_b_16"), SCORES),
    "unet:image=188": [(1, 2, 4, 4)],
    "yolov7-tiny": yolo(255),
    **dict.fromkeys(("yolov5n", "yolov5s", "yolov5s-relu", "yolov5m"), yolo(255)),
    **dict.fromkeys(("yolov8n", "yolov8s", "yolov8m"), yolo(64, 80, 1)),
}


def fed(session):
    """Random pictures, the first words, and no mask."""
    rng = np.random.default_rng(0)
    given = {i.name: rng.random(i.shape, dtype=np.float32) for i in session.get_inputs()}
    return {k: v.astype(np.int64) if k in ("tokens", "end") else v for k, v in given.items()}


def test_every_network_is_asked_for_its_answer():
    assert sorted(name.partition(":")[0] for name in ANSWERS) == sorted(RECIPES)


@pytest.mark.parametrize("name", ANSWERS)
def test_networks_run_and_answer_in_the_published_shapes(name):
    session = session_of(built(name))
    answers = session.run(None, fed(session))
    assert [a.shape for a in answers] == ANSWERS[name]
    assert all(np.isfinite(a).all() for a in answers)


SMALL = {
    "clip-text-encoder": "tokens=8",
    "deeplabv3-mobilenetv2": "image=65",
    "mobilesam-encoder": "image=224",
    "ssd-resnet34": "image=400",
    "swin_t": "image=224",
    "unet": "image=188",
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_batch_of_two_doubles_the_work_but_not_the_parameters(name):
    small = f"{name}:{SMALL.get(name, 'image=64')}"
    one, two = load_network(small), load_network(f"{small}:batch=2")
    tokens = 768 if name == "vit_b_16" else 0  # its class token stands there once a picture
    assert (two.params, two.macs) == (one.params + tokens, 2 * one.macs)


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
        ("deeplabv3-mobilenetv2:image=512", "allowed is 33 to 4097 in steps of 16"),
        ("deeplabv3-mobilenetv2:stride=32", "allowed is 8 to 16 in steps of 8"),
        ("mobilesam-encoder:image=1024", "allowed is 224 to 4096 in steps of 224"),
        ("vit_b_16:image=225", "allowed is 16 to 4096 in steps of 16"),
        ("unet:image=512", "image=512 is out of range; allowed is 188 to 4092 in steps of 16"),
        ("swin_t:image=256", "allowed is 224 to 4096 in steps of 224"),
        ("ssd-resnet34:image=300", "allowed is 400 to 4096"),
        ("retinanet-resnext50:image=810", "allowed is 32 to 4096 in steps of 32"),
        ("clip-text-encoder:tokens=78", "tokens=78 is out of range; allowed is 1 to 77"),
        ("clip-text-encoder:image=224", "unknown dimension 'image'"),
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
