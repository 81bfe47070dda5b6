"""MLPerf Tiny's networks: the published parameters and products, valid files, bad sizes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from dfsrt.base.errors import InputError
from dfsrt.network import built_names, load_network
from dfsrt.network.built import build_network
from dfsrt.network.tiny import RECIPES
from tests.helpers.graphs import params_of, session_of

PARAMETERS = {
    # Of the reference models, batch norms with their four numbers a channel in them.
    "tiny-anomaly": (269_992, 8 * 128 + 8),
    "tiny-images": (78_666, 3 * 16 + 2 * 32 + 2 * 64),
    "tiny-keywords": (24_908, 9 * 64),
    "tiny-wakewords": (221_794, 2_736),
}
MACS = {
    "tiny-anomaly": 264_192,
    "tiny-images": 12_501_632,
    "tiny-keywords": 2_656_768,
    "tiny-wakewords": 7_489_664,
}
"""By hand from the layers' shapes; published as 0.27, 12.5, 2.7 and 7.5 million."""
ANSWERS = {
    "tiny-anomaly": (1, 640),
    "tiny-images": (1, 10),
    "tiny-keywords": (1, 12),
    "tiny-wakewords": (1, 2),
}


@pytest.mark.parametrize("name", RECIPES)
def test_products_are_the_published_ones(name):
    assert load_network(name).macs == MACS[name]


def test_products_of_keyword_spotting_by_hand():
    pixels = 25 * 5
    stem, depthwise, pointwise = 64 * 40, 64 * 9, 64 * 64
    assert pixels * (stem + 4 * (depthwise + pointwise)) + 64 * 12 == MACS["tiny-keywords"]


@pytest.mark.parametrize("name", RECIPES)
def test_parameters_with_batch_norms_put_back_are_the_published_ones(name):
    published, norms = PARAMETERS[name]
    assert params_of(build_network(name)) + 4 * norms == published
    assert load_network(name).params == params_of(build_network(name))


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("name", RECIPES)
def test_files_are_valid_and_small(name, precision):
    model = build_network(name, precision=precision)
    onnx.checker.check_model(model, full_check=True)
    assert model.ByteSize() < 50_000
    assert model.graph.name == name


@pytest.mark.parametrize("name", RECIPES)
def test_networks_run_and_answer(name):
    session = session_of(build_network(name))
    rng = np.random.default_rng(0)
    fed = {i.name: rng.random(i.shape, dtype=np.float32) for i in session.get_inputs()}
    (answer,) = session.run(None, fed)
    assert answer.shape == ANSWERS[name]
    assert np.isfinite(answer).all()


@pytest.mark.parametrize("name", RECIPES)
def test_a_batch_of_two_doubles_the_work_but_not_the_parameters(name):
    one, two = load_network(name), load_network(f"{name}:batch=2")
    assert (two.params, two.macs) == (one.params, 2 * one.macs)


def test_they_stand_on_the_shelf_of_built_networks():
    assert set(RECIPES) < set(built_names())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tiny-images:image=33", "image=33 is out of range; allowed is 8 to 512 in steps of 4"),
        ("tiny-keywords:frames=7", "frames=7 is out of range; allowed is 8 to 1024"),
        ("tiny-anomaly:inputs=0", "inputs=0 is out of range; allowed is 1 to 65536"),
        ("tiny-wakewords:height=96", "unknown dimension 'height'"),
        ("tiny-image", "did you mean 'tiny-images'"),
    ],
)
def test_sizes_that_cannot_be_built_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        load_network(name)
