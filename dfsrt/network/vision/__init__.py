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


def _detector(what: str, maker: str) -> Recipe:
    return _recipe(f"{what}; detection", maker, _image(640, classes=Size(80, 1, 1000)))


def _classifier(what: str, maker: str) -> Recipe:
    return _recipe(f"{what}; classification", maker, _image(224, classes=Size(1000, 1, 100_000)))


def _recipe(what: str, maker: str, sizes: Mapping[str, Size]) -> Recipe:
    shown = ":".join(f"{dim}={sizes[dim].default}" for dim in ("image", "batch"))
    told = f"{what}, built by dfsrt from published shapes; sizes as NAME:{shown}"
    return Recipe(told, sizes, f"dfsrt.network.vision.{maker}")


RECIPES: Mapping[str, Recipe] = {
    "mobilenetv2": _classifier("MobileNetV2 1.0", "mobilenet:build_mobilenetv2"),
    "yolov5s": _detector("YOLOv5s, SiLU", "yolov5:build_silu"),
    "yolov5s-relu": _detector("YOLOv5s, ReLU", "yolov5:build_relu"),
    "yolov7-tiny": _detector("YOLOv7-tiny, LeakyReLU", "yolov7:build_yolov7_tiny"),
    "yolov8n": _detector("YOLOv8n, SiLU", "yolov8:build_yolov8n"),
}
"""By name, in the order of the alphabet."""
