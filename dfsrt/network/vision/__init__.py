"""Networks that truth is measured on, built here from published shapes without any weights."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.network.kit.recipe import Recipe, Size

_BATCH = Size(1, 1, 64)


def _image(default: int, step: int = 32, **sizes: Size) -> Mapping[str, Size]:
    """Sizes of a network on pictures ``image`` wide, and as high where no ``height`` is given."""
    side = Size(default, step, 4096, step)
    high = Size(default, step, 4096, step, like="image")
    return {"image": side, "height": high, "batch": _BATCH, **sizes}


def _detector(what: str, maker: str, **fixed: str) -> Recipe:
    sizes = _image(640, classes=Size(80, 1, 1000))
    return _recipe(f"{what}; detection", maker, sizes, **fixed)


def _yolov5(scale: str, act: str, told: str) -> Recipe:
    return _detector(f"YOLOv5{scale}, {told}", "yolov5:build_yolov5", scale=scale, act=act)


def _yolov8(scale: str) -> Recipe:
    return _detector(f"YOLOv8{scale}, SiLU", "yolov8:build_yolov8", scale=scale)


def _classifier(what: str, maker: str) -> Recipe:
    return _recipe(f"{what}; classification", maker, _image(224, classes=Size(1000, 1, 100_000)))


def _recipe(what: str, maker: str, sizes: Mapping[str, Size], **fixed: str) -> Recipe:
    shown = ":".join(f"{dim}={sizes[dim].default}" for dim in (next(iter(sizes)), "batch"))
    told = f"{what}, built by dfsrt from published shapes; sizes as NAME:{shown}"
    return Recipe(told, sizes, f"dfsrt.network.vision.{maker}", fixed)


_SEGMENTED = {
    "image": Size(513, 33, 4097, 16),
    "height": Size(513, 33, 4097, 16, like="image"),
    "batch": _BATCH,
    "classes": Size(21, 1, 1000),
    "stride": Size(8, 8, 16, 8),
}
_PATCHED = _image(224, 16, classes=Size(1000, 1, 100_000))

RECIPES: Mapping[str, Recipe] = {
    "clip-text-encoder": _recipe(
        "CLIP ViT-B/32's text encoder",
        "clip:build_text_encoder",
        {"tokens": Size(77, 1, 77), "batch": _BATCH},
    ),
    "deeplabv3-mobilenetv2": _recipe(
        "DeepLabv3 on MobileNetV2; segmentation", "deeplab:build_deeplabv3", _SEGMENTED
    ),
    "efficientnet_b0": _classifier("EfficientNet-B0", "efficientnet:build_efficientnet_b0"),
    "mobilenetv2": _classifier("MobileNetV2 1.0", "mobilenet:build_mobilenetv2"),
    "mobilesam-encoder": _recipe(
        "MobileSAM's encoder, TinyViT", "mobilesam:build_encoder", _image(448, 224)
    ),
    "resnet18": _classifier("ResNet-18", "resnet:build_resnet18"),
    "vit_b_16": _recipe("ViT-B/16; classification", "vit:build_vit_b_16", _PATCHED),
    "yolov5m": _yolov5("m", "silu", "SiLU"),
    "yolov5n": _yolov5("n", "silu", "SiLU"),
    "yolov5s": _yolov5("s", "silu", "SiLU"),
    "yolov5s-relu": _yolov5("s", "relu", "ReLU"),
    "yolov7-tiny": _detector("YOLOv7-tiny, LeakyReLU", "yolov7:build_yolov7_tiny"),
    "yolov8m": _yolov8("m"),
    "yolov8n": _yolov8("n"),
    "yolov8s": _yolov8("s"),
}
"""By name, in the order of the alphabet."""
