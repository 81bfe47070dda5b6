"""Channels removed from networks that ship: with weights, and where shapes are all there is."""

from __future__ import annotations

import math

import pytest

from dfsrt import InputError
from dfsrt.network import load_network
from dfsrt.network.reading import Reading
from dfsrt.optimize import apply_steps, load_by_steps, parse_steps
from dfsrt.optimize.data import load_calibration
from dfsrt.optimize.fidelity import fidelity
from dfsrt.optimize.source import model_with_values
from tests.helpers.graphs import built, weights_of

DIGITS = ((64, 1, 32, 9), (64, 32, 32, 9), (16, 32, 64, 9), (16, 64, 64, 9), (4, 64, 128, 9))
"""Positions, inputs, outputs and taps of its convolutions."""


@pytest.fixture(scope="module")
def digits():
    model = model_with_values("digits", {})
    return model, load_calibration("digits", model, None, 0)


def digits_macs(share):
    """By hand: the picture's one channel and the ten classes stay."""
    kept = {1: 1} | {n: round(n * (1 - share)) for n in (32, 64, 128)}
    convolved = sum(p * kept[i] * kept[o] * taps for p, i, o, taps in DIGITS)
    return convolved + kept[128] * kept[64] + kept[64] * 10


@pytest.mark.parametrize(("share", "macs"), [(0, 1_796_736), (0.25, 1_014_240), (0.5, 453_952)])
def test_products_of_digits_fall_as_by_hand(share, macs):
    network = load_by_steps("digits", parse_steps(f"prune:channels={share}"), Reading())
    assert digits_macs(share) == macs == network.macs


def test_a_refit_brings_back_what_half_of_the_channels_took(digits):
    model, data = digits
    left = {}
    for steps in ("prune:channels=0.5", "prune:channels=0.5:refit"):
        *_, stage = apply_steps(model, parse_steps(steps), data)
        left[steps] = fidelity(model, stage.model, data)
    without, with_refit = left.values()
    assert without.accuracy < 0.5
    assert with_refit.accuracy >= 0.96
    assert with_refit.sqnr_db > 15 > without.sqnr_db


@pytest.mark.parametrize(
    "name", ["tiny-images", "mobilenetv2", "squeezenet", "shufflenet", "yolov8n"]
)
def test_shapes_alone_are_cut_as_weights_would_be(name):
    before = load_network(name)
    after = load_by_steps(name, parse_steps("prune:channels=0.5"), Reading())
    assert 0.2 < after.macs / before.macs < 0.35
    assert after.weight_bytes < 0.4 * before.weight_bytes
    assert [t.shape for t in outputs(after)] == [t.shape for t in outputs(before)]
    assert any("channels removed (" in note for note in after.notes)


def outputs(network):
    return [t for layer in network.layers for t in layer.outputs if t.name in network.outputs]


def test_hidden_units_of_an_autoencoder_go_and_its_ends_stay():
    matrices = [shape for shape in weights_of(built("tiny-anomaly")).values() if len(shape) == 2]
    widths = [min(shape) if 640 in shape else None for shape in matrices]
    assert widths[0] == widths[-1] == 128
    network = load_by_steps("tiny-anomaly", parse_steps("prune:channels=0.5"), Reading())
    half = [[n if n == 640 else n // 2 for n in shape] for shape in matrices]
    assert network.macs == sum(math.prod(shape) for shape in half)


def test_other_steps_follow_on_what_is_left():
    alone = load_by_steps("tiny-images", parse_steps("prune:channels=0.5"), Reading())
    both = load_by_steps("tiny-images", parse_steps("int8,prune:channels=0.5"), Reading())
    assert both.macs == alone.macs
    assert both.weight_bytes < 0.3 * alone.weight_bytes


def test_a_network_without_channels_to_lose_is_refused():
    with pytest.raises(InputError, match=r"no channel can be removed: .* stay since .*\(GRU\)"):
        load_by_steps("gru-keywords", parse_steps("prune:channels=0.5"), Reading())
