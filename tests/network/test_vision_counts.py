"""Networks of truth: their parameters and products are the published ones."""

from __future__ import annotations

import pytest

from dfsrt.network import load_network
from dfsrt.network.vision import RECIPES
from tests.helpers.graphs import built, params_of, weights_of

HEADS = ("detect8", "detect16", "detect32")
WITHOUT_NORM = {
    "deeplabv3-mobilenetv2": ("classes",),
    "efficientnet_b0": ("excite.narrow", "excite.wide"),
    "retinanet-resnext50": (
        *(f"{what}{i}" for what in ("lateral", "smooth") for i in range(3)),
        "p6",
        "p7",
        *(
            f"{what}{stride}.{i}"
            for what in ("box", "class")
            for stride in (8, 16, 32, 64, 128)
            for i in range(5)
        ),
    ),
    "ssd-mobilenetv1": (".box", ".class"),
    "ssd-resnet34": (".box", ".class", *(f"extra{i}.{j}" for i in range(5) for j in (0, 1))),
    "swin_t": ("patches",),
    "vit_b_16": ("patches",),
    **dict.fromkeys(("unet", "vgg16"), ("",)),
    **dict.fromkeys(("yolov5n", "yolov5s", "yolov5m", "yolov7-tiny"), HEADS),
    **dict.fromkeys(("yolov8n", "yolov8s", "yolov8m"), (".box", ".class")),
}
"""How the convolutions' names end that are published with a bias; the others have a batch norm."""

YOLOV8 = 16 - 3 * 80
"""Theirs has the 16 places of the sides' distributions, ours three sums over 80 classes."""
DEPLOYED = [
    # YOLOv5 prints it after folding; yolov5s: jacobgil/pytorch-grad-cam issue 496.
    ("yolov5n", 1_867_405, 0),
    ("yolov5s", 7_225_885, 0),
    ("yolov5s-relu", 7_225_885, 0),
    ("yolov5m", 21_172_173, 0),
    # ultralytics/ultralytics issue 8784.
    ("yolov8n", 3_151_904, YOLOV8),
]
PUBLISHED = [
    # torchvision's vgg16; Keras' MobileNet with 4,253,864, means and variances of which go.
    ("vgg16", 138_357_544, 0),
    ("mobilenetv1", 4_253_864 - 2 * 10_944, 0),
    # torchvision's pages of mobilenet_v2, its ResNets, efficientnet_b0 and vit_b_16.
    ("mobilenetv2", 3_504_872, 0),
    ("resnet18", 11_689_512, 0),
    ("resnet34", 21_797_672, 0),
    ("resnet50-v1.5", 25_557_032, 0),
    ("efficientnet_b0", 5_288_548, 0),
    ("vit_b_16", 86_567_656, 0),
    # CLIP ViT-B/32 has 151,277,313 (openai/CLIP, its example notebook); pictures take 87,849,216
    # of them (counted below), the scale of the comparison one.
    ("clip-text-encoder", 151_277_313 - 87_849_216 - 1, 0),
    # YOLOv5 version 6 prints it when it is trained; ReLU has no parameters.
    ("yolov5s", 7_235_389, 0),
    ("yolov5s-relu", 7_235_389, 0),
    # WongKinYiu/yolov7 issue 958, which does not tell how many classes: four fit, at 2,697 each.
    ("yolov7-tiny:classes=4", 6_022_129, 0),
    # What YOLOv8 prints before folding; yolov8s: ultralytics/ultralytics issue 19662.
    ("yolov8n", 3_157_200, YOLOV8),
    ("yolov8n:classes=3", 3_011_433, 16 - 3 * 3),
    ("yolov8s", 11_166_560, YOLOV8),
    ("yolov8m", 25_902_640, YOLOV8),
]
GIGA_MACS = {
    # Rounded, by torchvision's pages.
    "mobilenetv1": (0.569, 0.0005),  # Howard et al., MobileNets, 2017, table 8
    "vgg16": (15.47, 0.005),
    "mobilenetv2": (0.30, 0.005),
    "resnet18": (1.81, 0.005),
    "resnet34": (3.66, 0.005),
    "resnet50-v1.5": (4.09, 0.005),
    "swin_t": (4.49, 0.005),
    # torchvision's retinanet_resnet50_fpn 151.54 with its trunk changed: 4.23 for 4.09 at 224.
    "retinanet-resnext50:classes=91": (151.54 + (4.23 - 4.09) * (800 / 224) ** 2, 0.2),
    # Printed as twice as many operations: Reddi et al., MLPerf Inference, 2020, table 1.
    "ssd-mobilenetv1": (2.47 / 2, 0.003),
    "ssd-resnet34": (433 / 2, 0.3),
    "efficientnet_b0": (0.39, 0.005),
    "vit_b_16": (17.56, 0.005),
    "deeplabv3-mobilenetv2:stride=16": (2.75, 0.01),  # Sandler et al., MobileNetV2, table 7
    # Those below are printed as twice as many operations, with biases and activations in them.
    "yolov5n": (4.5 / 2, 0.03),
    "yolov5s": (16.5 / 2, 0.05),
    "yolov5s-relu": (16.5 / 2, 0.05),
    "yolov5m": (48.9 / 2, 0.05),
    "yolov7-tiny": (13.8 / 2, 0.06),  # Wang et al., YOLOv7, 2022, table 2
    "yolov8n": (8.7 / 2, 0.03),  # ultralytics/ultralytics issue 8784
    "yolov8s": (28.6 / 2, 0.03),
    "yolov8m": (78.9 / 2, 0.03),
}


