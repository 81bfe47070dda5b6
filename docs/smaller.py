"""What fewer bits buy: size and speed against half precision, watts under a cap and at a rate."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from dfsrt import Job
from dfsrt.report.schema import Report

DEVICES = ("rk3588-npu", "rk3588-npu-ideal")
"""The chip as measured, and one that loses nothing to half precision."""
NETWORKS = ("alexnet", "vgg19", "resnet50", "squeezenet", "sd2-unet")
BEFORE = {
    "alexnet": (1.98, 2.60, 2.99, 3.82),
    "vgg19": (1.96, 1.47, 2.36, 3.75),
    "resnet50": (1.96, 1.23, 2.13, 2.74),
    "squeezenet": (1.95, 1.02, 1.96, 2.14),
    "sd2-unet": (2.05, 1.08, 2.07, 2.65),
}
"""Speeds of the same four by the cost model of 2026-11, before launches, layouts and overflow."""
DECODES = """
format = 1
base = "{base}"
name = "{base}-int4-weights"
description = "{base} as if it decoded 4-bit weights"
[weights]
decode = ["int4"]
source.decode = "assumed: what the claim needs"
"""
DOUBLES = (
    DECODES.replace("-int4-weights", "-int4")
    + """
[array]
cycles_per_step = {{ int8 = 0.5, fp16 = 2, fp32 = 8 }}
source.cycles_per_step = "assumed: 8-bit maps by 4-bit weights at twice the rate of int8"
"""
)
"""The device as if, beside that, its array were twice as fast with such weights."""
CAPPED = "resnet50"
CAP = "0.18 W"
POINTS = (("fp16", "precision", "fp16"), ("int8", "steps", "int8"), ("w4a8", "steps", "w4a8"))


def parts() -> dict[str, str]:
    """Return the tables of the page by their marks."""
    with tempfile.TemporaryDirectory() as folder:
        tables = {f"claims of {base}": _claims(base, Path(folder)) for base in DEVICES}
        return {**tables, "caps": _caps(DEVICES[0], Path(folder))}


def _as_if(base: str, text: str, folder: Path) -> str:
    """Write a device of our own on ``base`` and return its path."""
    path = folder / f"{base}-{len(text)}.toml"
    path.write_text(text.format(base=base))
    return str(path)


def _claims(base: str, folder: Path) -> str:
    decodes, doubles = (_as_if(base, text, folder) for text in (DECODES, DOUBLES))
    heads = (
        "network", "fp16 weights", "int8 smaller", "int4 smaller", "int8 faster", "w4a16 faster",
        "w4a8 faster", "w4a8, array twice as fast", "before",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for network in NETWORKS:
        half = Job(network, device=base, precision="fp16")
        sizes = [_bytes(Job(network, device=decodes, steps=s)) for s in ("int8", "int4")]
        runs = [(base, "int8"), (decodes, "int4"), (decodes, "w4a8"), (doubles, "w4a8")]
        gains = [_free(Job(network, device=d, steps=s)) / _free(half) for d, s in runs]
        cells = [
            network,
            f"{_bytes(half) * 1e-6:.1f} MB",
            *(f"{_bytes(half) / size:.2f}x" for size in sizes),
            *(f"{gain:.2f}x" for gain in gains),
            ", ".join(f"{gain:.2f}" for gain in BEFORE[network]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _bytes(job: Job) -> int:
    return job.job.deployment.network().weight_bytes


def _free(job: Job) -> float:
    """Frames a second at the top clock, with no cap."""
    return job.changed(cap="none", frames=2).run("performance").report.fps


def _caps(base: str, folder: Path) -> str:
    decodes = _as_if(base, DECODES, folder)
    lines = [
        f"| {CAPPED}, NPU capped to {CAP} | speed | NPU | all domains | a frame, all "
        "| NPU at the rate of fp16 | all domains at that rate |",
        "|---" * 7 + "|",
    ]
    period = ""
    for name, field, value in POINTS:
        said = {field: value, "device": decodes if name == "w4a8" else base}
        job = Job(CAPPED, cap=CAP, frames=20, **said)  # type: ignore[arg-type]
        report = job.run().report
        period = period or f"{math.ceil(report.time_s / report.frames * 1e9)} ns"
        even = job.changed(period=period).run().report
        cells = (
            name,
            f"{report.fps:.1f} FPS",
            *_watts(report),
            f"{report.energy_by_domain_j.total / report.frames * 1e3:.2f} mJ",
            *_watts(even),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _watts(report: Report) -> tuple[str, str]:
    """Average watts of the NPU and of all domains."""
    joules = report.energy_by_domain_j
    return f"{joules.npu / report.time_s:.3f} W", f"{joules.total / report.time_s:.3f} W"
