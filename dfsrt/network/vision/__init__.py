"""Networks that truth is measured on, or papers, built here from published shapes, no weights."""

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


def _classifier(what: str, maker: str, step: int = 32, **fixed: str) -> Recipe:
    sizes = _image(224, step, classes=Size(1000, 1, 100_000))
    return _recipe(f"{what}; classification", maker, sizes, **fixed)


def _resnet(depth: str, what: str = "") -> Recipe:
    return _classifier(f"ResNet-{depth}{what}", "resnet:build_resnet", depth=depth)


def _any_side(default: int, low: int, classes: int) -> Mapping[str, Size]:
    """Sizes of a network whose maps need not halve evenly."""
    side = Size(default, low, 4096)
    high = Size(default, low, 4096, like="image")
    return {"image": side, "height": high, "batch": _BATCH, "classes": Size(classes, 1, 1000)}


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

_UNPADDED = {
    "image": Size(572, 188, 4092, 16),
    "height": Size(572, 188, 4092, 16, like="image"),
    "batch": _BATCH,
    "classes": Size(2, 1, 1000),
}

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
    "mobilenetv1": _classifier("MobileNetV1 1.0", "mobilenet_v1:build_mobilenetv1"),
    "mobilenetv2": _classifier("MobileNetV2 1.0", "mobilenet:build_mobilenetv2"),
    "mobilesam-encoder": _recipe(
        "MobileSAM's encoder, TinyViT", "mobilesam:build_encoder", _image(448, 224)
    ),
    "resnet18": _resnet("18"),
    "resnet34": _resnet("34"),
    "resnet50-v1.5": _resnet("50", ", halving in its 3x3 convolutions"),
    "retinanet-resnext50": _recipe(
        "RetinaNet on ResNeXt-50; detection",
        "retinanet:build_retinanet_resnext50",
        _image(800, classes=Size(264, 1, 1000)),
    ),
    "ssd-mobilenetv1": _recipe(
        "SSD on MobileNet; detection", "ssd:build_ssd_mobilenetv1", _any_side(300, 32, 91)
    ),
    "ssd-resnet34": _recipe(
        "SSD on ResNet-34; detection", "ssd:build_ssd_resnet34", _any_side(1200, 400, 81)
    ),
    "swin_t": _classifier("Swin-T", "swin:build_swin_t", 224),
    "unet": _recipe("U-Net; segmentation of cells", "unet:build_unet", _UNPADDED),
    "vgg16": _classifier("VGG-16", "vgg:build_vgg16"),
    "vit_b_16": _classifier("ViT-B/16", "vit:build_vit_b_16", 16),
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
