"""MLPerf Tiny's four networks, which microcontrollers run, built here from published shapes."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.network.kit.recipe import Recipe, Size

_BATCH = Size(1, 1, 64)


def _recipe(what: str, maker: str, sizes: Mapping[str, Size]) -> Recipe:
    shown = ":".join(f"{dim}={sizes[dim].default}" for dim in (next(iter(sizes)), "batch"))
    description = f"{what}, built by dfsrt from published shapes; sizes as NAME:{shown}"
    return Recipe(description, sizes, f"dfsrt.network.tiny.{maker}")


RECIPES: Mapping[str, Recipe] = {
    "tiny-anomaly": _recipe(
        "MLPerf Tiny's autoencoder; anomaly detection",
        "autoencoder:build_autoencoder",
        {"inputs": Size(640, 1, 65_536), "batch": _BATCH},
    ),
    "tiny-images": _recipe(
        "MLPerf Tiny's ResNet-8; classification",
        "resnet8:build_resnet8",
        {"image": Size(32, 8, 512, 4), "batch": _BATCH, "classes": Size(10, 1, 1000)},
    ),
    "tiny-keywords": _recipe(
        "MLPerf Tiny's DS-CNN; keyword spotting",
        "ds_cnn:build_ds_cnn",
        {"frames": Size(49, 8, 1024), "batch": _BATCH, "classes": Size(12, 1, 1000)},
    ),
    "tiny-wakewords": _recipe(
        "MLPerf Tiny's MobileNetV1 0.25; visual wake words",
        "mobilenet_v1:build_mobilenet_v1",
        {"image": Size(96, 32, 1024, 32), "batch": _BATCH, "classes": Size(2, 1, 1000)},
    ),
}
"""By name, in the order of the alphabet. Source: Banbury et al., MLPerf Tiny Benchmark, NeurIPS
Datasets and Benchmarks 2021, table 1 and the reference implementations of version 1.0."""
