"""NNCF's int8 of the same networks: as many bytes, about the same answers.

`pip install --group quantization-oracle` brings it; CI does without (decision 63).
"""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from dfsrt.network import from_onnx_model
from dfsrt.optimize import parse_steps
from dfsrt.testing.models import random_calibration
from tests.optimize.networks import digits_like, resnet_like

nncf = pytest.importorskip("nncf")


def sqnr_db(model, smaller):
    def answers(one):
        session = onnxruntime.InferenceSession(one.SerializeToString())
        samples = random_calibration(model, 16, seed=7).samples
        return np.concatenate([session.run(None, dict(s))[0].ravel() for s in samples])

    exact = answers(model)
    return 10 * np.log10(np.square(exact).sum() / np.square(exact - answers(smaller)).sum())


def weight_bits(model):
    """Bits of the weights that each product multiplies by, scales aside, the largest first."""
    layers = [a for a in from_onnx_model(model, "t").layers if a.gemms]
    weights = [t for a in layers for t in a.multiplied if t in a.weights]
    return sorted((t.elements * t.bits for t in weights), reverse=True)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("make", [digits_like, resnet_like])
def test_int8_is_that_of_nncf_in_bytes_and_answers(make):
    model = make()
    data = random_calibration(model, 16)
    ours = parse_steps("int8")[0].apply(model, data)
    theirs = nncf.quantize(model, nncf.Dataset([dict(s) for s in data.samples]), subset_size=16)
    assert weight_bits(ours) == weight_bits(theirs)
    assert sqnr_db(model, ours) == pytest.approx(sqnr_db(model, theirs), abs=3)
