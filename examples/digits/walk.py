"""Walk from the network ``digits`` through every step that makes a network smaller.

    python examples/digits/walk.py [SMALL.onnx]

First each step alone: what it leaves of the answers, and the layer that it hurts most. Then three
in a row on a device, and the file that they make: in onnxruntime, and in dfsrt, where its figures
are the same.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

import dfsrt
from dfsrt.optimize import Calibration, apply_steps, parse_steps
from dfsrt.optimize.data import load_calibration
from dfsrt.optimize.fidelity import Fidelity, fidelity
from dfsrt.optimize.source import model_with_values

STEPS = (
    "int8",
    "int8:calibration=percentile",
    "int8:calibration=entropy",
    "w8a16",
    "w4a8",
    "int4:block=32",
    "mixed:bits=6",
    "prune:ratio=0.5",
    "prune:ratio=0.5:refit",
    "prune:ratio=0.5:scope=global",
    "prune:ratio=0.5:block=4:refit",
    "prune:nm=2of4",
    "prune:nm=2of4:refit",
    "prune:channels=0.5:refit",
    "share:values=16",
    "share:values=16:refit",
)
CHAIN = "prune:nm=2of4:refit,share:values=32:refit,int8:per=tensor"
"""With one scale a channel, int8 would make other values of the 32 in each channel."""
DEVICE, CAP = "ethos-u55-256", "10 mW"


def alone(data: Calibration | None = None, steps: tuple[str, ...] = STEPS) -> dict[str, Fidelity]:
    """Return what each step by itself leaves of the answers of ``digits``."""
    model = model_with_values("digits")
    data = data or load_calibration("digits", model)
    left = {}
    for step in steps:
        *_, last = apply_steps(model, parse_steps(step), data)
        left[step] = fidelity(model, last.model, data)
    return left


def together(out: Path, data: Calibration | None = None) -> dfsrt.Optimized:
    """Apply ``CHAIN``, run ``digits`` on a device before and after, and write the smaller file."""
    return dfsrt.optimize("digits", CHAIN, data, device=DEVICE, cap=CAP, out=out)


def answers(file: Path, data: Calibration) -> list[int]:
    """Return the digits that a file names in onnxruntime, for the images that are held out."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    images = (dict(sample) for sample in data.judged_on.samples)
    return [int(np.argmax(session.run(None, image)[0])) for image in images]


def main(out: Path) -> None:
    """Print the walk; the smaller network is in ``out`` then."""
    print(f"{'step':32} {'accuracy':>8} {'same':>7} {'SQNR':>9}  hurt most")
    for step, left in alone().items():
        worst = min(left.layers, key=lambda layer: layer.sqnr_db)
        figures = f"{left.accuracy:8.2%} {left.same:7.1%} {left.sqnr_db:6.1f} dB"
        print(f"{step:32} {figures}  {worst.name} {worst.sqnr_db:.1f} dB")
    done = together(out)
    print(f"\n{CHAIN} on {DEVICE}")
    for row in done.report.rows:
        figures = (
            f"{row.stored_bytes:9,} bytes stored {row.fps:9,.0f} FPS {row.file_bytes:9,} of file"
        )
        print(f"{row.step or 'as given':32} {figures}")
    data = load_calibration("digits", model_with_values("digits"))
    right = np.mean(np.array(answers(out, data)) == data.judged_on.labels)
    again = dfsrt.run(str(out), device=DEVICE, cap=CAP).report
    print(f"\n{out} in onnxruntime: {right:.2%} right; in dfsrt: {again.fps:,.0f} FPS")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder, "small.onnx"))