def norms_of(model):
    """Channels of all folded batch norms: a scale and a shift each became one bias."""
    weights, without = weights_of(model), WITHOUT_NORM.get(model.graph.name, ())
    return sum(
        weights[n.input[2]][0]
        for n in model.graph.node
        if n.op_type == "Conv" and len(n.input) == 3 and not n.name.endswith(without)
    )


@pytest.mark.parametrize(("name", "published", "more"), DEPLOYED)
def test_parameters_are_those_published_for_deployment(name, published, more):
    assert params_of(built(name)) + more == published


@pytest.mark.parametrize(("name", "published", "more"), PUBLISHED)
def test_parameters_with_batch_norms_put_back_are_the_published_ones(name, published, more):
    model = built(name)
    assert params_of(model) + norms_of(model) + more == published


def test_swin_has_the_published_parameters_with_a_table_of_distances_for_each_head():
    model = built("swin_t")
    tables = [s for name, s in weights_of(model).items() if name.endswith("attn.biases")]
    assert len(tables) == 12 and sum(windows > 1 for _, windows, *_ in tables) == 5
    spread = sum(w * heads * pairs**2 for _, w, heads, pairs, _ in tables)
    distances = sum(heads * (2 * 7 - 1) ** 2 for _, _, heads, _, _ in tables)
    assert params_of(model) - spread + distances == 28_288_354  # torchvision's swin_t


def test_unet_has_the_parameters_and_products_of_the_papers_figure_by_hand():
    """Maps of figure 1 by side, in a network that takes one channel and tells two classes apart."""
    down = [(1, 64, 570, 568), (64, 128, 282, 280), (128, 256, 138, 136), (256, 512, 66, 64),
            (512, 1024, 30, 28)]  # fmt: skip
    up = [(1024, 512, 54, 52), (512, 256, 102, 100), (256, 128, 198, 196), (128, 64, 390, 388)]
    params = sum(9 * a * b + b + 9 * b * b + b for a, b, *_ in (*down, *up))
    params += sum(4 * a * b + b for a, b, *_ in up) + 2 * 64 + 2
    macs = sum(9 * a * b * p * p + 9 * b * b * q * q for a, b, p, q in (*down, *up))
    macs += sum(a * b * (p + 2) ** 2 for a, b, p, _ in up) + 2 * 64 * 388**2
    unet = load_network("unet")
    assert (unet.params, unet.macs) == (params, macs)
    assert f"{params / 1e6:.2f}" == "31.03"


def test_retinanet_has_the_published_parameters_but_for_its_trunk():
    """Torchvision's retinanet_resnet50_fpn counts no batch norms; resnext50_32x4d's page does."""
    model = built("retinanet-resnext50:classes=91")
    norms = norms_of(model)
    classes = (2048 + 1) * 1000
    resnet = 25_557_032 - classes - 2 * norms_of(built("resnet50-v1.5"))
    resnext = 25_028_904 - classes - 2 * norms
    assert params_of(model) - norms == 34_014_999 - resnet + resnext


def test_the_picture_side_of_clip_is_what_the_text_side_leaves_of_the_published_sum():
    width, inner, patches = 768, 4 * 768, 7 * 7
    layer = 4 * (width + 1) * width + (width + 1) * inner + (inner + 1) * width + 4 * width
    around = 3 * 32 * 32 * width + width + (patches + 1) * width + 4 * width + width * 512
    assert 12 * layer + around == 87_849_216


def test_mobilesam_has_the_published_parameters_together_with_what_runs_beside_it():
    model = built("mobilesam-encoder")
    tables = [s for name, s in weights_of(model).items() if name.endswith("attn.biases")]
    # Published is a number for each distance; stored is one for each pair of pixels of a window.
    spread = sum(heads * (pairs**2 - pairs) for _, heads, pairs, _ in tables)
    classes = 2 * 320 + (320 + 1) * 1000  # TinyViT's own head, which nobody runs here
    encoder = params_of(model) + norms_of(model) - spread + classes
    # Kirillov et al., Segment Anything, 2023, appendix A, layer by layer.
    prompts = 6 * 256 + (4 * 4 + 4 + 8) + (16 * 16 + 16 + 32) + (16 + 1) * 256
    small = 3 * (256 + 1) * 128 + (128 + 1) * 256
    layer = 4 * (256 + 1) * 256 + 2 * small + (256 + 1) * 2048 + (2048 + 1) * 256 + 4 * 2 * 256
    upscaled = 256 * 64 * 4 + 64 + 2 * 64 + 64 * 32 * 4 + 32
    perceptrons = 4 * (2 * 257 * 256 + 257 * 32) + 2 * 257 * 256 + 257 * 4
    masks = 2 * layer + small + 2 * 256 + 5 * 256 + upscaled + perceptrons
    assert encoder + prompts + masks == 10_130_092  # of mobile_sam.pt, as its users count it


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("deeplabv3-mobilenetv2", "2.11"),  # Sandler et al., MobileNetV2, 2018, table 7
        ("yolov7-tiny", "6.2"),  # Wang et al., YOLOv7, 2022, table 2
        ("ssd-resnet34", "20.0"),  # Kalray's page of MLPerf's, 433.1 G operations
    ],
)
def test_parameters_are_the_published_millions_as_far_as_they_are_given(name, millions):
    model = built(name)
    params = params_of(model) + norms_of(model)
    assert f"{params / 1e6:.{len(millions.partition('.')[2])}f}" == millions


def test_parameters_of_ssd_on_mobilenet_lie_between_the_two_published_counts():
    """6.7 M of Kalray's page, 6.91 M of MLPerf's (Reddi et al., 2020, table 1)."""
    model = built("ssd-mobilenetv1")
    assert 6.7e6 < params_of(model) < params_of(model) + norms_of(model) < 6.91e6


@pytest.mark.parametrize("name", RECIPES)
def test_parameters_of_the_lowered_network_are_those_of_the_file(name):
    assert load_network(name).params == params_of(built(name))


@pytest.mark.parametrize("name", GIGA_MACS)
def test_macs_are_the_published_ones_as_far_as_they_are_given(name):
    published, within = GIGA_MACS[name]
    assert load_network(name).macs / 1e9 == pytest.approx(published, abs=within)
